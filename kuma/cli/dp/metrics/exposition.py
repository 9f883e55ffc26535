"""Metrics as text, the way Prometheus reads them (text format 0.0.4), as bytes.

A proxy may have megabytes of them: each line is matched once, and numbers are read only where two are added.
What applications say is checked to the last character, because one bad line would make the whole answer useless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from attrs import define, evolve, field, frozen

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

NAME = rb"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = rb'[a-zA-Z_][a-zA-Z0-9_]*[ \t]*=[ \t]*"[^"\\]*+(?:\\.[^"\\]*+)*+"'
LABELS = rb"(?:" + LABEL + rb"[ \t]*(?:,[ \t]*" + LABEL + rb"[ \t]*)*,?[ \t]*)?"
VALUE = rb"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity|nan))"
SAMPLE = re.compile(
    rb"[ \t]*(" + NAME + rb")[ \t]*(?:\{[ \t]*(" + LABELS + rb")\})?[ \t]*(" + VALUE + rb"(?:[ \t]+-?[0-9]+)?)[ \t\r]*"
)

# what the names of a family's values may end in, beside the family's own name
ENDINGS = frozenset((b"", b"_bucket", b"_sum", b"_count", b"_total", b"_created", b"_info", b"_gsum", b"_gcount"))
TYPES = frozenset((b"counter", b"gauge", b"histogram", b"summary", b"untyped"))


class Unreadable(ValueError):
    """Not metrics as Prometheus reads them."""


@define(eq=False)
class Family:
    """Metrics of one name: its type, its description, and values by the names and labels before them."""

    name: bytes
    type: bytes = b""
    help: bytes = b""
    values: dict[bytes, bytes] = field(factory=dict)

    def lines(self) -> Iterator[bytes]:
        """As they are told; nothing where there are no values."""
        if not self.values:
            return
        if self.help:
            yield b"# HELP %b %b\n" % (self.name, self.help)
        if self.type:
            yield b"# TYPE %b %b\n" % (self.name, self.type)
        for series, value in self.values.items():
            yield b"%b %b\n" % (series, value)


Families = dict[bytes, Family]


class View(Protocol):
    """What becomes of a source's metrics."""

    def keeps(self, name: bytes) -> bool:
        """Whether the family of this name is told."""
        ...

    def labelled(self, labels: bytes) -> bytes | None:
        """The labels that a value gets instead of its own; None for a value that is not told."""
        ...


@frozen
class As:
    """All metrics are told, with these labels besides their own; a source's own stay what they are."""

    labels: tuple[tuple[bytes, bytes], ...] = ()

    def keeps(self, _: bytes) -> bool:
        """All are."""
        return True

    def labelled(self, labels: bytes) -> bytes:
        """With those that it has not."""
        more = [label for name, label in self.labels if not _has(labels, name)]
        return b",".join((*more, labels) if labels else more)


def also(labels: Iterable[tuple[str, str]]) -> As:
    """Metrics get these labels; what a label's name can't have becomes an underscore."""
    made = ((re.sub(rb"[^a-zA-Z0-9_]", b"_", name.encode()), _escaped(value)) for name, value in labels)
    return As(tuple((name, b'%b="%b"' % (name, value)) for name, value in made))


def _escaped(value: str) -> bytes:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").encode()


def _has(labels: bytes, name: bytes) -> bool:
    # inside a value a quote has a backslash before it, so this finds names only
    return name in labels and re.search(rb"(?:^|[,\s])" + name + rb'[ \t]*=[ \t]*"', labels) is not None


@define(eq=False)
class Reader:
    """Takes the lines of one source. Values of series that become the same are added."""

    view: View
    families: Families = field(factory=dict)
    _family: Family | None = None  # the last one that was spoken of
    _kept: bool = False

    def take(self, line: bytes) -> None:
        """One line without its end. Raises Unreadable."""
        if line.startswith(b"#"):
            self._described(line.split(None, 3))
        elif line.strip():
            self._sampled(line)

    def _described(self, words: list[bytes]) -> None:
        """A comment says something only if it begins with one of these words."""
        if len(words) < 3 or words[1] not in (b"TYPE", b"HELP"):
            return
        family, said = self._of(words[2]), words[3] if len(words) > 3 else b""
        if words[1] == b"HELP":
            family.help = said.rstrip(b"\r")
        else:
            family.type = said.strip() if said.strip() in TYPES else b"untyped"

    def _sampled(self, line: bytes) -> None:
        sample = SAMPLE.fullmatch(line)
        if sample is None:
            raise Unreadable(f"not a metric: {line[:80]!r}")
        name, labels, value = sample.groups(b"")
        family = self._family
        if family is None or not name.startswith(family.name) or name[len(family.name) :] not in ENDINGS:
            family = self._of(name)
        if not self._kept:
            return
        told = self.view.labelled(labels)
        if told is not None:
            add(family.values, b"%b{%b}" % (name, told) if told else name, value)

    def _of(self, name: bytes) -> Family:
        if self._family is None or self._family.name != name:
            self._kept = self.view.keeps(name)
            self._family = self.families.get(name) or Family(name)
            if self._kept:
                self.families[name] = self._family
        return self._family


def add(values: dict[bytes, bytes], series: bytes, value: bytes) -> None:
    """One more value of a series; when it was is left out where two are added."""
    before = values.get(series)
    values[series] = value if before is None else _sum(before.split()[0], value.split()[0])


def _sum(one: bytes, other: bytes) -> bytes:
    if one.isdigit() and other.isdigit():
        return b"%d" % (int(one) + int(other))
    return repr(float(one) + float(other)).encode()


def together(sources: Iterable[Families]) -> Families:
    """All metrics; of a series that several sources have, the first one's, since a series has one value."""
    found: Families = {}
    for families in sources:
        for name, family in families.items():
            known = found.get(name)
            found[name] = family if known is None else evolve(known, values=family.values | known.values)
    return found


def text(families: Families) -> bytes:
    """As Prometheus reads it."""
    return b"".join(line for family in families.values() for line in family.lines())
