"""Commands of kumactl as they are run: what they print, and how they end."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from attrs import frozen

from kuma.cli.kumactl.root import run as kumactl


@frozen
class Done:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


def ran(arguments, stdin="") -> Done:
    """Run kumactl to its end."""
    out, err = StringIO(), StringIO()
    before, sys.stdin = sys.stdin, StringIO(stdin)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = kumactl(arguments)
    finally:
        sys.stdin = before
    return Done(code, out.getvalue(), err.getvalue())


async def connected(cli, api, *more) -> None:
    """Let kumactl know this API."""
    added = await cli("config", "control-planes", "add", "--name", "cp", "--address", api.url, *more, "--overwrite")
    assert (added.code, added.out) == (0, 'added Control Plane "cp"\nswitched active Control Plane to "cp"\n'), (
        added.err
    )
