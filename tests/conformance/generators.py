"""Parts of a proxy's config, out of whole configs that are made with no policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve

from kuma.envoy import api
from kuma.kinds import parse_document
from kuma.mesh import AdminTls, Metadata, Proxy, mesh_of
from kuma.policies import POLICIES
from kuma.policy import Policy
from kuma.xds.config import URL, Config
from tests.conformance.case import Case, Outcome, by_run
from tests.conformance.compare import numbers, parse
from zone_cp.generate import Workshop, WrongAdmin, generate

LASTING = tuple(policy for policy in POLICIES if policy.kind.name != "MeshTimeout")
SILENT = tuple(policy for policy in LASTING if policy.kind.name != "MeshCircuitBreaker")
"""Without the policies that have an effect by their absence, as the cases are: some, or all."""
REFUSED = "refused"
DATAPLANE = "input.dataplane.yaml"
SERVICE = {"mesh": "default", "spec": {"selector": {}, "ports": [{"port": 80}]}}


def parts(*begin: str, policies: tuple[Policy, ...] = SILENT) -> Callable[[Case], Outcome]:
    """What is generated under names that begin like this."""

    def adapter(case: Case) -> Outcome:
        try:
            found = _config(case, policies)
        except WrongAdmin:
            return Outcome(_expected(case), REFUSED)
        return Outcome(_expected(case), {key: one for key, one in _shown(found) if key[1].startswith(begin)})

    return adapter


def _shown(config: Config) -> Iterator[tuple[tuple[str, str], Any]]:
    """With private keys: here, they are words."""
    for url in config.by_type:
        for name, packed in config.resources(url).items():
            message = api.message_class(url.removeprefix(URL)).FromString(packed.body)
            yield (url, name), numbers(api.document(message))


def _expected(case: Case) -> Any:
    if case.about.get("expectError"):
        return REFUSED
    every = (parse(case.text("expected.yaml")) or {}).get("resources") or ()
    return {(one["resource"].pop("@type"), one["name"]): numbers(_networks(one["resource"])) for one in every}


def _networks(found: Any) -> Any:
    """A network is said to begin at an address: some are written with their length in that place, and a wrong one."""
    if isinstance(found, dict):
        if "/" in found.get("addressPrefix", ""):
            address, _, length = found["addressPrefix"].partition("/")
            return {"addressPrefix": address, "prefixLen": int(length)}
        return {key: _networks(one) for key, one in found.items()}
    return [_networks(one) for one in found] if isinstance(found, list) else found


# What the config is made of.


def _config(case: Case, policies: tuple[Policy, ...]) -> Config:
    named = (case.fixed.get("mesh") or {}).get("name") or "default"
    said = _named((parse(case.text(DATAPLANE)) if case.has(DATAPLANE) else {}) or {}, named)
    others = [_named(one, named) for one in case.documents("input.dataplanes.yaml")]
    dataplanes = {one["name"]: one for one in (*others, {**said, "labels": case.fixed.get("dataplaneLabels") or {}})}
    every = ({"type": "Mesh", "name": named}, *dataplanes.values(), *_services(case, said))
    mesh = mesh_of(named, "", map(parse_document, every))
    mine = mesh.of("Dataplane")[said["name"]]
    mine = evolve(mine, key=evolve(mine.key, mesh=case.fixed.get("dataplaneMesh", named)))
    proxy = Proxy(mine, _metadata(case.fixed), None, _admin(case.fixed))
    return generate(mesh, proxy, Workshop(policies, tuple(_internal(case.fixed))))


def _named(document: Any, mesh: str) -> Any:
    networking = {"address": "192.168.0.1", **document.get("networking", {})}
    return {"type": "Dataplane", "name": "proxy", **document, "mesh": mesh, "networking": networking}


def _services(case: Case, said: Any) -> Iterator[Any]:
    """Services at the addresses that the proxy calls, under the names that a case brings along."""
    called = {one.get("address") for one in said["networking"].get("outbound") or ()}
    for place, one in enumerate(case.fixed.get("vips") or ()):
        if one["address"] in called:
            addresses = [{"hostname": name} for name in one["domains"]]
            status = {"vips": [{"ip": one["address"]}], "addresses": addresses}
            yield {"type": "MeshService", "name": f"service-{place}", **SERVICE, "status": status}


def _metadata(fixed: Any) -> Metadata:
    return Metadata(
        features=frozenset(name for name, holds in (fixed.get("features") or {}).items() if holds),
        admin_port=fixed.get("adminPort", 0),
        admin_address=fixed.get("adminAddress", ""),
        admin_socket=fixed.get("adminSocketPath", ""),
        readiness_port=fixed.get("readinessPort", 0),
        dns_port=fixed.get("dnsPort", 0),
        workdir=fixed.get("workDir", ""),
        ipv6=fixed.get("ipv6Enabled", "dnsPort" not in fixed),
    )


def _admin(fixed: Any) -> AdminTls:
    said = fixed.get("adminMTLS") or {}
    return AdminTls(*(said.get(name, "").encode() for name in ("certPEM", "keyPEM", "caPEM")))


def _internal(fixed: Any) -> Iterator[str]:
    yield from (one.partition(" ")[0] for one in fixed.get("internalAddresses") or ())


SUITES = {
    "xds-generators": by_run(
        {
            "generate-admin": parts("system_envoy_admin", "system_probe_readiness"),
            "generate-dns": parts("system_dynamicconfig"),
            "generate-inbound": parts("self_inbound"),
            "generate-direct-access": parts("direct_access"),
            "generate-default-profile": parts("", policies=LASTING),
        }
    )
}
