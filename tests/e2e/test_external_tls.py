"""What an egress and services outside the mesh must show each other: certificates, versions and names."""

from __future__ import annotations

import base64
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from certs.admin import client_pair, load_ca, new_ca, server_pair
from certs.ca import CertificateAuthority
from kuma.cli.demo.parts import Proxy, Service
from kuma.cli.demo.world import MESH, World, example
from kuma.ports import free_ports
from tests.e2e import tls_echo
from tests.e2e.traffic import HOST, Client, Zone, lone_zone, settled, stat, wait_for

KIND = "MeshExternalService"
AUTHORITY, STRANGER = load_ca(new_ca()), load_ca(new_ca())  # the egress's machine believes the first
CLIENTS = load_ca(new_ca())
ROOTS = "KUMA_DATAPLANE_RUNTIME_DYNAMIC_SYSTEM_CA_PATH"
HTTP, RAW = {"port": 80, "protocol": "http"}, {"port": 90, "protocol": "tcp"}
ELSEWHERE = "elsewhere.example.com"
MEMBERS = "spiffe://default.lone.mesh.local/workload"
SECRETS = {"authority": AUTHORITY.pem, "certificate": client_pair(CLIENTS).certificate, "key": client_pair(CLIENTS).key}


@frozen
class Border:
    """A client inside, the egress, and the ports of the servers outside."""

    zone: Zone
    client: Client
    egress: Proxy
    ports: dict[str, int]

    def speaks(self, server: str, **tls: Any) -> None:
        """Write how TLS is spoken to a server."""
        write(self.zone, server, self.ports[server], tls={"enabled": True, **tls})

    def verifies(self, server: str, mode: str, **more: Any) -> None:
        """Write how a server's certificate is verified."""
        self.speaks(server, verification={"mode": mode, **more})

    def counted(self, server: str, what: str, port: int = 80) -> int:
        """One of the egress's numbers for a service."""
        return stat(self.egress, f"cluster.kri_extsvc_{MESH}_lone__{server}_{port}.{what}")

    def believed(self, server: str) -> None:
        """Wait until requests are answered, again and again."""
        settled(f"{server} is believed", lambda: self.client.who(server) == server)

    def refused(self, server: str, why: str) -> None:
        """Wait until none is, and it is for this reason."""
        before = self.counted(server, why)
        wait_for(f"{server} is not believed", lambda: self._fails(server) and self.counted(server, why) > before)
        assert self.client.statuses(5, server) == {503: 5}

    def _fails(self, server: str) -> bool:
        return self.client.status(server) == 503


def named(secret: str) -> dict[str, Any]:
    return {"type": "Secret", "secretRef": {"kind": "Secret", "name": secret}}


def write(zone: Zone, name: str, port: int, **spec: Any) -> None:
    """Write the service that is at a port."""
    whole = {"match": HTTP, "endpoints": [{"address": HOST, "port": port}], **spec}
    zone.api.put({"type": KIND, "mesh": MESH, "name": name, "spec": whole})


def start(world: World, name: str, shown: tuple[CertificateAuthority, str], *authorities: Path) -> int:
    """A TLS server that shows a certificate of an authority for a host."""
    authority, host = shown
    pair = server_pair(authority, [host])
    files = Path(world.folder) / f"{name}.crt", Path(world.folder) / f"{name}.key"
    for file, content in zip(files, (pair.certificate, pair.key), strict=True):
        file.write_bytes(content)
    (port,) = free_ports(1)
    command = [sys.executable, tls_echo.__file__, name, HOST, str(port), *map(str, (*files, *authorities))]
    world.processes.start(f"service-{name}", command, {})
    wait_for(f"{name} listens", lambda: socket.create_connection((HOST, port)).close() is None)
    return port


def servers(world: World, clients: Path) -> dict[str, int]:
    """The ports of all that is outside."""
    return {
        "secure": start(world, "secure", (AUTHORITY, HOST)),
        "strange": start(world, "strange", (STRANGER, HOST)),
        "elsewhere": start(world, "elsewhere", (AUTHORITY, ELSEWHERE)),
        "newest": start(world, "newest", (AUTHORITY, ELSEWHERE), clients),
        "plain": Service.start(world.processes, "plain").port,
        "other": Service.start(world.processes, "other").port,
    }


@pytest.fixture(scope="module")
def border() -> Iterator[Border]:
    with lone_zone() as zone:
        folder = Path(zone.world.folder)
        roots, clients = folder / "roots.pem", folder / "clients.pem"
        roots.write_bytes(AUTHORITY.pem)
        clients.write_bytes(CLIENTS.pem)
        zone.api.apply(example("identity.yaml"))
        for name, content in SECRETS.items():
            data = base64.b64encode(content).decode()
            zone.api.put({"type": "Secret", "mesh": MESH, "name": name, "data": data})
        rules = [{"default": {"allow": [{"spiffeID": {"type": "Prefix", "value": MEMBERS}}]}}]
        zone.api.put({"type": "MeshTrafficPermission", "mesh": MESH, "name": "members", "spec": {"rules": rules}})
        egress, ports = zone.egress("egress", **{ROOTS: str(roots)}), servers(zone.world, clients)
        for name, port in ports.items():
            write(zone, name, port, **({"match": RAW} if name == "plain" else {}))
        client = zone.client("client", {name: {"kind": KIND, "name": name} for name in ports})
        zone.ready()
        wait_for("the first answer", lambda: client.status("other") == 200)
        yield Border(zone, client, egress, ports)


def test_without_a_word_those_are_believed_whom_the_machine_believes(border):
    border.speaks("strange")
    border.refused("strange", "ssl.fail_verify_error")
    border.speaks("secure")
    border.believed("secure")


@pytest.mark.scenario("K-mes-03")
def test_connections_leave_through_the_egress(border):
    wait_for("it is reached", lambda: border.client.said("plain").startswith(b"HTTP/1.1 200"))
    before = border.counted("plain", "upstream_cx_total", 90)
    assert border.client.said("plain").startswith(b"HTTP/1.1 200")
    assert border.counted("plain", "upstream_cx_total", 90) > before


@pytest.mark.scenario("K-mes-04")
@pytest.mark.parametrize("mode", ["SkipCA", "SkipAll"])
def test_a_certificate_that_nobody_vouches_for_will_do_where_that_is_said(border, mode):
    border.verifies("strange", "Secured", caCert=named("authority"))
    border.refused("strange", "ssl.fail_verify_error")
    border.verifies("strange", mode, caCert=named("authority"))
    border.believed("strange")


def test_a_certificate_for_another_name_will_do_where_that_is_said(border):
    border.speaks("elsewhere")
    border.refused("elsewhere", "ssl.fail_verify_san")
    border.verifies("elsewhere", "Secured", serverName=ELSEWHERE)
    border.believed("elsewhere")
    border.verifies("elsewhere", "Secured")
    border.refused("elsewhere", "ssl.fail_verify_san")
    border.verifies("elsewhere", "SkipSAN", caCert=named("authority"))
    border.believed("elsewhere")


@pytest.mark.scenario("K-mes-05")
def test_versions_are_kept_and_certificates_are_shown(border):
    shown = {"clientCert": named("certificate"), "clientKey": named("key")}
    verification = {"mode": "SkipSAN", "caCert": named("authority")}
    border.speaks("newest", version={"min": "TLS12", "max": "TLS12"}, verification={**verification, **shown})
    border.refused("newest", "ssl.connection_error")
    newest = {"min": "TLS13", "max": "TLS13"}
    border.speaks("newest", version=newest, verification={**verification, **shown})
    border.believed("newest")
    border.speaks("newest", version=newest, verification=verification)
    settled("nobody is let in without a certificate", lambda: border.client.status("newest") == 503)


@pytest.mark.scenario("K-mes-06")
def test_a_route_leads_to_another_service_outside_that_is_named_by_its_zone(border):
    border.speaks("secure")
    border.believed("secure")
    assert border.client.who("other") == "other"

    def led(zone: str) -> Any:
        labels = {"kuma.io/display-name": "secure", "kuma.io/zone": zone}
        rule = {
            "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
            "default": {"backendRefs": [{"kind": KIND, "labels": labels, "port": 80}]},
        }
        of = {"kind": KIND, "labels": {"kuma.io/display-name": "other"}}
        return border.zone.policy("MeshHTTPRoute", to=[{"targetRef": of, "rules": [rule]}])

    with led("lone"):
        settled("the other answers", lambda: border.client.who("other") == "secure")
    settled("it answers itself", lambda: border.client.who("other") == "other")
    with led("nowhere"):
        settled("nobody answers", lambda: border.client.status("other") >= 500)
