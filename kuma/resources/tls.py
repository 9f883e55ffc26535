"""Which TLS versions may be spoken, as several kinds say it."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kuma.schema import Violation, field

TLS_VERSIONS = ("TLSAuto", "TLS10", "TLS11", "TLS12", "TLS13")


@frozen
class TlsVersion:
    """The TLS versions that may be spoken."""

    min: str = field(default="TLSAuto", doc="The oldest.", one_of=TLS_VERSIONS)
    max: str = field(default="TLSAuto", doc="The newest.", one_of=TLS_VERSIONS)


def wrong_versions(version: TlsVersion | None, *, called: str = "") -> Iterator[Violation]:
    """What is wrong with a range of TLS versions; `called` is what messages call both ends, else their own names."""
    if version is None:
        return
    words = ", ".join(f'"{word}"' for word in TLS_VERSIONS)
    for end, word in (("min", version.min), ("max", version.max)):
        if word not in TLS_VERSIONS:
            yield Violation(end, f'"{called or end}" must be one of [{words}]')
    order = {name: index for index, name in enumerate(TLS_VERSIONS) if name != "TLSAuto"}
    if order.get(version.min, 0) > order.get(version.max, len(order)):
        yield Violation("min", "min version must be lower than max")
