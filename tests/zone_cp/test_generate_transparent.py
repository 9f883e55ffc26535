"""Transparent proxying: every service at its address, and what takes the connections that none of them takes."""

from __future__ import annotations

import json

import pytest
from attrs import evolve

from kuma.mesh import Mesh, Metadata, Proxy
from kuma.redirection import Redirection, redirection
from kuma.resources.parts import Hostname, Vip
from tests.zone_cp.test_generate_envoy import TRUST, bootstrap, certified, rejected
from tests.zone_cp.worlds import METADATA, documents, proxy, resources, shop
from zone_cp.generate import CDS, EDS, LDS, Workshop, generate

VIPS = {"frontend": "241.0.0.0", "backend": "241.0.0.1"}
BACKEND, FRONTEND = "kri_msvc_shop_z1__backend_http", "kri_msvc_shop_z1__frontend_3000"
PASSING = "self_transparentproxy_passthrough_{}_ipv{}"
ON = "transparentProxying: {redirectPortInbound: 15006, redirectPortOutbound: 15001%s}"
BINDS = "feature-bind-outbounds"


def client(more: str = "", name: str = "app", address: str = "10.0.0.9") -> str:
    inbound = "inbound: [{port: 8080, protocol: http}, {port: 49151}]"
    labels = "{kuma.io/workload: app, kuma.io/zone: z1, kuma.io/origin: zone}"
    networking = f"{{address: {address}, {inbound}, {ON % more}}}"
    return f"type: Dataplane\nmesh: shop\nname: {name}\nlabels: {labels}\nnetworking: {networking}\n"


def addressed(mesh: Mesh) -> Mesh:
    """With a virtual address and a hostname for each service."""
    services = [
        evolve(one, status=evolve(one.status, vips=(Vip(VIPS[name]),), addresses=(Hostname(f"{name}.mesh"),)))
        for name, one in mesh.of("MeshService").items()
    ]
    return mesh.changed(services)


def world(*more: str) -> Mesh:
    return addressed(shop(*more))


def made(mesh: Mesh, name: str = "app", metadata: Metadata | None = None):
    one = proxy(mesh, name)
    return generate(mesh, one if metadata is None else evolve(one, metadata=metadata), Workshop())


def test_every_service_listens_at_its_address():
    config = made(world(client()))
    listeners = documents(config, "Listener", LDS)
    address = listeners[BACKEND]["address"]["socketAddress"]
    assert (address["address"], address["portValue"]) == ("241.0.0.1", 80)
    assert listeners[BACKEND]["bindToPort"] is False
    assert {BACKEND, FRONTEND} <= documents(config, "Cluster", CDS).keys()
    assert BACKEND in config.resources(EDS)


@pytest.mark.parametrize(
    ("refs", "reached"),
    [
        ("[]", set()),
        ("[{kind: MeshService, name: backend}]", {BACKEND}),
        ("[{kind: MeshService, name: backend, port: 80}]", {BACKEND}),
        ("[{kind: MeshService, name: backend, port: 81}]", set()),
        ("[{kind: MeshService, name: backend, namespace: other}]", set()),
        ("[{kind: MeshService, labels: {kuma.io/display-name: frontend}}]", {FRONTEND}),
        ("[{kind: MeshService, labels: {kuma.io/zone: z1}}]", {BACKEND, FRONTEND}),
        ("[{kind: MeshExternalService, name: backend}]", set()),
    ],
)
def test_only_what_is_reachable_is_reached(refs, reached):
    config = made(world(client(f", reachableBackends: {{refs: {refs}}}")))
    assert {name for name in config.resources(LDS) if name.startswith("kri_")} == reached


def test_a_service_at_the_proxys_own_address_is_left_out():
    mesh = world(client(address=VIPS["backend"]).replace("port: 8080", "port: 80"))
    assert BACKEND not in made(mesh).resources(LDS)


def test_an_address_that_comes_later_is_listened_at():
    plain, workshop = shop(client()), Workshop()
    assert not [
        name for name in generate(plain, proxy(plain, "app"), workshop).resources(LDS) if name.startswith("kri_")
    ]
    mesh = addressed(plain)
    assert BACKEND in generate(mesh, proxy(mesh, "app"), workshop).resources(LDS)


def test_who_looks_outward_alike_shares_outbounds_and_records():
    mesh, workshop = world(*(client(name=f"app-{n}", address=f"10.0.1.{n}") for n in range(1, 20))), Workshop()
    first, *others = (generate(mesh, proxy(mesh, f"app-{n}"), workshop) for n in range(1, 20))
    assert all(one.by_type[LDS][0] is first.by_type[LDS][0] for one in others)
    assert workshop.built["records"] <= 1
    assert workshop.built["view"] == 1


@pytest.mark.parametrize(("mode", "versions"), [("IPv4", (4,)), ("DualStack", (4, 6)), ("UnSpecified", (4, 6))])
def test_connections_to_and_from_anywhere(mode, versions):
    config = made(world(client(f", ipFamilyMode: {mode}")))
    listeners, clusters = documents(config, "Listener", LDS), documents(config, "Cluster", CDS)
    expected = {PASSING.format(way, version) for way in ("inbound", "outbound") for version in versions}
    assert {name for name in listeners if "passthrough" in name} == expected
    assert {name for name in clusters if "passthrough" in name} == expected
    outbound = listeners[PASSING.format("outbound", 4)]
    assert (outbound["useOriginalDst"], outbound["address"]["socketAddress"]["portValue"]) == (True, 15001)
    assert "enableReusePort" not in outbound
    inbound = clusters[PASSING.format("inbound", 4)]
    assert inbound["upstreamBindConfig"]["sourceAddress"]["address"] == "127.0.0.6"


def test_strict_proxies_let_in_what_they_have_inbounds_for():
    strict = evolve(METADATA, features=frozenset({"feature-strict-inbound-ports"}))
    chains = documents(made(world(client()), metadata=strict), "Listener", LDS)[PASSING.format("inbound", 4)]
    found = [
        (one["filterChainMatch"]["destinationPort"], one["filters"][0]["typedConfig"]["cluster"])
        for one in chains["filterChains"]
    ]
    nowhere = "self_transparentproxy_no_destination_inbound"
    assert found == [(8080, PASSING.format("inbound", 4)), (49151, nowhere)]
    loose = documents(made(world(client()), metadata=evolve(METADATA, features=frozenset())), "Listener", LDS)
    assert ["filterChainMatch" in one for one in loose[PASSING.format("inbound", 4)]["filterChains"]] == [False]


def test_permissive_proxies_let_in_everything():
    permissive = "type: MeshTLS\nmesh: shop\nname: p\nspec: {rules: [{default: {mode: Permissive}}]}\n"
    strict = evolve(METADATA, features=frozenset({"feature-strict-inbound-ports"}))
    config = made(world(client(), permissive), metadata=strict)
    (chain,) = documents(config, "Listener", LDS)[PASSING.format("inbound", 4)]["filterChains"]
    assert "filterChainMatch" not in chain


def test_the_application_is_called_from_an_address_that_is_not_redirected():
    config = made(world(client()))
    inbound = documents(config, "Cluster", CDS)["self_inbound_dp_8080"]
    assert inbound["upstreamBindConfig"]["sourceAddress"]["address"] == "127.0.0.6"
    assert documents(config, "Listener", LDS)["self_inbound_dp_8080"]["bindToPort"] is False


@pytest.mark.parametrize("target", ["127.0.0.1", "::1"])
def test_an_application_on_loopback_is_called_as_it_is(target):
    text = client().replace("port: 8080,", f"port: 8080, serviceAddress: '{target}',")
    assert "upstreamBindConfig" not in documents(made(world(text)), "Cluster", CDS)["self_inbound_dp_8080"]


def test_names_are_told_to_kuma_dp():
    config = made(world(client(", ipFamilyMode: IPv4")), metadata=evolve(METADATA, dns_port=15053))
    (chain,) = documents(config, "Listener", LDS)["system_dynamicconfig"]["filterChains"]
    known, told = chain["filters"][0]["typedConfig"]["routeConfig"]["virtualHosts"][0]["routes"]
    body = json.loads(told["directResponse"]["body"]["inlineString"])
    assert body["records"] == [
        {"name": "backend.mesh", "ips": ["241.0.0.1"]},
        {"name": "frontend.mesh", "ips": ["241.0.0.0"]},
    ]
    etag = told["responseHeadersToAdd"][0]["header"]["value"]
    assert known["match"]["headers"][0]["stringMatch"]["exact"] == etag
    assert known["directResponse"]["status"] == 304


@pytest.mark.parametrize("metadata", [evolve(METADATA, dns_port=0), evolve(METADATA, features=frozenset({BINDS}))])
def test_nobody_is_told_names_who_does_not_ask_for_them(metadata):
    assert "system_dynamicconfig" not in made(world(client()), metadata=metadata).resources(LDS)


def test_a_proxy_that_binds_listens_for_itself():
    config = made(world(client()), metadata=evolve(METADATA, features=frozenset({BINDS})))
    listeners = documents(config, "Listener", LDS)
    assert "bindToPort" not in listeners[BACKEND]
    assert not [name for name in listeners if "passthrough" in name]


def test_pods_are_called_directly_but_where_an_outbound_listens():
    other = resources(client(name="other", address="10.0.0.8"))[0]
    mesh = world(client(", directAccessServices: ['*']")).changed([other])
    config = made(mesh)
    direct = {name for name in config.resources(LDS) if name.startswith("direct_access")}
    assert "direct_access_10.0.0.8:8080" in direct
    assert "direct_access_10.0.0.9:8080" not in direct
    assert "direct_access" in config.resources(CDS)
    assert not [name for name in made(world(client())).resources(CDS) if name.startswith("direct_access")]


def test_a_proxy_that_took_over_another_ones_address_listens_there_once():
    before = resources(client(name="before"))[0]
    config = made(world(client(", directAccessServices: ['*']")).changed([before]))
    assert "direct_access_10.0.0.9:8080" not in config.resources(LDS)


def test_envoy_takes_it(tmp_path):
    mesh = world(client(", directAccessServices: ['*']"), TRUST)
    one = evolve(certified(mesh, "app"), metadata=evolve(METADATA, dns_port=15053, workdir=str(tmp_path)))
    assert rejected(bootstrap(generate(mesh, one, Workshop())), tmp_path) == ""


# What may be called outside.

OUTSIDE = """
type: MeshPassthrough
mesh: shop
name: outside
spec:
  default:
    passthroughMode: Matched
    appendMatch:
    - {type: Domain, value: "*.example.org", protocol: tls, port: 443}
    - {type: Domain, value: a.example, protocol: http, port: 80}
    - {type: IP, value: 192.0.2.1}
    - {type: IP, value: "2001:db8::1", protocol: http2, port: 81}
    - {type: CIDR, value: 198.51.100.0/24, protocol: mysql, port: 3306}
"""


def test_only_what_is_matched_may_be_called(tmp_path):
    mesh = world(client(), TRUST, OUTSIDE)
    config = generate(mesh, certified(mesh, "app"), Workshop())
    four, six = (documents(config, "Listener", LDS)[PASSING.format("outbound", version)] for version in (4, 6))
    assert "meshpassthrough_tcp_192.0.2.1_443" in {chain["name"] for chain in four["filterChains"]}
    assert "meshpassthrough_http2_2001:db8::1_81" in {chain["name"] for chain in six["filterChains"]}
    made = documents(config, "Cluster", CDS)
    assert {"meshpassthrough_tls_*.example.org_443", "meshpassthrough_http_a.example_80"} <= made.keys()
    assert not {PASSING.format("outbound", version) for version in (4, 6)} & made.keys()
    assert rejected(bootstrap(config), tmp_path) == ""


@pytest.mark.parametrize("default", ["{passthroughMode: None}", "{}", "{appendMatch: []}"])
def test_nothing_is_matched(default):
    policy = f"type: MeshPassthrough\nmesh: shop\nname: none\nspec: {{default: {default}}}\n"
    config = made(world(client(), policy))
    clusters = documents(config, "Cluster", CDS)
    assert PASSING.format("outbound", 4) not in clusters
    assert PASSING.format("inbound", 4) in clusters
    assert len(documents(config, "Listener", LDS)[PASSING.format("outbound", 4)]["filterChains"]) == 1


def test_everything_may_be_called_where_that_is_said():
    policy = "type: MeshPassthrough\nmesh: shop\nname: all\nspec: {default: {passthroughMode: All}}\n"
    assert documents(made(world(client(), policy)), "Cluster", CDS) == documents(made(world(client())), "Cluster", CDS)


# Where the redirection is said.


def found(networking: str, **metadata) -> Redirection | None:
    text = f"type: Dataplane\nmesh: shop\nname: app\nnetworking: {networking}\n"
    return redirection(Proxy(resources(text)[0], Metadata.of(metadata)))


IN_METADATA = ["feature-transparent-proxy-in-dataplane-metadata"]


def test_it_is_said_by_the_dataplane_or_by_kuma_dp():
    assert found("{address: 10.0.0.1}") is None
    assert found(f"{{address: 10.0.0.1, {ON % ''}}}") == Redirection(15006, 15001)
    assert found("{address: 10.0.0.1}", features=IN_METADATA) == Redirection(15006, 15001)
    said = {"ipFamilyMode": "ipv4", "redirect": {"inbound": {"enabled": False}, "outbound": {"port": 15}}}
    assert found("{address: 10.0.0.1}", features=IN_METADATA, transparentProxy=said) == Redirection(0, 15, ipv6=False)
    assert found("{address: '::5'}", features=IN_METADATA, transparentProxy=said) is None
