"""The servers' own certificate: shown over real sockets, replaced on disk, kept where the new one is broken."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address

import grpc
import pytest
from attrs import evolve
from cryptography import x509
from twisted.internet import reactor
from twisted.internet.endpoints import SSL4ServerEndpoint
from twisted.internet.protocol import Factory, Protocol

from certs.admin import KeyPair
from certs.ca import self_signed
from certs.keys import key_pem, new_rsa_key
from certs.server import ServerCertificate, TlsContext, TlsWords, new_context, new_server_pair
from certs.shown import grpc_credentials
from kuma.cli import tls
from kuma.clock import SystemClock
from kuma.loop import future
from kuma.settings import Machine, Settings, completed

NOW = datetime.now(UTC)


def put(folder, pair: KeyPair):
    files = folder / "server.crt", folder / "server.key"
    for file, content in zip(files, (pair.certificate, pair.key), strict=True):
        beside = file.with_suffix(".new")
        beside.write_bytes(content)
        beside.replace(file)
    return files


async def shown(port: int, context: ssl.SSLContext | None = None) -> bytes:
    """The certificate that a server on this port shows to a client that believes anyone."""
    if context is None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()
    return found


def der(pair: KeyPair) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pair.certificate.decode())


async def listening(context):
    endpoint = SSL4ServerEndpoint(reactor, 0, context, interface="127.0.0.1")
    return await future(endpoint.listen(Factory.forProtocol(Protocol)))


async def test_clients_can_take_it_as_their_authority(tmp_path):
    pair = new_server_pair(("localhost", "127.0.0.1", "10.1.2.3"), NOW)
    port = await listening(TlsContext(ServerCertificate(*put(tmp_path, pair)), TlsWords()))
    believing = ssl.create_default_context(cadata=pair.certificate.decode())
    assert await shown(port.getHost().port, believing) == der(pair)
    await future(port.stopListening())


async def test_a_replaced_certificate_is_shown_to_the_next_client(tmp_path):
    one, two = new_server_pair(("localhost",), NOW), new_server_pair(("localhost",), NOW)
    certificate = ServerCertificate(*put(tmp_path, one))
    port = await listening(TlsContext(certificate, TlsWords()))
    assert await shown(port.getHost().port) == der(one)
    put(tmp_path, two)
    assert await shown(port.getHost().port) == der(two)
    await future(port.stopListening())


async def test_grpc_shows_a_replaced_certificate_too(tmp_path):
    one, two = new_server_pair(("localhost",), NOW), new_server_pair(("localhost",), NOW)
    certificate = ServerCertificate(*put(tmp_path, one))
    server = grpc.aio.server()
    port = server.add_secure_port("127.0.0.1:0", grpc_credentials(certificate))
    await server.start()
    assert await shown(port) == der(one)
    put(tmp_path, two)
    assert await shown(port) == der(two)
    await server.stop(None)


def test_a_broken_pair_leaves_the_one_before(tmp_path):
    good, other = new_server_pair(("localhost",), NOW), new_server_pair(("localhost",), NOW)
    certificate = ServerCertificate(*put(tmp_path, good))
    put(tmp_path, evolve(other, key=good.key))
    assert certificate.current() == good
    put(tmp_path, KeyPair(b"nonsense", b""))
    assert certificate.current() == good
    (tmp_path / "server.crt").unlink()
    assert certificate.current() == good
    put(tmp_path, other)
    assert certificate.current() == other


async def test_a_server_can_ask_clients_for_certificates(tmp_path):
    pair, stranger = new_server_pair(("localhost",), NOW), new_server_pair(("localhost",), NOW)
    words = TlsWords("TLSv1_2", "TLSv1_2", client_ca=stranger.certificate)
    port = await listening(TlsContext(ServerCertificate(*put(tmp_path, pair)), words))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await shown(port.getHost().port)
    await future(port.stopListening())


async def test_old_versions_are_refused(tmp_path):
    port = await listening(
        TlsContext(
            ServerCertificate(*put(tmp_path, new_server_pair(("localhost",), NOW))),
            TlsWords("TLSv1_3", "", ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",)),
        )
    )
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        await shown(port.getHost().port, old)
    assert await shown(port.getHost().port)
    await future(port.stopListening())


def test_every_family_of_keys_can_serve():
    authority = self_signed("test", NOW, (), new_rsa_key())
    assert new_context(KeyPair(authority.pem, key_pem(authority.key)), TlsWords())


def first_start(folder) -> Settings:
    settings = completed(Settings(), Machine(folder))
    tls.ensure_certificate(settings, SystemClock())
    return settings


def test_the_first_start_makes_a_certificate_and_the_second_keeps_it(tmp_path):
    settings = first_start(tmp_path)
    files = [tmp_path / ".kuma" / name for name in ("kuma-cp.crt", "kuma-cp.key")]
    assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600", "0o600"]
    assert oct(files[0].parent.stat().st_mode & 0o777) == "0o700"
    before = [file.read_bytes() for file in files]
    first_start(tmp_path)
    assert [file.read_bytes() for file in files] == before
    assert settings.dp_server.tls_cert_file == settings.multizone.global_.kds.tls_cert_file == str(files[0])


def test_the_certificate_has_every_name_of_the_machine(tmp_path):
    first_start(tmp_path)
    certificate = x509.load_pem_x509_certificate((tmp_path / ".kuma" / "kuma-cp.crt").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", socket.gethostname()} <= {*names.get_values_for_type(x509.DNSName)}
    assert {ip_address("127.0.0.1"), ip_address("::1")} <= {*names.get_values_for_type(x509.IPAddress)}
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_certificate_of_the_users_own_is_left_alone(tmp_path):
    settings = Settings()
    settings = evolve(settings, general=evolve(settings.general, tls_cert_file="/a.crt", tls_key_file="/a.key"))
    settings = completed(settings, Machine(tmp_path))
    tls.ensure_certificate(settings, SystemClock())
    assert not (tmp_path / ".kuma").exists()
    assert settings.api_server.https.tls_cert_file == "/a.crt"
