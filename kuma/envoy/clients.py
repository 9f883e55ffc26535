"""Which clients a part of a config is about, as far as Envoy can tell them apart."""

from __future__ import annotations

from typing import Protocol


class Text(Protocol):
    """How a text is matched: `Exact` or `Prefix`, and with what."""

    @property
    def type(self) -> str: ...
    @property
    def value(self) -> str: ...


class Client(Protocol):
    """Who is meant: by identity, by the server name they ask for, or by both."""

    @property
    def spiffe_id(self) -> Text | None: ...
    @property
    def sni(self) -> Text | None: ...
