"""kumactl: reads and writes a control plane's resources. What a command needs is imported when it runs."""

from __future__ import annotations

import sys


def main() -> None:
    """The command, from the process's arguments; ends the process."""
    from kuma.cli.kumactl.root import run  # noqa: PLC0415 - `import kuma.cli.kumactl` alone must cost nothing

    sys.exit(run(sys.argv[1:]))
