"""Requests to a served REST API, and what it answers."""

from __future__ import annotations

import json
from typing import Any

from attrs import define, evolve, frozen

from kuma.kinds import KINDS, parse_document
from kuma.mesh import mesh_of
from kuma.model import NEVER, Key
from kuma.rest.api import About
from kuma.store.api import AlreadyExists
from tests.conformance import compare
from tests.conformance.case import Case, Missing, Outcome, by_run
from tests.kuma.rest.served import Served, served
from zone_cp.envoys import without_tokens
from zone_cp.inspection import Inspection


@frozen
class Step:
    """One request and its answer."""

    status: int
    body: Any


@define
class Behind:
    """What stands behind the configs of proxies: the meshes that a store holds at the moment."""

    zone: str
    store: Any = None
    mesh: Any = None

    async def config(self, key: Key, shadow: bool) -> Any:
        """As `Inspection.config`."""
        found = [one for kind in KINDS for one in await self.store.list(kind)]
        self.mesh = mesh_of(key.mesh, self.zone, found)
        return await Inspection(self, self.store).config(key, shadow)

    def current(self, name: str) -> Any:
        """As `Meshes.current`."""
        return self.mesh


async def fill(server: Served, documents: list[Any]) -> None:
    """Put resources into the store as they are; of the same one, the last counts."""
    if unknown := {one.get("type") for one in documents if one.get("type") not in KINDS}:
        raise Missing(f"kind {', '.join(sorted(map(str, unknown)))}")
    for document in documents:
        resource = evolve(parse_document(document), created=NEVER, modified=NEVER)
        try:
            await server.store.create(resource)
        except AlreadyExists:
            await server.store.delete(resource.key)
            await server.store.create(resource)


async def sequence(case: Case) -> Outcome:
    """Requests to a server that holds what the case says."""
    about = About(mode=case.fixed.get("mode", "zone"), zone=case.fixed.get("zone", "default"))
    behind = Behind(about.zone)
    async with served(about=about, dataplane_config=behind.config) as server:
        behind.store = server.store
        if case.has("input.resources.yaml"):
            await fill(server, compare.resources(case.text("input.resources.yaml")))
        steps = [await _step(case, server, step) for step in case.about["steps"]]
    return Outcome([_shown(expected) for expected, _ in steps], [_shown(actual) for _, actual in steps])


def _shown(step: Step) -> dict[str, Any]:
    return {"status": step.status, "body": step.body}


async def _step(case: Case, server: Served, step: Any) -> tuple[Step, Step]:
    sent = case.text(step["request"]).encode() if step.get("request") else None
    reply = await server.call(step["method"], step["path"], sent)
    address = f"localhost:{server.port}"
    actual = Step(reply.status, _body(reply.body.decode(), address))
    if "response" not in step:
        return Step(step["status"], actual.body), actual
    expected = compare.api_body(case.text(step["response"])) if step["response"] else None
    return Step(step["status"], expected), actual


def _body(text: str, address: str) -> Any:
    try:
        return compare.api_body(text, address)
    except json.JSONDecodeError:
        return text


async def labelled(case: Case) -> Outcome:
    """One write to a control plane of a fleet, and what it says of the labels."""
    target = case.fixed["target"]
    if target == "zone-k8s":
        raise Missing("Kubernetes admission")
    zone = case.fixed["zones"].get(target, "")
    about = About(mode="zone" if zone else "global", zone=zone, federated=bool(zone))
    (step,), document = case.about["steps"], case.input
    path = step["path"].format(mesh=case.fixed["mesh"], name=document["name"])
    async with served(about=about) as server:
        await server.mesh(case.fixed["mesh"])
        reply = await server.call(step["method"], path, json.dumps(document).encode())
    expected = Step(step["status"], compare.api_body(case.text(step["response"])))
    return Outcome(_shown(expected), _shown(Step(reply.status, _body(reply.body.decode(), ""))))


def sanitized(case: Case) -> Outcome:
    """A config dump as it is shown."""
    shown = json.loads(without_tokens(case.text("input.json").encode()))
    return Outcome(json.loads(case.text("expected.json")), shown)


SUITES = {
    "envoy-admin-sanitize": sanitized,
    "api-server": sequence,
    "multizone-labels": by_run({"rest-put": labelled, "kubectl-apply": labelled}),
}
