"""Dataplanes that proxies bring: first to their bootstrap, and soon after, word for word, with their stream."""

from __future__ import annotations

import hashlib

from attrs import define, field

from kuma.model import Resource

MOST = 4096  # proxies between their bootstrap and their stream


@define(eq=False)
class Brought:
    """Valid Dataplanes by the text that said them, so that a herd's are not read twice. Texts are not kept."""

    _read: dict[bytes, Resource] = field(init=False, factory=dict)

    def remember(self, text: str, dataplane: Resource) -> None:
        """This is what the text says. Of too many the oldest go."""
        self._read[_name(text)] = dataplane
        while len(self._read) > MOST:
            del self._read[next(iter(self._read))]

    def recall(self, text: str) -> Resource | None:
        """What the text says, if that is known; it is asked for once."""
        return self._read.pop(_name(text), None)


def _name(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


BROUGHT = Brought()
