"""What depends on who somebody is: permissions, faults, limits and TLS, of a mesh that turns to TLS under load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kuma.cli.demo.world import MESH
from tests.e2e.load import Anew, KeepAlive, Load
from tests.e2e.traffic import (
    EVERYBODY,
    HOST,
    ZONE,
    Client,
    Instance,
    Zone,
    lone_zone,
    said,
    service,
    settled,
    shows,
    to,
    wait_for,
    workload,
)

DOMAIN = f"{MESH}.{ZONE}.mesh.local"
CLIENTS = ("ann", "bob", "eve")
SERVER = "kri_msvc_default_lone__server_http"


def spiffe_id(name: str) -> str:
    return f"spiffe://{DOMAIN}/workload/{name}"


def exact(name: str) -> dict[str, Any]:
    return {"spiffeID": {"type": "Exact", "value": spiffe_id(name)}}


def prefix(name: str = "") -> dict[str, Any]:
    return {"spiffeID": {"type": "Prefix", "value": spiffe_id(name).rstrip("/")}}


def authority() -> dict[str, Any]:
    """An operator's own authority, with an RSA key, so that keys of identities are RSA, too."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, DOMAIN)])
    day, now = timedelta(days=1), datetime.now(UTC)
    usage = x509.KeyUsage(*(which in (5, 6) for which in range(9)))  # signs certificates, and lists of revoked ones
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"spiffe://{DOMAIN}")]), False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    parts = {"certificate": certificate.public_bytes(Encoding.PEM), "privateKey": private}
    return {name: {"type": "InsecureInline", "insecureInline": {"value": pem.decode()}} for name, pem in parts.items()}


@frozen
class Village:
    """Two servers, and clients who are known by name."""

    zone: Zone
    server: Instance
    second: Instance
    ann: Client
    bob: Client
    eve: Client
    authority: dict[str, Any]

    @property
    def clients(self) -> tuple[Client, ...]:
        return self.ann, self.bob, self.eve

    def identify(self, selector: dict[str, Any]) -> None:
        bundled = {"meshTrustCreation": "Enabled", "insecureAllowSelfSigned": True, "ca": self.authority}
        spec = {"selector": selector, "provider": {"type": "Bundled", "bundled": bundled}}
        self.zone.api.put({"type": "MeshIdentity", "mesh": MESH, "name": "identity", "spec": spec})

    def identity_ready(self) -> bool:
        conditions = (
            self.zone.api.get(f"/meshes/{MESH}/meshidentities/identity").get("status", {}).get("conditions", ())
        )
        return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)

    def put(self, kind: str, name: str, **spec: Any) -> None:
        self.zone.api.put({"type": kind, "mesh": MESH, "name": name, "spec": spec})

    def permission(self, name: str = "tested", target: dict[str, Any] = EVERYBODY, **default: Any):
        """A MeshTrafficPermission for a while."""
        return self.zone.policy("MeshTrafficPermission", name, targetRef=target, rules=[{"default": default}])

    def taken_in_plain(self, instance: Instance) -> bool:
        """Whether an outsider is answered."""
        return said(instance.address, instance.ports["http"]).startswith(b"HTTP/1.1 200")


@pytest.fixture(scope="module")
def village() -> Iterator[Village]:
    with lone_zone() as zone:
        server = zone.serve("server", "127.0.0.2", {"http": "http", "raw": "tcp"})
        second = zone.serve("second", "127.0.0.3", {"http": "http"})
        refs = {
            "server": zone.backend("server"),
            "raw": zone.backend("server", "raw"),
            "second": zone.backend("second"),
        }
        clients = [zone.client(name, refs) for name in CLIENTS]
        zone.ready()
        made = Village(zone, server, second, *clients, authority())
        for client in clients:
            wait_for(f"{client.name} reaches all", lambda client=client: reaches_all(client))
        made.put("MeshTrafficPermission", "everybody", rules=[{"default": {"allow": [prefix()]}}])
        yield made


def reaches_all(client: Client) -> bool:
    return all(client.status(name) == 200 for name in client.outbounds)


def permissive(village: Village, name: str = "tested", **target: Any):
    return village.zone.policy("MeshTLS", name, rules=[{"default": {"mode": "Permissive"}}], **target)


@pytest.mark.scenario("U-meshservice-02", "U-meshservice-03")
def test_a_mesh_turns_to_tls_without_losing_a_request(village):
    http, raw = (village.ann.outbounds[name] for name in ("server", "raw"))
    # a connection that only passes through can't be told to end, and ends with its listener
    load = Load([KeepAlive(HOST, http), Anew(HOST, http), Anew(HOST, raw)])
    handshakes = f"cluster.{SERVER}.ssl.handshake"
    assert village.ann.stat(handshakes) == 0
    with load.running():
        village.put("MeshTLS", "both", rules=[{"default": {"mode": "Permissive"}}])
        village.identify({})
        wait_for("the identity is ready", village.identity_ready)
        village.identify({"dataplane": {"matchLabels": {}}})
        wait_for("TLS is spoken", lambda: village.ann.stat(handshakes) > 0)
        for client in village.clients:
            wait_for(f"{client.name} speaks TLS", lambda client=client: spoken(client))
        assert village.taken_in_plain(village.server)
        load.holds(1)
        village.zone.api.delete("MeshTLS", "both", MESH)
        load.holds(5)
    assert not village.taken_in_plain(village.server)
    assert not load.failures


def spoken(client: Client) -> bool:
    """Whether requests to both servers go over TLS."""
    names = [f"cluster.kri_msvc_default_lone__{name}.ssl.handshake" for name in ("server_http", "second_http")]
    return reaches_all(client) and all(client.stat(name) > 0 for name in names)


# Permissions.


@pytest.mark.scenario("U-permission-01", "U-permission-02")
def test_nobody_is_let_in_without_a_permission(village):
    village.zone.api.delete("MeshTrafficPermission", "everybody", MESH)
    try:
        wait_for("ann is not let in", lambda: village.ann.status() == 403 and village.ann.said("raw") == b"")
        with village.permission(target=workload("server"), allow=[exact("ann")]):
            wait_for("ann is let in", lambda: village.ann.status() == 200 and village.ann.status("raw") == 200)
            assert village.bob.status() == 403
            assert village.bob.said("raw") == b""
            assert village.ann.status("second") == 403
    finally:
        village.put("MeshTrafficPermission", "everybody", rules=[{"default": {"allow": [prefix()]}}])
    wait_for("all are let in again", lambda: all(map(reaches_all, village.clients)))


@pytest.mark.scenario("K-permission-02")
@pytest.mark.parametrize("denied", [exact("ann"), prefix("an")])
def test_a_denial_beats_whatever_allows(village, denied):
    with (
        village.permission("allowing", workload("server"), allow=[exact("ann")]),
        village.permission("denying", workload("server"), deny=[denied]),
    ):
        wait_for("ann is denied", lambda: village.ann.status() == 403 and village.ann.said("raw") == b"")
        assert village.bob.status() == 200
        assert village.ann.status("second") == 200
    wait_for("ann is let in", lambda: reaches_all(village.ann))


def test_a_denial_of_the_whole_mesh_beats_what_a_server_allows(village):
    with (
        village.permission("allowing", workload("server"), allow=[exact("ann")]),
        village.permission("denying", deny=[exact("ann")]),
    ):
        wait_for("ann is denied everywhere", lambda: village.ann.status() == village.ann.status("second") == 403)
        assert reaches_all(village.bob)
    wait_for("ann is let in", lambda: reaches_all(village.ann))


def test_who_is_denied_in_the_shadow_is_let_in_and_counted(village):
    counted = r"rbac\.shadow_denied$"

    def denied() -> int:
        return sum(village.server.proxy.admin.stats(counted).values())

    assert denied() == 0
    with village.permission(target=workload("server"), allowWithShadowDeny=[exact("ann")]):
        wait_for("ann is counted", lambda: village.ann.status() == 200 and denied() > 0)
    wait_for("nobody is counted", lambda: not _grows(denied, village.ann))


def _grows(count: Any, client: Client) -> bool:
    before = count()
    assert client.status() == 200
    return count() > before


def test_a_name_that_is_asked_for_can_be_denied(village):
    sni = {"sni": {"type": "Exact", "value": "sni.msvc.default.lone.server.http"}}
    with village.permission(target=workload("server"), deny=[exact("ann") | sni]):
        wait_for("ann is denied that name", lambda: village.ann.status() == 403)
        assert village.ann.status("raw") == 200
        assert village.bob.status() == 200
    wait_for("ann is let in", lambda: village.ann.status() == 200)


def test_a_permission_may_be_of_one_inbound(village):
    raw = workload("server") | {"sectionName": "raw"}
    with village.permission(target=raw, deny=[prefix()]):
        wait_for("nobody is let in there", lambda: village.ann.said("raw") == b"")
        assert village.ann.status() == 200
    wait_for("ann is let in", lambda: reaches_all(village.ann))


# Faults.


def faults(village: Village, of: str, *rules: Any):
    return village.zone.policy("MeshFaultInjection", targetRef=workload(of), rules=rules)


def fault(*matches: Any, **default: Any) -> dict[str, Any]:
    return ({"matches": matches} if matches else {}) | {"default": {"http": [default]}}


@pytest.mark.scenario("U-faults-01", "U-faults-02", "U-faults-03")
def test_faults_are_for_those_they_name(village):
    abort = fault(exact("ann"), abort={"httpStatus": 402, "percentage": 100})
    delay = fault(exact("bob"), delay={"value": "2s", "percentage": 100})
    patience = to(service("server"), http={"requestTimeout": "500ms"})
    with village.zone.policy("MeshTimeout", to=[patience]), faults(village, "server", abort, delay):
        wait_for("ann's requests are aborted", lambda: village.ann.status() == 402)
        wait_for("bob's come too late", lambda: village.bob.status() == 504)
        assert village.eve.statuses(5) == {200: 5}
        assert village.ann.statuses(5) == {402: 5}
        assert village.ann.status("second") == 200
    wait_for("no faults", lambda: all(client.status() == 200 for client in village.clients))


@pytest.mark.scenario("U-faults-04")
@pytest.mark.parametrize("percentage", [100, "100"])
def test_a_fault_without_matches_is_for_all(village, percentage):
    abort = fault(abort={"httpStatus": 421, "percentage": percentage})
    with faults(village, "second", abort):
        for client in village.clients:
            wait_for(f"{client.name}'s fail", lambda client=client: client.status("second") == 421)
        assert village.ann.status() == 200
    wait_for("no faults", lambda: all(map(reaches_all, village.clients)))


def test_faults_may_be_for_all_of_a_kind_and_for_a_share_of_requests(village):
    abort = fault(prefix("e"), abort={"httpStatus": 503, "percentage": "50.5"})
    with faults(village, "server", abort):
        wait_for("some of eve's fail", lambda: village.eve.status() == 503)
        seen = village.eve.statuses(200)
        assert set(seen) == {200, 503}
        assert 65 < seen[503] < 137
        assert village.ann.statuses() == {200: 10}


# Rate limits.


def limits(village: Village, of: str, *rules: Any):
    return village.zone.policy("MeshRateLimit", targetRef=workload(of), rules=rules)


def limit(*matches: Any, **local: Any) -> dict[str, Any]:
    return ({"matches": matches} if matches else {}) | {"default": {"local": local}}


@pytest.mark.scenario("U-ratelimit-01")
def test_too_many_requests_are_told_so_whoever_sends_them(village):
    told = {"status": 429, "headers": {"add": [{"name": "x-kuma-rate-limited", "value": "true"}]}}
    one = {"requestRate": {"num": 1, "interval": "10s"}, "onRateLimit": told}
    with limits(village, "server", limit(http=one)):
        for client in (village.ann, village.bob):
            wait_for(f"{client.name} is told", lambda client=client: client.status() == 429)
            assert client.ask().headers["x-kuma-rate-limited"] == "true"
        assert village.ann.statuses(5, "second") == {200: 5}
    wait_for("nobody is told", lambda: village.ann.statuses(5) == {200: 5})


def test_a_rate_limit_lets_the_next_second_through(village):
    some = {"requestRate": {"num": 5, "interval": "1s"}}
    with limits(village, "server", limit(http=some)):
        wait_for("most are too many", lambda: village.ann.statuses(20)[429] >= 10)
        wait_for("the next second lets requests through", lambda: village.ann.status() == 200)
        wait_for("and the next again", lambda: village.ann.statuses(20)[429] >= 10 and village.ann.status() == 429)
        wait_for("and again", lambda: village.ann.status() == 200)
    wait_for("none is too many", lambda: village.ann.statuses(20) == {200: 20})


def test_each_client_has_a_limit_of_its_own(village):
    few = {"requestRate": {"num": 1, "interval": "60s"}, "onRateLimit": {"status": 423}}
    many = {"requestRate": {"num": 1_000, "interval": "1s"}}
    with limits(village, "server", limit(exact("ann"), http=few), limit(http=many)):
        wait_for("ann is limited", lambda: village.ann.status() == 423)
        assert village.ann.statuses(5) == {423: 5}
        assert village.bob.statuses() == {200: 10}
        assert village.eve.statuses() == {200: 10}
    wait_for("nobody is limited", lambda: village.ann.statuses(5) == {200: 5})


@pytest.mark.scenario("U-ratelimit-02")
def test_too_many_connections_are_shut(village):
    counted = "local_rate_limit.tcp_rate_limit.rate_limited"
    assert village.server.stat(counted) == 0
    one = {"connectionRate": {"num": 1, "interval": "10s"}}
    with limits(village, "server", limit(tcp=one)):
        shows(village.server.proxy, "tcp_rate_limit")
        wait_for("a connection is shut", lambda: 503 in [client.status() for client in village.clients])
        wait_for("one is counted", lambda: village.server.stat(counted) > 0)
    for client in village.clients:
        wait_for(f"{client.name} is let in", lambda client=client: client.status() == 200)


# TLS.


@pytest.mark.scenario("U-meshtls-01", "U-mtls-mode-02")
def test_one_server_may_take_plain_text(village):
    assert not village.taken_in_plain(village.server)
    assert not village.taken_in_plain(village.second)
    with permissive(village, targetRef=workload("second")):
        wait_for("an outsider is answered", lambda: village.taken_in_plain(village.second))
        assert not village.taken_in_plain(village.server)
        assert all(map(reaches_all, village.clients))
    wait_for("no outsider is answered", lambda: not village.taken_in_plain(village.second))
    settled("all others are", lambda: all(map(reaches_all, village.clients)), times=3)


@pytest.mark.scenario("U-meshtls-02", "U-mtls-mode-01")
def test_one_server_may_be_strict_among_others(village):
    strict = [{"default": {"mode": "Strict"}}]
    with permissive(village):
        for instance in (village.server, village.second):
            wait_for("outsiders are answered", lambda instance=instance: village.taken_in_plain(instance))
        assert reaches_all(village.ann)
        with village.zone.policy("MeshTLS", "strict", targetRef=workload("second"), rules=strict):
            wait_for("no outsider is answered", lambda: not village.taken_in_plain(village.second))
            assert village.taken_in_plain(village.server)
            assert reaches_all(village.ann)


@pytest.mark.scenario("U-permission-04")
def test_permissions_do_not_guard_plain_text(village):
    with permissive(village), village.permission(target=workload("server"), deny=[prefix("ann")]):
        wait_for("ann is denied in the mesh", lambda: village.ann.status() == 403 and village.ann.said("raw") == b"")
        wait_for("plain text is answered", lambda: village.taken_in_plain(village.server))
        assert said(village.server.address, village.server.ports["raw"]).startswith(b"HTTP/1.1 200")
    wait_for("ann is let in", lambda: reaches_all(village.ann))


def versions(village: Village) -> dict[str, int]:
    """The TLS versions that the server's inbound has spoken, and the ciphers."""
    # not those of its admin listener, which the control plane asks
    found = village.server.proxy.admin.stats(r"^listener\.self_inbound_dp_http\.ssl\.(versions|ciphers)\.")
    return {re.split(r"versions\.|ciphers\.", name)[1]: value for name, value in found.items()}


@pytest.mark.scenario("U-meshtls-03", "U-meshtls-04", "U-meshtls-05", "U-meshtls-06")
def test_versions_and_ciphers_are_as_wished_and_a_policy_made_anew_is_seen(village):
    cipher = "ECDHE-RSA-AES256-GCM-SHA384"
    spoken = versions(village)
    assert spoken["TLSv1.2"] > 0
    assert not {"TLSv1.3", cipher} & spoken.keys()
    newest = [{"default": {"tlsVersion": {"min": "TLS13", "max": "TLS13"}}}]
    with village.zone.policy("MeshTLS", rules=newest):
        wait_for("the new version", lambda: reaches_all(village.ann) and versions(village).get("TLSv1.3", 0) > 0)
        settled("all is answered", lambda: reaches_all(village.ann))
    older = [{"default": {"tlsVersion": {"min": "TLS12", "max": "TLS12"}, "tlsCiphers": [cipher]}}]
    with village.zone.policy("MeshTLS", rules=older):
        wait_for("the cipher", lambda: reaches_all(village.ann) and versions(village).get(cipher, 0) > 0)
        settled("all is answered", lambda: reaches_all(village.ann))


@pytest.mark.scenario("U-healthcheck-03")
def test_health_checks_go_over_tls(village):
    raw = "kri_msvc_default_lone__server_raw"
    checks = {"interval": "200ms", "timeout": "1s", "noTrafficInterval": "200ms", "unhealthyThreshold": 1}
    tcp = {"send": "GET / HTTP/1.1\r\nhost: checked\r\n\r\n", "receive": ["something else"]}
    never = {"healthyPanicThreshold": 0, "detectors": {"totalFailures": {"consecutive": 1_000}}}
    with (
        permissive(village),
        village.zone.policy("MeshCircuitBreaker", to=[to(EVERYBODY, outlierDetection=never)]),
        village.zone.policy(
            "MeshHealthCheck", to=[to(service("server", "raw"), **checks, reuseConnection=False, tcp=tcp)]
        ),
    ):
        wait_for("it is checked", lambda: village.ann.stat(f"cluster.{raw}.health_check.failure") > 0)
        assert village.ann.stat(f"cluster.{raw}.ssl.handshake") > 0
        wait_for("nobody is asked", lambda: village.ann.said("raw") == b"")
        assert {village.ann.said("raw") for _ in range(5)} == {b""}
    wait_for("the server is asked", lambda: village.ann.status("raw") == 200)
