"""What mypy knows of Envoy's messages; nothing here runs. Written by `python -m kuma.envoy.stubs`."""
