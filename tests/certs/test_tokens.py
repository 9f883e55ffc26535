"""Tokens: who gets in, and what the others are told."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from attrs import evolve
from frozendict import frozendict
from hypothesis import given
from hypothesis import strategies as st

from certs import tokens
from certs.keys import key_pem, new_key
from certs.tokens import DataplaneClaims, Refused, SigningKey, Trusted, UserClaims, ZoneClaims
from kuma.model import Key, Resource

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PEM, FOREIGN_PEM = tokens.new_signing_key(), tokens.new_signing_key()
KEY, FOREIGN = tokens.signing_key("1", PEM), tokens.signing_key("1", FOREIGN_PEM)
TRUSTED = Trusted(frozendict({"1": tokens.public_key(PEM)}))
CLAIMS = DataplaneClaims(name="backend-1", mesh="default", tags={"team": ("a", "b")}, workload="backend")

text = st.text(st.characters(exclude_categories=["Cs"]))
dataplane_claims = st.builds(
    DataplaneClaims, text, text, st.dictionaries(text, st.tuples(text)), st.sampled_from(["", "dataplane"]), text
)
claims = st.one_of(
    dataplane_claims, st.builds(UserClaims, text, st.tuples(text, text)), st.builds(ZoneClaims, text, st.tuples(text))
)


@given(claims)
def test_what_is_issued_is_what_is_verified(said):
    token = tokens.issue(said, KEY, NOW, HOUR)
    assert tokens.verify(type(said), token, TRUSTED, NOW) == said


def test_a_token_looks_as_others_expect():
    token = tokens.issue(DataplaneClaims(workload="backend"), KEY, NOW, HOUR)
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": "1", "typ": "JWT"}
    payload = jwt.decode(token, options={"verify_signature": False})
    jti = payload.pop("jti")
    assert len(jti) == 36
    began = int(NOW.timestamp()) - 5
    times = {"iat": began, "nbf": began, "exp": int(NOW.timestamp()) + 3600}
    assert payload == {"Name": "", "Mesh": "", "Tags": {}, "Type": "", "Workload": "backend"} | times
    user = jwt.decode(tokens.issue(UserClaims("jane"), KEY, NOW, HOUR), options={"verify_signature": False})
    assert user["Groups"] is None


def signed(payload, headers=None, key=KEY, algorithm="RS256"):
    return jwt.encode(payload, key and key.key, algorithm=algorithm, headers={"kid": "1"} | (headers or {}))


SECONDS = int(NOW.timestamp())
REFUSED = {
    "foreign key": (tokens.issue(CLAIMS, FOREIGN, NOW, HOUR), "Signature verification failed"),
    "unknown kid": (tokens.issue(CLAIMS, evolve(KEY, kid="7"), NOW, HOUR), "there is no signing key with KID 7"),
    "no kid": (jwt.encode({}, KEY.key, algorithm="RS256"), "must have kid header"),
    "kid that is no text": (signed({}, {"kid": ""}), "must have kid header"),
    "expired": (tokens.issue(CLAIMS, KEY, NOW - 2 * HOUR, HOUR), "expired"),
    "not yet": (tokens.issue(CLAIMS, KEY, NOW + HOUR, HOUR), "not valid yet"),
    "issued later": (signed({"iat": SECONDS + 60}), "before issued"),
    "no algorithm": (signed({}, key=None, algorithm="none"), "unsupported token alg none. Allowed algorithm is RS256"),
    "public key as HMAC secret": (
        jwt.encode({}, "a" * 64, algorithm="HS256", headers={"kid": "1"}),
        "unsupported token alg HS256",
    ),
    "other RSA": (signed({}, algorithm="PS256"), "unsupported token alg PS256"),
    "times that are no numbers": (signed({"exp": "tomorrow"}), "exp must be a number"),
    "name that is no text": (signed({"Name": 5}), "Name must be a string"),
    "tags that are no object": (signed({"Tags": ["a"]}), "Tags must be an object"),
    "values that are no list": (signed({"Tags": {"a": "b"}}), "list of strings"),
    "of another type": (signed({"Type": "zoneIngress"}), "not for dataplanes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    token, why = REFUSED[case]
    with pytest.raises(Refused, match=why):
        tokens.verify(DataplaneClaims, token, TRUSTED, NOW)


def test_a_revoked_token_is_refused():
    token = tokens.issue(CLAIMS, KEY, NOW, HOUR)
    jti = jwt.decode(token, options={"verify_signature": False})["jti"]
    revoked = tokens.revoked_ids(f"other,{jti}\n".encode())
    with pytest.raises(Refused, match="revoked"):
        tokens.verify(DataplaneClaims, token, evolve(TRUSTED, revoked=revoked), NOW)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")) | st.from_regex(r"\A[\w-]+\.[\w-]+\.[\w-]*\Z"))
def test_garbage_is_refused_and_nothing_else_happens(garbage):
    with pytest.raises(Refused):
        tokens.verify(DataplaneClaims, garbage, TRUSTED, NOW)


GOOD = tokens.issue(CLAIMS, KEY, NOW, HOUR)


@given(st.integers(0, len(GOOD) - 1), st.characters(codec="ascii"))
def test_a_token_with_one_character_changed_is_refused(position, character):
    changed = GOOD[:position] + character + GOOD[position + 1 :]
    try:
        found = tokens.verify(DataplaneClaims, changed, TRUSTED, NOW)
    except Refused:
        return
    assert found == CLAIMS  # the last character of base64 has bits that mean nothing


DATAPLANE = Resource(
    Key("Dataplane", "default", "backend-1"), None, frozendict({"team": "a", "kuma.io/workload": "backend"})
)
CHECKS = {
    "name": (DataplaneClaims(name="web-1"), "proxy name from requestor: backend-1 is different than in token: web-1"),
    "mesh": (DataplaneClaims(mesh="other"), "proxy mesh from requestor: default is different than in token: other"),
    "tag": (DataplaneClaims(tags={"x": ("y",)}), 'dataplane has no tag "x" required by the token'),
    "value": (
        DataplaneClaims(tags={"team": ("b", "c")}),
        r'contains tag "team" with value "a" which is not allowed with this token. Allowed values in token are \[b c\]',
    ),
    "workload": (DataplaneClaims(workload="web"), 'dataplane workload "backend" is not allowed with this token'),
}


@pytest.mark.parametrize("case", CHECKS)
def test_a_token_of_somebody_else_is_refused(case):
    said, why = CHECKS[case]
    with pytest.raises(Refused, match=why):
        said.check(DATAPLANE, identity_from_workload=False)


def test_a_token_is_good_for_what_it_says():
    CLAIMS.check(DATAPLANE, identity_from_workload=True)
    DataplaneClaims().check(DATAPLANE, identity_from_workload=False)


def test_an_identity_that_comes_from_the_workload_needs_a_token_that_names_it():
    with pytest.raises(Refused, match="requires a workload-bound token"):
        DataplaneClaims(name="backend-1").check(DATAPLANE, identity_from_workload=True)
    with pytest.raises(Refused, match="has no workload label"):
        CLAIMS.check(evolve(DATAPLANE, labels=frozendict({"team": "a"})), identity_from_workload=False)


def test_public_keys_are_read_in_every_form():
    assert tokens.public_key(tokens.public_pem(PEM)) == TRUSTED.keys["1"]
    assert tokens.public_pem(PEM).startswith(b"-----BEGIN RSA PUBLIC KEY-----")
    with pytest.raises(Refused, match="must be RSA"):
        tokens.public_key(key_pem(new_key()))
    with pytest.raises(Refused, match="not a key in PEM"):
        tokens.signing_key("1", b"nonsense")


def test_serial_numbers_of_secrets():
    ring = tokens.proxies("default")
    names = ["", "-1", "-0002", "-x", "-1-2", "x-1", "--1"]
    assert [ring.serial(ring.prefix + name) for name in names] == [0, 1, 2, None, None, None, None]
    assert ring.secret(3) == Key("Secret", "default", "dataplane-token-signing-key-default-3")
    assert tokens.USERS.secret(0) == Key("GlobalSecret", "", "user-token-signing-key")


def test_nothing_secret_is_shown():
    assert "RSAPrivateKey" not in repr(KEY)
    assert repr(SigningKey("1", KEY.key)) == "SigningKey(kid='1')"
