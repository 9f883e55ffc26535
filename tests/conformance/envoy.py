"""Whole configs of proxies, made by the function that makes those that are sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve

from kuma.kinds import KINDS, kri_of, parse_document
from kuma.labels import Where, computed_labels
from kuma.mesh import AdminTls, Certificate, Mesh, Metadata, Proxy, mesh_of
from kuma.model import WORKLOAD, Resource
from kuma.resources import meshexternalservice
from kuma.resources.meshservice import Identity, Status, Tls
from kuma.resources.parts import Vip
from tests.conformance.case import Case, Missing, Outcome
from tests.conformance.compare import numbers, parse
from zone_cp.generate import Workshop, generate
from zone_cp.inspection import in_effect, shown
from zone_cp.meshservices import Place, wanted_services

ADDRESS = "192.0.2.1"
ADMIN = frozenset({"system_envoy_admin", "system_probe_readiness"})
LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener"
CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
EXTERNAL = meshexternalservice.Status(vip=Vip("242.0.0.0"))
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
IP = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\[?(?=[0-9a-fA-F:]*::|(?:[0-9a-fA-F]+:){7})[0-9a-fA-F:]*:[0-9a-fA-F:]*\]?"
)


def config(case: Case) -> Outcome:
    """The configs of the proxies of a small mesh to which shadow policies were added, with these in effect."""
    expected, actual = {}, {}
    mesh = in_effect(_mesh(case))
    for name in case.about["dataplanes"]:
        expected[name] = normal(parse(case.text(f"expected.{name}.json"))["xds"])
        actual[name] = normal(shown(generate(mesh, _proxy(case, mesh, name), Workshop())))
    return Outcome(expected, actual)


def _mesh(case: Case) -> Mesh:
    zone, folder = case.fixed["zone"], case.fixtures.parent / case.fixed["fixture"]
    texts = [file.read_text() for file in sorted(folder.glob("*.yaml")) if file.name != "fixture.yaml"]
    documents = [one for text in texts for one in _documents(text.replace("{{ address }}", ADDRESS))]
    documents += case.documents("input.yaml")
    if unknown := {one["type"] for one in documents} - KINDS.keys():
        raise Missing(f"kind {', '.join(sorted(unknown))}")
    found = [_labelled(parse_document(one), zone) for one in documents]
    domain = f"{case.fixed['mesh']}.{zone}.mesh.local"
    trust = {"type": "MeshTrust", "mesh": case.fixed["mesh"], "name": "trust"}
    trust["spec"] = {"trustDomain": domain, "caBundles": [{"type": "Pem", "pem": {"value": PEM}}]}
    found.append(_labelled(parse_document(trust), zone))
    services = _services(Place(case.fixed["mesh"], zone), found, domain)
    return mesh_of(case.fixed["mesh"], zone, [*map(_addressed, found), *services])


def _documents(text: str) -> list[Any]:
    found = parse(text)
    return found if isinstance(found, list) else [found]


def _labelled(resource: Resource, zone: str) -> Resource:
    """With the labels that its zone puts on it."""
    return evolve(resource, labels=computed_labels(KINDS[resource.kind], resource, Where("zone", zone)))


def _addressed(resource: Resource) -> Resource:
    """A service outside the mesh has its virtual address."""
    return evolve(resource, status=EXTERNAL) if resource.kind == "MeshExternalService" else resource


def _services(place: Place, found: Iterable[Resource], domain: str) -> list[Resource]:
    wanted, _ = wanted_services(place, [one for one in found if one.kind == "Dataplane"], ())
    return [
        evolve(
            service,
            spec=evolve(service.spec, identities=(Identity("SpiffeID", f"spiffe://{domain}/workload/{name}"),)),
            status=Status(tls=Tls("Ready"), vips=(Vip(f"241.0.0.{number}"),)),
        )
        for number, (name, service) in enumerate(sorted(wanted.items()))
    ]


def _proxy(case: Case, mesh: Mesh, name: str) -> Proxy:
    dataplane = mesh.get("Dataplane", name)
    assert dataplane is not None
    identity = next(iter(mesh.identities), None)
    certificate = Certificate(str(kri_of(identity))) if identity is not None and WORKLOAD in dataplane.labels else None
    reuse = [] if name.endswith("no-reusable-ports") else ["feature-reuse-port"]
    metadata = Metadata.of({
        "features": [*reuse, "feature-strict-inbound-ports"],
        "workdir": "/tmp",
        "ipv6Enabled": False,
        "dataplane.admin.port": "9901",
        "dataplane.admin.address": "127.0.0.1",
        "dataplane.admin.socketPath": "/tmp/kuma-envoy-admin.sock",
        "dataplane.readinessReporter.port": "9902",
        "dataplane.dns.port": "15053",
    })  # fmt: skip
    return Proxy(dataplane, metadata, certificate, AdminTls(b"", b"", b""))


# What does not count.


def normal(xds: Any) -> Any:
    """Without addresses, certificates and what is the same for every proxy and every case."""
    found = numbers(xds)
    for name in ("system_dynamicconfig", "_kuma:dynamicconfig"):
        found.get(LISTENER, {}).pop(name, None)
    for secret in found.get(SECRET, {}).values():
        _walk(secret, _no_bundle)
    for name, cluster in found.get(CLUSTER, {}).items():
        if name in ADMIN:
            _walk(cluster.get("loadAssignment"), _no_endpoint)
    for name, listener in found.get(LISTENER, {}).items():
        if name in ADMIN:
            listener["address"] = NOWHERE
    _walk(found, _no_detail)
    return _no_ips(found)


NOWHERE = {"socketAddress": {"address": "ADMIN_REDACTED", "portValue": 0}}


def _walk(found: Any, change: Callable[[dict[str, Any]], None]) -> None:
    if isinstance(found, dict):
        change(found)
    for one in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        _walk(one, change)


def _no_bundle(found: dict[str, Any]) -> None:
    if isinstance(found.get("trustBundle"), dict):
        found["trustBundle"] = {"inlineBytes": "CERT_REDACTED"}


def _no_endpoint(found: dict[str, Any]) -> None:
    if isinstance(found.get("endpoint"), dict):
        found["endpoint"]["address"] = NOWHERE


def _no_detail(found: dict[str, Any]) -> None:
    found.pop("dnsLookupFamily", None)
    if isinstance(found.get("statPrefix"), str):
        found["statPrefix"] = "STAT_PREFIX_REDACTED"


def _no_ips(found: Any) -> Any:
    if isinstance(found, dict):
        return {_no_ips(key): _no_ips(one) for key, one in found.items()}
    if isinstance(found, list):
        return [_no_ips(one) for one in found]
    return IP.sub("IP_REDACTED", found) if isinstance(found, str) else found


SUITES = {"envoyconfig-sidecars": config, "envoyconfig-zoneproxies": config}
