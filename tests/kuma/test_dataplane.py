"""What a Dataplane may say."""

from __future__ import annotations

from typing import Any

import pytest

from kuma.kinds import parse_document, validate
from kuma.resources.dataplane import Dataplane, Interface, Networking
from kuma.schema import parse

HERE = "127.0.0.1"
PORT = "port must be in the range [1, 65535]"
KINDS = "invalid value. Available values are: MeshExternalService,MeshMultiZoneService,MeshService"
REDIS = {"kind": "MeshService", "name": "redis", "port": 6379}


def wrong(**networking: Any) -> dict[str, str]:
    networking.setdefault("address", "10.0.0.1")
    proxy = parse_document({"type": "Dataplane", "mesh": "default", "name": "dp", "networking": networking})
    return {violation.field.removeprefix("networking."): violation.message for violation in validate(proxy)}


def test_a_proxy_must_be_somewhere():
    proxy = parse_document({"type": "Dataplane", "mesh": "default", "name": "dp"})
    assert [str(violation) for violation in validate(proxy)] == ["networking: must be defined"]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "address can't be empty"),
        ("0.0.0.0", "must not be 0.0.0.0 or ::"),
        ("::", "must not be 0.0.0.0 or ::"),
        ("http://x", "address has to be valid IP address or domain name"),
        ("10.0.0.1/8", "address has to be valid IP address or domain name"),
    ],
)
def test_addresses(address: str, message: str):
    assert wrong(address=address) == {"address": message}
    listener = {"type": "ZoneIngress", "address": address, "port": 1, "name": "a"}
    assert wrong(listeners=[listener]) == {"listeners[0].address": message}


@pytest.mark.parametrize("address", ["10.0.0.1", "fd00::1", "proxy.example.com", "under_score", "a.b."])
def test_good_addresses(address: str):
    assert wrong(address=address, inbound=[{"port": 80, "protocol": "HTTP2"}]) == {}


@pytest.mark.parametrize(
    ("inbound", "field", "message"),
    [
        ({"port": 0}, "port", PORT),
        ({"port": 65536}, "port", PORT),
        ({"port": 1, "servicePort": 65536}, "servicePort", PORT),
        ({"port": 1, "address": "host"}, "address", "address has to be valid IP address"),
        ({"port": 1, "serviceAddress": "host"}, "serviceAddress", "serviceAddress has to be valid IP address"),
        (
            {"port": 1, "servicePort": 1, "serviceAddress": "10.0.0.1"},
            "serviceAddress",
            "serviceAddress and servicePort has to differ from address and port",
        ),
        (
            {"port": 1, "servicePort": 1, "address": "10.0.0.2", "serviceAddress": "10.0.0.2"},
            "serviceAddress",
            "serviceAddress and servicePort has to differ from address and port",
        ),
        (
            {"port": 1, "protocol": "kafka"},
            "protocol",
            'has an invalid value "kafka". Allowed values: grpc, http, http2, tcp',
        ),
        ({"port": 1, "serviceProbe": {"interval": "0s"}}, "serviceProbe.interval", "must have a positive value"),
        ({"port": 1, "serviceProbe": {"timeout": "-1s"}}, "serviceProbe.timeout", "must have a positive value"),
        (
            {"port": 1, "serviceProbe": {"healthyThreshold": 0}},
            "serviceProbe.healthyThreshold",
            "must have a positive value",
        ),
    ],
)
def test_inbounds(inbound: dict[str, Any], field: str, message: str):
    assert wrong(inbound=[{"port": 80}, inbound]) == {f"inbound[1].{field}": message}


@pytest.mark.parametrize(
    ("outbound", "found"),
    [
        ({"port": 1}, {"backendRef": "must be defined"}),
        ({"port": 0, "backendRef": REDIS}, {"port": PORT}),
        ({"port": 1, "address": "x", "backendRef": REDIS}, {"address": "address has to be valid IP address"}),
        (
            {"port": 1, "backendRef": {}},
            {
                "backendRef.kind": KINDS,
                "backendRef": "either 'name' or 'labels' should be specified",
                "backendRef.port": PORT,
            },
        ),
        ({"port": 1, "backendRef": {"kind": "MeshExternalService", "labels": {"a": "b"}}}, {}),
    ],
)
def test_outbounds(outbound: dict[str, Any], found: dict[str, str]):
    assert wrong(outbound=[outbound]) == {f"outbound[0].{field}": message for field, message in found.items()}


@pytest.mark.parametrize(
    ("ref", "field", "message"),
    [
        ({"kind": "Mesh", "name": "a"}, "kind", KINDS),
        ({"kind": "MeshService"}, "name", "name or labels are required"),
        ({"kind": "MeshService", "namespace": "x"}, "name", "name is required, when namespace is defined"),
        (
            {"kind": "MeshService", "name": "a", "labels": {"a": "b"}},
            "labels",
            "labels cannot be defined when name is specified",
        ),
    ],
)
def test_reachable_backends(ref: dict[str, Any], field: str, message: str):
    found = wrong(transparentProxying={"reachableBackends": {"refs": [ref]}})
    assert found == {f"transparentProxing.reachableBackends.refs[0].{field}": message}


def test_administration_needs_its_own_port():
    assert wrong(admin={"port": 80}, inbound=[{"port": 80, "address": HERE}]) == {
        "admin.port": "must differ from inbound"
    }
    assert wrong(admin={"port": 80}, inbound=[{"port": 8080, "servicePort": 80, "serviceAddress": HERE}]) == {
        "admin.port": "must differ from inbound"
    }
    assert wrong(admin={"port": 80}, outbound=[{"port": 80, "backendRef": REDIS}]) == {
        "admin.port": "must differ from outbound"
    }
    assert (
        wrong(
            admin={"port": 80},
            inbound=[{"port": 80}],
            outbound=[{"port": 80, "address": "10.0.0.9", "backendRef": REDIS}],
        )
        == {}
    )


def test_delegated_gateways_take_nothing_in():
    listener = {"type": "ZoneEgress", "address": HERE, "port": 1}
    assert wrong(gateway={}, inbound=[{"port": 1}], listeners=[listener | {"port": 2}]) == {
        "inbound": "inbound cannot be defined for delegated gateways",
        "listeners": "listeners cannot be defined for delegated gateways",
    }
    assert wrong(gateway={"tags": {"a": "b"}}) == {"gateway.tags": 'mandatory tag "kuma.io/service" is missing'}
    tags = {"version": "", "a!": "b c", "kuma.io/service": "a"}
    assert list(wrong(gateway={"tags": tags})) == ['gateway.tags["a!"]', 'gateway.tags["version"]']
    tags = {"kuma.io/service": "a", "kuma.io/protocol": "http"}
    assert wrong(gateway={"tags": tags}) == {
        'gateway.tags["kuma.io/protocol"]': 'other values than tcp are not allowed, provided value "http"'
    }


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ({"name": "in"}, {"listeners[1].name": 'name "in" must be unique across inbounds and listeners'}),
        ({"name": "one"}, {"listeners[1].name": 'name "one" must be unique across inbounds and listeners'}),
        ({"port": 10001}, {"listeners[1]": "address:port 10.0.0.1:10001 is already used by another listener"}),
        (
            {"port": 10001, "type": "ZoneEgress"},
            {"listeners[1]": "address:port 10.0.0.1:10001 is used by listeners of different types"},
        ),
        ({"port": 80}, {"listeners[1]": "address:port 10.0.0.1:80 collides with an inbound listener"}),
        ({"type": "Unspecified"}, {"listeners[1].type": "type must be ZoneIngress or ZoneEgress"}),
        ({"port": 0}, {"listeners[1].port": PORT}),
        ({}, {}),
    ],
)
def test_listeners_stand_apart(second: dict[str, Any], found: dict[str, str]):
    first = {"type": "ZoneIngress", "address": "10.0.0.1", "port": 10001, "name": "one"}
    other = {"type": "ZoneIngress", "address": "10.0.0.1", "port": 10002, "name": "two"} | second
    assert wrong(inbound=[{"port": 80, "name": "in"}], listeners=[first, other]) == found


def networking(**said: Any) -> Networking:
    return parse(Networking, {"address": "10.0.0.1", **said}, "")


def test_both_ends_of_inbounds():
    listening = networking(
        inbound=[
            {"port": 80, "name": "web"},
            {"port": 81, "address": "10.0.0.2"},
            {"port": 82, "address": "10.0.0.2", "serviceAddress": "10.0.0.3", "servicePort": 8082},
        ]
    )
    assert listening.interfaces() == (
        Interface("web", ("10.0.0.1", 80), ("10.0.0.1", 80)),
        Interface("81", ("10.0.0.2", 81), ("10.0.0.2", 81)),
        Interface("82", ("10.0.0.2", 82), ("10.0.0.3", 8082)),
    )
    assert [one.section for one in listening.interfaces("82")] == ["82"]
    assert listening.interfaces("80") == ()


@pytest.mark.parametrize(
    ("place", "inbound", "outbound"),
    [
        (("10.0.0.1", 80), True, False),
        (("10.0.0.1", 8080), True, False),
        (("10.0.0.2", 80), False, False),
        (("0.0.0.0", 80), True, False),
        (("::", 5432), False, True),
        ((HERE, 5432), False, True),
        (("10.0.0.1", 5432), False, False),
        (("0.0.0.0", 9), False, False),
    ],
)
def test_places_that_are_taken(place: tuple[str, int], inbound: bool, outbound: bool):
    listening = networking(inbound=[{"port": 80, "servicePort": 8080}], outbound=[{"port": 5432}])
    assert listening.takes_inbound(place) is inbound
    assert listening.takes_outbound(place) is outbound


@pytest.mark.parametrize(
    ("transparent", "found"),
    [(None, False), ({}, False), ({"redirectPortInbound": 1}, False), ({"redirect_port_outbound": 1}, False),
     ({"redirectPortInbound": 1, "redirectPortOutbound": 2, "ipFamilyMode": "DualStack"}, True)],
)  # fmt: skip
def test_transparent_proxies(transparent: dict[str, Any] | None, found: bool):
    assert Dataplane(networking(transparentProxying=transparent)).is_transparent is found
    assert not Dataplane().is_transparent
