"""How the instances of one control plane find and ask each other."""
