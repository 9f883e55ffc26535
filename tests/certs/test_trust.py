"""Trust in authorities, compared as certificates."""

from datetime import UTC, datetime

from certs.ca import new_authority
from certs.trust import fingerprints, holds, new_trust, with_authority
from kuma.resources.meshtrust import CaBundle, MeshTrust, Pem

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B = (new_authority("td", NOW).pem for _ in range(2))


def test_an_authority_is_added_beside_the_older_ones_and_once():
    trust = new_trust("td", A)
    both = with_authority(trust, B)
    assert [bundle.pem.value for bundle in both.ca_bundles] == [A.decode(), B.decode()]
    assert with_authority(both, A) is both


def test_text_does_not_matter():
    spaced = MeshTrust((CaBundle("Pem", Pem("# ours\n" + (A + B).decode().replace("\n", "\r\n") + "\n\n")),), "td")
    assert holds(spaced, A)
    assert holds(spaced, B)
    assert not holds(new_trust("td", A), B)


def test_what_is_no_certificate_vouches_for_nobody():
    assert not holds(MeshTrust((CaBundle("Pem", Pem("nonsense")), CaBundle("Pem")), "td"), A)
    assert fingerprints("") == frozenset()
