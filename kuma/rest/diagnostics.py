"""How a control plane is doing: alive, ready to serve, what it counted; and for who is on its machine, what it does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen
from frozendict import frozendict
from prometheus_client import CollectorRegistry, generate_latest

from kuma import profile
from kuma.clock import Clock, SystemClock
from kuma.levels import LEVELS, Levels, TooMany
from kuma.rest.access import ADMIN
from kuma.rest.calls import Answer, Call, document, text

PROMETHEUS = frozendict({"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
NOT_FOUND = text("404: Page Not Found", 404)
COMPONENT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,255}")
LONGEST = 4096  # bytes of a body
LOGGING, PROFILES = "/logging", "/debug/pprof/"
SECONDS = 10.0
MOST_SECONDS = 60.0


@frozen
class Diagnostics:
    """Answers calls to the diagnostics server. `unready` names the parts that don't serve yet.

    Levels of the log are shown and set from this machine only; profiles, which cost time, where they are asked for.
    """

    unready: Callable[[], tuple[str, ...]]
    registry: CollectorRegistry
    levels: Levels
    profiles: bool = False
    clock: Clock = field(factory=SystemClock)

    async def answer(self, call: Call) -> Answer:
        """The answer to one call."""
        if found := OPEN.get(call.path):
            return found(self, call)
        is_profile = self.profiles and call.path.startswith(PROFILES)
        if not (is_profile or call.path == LOGGING or call.path.startswith(f"{LOGGING}/")):
            return NOT_FOUND
        if call.user != ADMIN:
            return text("only from this machine itself\n", 403)
        return await _profile(self.clock, call) if is_profile else self._logging(call)

    def _logging(self, call: Call) -> Answer:
        component = call.path.removeprefix(LOGGING).removeprefix("/")
        answers: Mapping[tuple[str, bool], Callable[[], Answer]] = {
            ("GET", False): lambda: _components(self.levels.said),
            ("PUT", False): lambda: _set(self.levels, call.body),
            ("DELETE", False): lambda: _components(self.levels.reset()),
            ("DELETE", True): lambda: _components(self.levels.reset(component)),
        }
        found = answers.get((call.method, bool(component)))
        return text("405: Method Not Allowed", 405) if found is None else found()


def _healthy(_: Diagnostics, __: Call) -> Answer:
    return text("ok\n")


def _ready(diagnostics: Diagnostics, _: Call) -> Answer:
    missing = diagnostics.unready()
    return text(f"waiting for {', '.join(missing)}\n", 503) if missing else text("ok\n")


def _metrics(diagnostics: Diagnostics, _: Call) -> Answer:
    return Answer(200, generate_latest(diagnostics.registry), PROMETHEUS)


OPEN: Mapping[str, Callable[[Diagnostics, Call], Answer]] = {
    "/healthy": _healthy,
    "/ready": _ready,
    "/metrics": _metrics,
}


def _components(levels: Mapping[str, str]) -> Answer:
    return document({"components": dict(levels)})


def _set(levels: Levels, body: bytes) -> Answer:
    said = _said(body)
    if said is None:
        return text(f"expected a component and one of the levels {', '.join(LEVELS)}\n", 400)
    try:
        levels.set(*said)
    except TooMany:
        return text("too many components have a level of their own\n", 429)
    return document({})


def _said(body: bytes) -> tuple[str, str] | None:
    """The component and the level in a body; None for what is none."""
    try:
        found: Any = json.loads(body) if len(body) <= LONGEST else None
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    component, level = found.get("component"), found.get("level")
    if not isinstance(component, str) or not COMPONENT.fullmatch(component) or level not in tuple(LEVELS):
        return None
    return component, level


async def _profile(clock: Clock, call: Call) -> Answer:
    name = call.path.removeprefix(PROFILES)
    if name == "profile":
        return await _sampled(clock, call.asked("seconds") or str(SECONDS))
    found = {"tasks": profile.tasks, "threads": profile.threads, "": _index}.get(name)
    return NOT_FOUND if found is None else text(found())


async def _sampled(clock: Clock, seconds: str) -> Answer:
    try:
        wanted = float(seconds)
    except ValueError:
        wanted = 0.0
    if not 0 < wanted <= MOST_SECONDS:
        return text(f"seconds must be a number up to {MOST_SECONDS:g}\n", 400)
    try:
        return text(await profile.folded(wanted, clock))
    except profile.Busy:
        return text("a profile is being taken already\n", 429)


def _index() -> str:
    return "profile?seconds=N: stacks at work, folded\ntasks: what each task waits for\nthreads: all stacks\n"
