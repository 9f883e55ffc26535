"""The cases: each does something to a mesh with a fleet, and waits until every proxy that it concerns has heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from attrs import evolve, frozen

from benchmarks.simulated import CDS, EDS, LATE, LDS, MESH, SDS, Fleet, Proxy, Sizes, dataplane, service_of
from benchmarks.watched import Watched
from kuma.envoy import api

REST = 0.5  # seconds between changes: those that come close together are merged, and each is measured on its own
PATIENCE = 180.0  # seconds for the last proxy to be told


class NotTold(Exception):
    """Some proxy has not got what it should have."""


@frozen
class Cost:
    """What one step cost: seconds until the last proxy had it, the control planes' CPU seconds, and what was sent."""

    seconds: float
    cpu: float
    bytes: int
    responses: int
    resources: int


@frozen
class Bench:
    """A fleet, and the control planes that are measured with it."""

    fleet: Fleet
    watched: Watched

    async def cost(self, act: Callable[[], Awaitable[None]], done: Callable[[], bool]) -> Cost:
        """Do something, and wait until every proxy has what it should. Raises NotTold."""
        fleet, meter = self.fleet, self.fleet.meter
        cpu, sent, responses, resources = self.watched.cpu(), meter.received, meter.responses, meter.resources
        began = time.monotonic()
        await act()
        while not done():
            if time.monotonic() - began > PATIENCE or fleet.failures():
                raise NotTold(self._story())
            await asyncio.sleep(0.002)
        seconds = time.monotonic() - began
        await asyncio.sleep(REST)  # what is still done for it after the last proxy knows belongs to its cost too
        return Cost(
            seconds,
            self.watched.cpu() - cpu,
            meter.received - sent,
            meter.responses - responses,
            meter.resources - resources,
        )

    def _story(self) -> str:
        tails = [plane.process.tail(5) for plane in self.fleet.planes if plane.process is not None]
        return "\n".join((f"not within {PATIENCE:g} s", *self.fleet.failures()[:1], *tails))

    async def put(self, *documents: dict[str, Any]) -> None:
        """Write these, one after the other."""
        for document in documents:
            await asyncio.to_thread(self.fleet.plane.api.put, document)


# What a proxy should have.


def wanted(fleet: Fleet, proxy: Proxy, late: int = 0) -> frozenset[str]:
    """The services that a proxy should know, when so many of those that come late are there."""
    called = fleet.sizes.called(int(proxy.workload.removeprefix("s")))
    return frozenset((*(f"s{one}" for one in called), *LATE[:late]))


def known(proxy: Proxy, url: str) -> frozenset[str]:
    """The services of which a proxy holds something of a type."""
    return frozenset(filter(None, map(service_of, proxy.holds[url])))


def all_know(fleet: Fleet, late: int = 0) -> Callable[[], bool]:
    """Whether every proxy holds the clusters, endpoints and listeners of all that it calls."""
    missing = list(fleet.proxies)

    def done() -> bool:
        while missing and _knows(missing[-1], wanted(fleet, missing[-1], late)):
            missing.pop()
        return not missing

    return done


def _knows(proxy: Proxy, services: frozenset[str]) -> bool:
    return all(len(proxy.holds[url]) >= len(services) and known(proxy, url) == services for url in (LDS, EDS, CDS))


def told_since(proxies: Sequence[Proxy], url: str, moment: float) -> Callable[[], bool]:
    """Whether every one of these proxies was told something of a type after a moment."""
    missing = list(proxies)

    def done() -> bool:
        while missing and missing[-1].told[url] > moment:
            missing.pop()
        return not missing

    return done


async def until(done: Callable[[], bool]) -> float:
    """The seconds until something is done. Raises NotTold."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > PATIENCE:
            raise NotTold(f"not within {PATIENCE:g} s")
        await asyncio.sleep(0.002)
    return time.monotonic() - began


def check(fleet: Fleet, late: int, instances: int) -> None:
    """Raise NotTold unless every proxy holds what it should, and those that look outward alike the very same."""
    alike: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}
    for proxy in fleet.proxies:
        services = wanted(fleet, proxy, late)
        for url in (CDS, EDS, LDS):
            mine = {name: version for name, version in proxy.holds[url].items() if service_of(name)}
            if known(proxy, url) != services:
                raise NotTold(f"{proxy.name} has {len(known(proxy, url))} of {len(services)} services in {url}")
            first, theirs = alike.setdefault((proxy.workload, url), (proxy.name, mine))
            if mine != theirs:
                raise NotTold(f"{proxy.name} differs from {first} in {url}")
        if not any(name.startswith("self_inbound") for name in proxy.holds[LDS]):
            raise NotTold(f"{proxy.name} has no inbound listener")
    _check_endpoints(fleet, instances)


def _check_endpoints(fleet: Fleet, instances: int) -> None:
    """Services that nothing else was done to have an endpoint for each instance."""
    held = {(name, version) for proxy in fleet.proxies for name, version in proxy.holds[EDS].items()}
    for name, version in held:
        service = service_of(name)
        if not service.startswith("s") or service == "s0":
            continue
        assignment = api.ClusterLoadAssignment.FromString(fleet.meter.assignments[version])
        found = sum(len(locality.lb_endpoints) for locality in assignment.endpoints)
        if found != instances:
            raise NotTold(f"{name} has {found} of {instances} endpoints")


# What changes.


def timeout(name: str, seconds: int, workload: str = "") -> dict[str, Any]:
    """A policy that changes every outbound listener of all proxies, or of one workload's."""
    said = "streamIdleTimeout" if workload else "requestTimeout"  # neither hides what the other says
    to = {"targetRef": {"kind": "Mesh"}, "default": {"http": {said: f"{seconds}s"}}}
    whom = {"targetRef": {"kind": "Dataplane", "labels": {"kuma.io/workload": workload}}} if workload else {}
    return {"type": "MeshTimeout", "mesh": MESH, "name": name, "spec": {**whom, "to": [to]}}


async def mesh_wide(bench: Bench, seconds: int) -> Cost:
    """Every outbound listener of every proxy changes: another request timeout."""
    done = told_since(bench.fleet.proxies, LDS, time.monotonic())
    return await bench.cost(lambda: bench.put(timeout("bench", seconds)), done)


def concerned(fleet: Fleet) -> list[Proxy]:
    """The proxies of the one workload that has policies of its own."""
    return [proxy for proxy in fleet.proxies if proxy.workload == "s1"]


async def one_workload(bench: Bench, seconds: int) -> tuple[Cost, int]:
    """The listeners of one workload's proxies change; and how many bytes the others got meanwhile."""
    others = [proxy for proxy in bench.fleet.proxies if proxy.workload != "s1"]
    before = sum(proxy.received for proxy in others)
    done = told_since(concerned(bench.fleet), LDS, time.monotonic())
    cost = await bench.cost(lambda: bench.put(timeout("one", seconds, "s1")), done)
    return cost, sum(proxy.received for proxy in others) - before


def extra(sizes: Sizes, ready: bool, service: int = 0) -> dict[str, Any]:
    """One more instance of a service, which an operator has written and whose state is told."""
    document = dataplane(evolve(sizes, outbounds=1), service, 250)
    document["name"] = f"extra-{service}"
    document["networking"]["inbound"][0]["state"] = "Ready" if ready else "NotReady"
    return document


def callers(fleet: Fleet, service: str = "s0") -> list[Proxy]:
    """The proxies that call a service."""
    return [proxy for proxy in fleet.proxies if service in wanted(fleet, proxy)]


async def one_endpoint(bench: Bench, ready: bool) -> Cost:
    """One endpoint of the first service comes or goes."""
    done = told_since(callers(bench.fleet), EDS, time.monotonic())
    return await bench.cost(lambda: bench.put(extra(bench.fleet.sizes, ready)), done)


async def one_service(bench: Bench, place: int) -> Cost:
    """A service comes that every proxy has waited for: a cluster, its endpoints and a listener for each."""
    document = extra(bench.fleet.sizes, True)
    document |= {"name": LATE[place], "labels": {"kuma.io/workload": LATE[place]}}
    document["networking"]["address"] = f"10.250.0.{place + 1}"
    return await bench.cost(lambda: bench.put(document), all_know(bench.fleet, late=place + 1))


# Identities.

IDENTITY: dict[str, Any] = {
    "type": "MeshIdentity",
    "mesh": MESH,
    "name": "identity",
    "spec": {
        "selector": {"dataplane": {"matchLabels": {}}},
        "provider": {
            "type": "Bundled",
            "bundled": {
                "meshTrustCreation": "Enabled",
                "insecureAllowSelfSigned": True,
                "autogenerate": {"enabled": True},
            },
        },
    },
}


def identity(hours: int) -> dict[str, Any]:
    """An identity for every proxy of the mesh, whose certificates are good for so long."""
    bundled = {**IDENTITY["spec"]["provider"]["bundled"], "certificateParameters": {"expiry": f"{hours}h"}}
    return {**IDENTITY, "spec": {**IDENTITY["spec"], "provider": {"type": "Bundled", "bundled": bundled}}}


def certified(proxies: Iterable[Proxy], before: dict[str, str]) -> Callable[[], bool]:
    """Whether every proxy has a certificate, and another one than before."""
    every = list(proxies)
    return lambda: all(_certificate(proxy) not in ("", before.get(proxy.name)) for proxy in every)


def certificates(fleet: Fleet) -> dict[str, str]:
    """The version of each proxy's certificate."""
    return {proxy.name: _certificate(proxy) for proxy in fleet.proxies}


def _certificate(proxy: Proxy) -> str:
    return next((version for name, version in proxy.holds[SDS].items() if name.startswith("kri_mid")), "")


async def identities(bench: Bench, hours: int) -> Cost:
    """Every proxy gets a certificate, or another one."""
    done = certified(bench.fleet.proxies, certificates(bench.fleet))
    return await bench.cost(lambda: bench.put(identity(hours)), done)
