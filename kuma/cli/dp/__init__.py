"""kuma-dp: runs one Envoy beside one workload, with what it needs from the control plane.

It stands beside every instance of every service, so what it imports is counted in megabytes: no gRPC, no Envoy
vocabulary, no Kubernetes client, no OpenSSL binding and no HTTP/2 (see docs/decisions/0010-a-light-kuma-dp.md).
"""

from __future__ import annotations

import sys


def main() -> None:
    """The entry point of the `kuma-dp` command."""
    _keep_out("OpenSSL", "cryptography", "h2")
    from kuma.cli.dp.commands import kuma_dp  # noqa: PLC0415 - after the line above

    kuma_dp(prog_name="kuma-dp")


def _keep_out(*modules: str) -> None:
    """Make imports of these fail: Twisted would load them for TLS (12 MB) and HTTP/2 (1 MB), unspoken here."""
    for module in modules:
        # None forbids an import (The import system, "The module cache")
        sys.modules.setdefault(module, None)  # type: ignore[arg-type]  # typeshed does not know that
