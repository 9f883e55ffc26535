"""Results as the tables of benchmarks/README.md.

python -m benchmarks.tables benchmarks/results/fleet-1000.json ...
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import MB

COSTS = ("", "p50 s", "p90 s", "p99 s", "longest s", "CPU s", "MB sent", "resources")
CENTS = 0.1  # seconds from which on their hundredths are enough
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def tables(result: Mapping[str, Any]) -> Iterable[str]:
    """The tables of one file of results, each a block of lines."""
    if "cases" in result:
        yield _table(COSTS, (_cost(name, case) for name, case in result["cases"].items()))
    if "numbers" in result:
        rows = ((name, f"{one['value']:.3g} {one['unit']}".strip()) for name, one in result["numbers"].items())
        yield _table(("", ""), rows)
    if "seconds" in result:
        yield _table(("one", "takes"), ((name, _time(seconds)) for name, seconds in result["seconds"].items()))
    if "growth" in result:
        yield _table(("what doubles", "x 1", "x 2", "x 4", "x 8", "exponent"), map(_grown, result["growth"].items()))


def _cost(name: str, case: Mapping[str, Any]) -> Sequence[str]:
    spread = (case["seconds"][share] for share in ("p50", "p90", "p99", "max"))
    seconds = tuple(f"{one:.2f}" if one >= CENTS else f"{one:.3f}" for one in spread)
    if "cpu" not in case:
        return (name, *seconds, "", "", "")
    return (name, *seconds, f"{case['cpu']:.2f}", f"{case['bytes'] / MB:.1f}", f"{case['resources']:,.0f}")


def _time(seconds: float) -> str:
    part, unit = next(one for one in UNITS if seconds >= one[0] or one is UNITS[-1])
    return f"{seconds / part:.3g} {unit}"


def _grown(one: tuple[str, Mapping[str, Any]]) -> Sequence[str]:
    name, grown = one
    costs = (f"{1000 * cost:.1f}" for cost in grown["cpu"])
    return (f"{name} ({grown['first']})", *costs, f"{grown['exponent']:.2f}")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (heads, ("---",) * len(heads), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    for file in parser.parse_args().files:
        print(f"## {file.stem}\n")
        print("\n".join(tables(json.loads(file.read_text()))))


if __name__ == "__main__":
    main()
