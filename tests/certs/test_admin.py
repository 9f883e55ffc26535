"""The certificates of Envoy's admin port."""

from datetime import UTC, datetime
from ipaddress import ip_address

from cryptography import x509

from certs import admin, keys
from certs.ca import CertificateAuthority, self_signed
from tests.certs.test_ca import verified

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def authority() -> CertificateAuthority:
    return admin.load_ca(admin.new_ca(NOW))


def test_the_secret_holds_certificate_and_key():
    content = admin.new_ca(NOW)
    loaded = admin.load_ca(content)
    assert admin.bundle(loaded) == content
    assert loaded.certificate.subject.rfc4514_string() == "CN=Envoy Admin CA,OU=Mesh,O=Kuma"


def test_an_rsa_authority_of_another_control_plane_serves_too():
    loaded = admin.load_ca(admin.bundle(self_signed("Envoy Admin CA", NOW, (), keys.new_rsa_key())))
    assert verified(admin.server_pair(loaded, ("127.0.0.1",)).certificate, loaded.pem)


def test_a_server_is_named_by_its_hosts_and_the_client_by_ours():
    ca = authority()
    server, client = admin.server_pair(ca, ("10.0.0.1", "localhost")), admin.client_pair(ca)
    assert verified(server.certificate, ca.pem)
    assert verified(client.certificate, ca.pem)
    names = _names(server.certificate)
    assert names == [x509.IPAddress(ip_address("10.0.0.1")), x509.DNSName("localhost")]
    assert _names(client.certificate) == [x509.DNSName("kuma-cp")]


def test_equal_arguments_give_equal_bytes_and_others_do_not():
    content = admin.new_ca(NOW)
    one, again = (admin.server_pair(admin.load_ca(content), ("10.0.0.1",)) for _ in range(2))
    assert one == again
    other = admin.server_pair(admin.load_ca(content), ("10.0.0.2",))
    assert other.key != one.key
    assert other.certificate != one.certificate
    assert admin.server_pair(authority(), ("10.0.0.1",)).key != one.key


def test_a_key_is_not_shown():
    assert "PRIVATE" not in repr(admin.client_pair(authority()))


def _names(pem: bytes) -> list[x509.GeneralName]:
    certificate = x509.load_pem_x509_certificate(pem)
    return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
