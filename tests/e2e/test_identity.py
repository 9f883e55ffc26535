"""Identities change under steady requests, and keys stay where they belong: one zone on its own, two meshes."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from attrs import define, frozen
from cryptography import x509

from kuma.cli.demo.http import Admin, Answer, ask
from kuma.cli.demo.parts import Proxy, Service
from kuma.cli.demo.world import World
from kuma.kinds import KINDS
from tests.e2e.conftest import HOST, free_ports, wait_for, world
from tests.e2e.load import Anew, KeepAlive, Load, Request

ZONE = "lone"
ROTATING, STEADY = "rotating", "steady"  # meshes: certificates of 20 seconds, and of a day
LIFETIMES = {ROTATING: "20s", STEADY: "24h"}

IDENTITY = """
type: MeshIdentity
mesh: {mesh}
name: {name}
spec:
  selector: {selector}
  provider:
    type: Bundled
    bundled:
      meshTrustCreation: Enabled
      insecureAllowSelfSigned: true
      certificateParameters: {{ expiry: {expiry} }}
      autogenerate: {{ enabled: true }}
"""
NOBODY, EVERYBODY = "{}", "{ dataplane: { matchLabels: {} } }"

PERMISSION = """
type: MeshTrafficPermission
mesh: {mesh}
name: the-client
spec:
  rules:
  - default:
      allow:
      - spiffeID: {{ type: Exact, value: "{client}" }}
"""

SERVER = """
type: Dataplane
mesh: {{ mesh }}
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  inbound:
  - { name: http, port: {{ http }}, servicePort: {{ servicePort }}, serviceAddress: {{ address }}, protocol: http }
  - { name: raw, port: {{ raw }}, servicePort: {{ servicePort }}, serviceAddress: {{ address }}, protocol: tcp }
"""

CLIENT = """
type: Dataplane
mesh: {{ mesh }}
name: {{ name }}
labels: { kuma.io/workload: {{ workload }} }
networking:
  address: {{ address }}
  outbound:
  - { port: {{ toHttp }}, backendRef: { kind: MeshService, name: {{ server }}, port: {{ http }} } }
  - { port: {{ toRaw }}, backendRef: { kind: MeshService, name: {{ server }}, port: {{ raw }} } }
"""


@frozen
class Pair:
    """A client that calls a server, and its steady requests.

    On the server's TCP port every request is a new connection between the sidecars: each shows its certificate.
    """

    mesh: str
    client: Proxy
    server: Proxy
    load: Load

    def serials(self) -> frozenset[str]:
        """The serial numbers of the certificates that the client's Envoy has for its identity."""
        found = self.client.admin.get("/certs").json["certificates"]
        ours = {"uri": spiffe_id(self.mesh, "client")}
        return frozenset(
            chain["serial_number"]
            for certificate in found
            for chain in certificate.get("cert_chain", ())
            if ours in chain["subject_alt_names"]
        )


@define(eq=False)
class Zone:
    """The zone's world and the pairs in it."""

    world: World
    pairs: dict[str, Pair]
    token: str = ""

    def get(self, path: str) -> Any:
        return self.world.planes[ZONE].api.get(path)

    def apply(self, text: str) -> None:
        self.world.planes[ZONE].api.apply(text)


def spiffe_id(mesh: str, workload: str) -> str:
    return f"spiffe://{mesh}.{ZONE}.mesh.local/workload/{workload}-{mesh}"


@pytest.fixture(scope="module")
def zone() -> Iterator[Zone]:
    with world(zones=(ZONE,), federated=False) as made, ExitStack() as loads:
        made.start_postgres()
        made.migrate()
        made.start_control_planes()
        zone = Zone(made, {})
        for mesh, lifetime in LIFETIMES.items():
            zone.apply(f"{{type: Mesh, name: {mesh}}}")
            zone.apply(IDENTITY.format(mesh=mesh, name="m-first", selector=EVERYBODY, expiry=lifetime))
            zone.apply(PERMISSION.format(mesh=mesh, client=spiffe_id(mesh, "client")))
            zone.pairs[mesh] = started(made, mesh)
        for pair in zone.pairs.values():
            allowed(pair)
            loads.enter_context(pair.load.running())
        yield zone


def started(made: World, mesh: str) -> Pair:
    sidecars = made.sidecars(ZONE)
    service = Service.start(made.processes, f"server-{mesh}")
    http, raw, to_http, to_raw = map(str, free_ports(4))
    shared = {"mesh": mesh, "address": HOST, "http": http, "raw": raw}
    server = _named("server", mesh) | shared | {"servicePort": str(service.port)}
    client = _named("client", mesh) | shared | {"server": server["name"], "toHttp": to_http, "toRaw": to_raw}
    proxies = sidecars.start(mesh, CLIENT, client), sidecars.start(mesh, SERVER, server)
    made.proxies |= {proxy.name: proxy for proxy in proxies}
    load = Load([KeepAlive(HOST, int(to_http)), Anew(HOST, int(to_raw)), Anew(HOST, int(to_http))])
    return Pair(mesh, *proxies, load)


def _named(workload: str, mesh: str) -> dict[str, str]:
    return {"name": f"{workload}-{mesh}", "workload": f"{workload}-{mesh}"}


def allowed(pair: Pair) -> None:
    """Wait until every kind of request gets its answer."""
    pair.client.wait()
    pair.server.wait()
    for request in pair.load.requests:
        wait_for(f"{request} in {pair.mesh}", partial(_succeeds, request))


def _succeeds(request: Request) -> bool:
    return not request()


@pytest.fixture
def steady(zone: Zone) -> Pair:
    return zone.pairs[STEADY]


def times(count: int, check: Callable[[], bool]) -> Callable[[], bool]:
    """The check held so many times in a row."""
    return lambda: all(check() for _ in range(count))


def ready(zone: Zone, name: str) -> Callable[[], bool]:
    def said() -> bool:
        conditions = zone.get(f"/meshes/{STEADY}/meshidentities/{name}").get("status", {}).get("conditions", ())
        return bool(conditions) and conditions[-1]["message"] == "Successfully initialized"

    return said


def authority(zone: Zone, name: str) -> x509.Certificate:
    """The certificate of an identity's authority, as published."""
    trust = zone.get(f"/meshes/{STEADY}/meshtrusts/{name}")
    assert trust["spec"]["trustDomain"] == f"{STEADY}.{ZONE}.mesh.local"
    (bundle,) = trust["spec"]["caBundles"]
    return x509.load_pem_x509_certificate(bundle["pem"]["value"].encode())


def secrets(admin: Admin) -> dict[str, Any]:
    """What Envoy was given by SDS, without the keys, which it does not show."""
    return {one["name"]: one["secret"] for one in admin.configured("dynamic_active_secrets")}


def believed(admin: Admin) -> set[x509.Certificate]:
    """The authorities that an Envoy accepts."""
    context = secrets(admin)["system_trust_bundle"]["validation_context"]
    domains = context["custom_validator_config"]["typed_config"]["trust_domains"]
    bundles = [base64.b64decode(domain["trust_bundle"]["inline_bytes"]) for domain in domains]
    return {certificate for bundle in bundles for certificate in x509.load_pem_x509_certificates(bundle)}


def believes(admin: Admin, authorities: set[x509.Certificate]) -> bool:
    return believed(admin) == authorities


def issued_by(admin: Admin, identity: str, by: x509.Certificate) -> bool:
    """Whether an Envoy has a certificate of this identity and authority."""
    secret = secrets(admin).get(f"kri_mid_{STEADY}_{ZONE}__{identity}_")
    if secret is None:
        return False
    chain = base64.b64decode(secret["tls_certificate"]["certificate_chain"]["inline_bytes"])
    x509.load_pem_x509_certificate(chain).verify_directly_issued_by(by)
    return True


@pytest.mark.scenario("U-identity-01")
def test_a_second_authority_is_believed_before_it_issues(zone: Zone, steady: Pair) -> None:
    before = steady.serials()
    zone.apply(IDENTITY.format(mesh=STEADY, name="a-second", selector=NOBODY, expiry="24h"))
    wait_for("the second identity is ready", times(5, ready(zone, "a-second")))
    both = {authority(zone, "m-first"), authority(zone, "a-second")}
    for proxy in (steady.client, steady.server):
        wait_for(f"{proxy.name} believes both", partial(believes, proxy.admin, both))
    assert steady.serials() == before
    assert not steady.load.failures


@pytest.mark.scenario("U-identity-02")
def test_proxies_change_to_the_second_authority(zone: Zone, steady: Pair) -> None:
    zone.apply(IDENTITY.format(mesh=STEADY, name="a-second", selector=EVERYBODY, expiry="24h"))
    wait_for("the second identity is ready", times(5, ready(zone, "a-second")))
    second = authority(zone, "a-second")
    for proxy in (steady.client, steady.server):
        wait_for(f"{proxy.name} has a new certificate", partial(issued_by, proxy.admin, "a-second", second))
    steady.load.holds(1)


@pytest.mark.scenario("U-identity-03")
def test_the_first_authority_goes_without_an_error(zone: Zone, steady: Pair) -> None:
    zone.world.planes[ZONE].api.delete("MeshIdentity", "m-first", STEADY)
    steady.load.holds(5)
    assert zone.get(f"/meshes/{STEADY}/meshidentities/m-first") is None


def test_keys_are_in_no_log_and_no_answer(zone: Zone) -> None:
    keys = [
        base64.b64decode(secret["data"])
        for mesh in LIFETIMES
        for secret in zone.get(f"/meshes/{mesh}/secrets")["items"]
        if secret["name"].endswith("private-key")
    ]
    assert len(keys) == 2, "an authority in each mesh; that of the deleted identity has gone with it"
    assert key_material(str(zone.get(f"/meshes/{STEADY}/secrets")).encode(), keys), "nothing would be found"
    logs = list((zone.world.folder / "logs").iterdir())
    assert len(logs) >= 7
    for log in logs:
        assert not key_material(log.read_bytes(), keys), log.name
    for path in answers(zone):
        answer = as_anybody(zone, path)
        assert not key_material(answer.body, keys), path
    for pair in zone.pairs.values():
        for proxy in (pair.client, pair.server):
            config = zone.get(f"/meshes/{pair.mesh}/dataplanes/{proxy.name}/_config")
            assert "envoy.config.cluster.v3.Cluster" in str(config)
            assert not key_material(str(config).encode(), keys), proxy.name


def test_secrets_are_for_administrators(zone: Zone) -> None:
    secret = zone.get(f"/meshes/{STEADY}/secrets")["items"][0]["name"]
    for path in (f"/meshes/{STEADY}/secrets", f"/meshes/{STEADY}/secrets/{secret}", "/secrets", "/global-secrets"):
        assert as_anybody(zone, path).status == 403, path


def answers(zone: Zone) -> Iterator[str]:
    """Every list there is, and what is told of each proxy."""
    for kind in KINDS.values():
        yield f"/{kind.path}"
        yield from (f"/meshes/{mesh}/{kind.path}" for mesh in LIFETIMES)
    yield from ("/", "/config", "/policies", f"/meshes/{STEADY}/dataplanes+insights")
    for pair in zone.pairs.values():
        yield f"/meshes/{pair.mesh}/dataplanes/{pair.client.name}/_config"


def as_anybody(zone: Zone, path: str) -> Answer:
    """An answer to a user who is no administrator; without the second header, whoever calls from here is one."""
    api = zone.world.planes[ZONE].api
    if not zone.token:
        claims = {"name": "anybody", "groups": ["team"], "validFor": "1h"}
        zone.token = api.post("/tokens/user", claims).body.decode()
    return ask(api.url + path, headers={"authorization": f"Bearer {zone.token}", "x-forwarded-for": "192.0.2.1"})


PEM = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def key_material(text: bytes, keys: list[bytes]) -> bool:
    """Whether there is a private key in a text: any in PEM, as it is or in base64; or one of these, in part."""
    hints = [line for key in keys for line in key.splitlines() if len(line) > 40]
    hints += [encoded for key in keys for encoded in in_base64(key[30:60])]
    hints += [b"BEGIN PRIVATE KEY", *in_base64(b"BEGIN PRIVATE KEY"), *in_base64(b"BEGIN EC PRIVATE KEY")]
    hints += in_base64(b"BEGIN RSA PRIVATE KEY")
    return PEM.search(text) is not None or any(hint in text for hint in hints)


def in_base64(part: bytes) -> list[bytes]:
    """How a part of something looks in the base64 of the whole, at each of the three ways it may be aligned."""
    return [base64.b64encode(b"x" * shift + part)[4 if shift else 0 : -4] for shift in range(3)]


@pytest.mark.timeout(150)
def test_certificates_of_twenty_seconds_change_three_times_without_a_failed_request(
    zone: Zone, record_property: Any
) -> None:
    pair = zone.pairs[ROTATING]
    seen = [pair.serials()]
    for rotation in range(1, 4):
        seen.append(wait_for(f"rotation {rotation}", lambda: fresh(pair, seen), 25))
    pair.load.holds(1)
    assert all(len(serials) == 1 for serials in seen), seen
    handshakes = sum(pair.server.admin.stats(r"inbound.*ssl\.handshake$").values())
    record_property("load", f"{pair.load.done} requests, {handshakes} handshakes, {len(pair.load.failures)} failed")
    assert handshakes > pair.load.done / 4, "too few new connections to say anything"


def fresh(pair: Pair, seen: list[frozenset[str]]) -> frozenset[str] | None:
    assert not pair.load.failures, pair.load.failures
    serials = pair.serials()
    return serials if serials and serials.isdisjoint(frozenset().union(*seen)) else None
