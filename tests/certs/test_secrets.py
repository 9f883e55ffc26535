"""Signing keys in a store's secrets: found, rotated, revoked, and remembered while the store is away."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from certs import tokens
from certs.secrets import NoSigningKey, SigningKeys, StaticKey
from certs.tokens import DataplaneClaims, Refused
from kuma.model import Resource
from kuma.resources.secret import Secret
from kuma.store.api import NotFound, Unavailable

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RING = tokens.proxies("default")
ONE, TWO = tokens.new_signing_key(), tokens.new_signing_key()
CLAIMS, HOUR = DataplaneClaims(name="backend-1"), timedelta(hours=1)


class Time:
    """A clock that stands still until it is told to go on."""

    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return NOW + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds


class Secrets:
    """Just enough of a store."""

    def __init__(self):
        self.held = {}
        self.away = False
        self.asked = 0

    def put(self, key, data):
        self.held[key] = Resource(key, Secret(data))

    async def get(self, key):
        if self.away:
            raise Unavailable("stopped")
        if key not in self.held:
            raise NotFound(key)
        return self.held[key]

    async def list(self, kind, mesh=None):
        self.asked += 1
        if self.away:
            raise Unavailable("stopped")
        return [held for key, held in sorted(self.held.items()) if (key.kind, key.mesh) == (kind, mesh)]


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def secrets():
    found = Secrets()
    found.put(RING.secret(1), ONE)
    return found


@pytest.fixture
def keys(secrets, time):
    return SigningKeys(secrets, time)


async def test_the_key_of_the_highest_serial_signs_and_older_tokens_stay_good(keys, secrets, time):
    old = await keys.issue(RING, CLAIMS, HOUR)
    secrets.put(RING.secret(2), TWO)
    time.seconds = 2
    new = await keys.issue(RING, CLAIMS, HOUR)
    assert [tokens.key_id(token) for token in (old, new)] == ["1", "2"]
    for token in (old, new):
        assert await keys.verify(RING, DataplaneClaims, token) == CLAIMS


async def test_a_token_of_a_key_that_is_gone_is_refused(keys, secrets, time):
    token = await keys.issue(RING, CLAIMS, HOUR)
    del secrets.held[RING.secret(1)]
    time.seconds = 2
    with pytest.raises(Refused, match=r"KID 1. Secret of name .* in mesh .default. is not found"):
        await keys.verify(RING, DataplaneClaims, token)
    with pytest.raises(NoSigningKey):
        await keys.issue(RING, CLAIMS, HOUR)


async def test_a_key_that_has_just_come_is_found_at_once(keys, secrets):
    await keys.issue(RING, CLAIMS, HOUR)
    secrets.put(RING.secret(2), TWO)
    token = tokens.issue(CLAIMS, tokens.signing_key("2", TWO), NOW, HOUR)
    assert await keys.verify(RING, DataplaneClaims, token) == CLAIMS


@pytest.mark.parametrize("where", RING.revocations)
async def test_a_token_can_be_revoked_in_the_mesh_and_globally(where, keys, secrets, time):
    token = await keys.issue(RING, CLAIMS, HOUR)
    jti = jwt.decode(token, options={"verify_signature": False})["jti"]
    secrets.put(where, f"{jti}\n".encode())
    time.seconds = 2
    with pytest.raises(Refused, match="revoked"):
        await keys.verify(RING, DataplaneClaims, token)


async def test_while_the_store_is_away_what_was_known_holds(keys, secrets, time):
    token = await keys.issue(RING, CLAIMS, HOUR)
    secrets.away = True
    time.seconds = 60
    assert await keys.verify(RING, DataplaneClaims, token) == CLAIMS
    with pytest.raises(Unavailable):
        await keys.verify(tokens.USERS, tokens.UserClaims, token)


async def test_many_tokens_in_one_second_cost_one_look_into_the_store(keys, secrets):
    token = await keys.issue(RING, CLAIMS, HOUR)
    for _ in range(20):
        await keys.verify(RING, DataplaneClaims, token)
    assert secrets.asked == 1


async def test_an_unreadable_key_does_not_lock_out_the_others(keys, secrets):
    secrets.put(RING.secret(5), b"nonsense")
    token = tokens.issue(CLAIMS, tokens.signing_key("1", ONE), NOW, HOUR)
    assert await keys.verify(RING, DataplaneClaims, token) == CLAIMS


async def test_a_static_key_comes_first_and_may_be_the_only_one(secrets, time):
    static = StaticKey("1", tokens.public_key(TWO), mesh="default")
    keys = SigningKeys(secrets, time, (static,), use_secrets=False)
    offline = tokens.issue(CLAIMS, tokens.signing_key("1", TWO), NOW, HOUR)
    assert await keys.verify(RING, DataplaneClaims, offline) == CLAIMS
    with pytest.raises(Refused, match="Signature"):
        await keys.verify(RING, DataplaneClaims, tokens.issue(CLAIMS, tokens.signing_key("1", ONE), NOW, HOUR))
    other = tokens.proxies("other")
    with pytest.raises(Refused, match="no signing key"):
        await keys.verify(other, DataplaneClaims, offline)
