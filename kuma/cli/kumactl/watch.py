"""Watching resources: what there is, and then whatever is created, changed or deleted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
from attrs import define, field, frozen

from kuma.cli.kumactl.client import Unreachable
from kuma.cli.kumactl.get import cells, header, resource_yaml
from kuma.cli.kumactl.output import line, widths
from kuma.model import Kind

Json = dict[str, Any]
Place = tuple[str, str]

SHORTEST = 0.1  # seconds between two looks


@frozen
class Seen:
    """What is new about one resource; there is no word for one that was there from the beginning."""

    word: str
    document: Json


def every(seconds: float) -> Iterator[None]:
    """Go on for ever, with a pause each time."""
    while True:
        time.sleep(max(seconds, SHORTEST))
        yield


def watch(read: Callable[[], Sequence[Json]], show: Callable[[Sequence[Seen]], None], pauses: Iterable[None]) -> None:
    """Show what there is, and after each pause what has happened, until somebody interrupts."""
    try:
        known = _placed(read())
        show([Seen("", document) for document in known.values()])
        for _ in pauses:
            if (found := _still(read)) is not None:
                show(list(differences(known, found)))
                known = found
    except KeyboardInterrupt:
        return


def _still(read: Callable[[], Sequence[Json]]) -> dict[Place, Json] | None:
    """What there is now; None while nobody answers, which may be over soon."""
    try:
        return _placed(read())
    except Unreachable as error:
        click.echo(f"WARNING: {error.format_message()}", err=True)
        return None


def _placed(documents: Iterable[Json]) -> dict[Place, Json]:
    return {(one.get("mesh", ""), one["name"]): one for one in documents}


def differences(before: Mapping[Place, Json], after: Mapping[Place, Json]) -> Iterator[Seen]:
    """What has happened between two looks."""
    for place, document in after.items():
        if place not in before:
            yield Seen("created", document)
        elif before[place] != document:
            yield Seen("changed", document)
    for place in before.keys() - after.keys():
        yield Seen("deleted", before[place])


@define
class Printer:
    """Prints what was seen: rows of one table, or one document after the other."""

    kind: Kind
    output: str
    _widths: list[int] = field(factory=list)

    def show(self, seen: Sequence[Seen]) -> None:
        """Print what is new."""
        if self.output == "table":
            self._rows(seen)
            return
        for one in seen:
            click.echo(self._document(one), nl=False)

    def _rows(self, seen: Sequence[Seen]) -> None:
        now = datetime.now(UTC)
        rows = [[*cells(self.kind, one.document, now), one.word] for one in seen]
        if not self._widths:
            rows.insert(0, [*header(self.kind), "CHANGE"])
            self._widths = widths(rows)
        click.echo("".join(line(row, self._widths) for row in rows), nl=False)

    def _document(self, one: Seen) -> str:
        if self.output == "json":
            return json.dumps({"change": one.word, "resource": one.document}, ensure_ascii=False) + "\n"
        word = f"# {one.word}\n" if one.word else ""
        return f"---\n{word}{resource_yaml(self.kind, one.document)}"
