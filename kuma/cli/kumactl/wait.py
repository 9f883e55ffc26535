"""`kumactl apply --wait`: until every proxy that is affected holds what was applied, or has refused it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click
from attrs import field, frozen

from kuma.cli.kumactl.client import ControlPlane, path
from kuma.cli.kumactl.kinds import item_path
from kuma.cli.kumactl.progress import progress
from kuma.kinds import KINDS
from kuma.model import Resource

PAUSE = 0.5  # seconds between two rounds of questions
AT_ONCE = 8
SETTLED = frozenset({"delivered", "offline"})
STEADY = 4
"""Rounds that a refusal must stand: what a proxy said of something older is soon forgotten."""
SHOWN = 5

Place = tuple[str, str]
"""A Dataplane's mesh and name."""


@frozen
class Told:
    """How far the proxies are; reasons by proxy."""

    delivered: frozenset[Place] = frozenset()
    rejected: Mapping[Place, str] = field(factory=dict)
    offline: Mapping[Place, str] = field(factory=dict)
    waiting: Mapping[Place, str] = field(factory=dict)

    @property
    def total(self) -> int:
        """How many proxies there are that could hold it now."""
        return len(self.delivered) + len(self.rejected) + len(self.waiting)


def until(seconds: float) -> Iterator[None]:
    """Pauses, until so many seconds are over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(PAUSE)


def delivered(client: ControlPlane, resources: Sequence[Resource], rounds: Iterable[None]) -> Told:
    """Ask about every proxy that resources affect, round by round, until all have taken or refused them."""
    asked = affected(client, resources)
    told: dict[Place, tuple[str, str]] = dict.fromkeys(asked, ("pending", "not asked"))
    refusals: Counter[Place] = Counter()
    with progress(len(asked), "waiting for proxies", many=1) as advance, ThreadPoolExecutor(AT_ONCE) as asking:
        for _ in rounds:
            due = [place for place, (state, _) in told.items() if state not in SETTLED]
            if all(refusals[place] >= STEADY for place in due):
                break
            for place, answer in zip(due, asking.map(lambda one: _ask(client, one, asked[one]), due), strict=True):
                told[place] = answer
                refusals[place] = refusals[place] + 1 if answer[0] == "rejected" else 0
                if answer[0] in SETTLED:
                    advance()
    return _sorted(told)


def _sorted(told: Mapping[Place, tuple[str, str]]) -> Told:
    def of(*states: str) -> dict[Place, str]:
        return {place: why for place, (state, why) in sorted(told.items()) if state in states}

    return Told(frozenset(of("delivered")), of("rejected"), of("offline"), of("pending", "unknown"))


def affected(client: ControlPlane, resources: Sequence[Resource]) -> dict[Place, list[str]]:
    """The proxies that resources may change, each with the KRIs of those resources."""
    found: dict[Place, list[str]] = {}
    for resource in resources:
        kind = KINDS[resource.kind]
        if not kind.short or not (kind.mesh_scoped or kind.name == "Mesh"):
            continue
        place = item_path(kind, resource.mesh, resource.name)
        kri = client.get(place).or_refused().json()["kri"]
        for proxy in _proxies(client, resource, place):
            found.setdefault(proxy, []).append(kri)
    return found


def _proxies(client: ControlPlane, resource: Resource, place: str) -> Iterator[Place]:
    if resource.kind == "Dataplane":
        yield resource.mesh, resource.name
        return
    policy, mesh = KINDS[resource.kind].policy, resource.mesh or resource.name
    where = f"{place}/_resources/dataplanes" if policy else path("meshes", mesh, "dataplanes")
    yield from ((one["mesh"], one["name"]) for one in client.items(where))


def _ask(client: ControlPlane, place: Place, kris: Sequence[str]) -> tuple[str, str]:
    """How far one proxy is, and why it is no farther. Raises ClickException where that can't be known."""
    mesh, name = place
    reply = client.get(path("meshes", mesh, "dataplanes", name, "_delivery"), kri=kris)
    if reply.status == 404:
        return "offline", "the Dataplane is gone"
    answer: dict[str, Any] = reply.or_refused().json()
    return answer["state"], "; ".join(answer["reasons"])


def tell(told: Told) -> None:
    """Say how it went. Raises ClickException unless every proxy that is connected holds what was applied."""
    if told.offline:
        click.echo(f"WARNING: not connected, so not waited for: {_names(told.offline)}", err=True)
    for (_, name), why in told.rejected.items():
        click.echo(f"proxy {name} refused it: {why}", err=True)
    click.echo(f"{len(told.delivered)} of {told.total} proxies have acknowledged")
    if told.rejected:
        raise click.ClickException(
            f"refused by {_names(told.rejected)}, which go on with what they had. "
            f"`kumactl inspect dataplane {next(iter(told.rejected))[1]} --type config` shows what they were to hold."
        )
    if told.waiting:
        first, why = next(iter(told.waiting.items()))
        raise click.ClickException(
            f"no answer in time from {_names(told.waiting)} ({first[1]}: {why or 'nothing heard'}). "
            "They may still take it: `kumactl inspect dataplanes` tells more, `--wait-timeout` gives them longer."
        )


def _names(places: Iterable[Place]) -> str:
    names = [name for _, name in places]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
