"""How results are shown: tables, YAML, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

FORMATS = ("table", "yaml", "json")
GAP = 3
DAY = 24 * 60 * 60
LONGEST = 2**63 / 1e9
"""The most seconds that the reference's clock can count: times that were never set are 292 years ago."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns three spaces apart."""
    lines = [header, *rows]
    fitting = widths(lines)
    return "".join(line(cells, fitting) for cells in lines)


def widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """How wide columns are that these rows fit into."""
    return [max(map(len, column)) + GAP for column in zip(*rows, strict=True)]


def line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One row in columns of these widths."""
    padded = [cell.ljust(width) for cell, width in zip(cells[:-1], widths[:-1], strict=True)]
    return "".join([*padded, cells[-1], "\n"])


def json_text(value: Any) -> str:
    """JSON, indented by two."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def yaml_text(value: Any) -> str:
    """YAML in block style, keys in order of the alphabet."""
    import yaml  # noqa: PLC0415 - tables and JSON need none

    class Dumper(yaml.SafeDumper):
        """Writes texts that could be read as something else in double quotes."""

        def choose_scalar_style(self) -> str:
            style: str = super().choose_scalar_style()
            plain = getattr(self.event, "implicit", (True,))[0]
            return '"' if style == "'" and not plain else style

    text: str = yaml.dump(value, Dumper=Dumper, allow_unicode=True, width=10_000)
    return text


def show(value: Any, output: str) -> str:
    """A document in YAML or JSON."""
    return json_text(value) if output == "json" else yaml_text(value)


def moment(text: str | None) -> datetime | None:
    """A moment in RFC 3339; None for nothing or what can't be read."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def age(text: str | None, now: datetime) -> str:
    """How long ago a moment was, in its largest unit."""
    then = moment(text)
    if then is None:
        return "never"
    seconds = min((now - then).total_seconds(), LONGEST)
    if seconds < -1:
        return "never"
    for unit, length, most in (("s", 1, 60), ("m", 60, 3600), ("h", 3600, DAY), ("d", DAY, 365 * DAY)):
        if seconds < most:
            return f"{max(int(seconds), 0) // length}{unit}"
    return f"{int(seconds) // (365 * DAY)}y"


def tags(values: Iterable[tuple[str, str]]) -> str:
    """Labels and tags in one cell: `app=web kuma.io/zone=east`."""
    merged: dict[str, set[str]] = {}
    for key, value in values:
        merged.setdefault(key, set()).add(value)
    return " ".join(f"{key}={','.join(sorted(merged[key]))}" for key in sorted(merged))
