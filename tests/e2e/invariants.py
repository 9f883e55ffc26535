"""What holds of every control plane after a suite, whatever the suite did to it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, product
from pathlib import Path
from typing import Any

from kuma.cli.demo.parts import ControlPlane
from kuma.cli.demo.world import World

ROWS = tuple(f"O-suite-invariants-0{number}" for number in range(1, 6))

TRACEBACK = re.compile(r"Traceback \(most recent call last\).*?(?=\n\S*\d{4}-|\Z)", re.DOTALL)
XDS = ("xds_requests_received", "delta_xds_requests_received")
KDS = ("kds_delta_requests_received", "kds_nack_total")
MOST_XDS = 2  # refusals by Envoys, in one series
MOST_SAME = 2  # times in a row that a proxy's config may be said to have changed to the same


def violations(world: World) -> Iterator[str]:
    """What does not hold. A test that ends a control plane starts it again."""
    for log in sorted((world.folder / "logs").glob("kuma-*.log")):
        yield from (f"{log.name}: {found[:3000]}" for found in tracebacks(log.read_text(errors="replace")))
    for name, plane in world.planes.items():
        if plane.process is not None:
            yield from (f"{name}: {problem}" for problem in of_control_plane(plane))


def unended(world: World) -> Iterator[str]:
    """Control planes of a stopped world that had to be killed, or failed while they stopped, or left things behind."""
    for name, plane in world.planes.items():
        if plane.process is None:
            continue
        if code := plane.process.ended():
            yield f"{name} ended with code {code}:\n{plane.process.tail()}"
        if any(event.get("event") == "not everything stopped in time" for event in events(plane.process.log)):
            yield f"{name} did not stop in time:\n{plane.process.tail()}"


def of_control_plane(plane: ControlPlane) -> Iterator[str]:
    assert plane.process is not None
    yield from churn(events(plane.process.log))
    if plane.process.running:
        yield from refusals(plane.metrics())
    else:
        yield f"not running any more:\n{plane.process.tail()}"


def tracebacks(log: str) -> list[str]:
    return [found.group(0) for found in TRACEBACK.finditer(log)]


def refusals(metrics: Mapping[str, float]) -> Iterator[str]:
    """Series of refused configs: of Envoys, more than a few; of control planes, any but those that blame the user."""
    for series, count in metrics.items():
        name = series.partition("{")[0]
        if name in XDS and 'confirmation="NACK"' in series and count > MOST_XDS:
            yield f"{series} is {count:g}"
        if name in KDS and count and 'error_type="user"' not in series and 'confirmation="ACK"' not in series:
            yield f"{series} is {count:g}"


def events(log: Path) -> Iterator[Mapping[str, Any]]:
    """The log's events; other programs' lines are passed over."""
    for line in log.read_text(errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def churn(log: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Proxies whose config was said to change again and again to the same; who has just started knows none yet."""
    versions, starts = defaultdict(list), 0
    for event in log:
        starts += event.get("event") == "starting"
        if event.get("event") == "configs changed":
            for proxy, (kind, version) in product(event["proxies"], event["versions"].items()):
                versions[event["mesh"], proxy, kind, starts].append(version)
    for (mesh, proxy, kind, _), seen in versions.items():
        for version, same in groupby(seen):
            if (times := len(list(same))) > MOST_SAME:
                yield f"{kind} of {proxy} in {mesh} changed to {version} {times} times in a row"
