"""A service-mesh control plane: what every process shares."""
