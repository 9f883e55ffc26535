"""A mesh across two zones on one machine, from real parts: to look at, and to test with."""
