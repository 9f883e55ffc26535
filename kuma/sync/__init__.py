"""What travels between the global control plane and its zones, under which name, and what becomes of it there. Pure."""
