"""The commands: the only place where things are built and joined."""
