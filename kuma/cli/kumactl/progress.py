"""How far long work is, for whoever looks on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MANY = 20
"""Steps that are worth a bar."""


@contextmanager
def progress(total: int, doing: str, many: int = MANY) -> Iterator[Callable[[], None]]:
    """A bar on a terminal that a call of what is yielded moves on; nothing for few steps, and where nobody looks on."""
    if total < many or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - only where there is something to watch
    from rich.progress import Progress  # noqa: PLC0415 - only where there is something to watch

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda: bar.advance(task)
