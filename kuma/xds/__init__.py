"""xDS: what a peer should hold, and the conversation that makes it so."""
