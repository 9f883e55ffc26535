"""The REST API, served by global and by zone control planes."""
