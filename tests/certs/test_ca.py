"""Authorities and the identities they issue, as OpenSSL sees them."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import crypto

from certs import ca, keys
from certs.identity import issue
from tests.certificates import intermediate

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID = "spiffe://default.east.mesh.local/workload/backend"
FAMILIES = {
    "rsa": keys.new_rsa_key,
    "p256": keys.new_key,
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


def verified(leaf: bytes, *authorities: bytes, at: datetime = NOW) -> bool:
    store = crypto.X509Store()
    for pem in authorities:
        store.add_cert(crypto.X509.from_cryptography(x509.load_pem_x509_certificate(pem)))
    store.set_time(at)
    certificate = crypto.X509.from_cryptography(x509.load_pem_x509_certificate(leaf))
    try:
        crypto.X509StoreContext(store, certificate).verify_certificate()
    except crypto.X509StoreContextError:
        return False
    return True


def built(key: keys.PrivateKey, *extensions: x509.ExtensionType, issuer: str = "test") -> ca.CertificateAuthority:
    builder = (
        x509.CertificateBuilder()
        .subject_name(ca.subject("test"))
        .issuer_name(ca.subject(issuer))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return ca.CertificateAuthority(builder.sign(key, keys.signature_hash(key)), key)


IS_CA = x509.BasicConstraints(ca=True, path_length=None)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_leaf_of_any_family_verifies_against_its_authority(family):
    authority = ca.self_signed("td", NOW, (), FAMILIES[family]())
    leaf = issue(authority, ID, timedelta(hours=1), NOW)
    assert verified(leaf.certificate, authority.pem)
    assert type(keys.load_key(leaf.key)) is type(authority.key)


def test_a_leaf_says_one_spiffe_id_and_nothing_else():
    leaf = issue(ca.new_authority("td", NOW), ID, timedelta(hours=1), NOW)
    certificate = x509.load_pem_x509_certificate(leaf.certificate)
    extensions = certificate.extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert list(names.value) == [x509.UniformResourceIdentifier(ID)]
    assert names.critical
    assert list(certificate.subject) == []
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_encipherment, usage.key_agreement) == (True, True, True)
    assert not usage.key_cert_sign
    purposes = set(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert purposes == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    assert certificate.not_valid_before_utc == NOW - timedelta(seconds=10)
    assert certificate.not_valid_after_utc == NOW + timedelta(hours=1) == leaf.expires
    assert leaf.renewal == NOW + timedelta(minutes=48)


def test_two_authorities_of_one_name_are_told_apart():
    one, other = ca.new_authority("td", NOW), ca.new_authority("td", NOW)
    leaf = issue(other, ID, timedelta(hours=1), NOW)
    assert verified(leaf.certificate, one.pem, other.pem)
    assert not verified(leaf.certificate, one.pem)


def test_an_intermediate_authority_brings_the_path_to_its_root():
    root = ca.new_authority("td", NOW)
    middle = intermediate(root, NOW)
    low = intermediate(middle, NOW)
    assert (root.root, root.trusted, root.shown) == (root.pem, root.pem, b"")
    assert (low.root, low.trusted, low.shown) == (root.pem, low.pem + middle.pem + root.pem, low.pem + middle.pem)
    leaf = issue(low, ID, timedelta(hours=1), NOW)
    assert len(x509.load_pem_x509_certificates(leaf.certificate)) == 3
    assert verified(leaf.certificate, low.pem, middle.pem, root.pem)
    assert ca.load_authority(low.trusted, low.key_pem) == low
    assert ca.load_authority(low.pem, low.key_pem).root == b""


def test_a_leaf_ends():
    authority = ca.new_authority("td", NOW)
    leaf = issue(authority, ID, timedelta(seconds=20), NOW)
    assert verified(leaf.certificate, authority.pem, at=NOW + timedelta(seconds=19))
    assert not verified(leaf.certificate, authority.pem, at=NOW + timedelta(seconds=21))


def test_a_generated_authority_names_its_trust_domain():
    authority = ca.new_authority("default.east.mesh.local", NOW)
    names = authority.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.UniformResourceIdentifier("spiffe://default.east.mesh.local")]
    assert authority.certificate.subject.rfc4514_string() == "CN=default.east.mesh.local,OU=Mesh,O=Kuma"
    ca.check_supplied(authority, allow_self_signed=True, now=NOW)


def test_a_long_trust_domain_fits():
    assert ca.new_authority("a" * 253, NOW).certificate.subject.rfc4514_string().startswith("CN=aaa")


def test_pem_goes_out_and_comes_back_and_never_shows():
    authority = ca.new_authority("td", NOW)
    again = ca.load_authority(authority.pem, authority.key_pem)
    assert again == authority
    assert again.key_pem == authority.key_pem
    assert "PRIVATE" not in repr(authority) + repr(issue(authority, ID, timedelta(hours=1), NOW))


@pytest.mark.parametrize(
    ("authority", "allowed", "why"),
    [
        (built(keys.new_key()), True, "basic constraint 'CA'"),
        (built(keys.new_key(), IS_CA), True, "keyCertSign"),
        (built(keys.new_key(), IS_CA, ca.usage("key_cert_sign", "key_agreement")), True, "keyAgreement"),
        (built(keys.new_key(), IS_CA, ca.usage("key_cert_sign")), False, "self-signed certificates are not allowed"),
        (built(keys.new_key(), IS_CA, ca.usage("digital_signature"), issuer="root"), False, "keyCertSign"),
    ],
)
def test_an_authority_that_may_not_sign_is_refused(authority, allowed, why):
    with pytest.raises(ca.BadAuthority, match=why):
        ca.check_supplied(authority, allowed, NOW)


def test_an_intermediate_authority_needs_no_permission():
    ca.check_supplied(built(keys.new_key(), IS_CA, ca.usage("key_cert_sign"), issuer="root"), False, NOW)


def test_an_authority_that_has_ended_is_refused():
    with pytest.raises(ca.BadAuthority, match="expired"):
        ca.check_supplied(ca.new_authority("td", NOW), True, NOW + timedelta(days=4000))


@pytest.mark.parametrize("garbage", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_garbage_is_no_authority(garbage):
    good = ca.new_authority("td", NOW)
    with pytest.raises(ca.BadAuthority, match="certificate"):
        ca.load_authority(garbage, good.key_pem)
    with pytest.raises(ca.BadAuthority, match="private key"):
        ca.load_authority(good.pem, garbage)


def test_a_foreign_key_is_no_authority():
    with pytest.raises(ca.BadAuthority, match="not the certificate's"):
        ca.load_authority(ca.new_authority("td", NOW).pem, keys.key_pem(keys.new_key()))


def test_rsa_keys_are_written_as_others_write_them():
    key = keys.new_rsa_key()
    assert keys.key_pem(key).startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    loaded = keys.load_key(keys.key_pem(key))
    assert isinstance(loaded, rsa.RSAPrivateKey)
