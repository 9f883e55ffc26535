"""Bytes as they come, cut into lines."""

from __future__ import annotations

from attrs import define

LONGEST = 1024 * 1024  # bytes of a line


@define
class Lines:
    """Bytes as they come, cut into lines; empty ones, and one that has no end in sight, are dropped."""

    _rest: bytes = b""
    _dropping: bool = False

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are now complete."""
        first, *others = data.split(b"\n")
        if not others:
            self._keep(first)
            return []
        *complete, rest = others
        begun = [] if self._dropping else [self._rest + first]
        self._rest, self._dropping = b"", False
        self._keep(rest)
        return [line for line in (*begun, *complete) if line]

    def _keep(self, part: bytes) -> None:
        self._rest += part
        if self._dropping or len(self._rest) > LONGEST:
            self._rest, self._dropping = b"", True
