"""Whole meshes at random, and what a zone makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from certs.admin import load_ca, new_ca, server_pair
from certs.ca import new_authority
from certs.identity import issue
from kuma.kinds import parse_document, validate
from kuma.mesh import AdminTls, Certificate, Proxy
from kuma.schema import Invalid
from kuma.settings import Settings
from tests.zone_cp.anything.parts import APPS, DOMAIN, EVERYWHERE, OUTSIDE, PORTS, SERVICES, having, some
from zone_cp.offline import Offline, seen

Document = dict[str, Any]

NOW = datetime.now(UTC)
DAY = timedelta(days=1)

MESH = {"mesh": "shop"}
NAMES = ("dp-0", "dp-1", "zone-proxy")
FEATURES = (
    "feature-reuse-port",
    "feature-tcp-accesslog-via-named-pipe",
    "feature-otel-via-kuma-dp",
    "feature-strict-inbound-ports",
    "feature-bind-outbounds",
    "feature-readiness-unix-socket",
    "feature-embedded-dns",
)
PROTOCOLS = ("tcp", "http", "http2", "grpc", "", "HTTP", "tls", "mysql")
ADDRESSES = ("10.0.0.1", "10.0.0.2", "fd00::3")

_inbounds = st.lists(
    having(
        {
            "name": st.sampled_from(["main", "http", "tcp"]),
            "protocol": st.sampled_from(PROTOCOLS),
            "servicePort": st.sampled_from([8080, 9090]),
            "state": st.sampled_from(["Ready", "NotReady", "Ignored"]),
        },
        port=st.sampled_from([80, 3306, 8082]),
    ),
    max_size=3,
    unique_by=(lambda one: one["port"], lambda one: one.get("name", one["port"])),
)
_backends = st.one_of(
    having(kind=st.just("MeshService"), name=st.sampled_from([*SERVICES, "nobody"]), port=st.sampled_from([80, 3306])),
    having(
        kind=st.just("MeshService"),
        labels=st.sampled_from(SERVICES).map(lambda name: {"kuma.io/display-name": name}),
        port=st.sampled_from([9090, 8082]),
    ),
    having(kind=st.just("MeshExternalService"), name=st.sampled_from(OUTSIDE), port=st.just(443)),
    having(kind=st.just("MeshMultiZoneService"), name=st.sampled_from(EVERYWHERE), port=st.sampled_from([80, 9090])),
)
_outbounds = st.lists(having(backendRef=_backends), max_size=4).map(
    lambda found: [{**one, "port": 20000 + index} for index, one in enumerate(found)]
)
_reachable = st.sampled_from([
    {"refs": []},
    {"refs": [{"kind": "MeshService", "name": "backend"}, {"kind": "MeshExternalService", "name": OUTSIDE[0]}]},
    {"refs": [{"kind": "MeshMultiZoneService", "labels": {"kuma.io/display-name": EVERYWHERE[0]}, "port": 80}]},
])  # fmt: skip
_redirects = having(
    {
        "reachableBackends": _reachable,
        "ipFamilyMode": st.sampled_from(["DualStack", "IPv4", "IPv6"]),
        "directAccessServices": st.just(["*"]),
    },
    redirectPortInbound=st.just(15006),
    redirectPortOutbound=st.just(15001),
)
_workload = st.fixed_dictionaries({"inbound": _inbounds}) | st.just({"gateway": {"tags": {"kuma.io/service": "gw"}}})
_reaching = st.fixed_dictionaries({"outbound": _outbounds}) | st.fixed_dictionaries({"transparentProxying": _redirects})
_sides = st.tuples(_workload, _reaching, st.sampled_from(ADDRESSES)).map(
    lambda found: {**found[0], **found[1], "address": found[2]}
)
_listeners = st.sampled_from([["ZoneIngress"], ["ZoneEgress"], ["ZoneIngress", "ZoneEgress"]]).map(
    lambda types: [
        {"type": one, "name": one[4:].lower(), "address": "10.0.0.9", "port": 10001 + index}
        for index, one in enumerate(types)
    ]
)


def _dataplane(name: str, networking: Document, app: str) -> Document:
    labels = {"app": app, "kuma.io/workload": app, "kuma.io/zone": "east", "kuma.io/origin": "zone"}
    return {"type": "Dataplane", **MESH, "name": name, "labels": labels, "networking": networking}


def _service(name: str, ports: Sequence[str], app: str) -> Document:
    far = name == "far"
    labels = {"kuma.io/display-name": name, "kuma.io/env": "universal"}
    labels |= {"kuma.io/zone": "west", "kuma.io/origin": "global"} if far else {"kuma.io/zone": "east"}
    spec: Document = {"selector": {"dataplaneLabels": {"matchLabels": {"app": app}}}, "ports": _ports(ports)}
    if far:
        spec |= {"state": "Available", "identities": [{"type": "SpiffeID", "value": f"spiffe://{DOMAIN}/workload/far"}]}
    status = {"status": {"tls": {"status": "Ready"}, "dataplaneProxies": {}}} if far else {}
    return {"type": "MeshService", **MESH, "name": name, "labels": labels, "spec": spec, **status}


def _ports(protocols: Iterable[str]) -> list[Document]:
    named = {one: PORTS[one] for one in protocols}
    return [
        {"port": port, "appProtocol": one, **({"name": name} if name else {})} for one, (port, name) in named.items()
    ]


_services = st.sampled_from(SERVICES).flatmap(
    lambda name: st.builds(
        _service,
        st.just(name),
        st.lists(st.sampled_from(sorted(PORTS)), min_size=1, max_size=4, unique=True),
        st.sampled_from(APPS),
    )
)
_tls = having(
    {
        "allowRenegotiation": st.booleans(),
        "version": st.sampled_from([{"min": "TLS12"}, {"min": "TLS12", "max": "TLS13"}]),
        "verification": some(
            mode=st.sampled_from(["SkipSAN", "SkipCA", "SkipAll", "Secured"]),
            serverName=st.just("pay.example"),
            subjectAltNames=st.just([{"type": "Exact", "value": "a.example"}, {"type": "Prefix", "value": "b"}]),
        ),
    },
    enabled=st.booleans(),
)
_endpoints = st.lists(
    having(
        {"priority": st.sampled_from([0, 1])},
        address=st.sampled_from(["198.51.100.5", "pay.example", "2001:db8::5"]),
        port=st.sampled_from([443, 8443]),
    ),
    max_size=3,
)
_externals = st.builds(
    lambda name, protocol, endpoints, tls: {
        "type": "MeshExternalService", **MESH, "name": name,
        "labels": {"kuma.io/display-name": name, "kuma.io/zone": "east", "kuma.io/origin": "zone"},
        "spec": {
            "match": {"type": "HostnameGenerator", "port": 443, "protocol": protocol}, "endpoints": endpoints, **tls
        },
    },
    st.sampled_from(OUTSIDE), st.sampled_from(["tcp", "http", "http2", "grpc"]), _endpoints, some(tls=_tls),
)  # fmt: skip
_multizones = st.builds(
    lambda ports: {
        "type": "MeshMultiZoneService", **MESH, "name": EVERYWHERE[0],
        "labels": {"kuma.io/display-name": EVERYWHERE[0], "kuma.io/origin": "global"},
        "spec": {
            "selector": {"meshService": {"matchLabels": {"kuma.io/env": "universal"}}}, "ports": _ports(ports),
        },
    },
    st.lists(st.sampled_from(sorted(PORTS)), min_size=1, max_size=3, unique=True),
)  # fmt: skip
_collectors = having(
    {"protocol": st.sampled_from(["grpc", "http"])},
    endpoint=some(address=st.sampled_from(["otel.example", "10.9.9.9", "fd00::9"]), port=st.sampled_from([443, 4318])),
).map(lambda spec: {
    "type": "MeshOpenTelemetryBackend", **MESH, "name": "collector",
    "labels": {"kuma.io/display-name": "collector"}, "spec": spec,
})  # fmt: skip


def _insight(name: str, features: list[str], ipv6: bool) -> Document:
    metadata = {
        "features": features, "workdir": "/tmp", "ipv6Enabled": ipv6, "dataplane.admin.port": "9901",
        "dataplane.admin.address": "127.0.0.1", "dataplane.admin.socketPath": "/tmp/admin.sock",
        "dataplane.readinessReporter.port": "9902", "dataplane.dns.port": "15053", "systemCaPath": "",
    }  # fmt: skip
    return {"type": "DataplaneInsight", **MESH, "name": name, "metadata": metadata}


def _of_zone_proxy(listeners: list[Document]) -> Document:
    return _dataplane("zone-proxy", {"address": "10.0.0.9", "listeners": listeners}, "zone-proxy")


def _distinct(documents: st.SearchStrategy[Document], most: int) -> st.SearchStrategy[list[Document]]:
    return st.lists(documents, min_size=most, max_size=most, unique_by=lambda one: one["name"])


IDENTITY = {
    "type": "MeshIdentity", **MESH, "name": "identity", "labels": {"kuma.io/zone": "east", "kuma.io/origin": "zone"},
    "spec": {
        "selector": {"dataplane": {"matchLabels": {}}},
        "provider": {
            "type": "Bundled", "bundled": {"insecureAllowSelfSigned": True, "autogenerate": {"enabled": True}}
        },
    },
}  # fmt: skip
ADDRESS = {
    "type": "MeshZoneAddress", **MESH, "name": "west", "labels": {"kuma.io/zone": "west", "kuma.io/origin": "global"},
    "spec": {"address": "203.0.113.7", "port": 10001},
}  # fmt: skip
_insights = st.tuples(
    *(
        st.builds(_insight, st.just(one), st.lists(st.sampled_from(FEATURES), unique=True), st.booleans())
        for one in NAMES
    )
)

meshes: st.SearchStrategy[list[Document]] = st.tuples(
    st.tuples(
        st.builds(_dataplane, st.just("dp-0"), _sides, st.sampled_from(APPS)),
        st.builds(_dataplane, st.just("dp-1"), _sides, st.sampled_from(APPS)),
        st.builds(_of_zone_proxy, _listeners),
    ),
    _insights,
    _distinct(_services, 3),
    _distinct(_externals, 2),
    _distinct(_multizones, 1),
    _distinct(_collectors, 1),
    st.sampled_from([(IDENTITY, ADDRESS), (IDENTITY,), (ADDRESS,), ()]),
).map(lambda groups: [{"type": "Mesh", "name": "shop"}, *(one for group in groups for one in group)])


def allowed(document: Document) -> bool:
    """Whether a control plane would take it."""
    try:
        return not validate(parse_document(document))
    except Invalid:
        return False


def as_seen(documents: Iterable[Document]) -> Offline:
    """What the zone east makes of documents, with authorities that are real."""
    return seen("shop", "east", map(parse_document, [*documents, _trust()]), Settings())


@cache
def _authority() -> Any:
    return new_authority(DOMAIN, NOW)


def _trust() -> Document:
    bundle = {"type": "Pem", "pem": {"value": _authority().pem.decode()}}
    return {"type": "MeshTrust", **MESH, "name": "identity", "spec": {"trustDomain": DOMAIN, "caBundles": [bundle]}}


@cache
def _material() -> tuple[bytes, bytes, AdminTls]:
    """A certificate and its key, and those of an admin interface: the same for every proxy."""
    leaf = issue(_authority(), f"spiffe://{DOMAIN}/workload/shop", DAY, NOW)
    authority = load_ca(new_ca())
    pair = server_pair(authority, ["10.0.0.1"])
    return leaf.certificate, leaf.key, AdminTls(pair.certificate, pair.key, authority.pem)


def certified(proxy: Proxy) -> Proxy:
    """The proxy with certificates that Envoy can read."""
    chain, key, admin = _material()
    mine = None if proxy.certificate is None else Certificate(proxy.certificate.secret, chain, key)
    return evolve(proxy, certificate=mine, admin=admin)
