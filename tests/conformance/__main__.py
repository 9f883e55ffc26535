"""Run cases against the product: `python -m tests.conformance --cases DIR [--suite a,b] [--json FILE] [-v]`."""

from __future__ import annotations

import argparse
import asyncio
import difflib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from inspect import isawaitable
from pathlib import Path
from typing import Any

import structlog
import yaml
from attrs import define, field

from kuma.schema import Invalid
from tests.conformance.case import Adapter, Case, Missing, Outcome
from tests.plugin import reactor, run  # before what needs the reactor

from tests.conformance.suites import ADAPTERS  # isort: skip

SHORT = 6
LONGEST = 30.0
"""Seconds that one case may take."""


@define
class Score:
    """How the cases of a suite went."""

    total: int = 0
    failed: list[str] = field(factory=list)
    adapted: bool = True

    @property
    def passed(self) -> int:
        return self.total - len(self.failed)

    @property
    def shown(self) -> dict[str, Any]:
        return {"passed": self.passed, "total": self.total, "failed": self.failed}


def main(arguments: Sequence[str]) -> int:
    """Exit status 0 when every case passes."""
    parser = argparse.ArgumentParser(prog="conformance")
    parser.add_argument("--cases", type=Path, required=True, help="the folder with one folder for each suite")
    parser.add_argument("--suite", default="", help="only these suites, separated by commas")
    parser.add_argument("--case", default="", help="only cases whose name contains this")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    parser.add_argument("-v", "--verbose", action="store_true", help="show whole differences")
    options = parser.parse_args(arguments)
    if not options.cases.is_dir():
        parser.error(f"there is no folder {options.cases}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    reactor.startRunning(installSignalHandlers=False)
    scores = run(_scores(options))
    for suite, score in scores.items():
        print(f"{suite} {score.passed}/{score.total}{'' if score.adapted else ' (no adapter)'}")  # noqa: T201
    print(f"all {sum(one.passed for one in scores.values())}/{sum(one.total for one in scores.values())}")  # noqa: T201
    if options.json:
        options.json.write_text(json.dumps({name: score.shown for name, score in scores.items()}, indent=1) + "\n")
    return int(any(score.failed or not score.total for score in scores.values()))


async def _scores(options: argparse.Namespace) -> dict[str, Score]:
    found = sorted(one.name for one in options.cases.iterdir() if one.is_dir() and not one.name.startswith("_"))
    wanted = [name for name in options.suite.split(",") if name] or [*ADAPTERS, *found]
    scores = {}
    for suite in dict.fromkeys(wanted):
        if suite in found:
            scores[suite] = await _score(_cases(options.cases / suite, options.case), ADAPTERS.get(suite), options)
        elif options.suite:
            print(f"unknown suite {suite}", file=sys.stderr)  # noqa: T201
            scores[suite] = Score(adapted=False)
    return scores


def _cases(folder: Path, part: str) -> list[Case]:
    return [Case(one) for one in sorted(folder.iterdir()) if (one / "case.yaml").exists() and part in one.name]


async def _score(cases: Iterable[Case], adapter: Adapter | None, options: argparse.Namespace) -> Score:
    score = Score(adapted=adapter is not None)
    for case in cases:
        score.total += 1
        if adapter is None:
            score.failed.append(case.name)
        elif problem := await _problem(case, adapter, options.verbose):
            score.failed.append(case.name)
            print(f"FAIL {case.suite}/{case.name}\n{problem}")  # noqa: T201
    return score


async def _problem(case: Case, adapter: Adapter, verbose: bool) -> str:
    """How a case fails; empty where it passes."""
    try:
        outcome = adapter(case)
        outcome = await asyncio.wait_for(outcome, LONGEST) if isawaitable(outcome) else outcome
    except Missing as missing:
        return f"  missing: {missing}"
    except Invalid as invalid:
        return f"  not accepted: {'; '.join(map(str, invalid.violations))[:400]}"
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in one case is that case's failure
        return f"  {type(error).__name__}: {error}"[:400]
    return "" if outcome.passed else _difference(outcome, verbose)


def _difference(outcome: Outcome, verbose: bool) -> str:
    expected, actual = _lines(outcome.expected), _lines(outcome.actual)
    changed = list(difflib.unified_diff(expected, actual, "expected", "actual", lineterm="", n=3 if verbose else 0))
    lines = changed[2:] if verbose else [line for line in changed[2:] if not line.startswith("@@")]
    shown = lines if verbose else [line[:240] for line in lines[:SHORT]]
    more = [f"… {len(lines) - SHORT} more lines"] if len(lines) > len(shown) else []
    return "\n".join(f"  {line}" for line in (*shown, *more)) or "  equal as text"


def _lines(found: Any) -> list[str]:
    if isinstance(found, str):
        return found.splitlines()
    return str(yaml.safe_dump(_plain(found), allow_unicode=True, width=2**20)).splitlines()


def _plain(found: Any) -> Any:
    if isinstance(found, Mapping):
        return {str(key): _plain(one) for key, one in found.items()}
    if isinstance(found, (list, tuple, set, frozenset)):
        return [_plain(one) for one in found]
    return found if found is None or isinstance(found, (str, int, float, bool)) else repr(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
