"""What leads out of the mesh, as clients and as egresses see it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from kuma.envoy.endpoints import Endpoint
from kuma.external import NoMaterial, Talk, Way, exit_of, secrets_of, unreachable
from kuma.kinds import parse_document
from kuma.mesh import Mesh, mesh_of
from kuma.model import Key, Labels, Resource
from kuma.resources.secret import Secret
from kuma.resources.tls import TlsVersion

KIND = "MeshExternalService"


def external(name: str = "api", labels: dict[str, str] | None = None, **spec: Any) -> Resource:
    whole = {"match": {"port": 443}, "endpoints": [{"address": "api.example.com", "port": 8443}]} | spec
    return parse_document({"type": KIND, "mesh": "m", "name": name, "labels": labels or {}, "spec": whole})


def secured(mode: str = "Secured", **verification: Any) -> Resource:
    return external(tls={"enabled": True, "verification": {"mode": mode, **verification}})


def named(secret: str) -> dict[str, Any]:
    return {"type": "Secret", "secretRef": {"kind": "Secret", "name": secret}}


def inline(value: str) -> dict[str, Any]:
    return {"type": "InsecureInline", "insecureInline": {"value": value}}


def secret(name: str, data: bytes | None = b"pem") -> Resource:
    return Resource(Key("Secret", "m", name), Secret(data))


def egress(name: str = "zp", zone: str = "here", **listener: Any) -> Resource:
    heard = {"type": "ZoneEgress", "address": "10.0.0.9", "port": 10002} | listener
    networking = {"address": "10.0.0.9", "listeners": [heard]}
    labels = {"kuma.io/zone": zone, "kuma.io/workload": name}
    return parse_document({"type": "Dataplane", "mesh": "m", "name": name, "labels": labels, "networking": networking})


IDENTITY = parse_document({
    "type": "MeshIdentity", "mesh": "m", "name": "everyone",
    "spec": {"selector": {"dataplane": {"matchLabels": {}}}, "spiffeID": {"trustDomain": "m.mesh.local"}},
})  # fmt: skip
SPIFFE_ID = "spiffe://m.mesh.local/workload/zp"


def here(*resources: Resource) -> Mesh:
    return mesh_of("m", "here", resources)


def talk(service: Resource, *secrets: Resource) -> Talk:
    made = exit_of(service, {one.name: one for one in secrets}).talk
    assert made is not None
    return made


def test_clients_reach_what_is_outside_through_every_ready_egress_of_the_zone():
    mesh = here(
        external(labels={"team": "a"}), IDENTITY, egress(), egress("other", port=10003),
        egress("far", zone="there"), egress("tired", state="NotReady"), egress("named", address="zp.example.com"),
    )  # fmt: skip
    (port,) = mesh.destinations.called(KIND, "api").ports
    assert (port.name, port.sni) == ("kri_extsvc_m___api_443", "sni.extsvc.m.api.443")
    assert (port.local, port.tls) == (False, True)
    assert port.sans == ("spiffe://m.mesh.local/workload/other", SPIFFE_ID)
    labels = Labels({"team": "a"})
    assert mesh.endpoints(port.name) == tuple(Endpoint("10.0.0.9", one, labels=labels) for one in (10002, 10003))


def test_without_an_identity_egresses_are_reached_in_plaintext():
    mesh = here(external(), egress())
    assert mesh.outside.ways == (Way("10.0.0.9", 10002),)
    assert not mesh.destinations.called(KIND, "api").ports[0].tls
    nameless = evolve(IDENTITY, spec=evolve(IDENTITY.spec, spiffe_id=evolve(IDENTITY.spec.spiffe_id, path="/{{ x")))
    assert here(nameless, egress()).outside.ways == mesh.outside.ways


def test_without_an_egress_nothing_outside_is_reached():
    mesh = here(external(), IDENTITY)
    assert mesh.endpoints("kri_extsvc_m___api_443") == ()
    assert mesh.changed([egress()]).changed(deletes=[egress().key]).outside.ways == ()


def test_on_kubernetes_an_egress_is_called_by_its_service_account():
    labels = {"kuma.io/env": "kubernetes", "k8s.kuma.io/namespace": "system", "k8s.kuma.io/service-account": "zp"}
    mesh = here(evolve(egress(), labels=egress().labels | labels), IDENTITY)
    assert mesh.outside.ways[0].spiffe_id == "spiffe://m.mesh.local/ns/system/sa/zp"


def test_only_secrets_that_a_service_names_are_in_a_mesh():
    service = secured(caCert=named("ca"))
    mesh = here(service)
    assert list(mesh.outside.exits) == []
    assert mesh.changed([secret("signing-key")]) is mesh
    reached = mesh.changed([secret("ca"), secret("signing-key")])
    assert (list(reached.of("Secret")), list(reached.outside.exits)) == (["ca"], ["api"])
    assert reached.changed([external("more")]).outside.exits["api"] is reached.outside.exits["api"]
    assert not reached.changed(deletes=[service.key]).of("Secret")
    assert not reached.changed(deletes=[Key("Secret", "m", "ca")]).outside.exits


def test_a_secret_that_changes_changes_the_exit():
    mesh = here(secured(caCert=named("ca")), secret("ca"))
    renewed = mesh.changed([secret("ca", b"new")])
    assert renewed.outside.exits["api"].talk.ca == b"new"
    assert renewed.destinations is mesh.destinations


def test_who_lacks_a_secret_is_told_of():
    services = {"api": secured(caCert=named("ca"), clientCert=named("c"), clientKey=named("k")), "web": external("web")}
    assert list(secrets_of(services["api"])) == ["ca", "c", "k"]
    assert dict(unreachable(services, {})) == {services["api"].key: 'there is nothing in Secret "ca"'}
    empty = {"ca": secret("ca", b""), "c": secret("c"), "k": secret("k")}
    assert dict(unreachable(services, empty))
    assert not dict(unreachable(services, empty | {"ca": secret("ca")}))


def test_an_egress_sees_no_service_without_endpoints():
    mesh = here(external(endpoints=[]))
    assert not mesh.outside.exits
    assert mesh.destinations.called(KIND, "api") is not None


def test_tls_is_spoken_where_it_is_enabled():
    assert exit_of(external(), {}).talk is None
    assert exit_of(external(tls={"enabled": False, "verification": {"caCert": named("ca")}}), {}).talk is None
    plain = talk(external(tls={"enabled": True, "allowRenegotiation": True, "version": {"min": "TLS12"}}))
    assert (plain.server_name, plain.names, plain.ca, plain.or_system) == ("api.example.com", (), None, True)
    assert (plain.renegotiates, plain.version) == (True, TlsVersion("TLS12", "TLSAuto"))
    assert talk(external(endpoints=[{"address": "192.0.2.1", "port": 1}], tls={"enabled": True})).server_name == ""


EVERYTHING = {
    "serverName": "said.example.com",
    "subjectAltNames": [{"type": "Prefix", "value": "spiffe://"}],
    "caCert": inline("ca"),
    "clientCert": inline("certificate"),
    "clientKey": inline("key"),
}


@pytest.mark.parametrize(
    ("mode", "seen"),
    [
        ("Secured", ("said.example.com", True, b"ca", True, b"certificate")),
        ("SkipSAN", ("api.example.com", False, b"ca", True, b"certificate")),
        ("SkipCA", ("said.example.com", True, None, False, b"certificate")),
        ("SkipAll", ("api.example.com", False, None, False, None)),
    ],
)
def test_what_each_mode_verifies(mode: str, seen: tuple[Any, ...]):
    made = talk(secured(mode, **EVERYTHING))
    assert (made.server_name, made.names is not None, made.ca, made.or_system, made.certificate) == seen
    assert (made.key is None) == (made.certificate is None)
    assert "b'key'" not in repr(made)


def test_secrets_that_a_mode_needs_not_may_be_missing():
    assert talk(secured("SkipCA", caCert=named("ca"))).ca is None
    with pytest.raises(NoMaterial):
        talk(secured("SkipSAN", caCert=named("ca")))


NAMES = st.sampled_from(["a", "b"])
PIECES = st.one_of(
    st.builds(lambda name, port: external(name, match={"port": port}), NAMES, st.sampled_from([80, 443])),
    st.builds(
        lambda name, ca: evolve(secured(caCert=named(ca)), key=Key(KIND, "m", name)), NAMES, st.sampled_from(["s", "t"])
    ),
    st.builds(secret, st.sampled_from(["s", "t"]), st.sampled_from([b"1", b"2"])),
    st.builds(
        lambda name, zone, state: egress(name, zone, state=state),
        NAMES,
        st.sampled_from(["here", "there"]),
        st.sampled_from(["Ready", "NotReady"]),
    ),
    st.just(IDENTITY),
)


def known(mesh: Mesh) -> object:
    secrets = {name: one.spec for name, one in mesh.of("Secret").items()}
    outside = mesh.outside.ways, list(mesh.outside.exits.items())
    return secrets, outside, dict(mesh.destinations.by_name), dict(mesh.places.by_name)


@given(st.lists(st.lists(st.tuples(st.booleans(), PIECES), max_size=4), max_size=6))
@settings(max_examples=150, deadline=None)
def test_what_is_outside_after_any_changes_is_what_is_left(batches):
    mesh, stored = here(), {}
    for batch in batches:
        puts = {one.key: one for put, one in batch if put}
        deletes = {one.key for put, one in batch if not put} - puts.keys()
        stored = {key: one for key, one in {**stored, **puts}.items() if key not in deletes}
        named_now = [
            stored[key]
            for one in puts.values()
            if one.kind == KIND
            for name in secrets_of(one)
            if (key := Key("Secret", "m", name)) in stored
        ]  # as who follows the store supplies them
        mesh = mesh.changed([*puts.values(), *named_now], deletes)
    assert known(mesh) == known(here(*stored.values()))
