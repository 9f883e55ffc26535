"""A mesh in plain text gets an identity: nobody is let in before a permission, and whoever it names after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from attrs import evolve, frozen

from certs.ca import CertificateAuthority, new_authority
from certs.keys import new_rsa_key
from kuma.cli.demo.world import MESH
from tests.certificates import intermediate
from tests.e2e.traffic import ZONE, Client, Instance, Zone, lone_zone, said, settled, shows, wait_for

DOMAIN = f"{MESH}.{ZONE}.mesh.local"
CLIENT, SERVER = (f"spiffe://{DOMAIN}/workload/{name}" for name in ("client", "server"))
NOW = datetime.now(UTC)
NAME = "identity"
BLOCKED, ANSWERED = {403: 10}, {200: 10}


def inline(pem: bytes) -> dict[str, Any]:
    return {"type": "InsecureInline", "insecureInline": {"value": pem.decode()}}


def supplied(authority: CertificateAuthority, **more: Any) -> dict[str, Any]:
    """An authority of the operator's own, with those that vouch for it."""
    return {"ca": {"certificate": inline(authority.trusted), "privateKey": inline(authority.key_pem)}, **more}


ROOT = new_authority(DOMAIN, NOW)
MIDDLE = intermediate(ROOT, NOW)
AUTHORITIES = {
    "generated": {"autogenerate": {"enabled": True}, "insecureAllowSelfSigned": True},
    "root": supplied(ROOT, insecureAllowSelfSigned=True),
    "intermediate": supplied(MIDDLE),
    "intermediate-rsa": supplied(intermediate(MIDDLE, NOW, new_rsa_key())),
    "only-the-root-believed": supplied(MIDDLE, meshTrustCreation="Disabled"),
}
NO_ROOT = supplied(evolve(MIDDLE, chain=()))


@frozen
class Plain:
    """A client and a server that speak in plain text."""

    zone: Zone
    server: Instance
    client: Client

    @contextmanager
    def identity(self, bundled: dict[str, Any]) -> Iterator[None]:
        """An identity for all, for a while."""
        provider = {"type": "Bundled", "bundled": {"meshTrustCreation": "Enabled", **bundled}}
        spec = {"selector": {"dataplane": {"matchLabels": {}}}, "provider": provider}
        if bundled.get("meshTrustCreation") == "Disabled":
            pem = {"type": "Pem", "pem": {"value": ROOT.pem.decode()}}
            self.put("MeshTrust", trustDomain=DOMAIN, caBundles=[pem])
        self.put("MeshIdentity", **spec)
        try:
            yield
        finally:
            for kind in ("MeshIdentity", "MeshTrust"):
                if self.get(kind) is not None:
                    self.zone.api.delete(kind, NAME, MESH)

    def put(self, kind: str, **spec: Any) -> None:
        self.zone.api.put({"type": kind, "mesh": MESH, "name": NAME, "spec": spec})

    def get(self, kind: str) -> Any:
        return self.zone.api.get(self.zone.api.path(kind, NAME, MESH))

    def condition(self, kind: str) -> tuple[str, str]:
        """What the status of the identity says of a condition."""
        found = self.get("MeshIdentity").get("status", {}).get("conditions", ())
        return next(((one["status"], one["reason"]) for one in found if one["type"] == kind), ("", ""))

    def permit(self) -> Any:
        """Let the client in, for a while."""
        rules = [{"default": {"allow": [{"spiffeID": {"type": "Prefix", "value": CLIENT}}]}}]
        return self.zone.policy("MeshTrafficPermission", rules=rules)

    def taken_in_plain(self) -> bool:
        """Whether an outsider is answered."""
        return said(self.server.address, self.server.ports["http"]).startswith(b"HTTP/1.1 200")

    def handshakes(self) -> int:
        return self.client.stat(f"cluster.kri_msvc_{MESH}_{ZONE}__server_http.ssl.handshake")


@pytest.fixture(scope="module")
def plain() -> Iterator[Plain]:
    with lone_zone() as zone:
        server = zone.serve("server", "127.0.0.2", {"http": "http"})
        client = zone.client("client", {"server": zone.backend("server")})
        zone.ready()
        yield Plain(zone, server, client)


@pytest.mark.scenario("U-mtls-ca-01", "U-mtls-ca-02", "U-mtls-ca-03")
@pytest.mark.parametrize("signer", AUTHORITIES)
def test_nobody_is_let_in_before_a_permission_and_everybody_after(plain, signer):
    asked = partial(plain.client.statuses, 10)
    wait_for("plain text is answered", lambda: asked() == ANSWERED)
    assert plain.taken_in_plain()
    before = plain.handshakes()
    with plain.identity(AUTHORITIES[signer]):
        wait_for("nobody is let in", lambda: asked() == BLOCKED)
        shows(plain.client.proxy, SERVER)
        assert not plain.taken_in_plain()
        assert plain.handshakes() > before
        plain.zone.settled()
        with plain.permit():
            wait_for("the client is let in", lambda: asked() == ANSWERED)
            assert not plain.taken_in_plain()
        assert asked() == BLOCKED
    settled("plain text is answered again", plain.taken_in_plain)


def test_an_authority_of_which_no_root_is_known_cuts_nobody_off(plain):
    wait_for("plain text is answered", lambda: plain.client.statuses(10) == ANSWERED)
    with plain.identity(NO_ROOT):
        wait_for("the status says no", lambda: plain.condition("Ready") == ("False", "Failure"))
        assert plain.condition("MeshTrustCreated") == ("False", "MeshTrustCreationError")
        assert plain.client.statuses(10) == ANSWERED
        assert plain.taken_in_plain()
