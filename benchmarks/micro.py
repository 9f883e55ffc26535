"""What the pieces cost, one by one, without a network between them (but for Postgres).

    python -m benchmarks.micro [--only generate] [--result FILE]

CPU seconds of this process, the least of several runs: other work on the machine makes runs longer, never shorter.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from rich.console import Console
from rich.table import Table

from benchmarks.report import machine
from benchmarks.simulated import MESH, Sizes, dataplane
from certs import tokens
from certs.ca import new_authority
from certs.identity import issue
from kuma.clock import SystemClock
from kuma.envoy.endpoints import Endpoint, assignment
from kuma.kds.keeping import Keeper
from kuma.kds.metrics import Metrics
from kuma.kinds import KINDS, parse_document
from kuma.loop import install
from kuma.match import select, to_rules
from kuma.mesh import Mesh, Metadata, Proxy, mesh_of
from kuma.model import Labels, Resource
from kuma.store.embedded import EmbeddedPostgres
from kuma.store.memory import MemoryStore
from kuma.store.migrate import migrate
from kuma.store.postgres import Database, PostgresStore
from kuma.sync.packing import pack as packed_resource
from kuma.sync.plan import ZoneSide
from kuma.xds.config import layer, pack
from kuma.xds.delta import Request, Sender, Update
from kuma.xds.wire import response_bytes
from zone_cp.generate import CDS, EDS, LDS, Workshop, generate
from zone_cp.meshservices import Place, wanted_services

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SIZES = Sizes(200, 5, 0)
METADATA = Metadata.of({"features": ["feature-reuse-port"], "workdir": "/run/kuma"})
RUNS = 7
LONG = 0.05  # seconds that one run takes at least

Act = Callable[[], object]
Case = tuple[str, Act]


@frozen
class Took:
    """CPU seconds of one call."""

    case: str
    seconds: float

    @property
    def readable(self) -> str:
        if self.seconds < 0.001:
            return f"{1e6 * self.seconds:.1f} µs"
        return f"{1e3 * self.seconds:.2f} ms"


def measured(case: str, act: Act) -> Took:
    """One call, as part of a run that is long enough to be measured."""
    act()
    calls, took = 1, _timed(act, 1)
    while took < LONG:
        calls *= 2
        took = _timed(act, calls)
    return Took(case, min(took, *(_timed(act, calls) for _ in range(RUNS - 1))) / calls)


def _timed(act: Act, calls: int) -> float:
    began = time.process_time()
    for _ in range(calls):
        act()
    return time.process_time() - began


def mesh(sizes: Sizes = SIZES) -> Mesh:
    """A mesh of this size, with the services of its proxies."""
    documents = [dataplane(sizes, one, each) for one in range(sizes.services) for each in range(sizes.instances)]
    found = [parse_document(document) for document in documents]
    services, _ = wanted_services(Place(MESH, "bench"), found, ())
    return mesh_of(MESH, "bench", [parse_document({"type": "Mesh", "name": MESH}), *found, *services.values()])


def proxy(mesh: Mesh, name: str = "s0-0") -> Proxy:
    """A connected proxy of it."""
    found = mesh.get("Dataplane", name)
    assert found is not None
    return Proxy(found, METADATA)


def without(mesh: Mesh, name: str) -> Mesh:
    """The same mesh after one of its endpoints has gone."""
    found = mesh.get("Dataplane", name)
    assert found is not None
    networking = found.spec.networking
    away = evolve(networking, inbound=tuple(evolve(one, state="NotReady") for one in networking.inbound))
    return mesh.changed((evolve(found, spec=evolve(found.spec, networking=away)),))


def alternating(make: Callable[[Any], object], inputs: tuple[Any, Any]) -> Act:
    """Calls that never see what the last one saw."""
    turn = [0]

    def act() -> object:
        turn[0] += 1
        return make(inputs[turn[0] % 2])

    return act


def packing() -> Iterator[Case]:
    """Endpoints."""
    endpoints = tuple(Endpoint(f"10.0.{one // 250}.{one % 250}", 80, "bench", Labels()) for one in range(1000))
    yield "load assignment of 1,000 endpoints, built", lambda: assignment("s", endpoints)
    made = assignment("s", endpoints)
    yield "load assignment of 1,000 endpoints, packed", lambda: pack("s", made)
    several = (endpoints, endpoints[1:])
    yield "the same after one endpoint has changed", alternating(lambda one: pack("s", assignment("s", one)), several)


def generating() -> Iterator[Case]:
    """One proxy of a mesh with 1,000 proxies of 200 services, which calls all of them."""
    before = mesh()
    one, other, workshop = proxy(before), proxy(before, "s1-0"), Workshop()
    after = without(before, "s7-1")
    yield "config of a proxy, nothing built before", lambda: generate(before, one, Workshop())
    yield "config of a proxy, everything built before", lambda: generate(before, one, workshop)
    generate(before, other, workshop)

    def others() -> object:
        generate(before, one, workshop)
        generate(after, one, workshop)  # builds what both share
        return generate(after, other, workshop), generate(before, other, workshop)

    yield "configs of two proxies after an endpoint has come, and after it has gone", others
    yield "mesh after an endpoint has changed", alternating(lambda name: without(before, name), ("s7-1", "s8-1"))


def speaking() -> Iterator[Case]:
    """What is due to a proxy, and its bytes."""
    before, workshop = mesh(), Workshop()
    one = proxy(before)
    configs = generate(before, one, workshop), generate(without(before, "s7-1"), one, workshop)
    sender = Sender(configs[0])
    for url in (CDS, EDS, LDS):
        names = tuple(configs[0].resources(url)) if url == EDS else ()
        for response in sender.receive(Request(url, subscribe=names)):
            sender.receive(Request(response.type_url, nonce=response.nonce))

    def told(config: Any) -> object:
        due = sender.publish(config)
        for response in due:
            response_bytes(response, "bench")
            sender.receive(Request(response.type_url, nonce=response.nonce))
        return due

    yield "one endpoint told to a proxy and acknowledged", alternating(told, configs)
    layers = (layer(configs[0].resources(EDS).values()), layer(configs[1].resources(EDS).values()))
    yield "a layer of 200 resources put together", lambda: layer(layers[0].resources.values())


def matching() -> Iterator[Case]:
    """Policies."""
    found = mesh()
    dataplane = found.get("Dataplane", "s0-0")
    assert dataplane is not None
    policies = [_policy(number) for number in range(1000)]

    def rules() -> object:
        return to_rules(select(policies, dataplane).policies, found)

    yield "rules of 1,000 policies with 40 targets each", rules
    yield "rules of 500 of them", lambda: to_rules(select(policies[:500], dataplane).policies, found)


def _policy(number: int) -> Resource:
    names = (f"s{(number + 5 * place) % SIZES.services}" for place in range(40))
    refs = ({"kind": "MeshService", "labels": {"kuma.io/display-name": name}} for name in names)
    to = [{"targetRef": ref, "default": {"http": {"requestTimeout": f"{number % 60 + 1}s"}}} for ref in refs]
    return parse_document({"type": "MeshTimeout", "mesh": MESH, "name": f"t{number}", "spec": {"to": to}})


def trusting() -> Iterator[Case]:
    """Identities and tokens."""
    authority = new_authority("bench", NOW)
    day = timedelta(days=1)
    yield "identity issued (ECDSA P-256)", lambda: issue(authority, "spiffe://bench/ns/a/sa/b", day, NOW)
    key = tokens.signing_key("1", tokens.new_signing_key())
    token = tokens.issue(tokens.DataplaneClaims("a", "default"), key, NOW, day)
    trusted = tokens.Trusted({"1": key.key.public_key()}, frozenset())
    yield "token checked (RS256)", lambda: tokens.verify(tokens.DataplaneClaims, token, trusted, NOW)


GROUPS: Mapping[str, Callable[[], Iterator[Case]]] = {
    "packing": packing,
    "generate": generating,
    "delta": speaking,
    "rules": matching,
    "trust": trusting,
}


# What waits for something: seconds by the clock, many at a time.


async def kept(count: int = 500) -> Took:
    """A zone keeps what the global control plane sends: one update with many policies."""
    store, policies = MemoryStore(), [_policy(number) for number in range(count)]
    keeper = Keeper(store, ZoneSide(), SystemClock(), Metrics())
    mesh = packed_resource(parse_document({"type": "Mesh", "name": MESH}))
    await keeper.keep(Update("Mesh", "0", (mesh,), (), True))
    update = Update("MeshTimeout", "1", tuple(packed_resource(one) for one in policies), (), True)
    began = time.process_time()
    problem = await keeper.keep(update)
    assert problem is None, problem
    return Took("KDS: one policy with 40 targets kept, of 500", (time.process_time() - began) / count)


async def written(count: int = 300) -> Took:
    """A write to Postgres until a follower in the same process hears of it."""
    with database() as dsn:
        store = PostgresStore(Database(dsn), KINDS)
        store.startService()
        changes = store.changes(("Mesh",))
        began, heard = time.monotonic(), 0
        for number in range(count):
            await store.create(parse_document({"type": "Mesh", "name": f"m{number}"}))
            heard += len(await anext(changes))
        took = time.monotonic() - began
        changes.close()
        stopping: Awaitable[Any] = store.stopService().asFuture(asyncio.get_running_loop())
        await stopping
    return Took("Postgres: written and heard of (by the clock)", took / count)


@contextmanager
def database() -> Iterator[str]:
    """An empty database with the newest schema."""
    with tempfile.TemporaryDirectory(prefix="k-") as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            postgres.create_database("bench")
            migrate(postgres.dsn("bench"))
            yield postgres.dsn("bench")
        finally:
            postgres.stop()


def main() -> None:
    """Measure all, and show a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=tuple(GROUPS))
    parser.add_argument("--result", type=Path)
    options = parser.parse_args()
    loop = install()
    groups = (options.only,) if options.only else tuple(GROUPS)
    results = [measured(*case) for group in groups for case in GROUPS[group]()]
    if not options.only:
        results += [loop.run_until_complete(kept()), loop.run_until_complete(written())]
    table = Table("what", "one takes", title="The pieces", title_justify="left")
    for took in results:
        table.add_row(took.case, took.readable)
    Console().print(table)
    if options.result:
        options.result.parent.mkdir(parents=True, exist_ok=True)
        everything = {"machine": machine(), "seconds": {took.case: took.seconds for took in results}}
        options.result.write_text(json.dumps(everything, indent=1) + "\n")


if __name__ == "__main__":
    main()
