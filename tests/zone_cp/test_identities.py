"""Identities of proxies: issued, kept, renewed, replaced."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from cryptography import x509

from certs.ca import new_authority, self_signed
from certs.keys import new_rsa_key
from kuma.kinds import parse_document
from kuma.model import Key
from kuma.store.api import Unavailable
from tests.certificates import intermediate
from tests.certs.test_ca import verified
from tests.hands import BEGAN
from tests.zone_cp.identity_world import EAST, World, dataplane, identity, supplied
from zone_cp.identities import Identities, Terms

BACKEND = dataplane()
ID = "spiffe://default.east.mesh.local/workload/backend"


class Zone(World):
    """A world with the service under test, and with proxies that ask again when they are told."""

    async def begin(self):
        await super().begin()
        self.told = []
        self.identities = self.start(Identities(self.store, Terms(EAST), self.clock, self.told.append))
        await self.clock.advance(1)

    async def certificate(self, proxy=BACKEND):
        return await self.identities.certificate(await self.mesh(), proxy)


@pytest.fixture
async def zone():
    zone = Zone()
    await zone.begin()
    yield zone
    await zone.end()


async def authority(zone, name="identity"):
    return (await zone.get("Secret", f"{name}-root-ca")).spec.data


async def test_a_proxy_gets_a_certificate_that_its_peers_believe(zone):
    await zone.put(identity())
    found = await zone.certificate()
    assert (found.secret, found.spiffe_id) == ("kri_mid_default___identity_", ID)
    ((_, bundle),) = (await zone.mesh()).trust.bundles
    assert verified(found.chain, bundle.encode(), at=zone.clock.now())
    names = x509.load_pem_x509_certificate(found.chain).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert list(names.value) == [x509.UniformResourceIdentifier(ID)]
    assert found.expires - found.issued == timedelta(hours=1)
    assert "PRIVATE" not in repr(found)


async def test_it_is_the_same_until_it_is_due(zone):
    await zone.put(identity())
    first = await zone.certificate()
    await zone.clock.advance(3600 * 0.74, step=60)
    assert await zone.certificate() is first
    assert zone.told == []
    await zone.clock.advance(3600 * 0.06, step=60)
    assert zone.told == [BACKEND.key]
    second = await zone.certificate()
    assert second.issued > first.issued
    assert second.key != first.key


async def test_without_an_identity_there_is_none(zone):
    assert await zone.certificate() is None
    await zone.put(identity(match={"team": "a"}))
    assert await zone.certificate() is None
    assert await zone.certificate(dataplane(team="a")) is not None


async def test_proxies_that_came_together_do_not_come_back_together(zone):
    await zone.put(identity())
    proxies = [dataplane(f"backend-{number}") for number in range(50)]
    for proxy in proxies:
        await zone.certificate(proxy)
    moments = set()
    for _ in range(40):
        await zone.clock.advance(90, step=30)
        moments |= {(len(zone.told), zone.clock.seconds)}
        if len(zone.told) == 50:
            break
    assert len({told for told, _ in moments if told}) > 1
    assert zone.clock.seconds <= 3600 * 0.8 + 90


async def test_twenty_seconds_of_lifetime_and_never_one_that_has_ended(zone):
    await zone.put(identity(expiry="20s"))
    seen = [await zone.certificate()]
    for _ in range(4 * 70):
        await zone.clock.advance(0.25)
        if zone.told:
            zone.told.clear()
            seen.append(await zone.certificate())
        assert seen[-1].expires - zone.clock.now() > timedelta(seconds=3)
    assert len({one.chain for one in seen}) == len(seen) >= 4


async def test_while_the_store_is_away_certificates_are_still_issued(zone, monkeypatch):
    await zone.put(identity(expiry="20s"))
    mesh = await zone.mesh()
    first = await zone.identities.certificate(mesh, BACKEND)

    async def away(*_):
        raise Unavailable("stopped")

    monkeypatch.setattr(zone.store, "get", away)
    monkeypatch.setattr(zone.store, "list", away)
    await zone.clock.advance(16)
    second = await zone.identities.certificate(mesh, BACKEND)
    assert second.issued > first.issued
    assert await zone.identities.certificate(mesh, dataplane("backend-2")) is not None


async def test_a_better_identity_takes_over_once_it_is_ready(zone):
    await zone.put(identity("b"))
    before = await zone.certificate()
    await zone.store.create(identity("a"))  # the leader has not looked at it yet
    assert await zone.certificate() is before
    await zone.clock.advance(1)
    after = await _settled(zone)
    assert after.secret == "kri_mid_default___a_"
    assert after.spiffe_id == before.spiffe_id


async def _settled(zone):
    await zone.certificate()
    await zone.clock.advance(3)
    return await zone.certificate()


async def test_an_authority_is_known_to_everybody_before_its_certificates_are_used(zone):
    await zone.put(identity("b"))
    before = await zone.certificate()
    await zone.put(identity("a"))
    assert await zone.certificate() is before, "the peers may not have got the new authority yet"
    await zone.clock.advance(3)
    assert zone.told == [BACKEND.key]
    after = await zone.certificate()
    assert after.secret == "kri_mid_default___a_"
    await zone.store.delete(Key("MeshIdentity", "default", "b"))
    await zone.clock.advance(3)
    assert await zone.certificate() is after
    ((_, bundle),) = (await zone.mesh()).trust.bundles
    pems = x509.load_pem_x509_certificates(bundle.encode())
    assert len(pems) == 2, "trust in the one before stays"


async def test_a_replaced_authority_signs_only_when_it_is_trusted(zone):
    one, two = (new_authority("ours", BEGAN) for _ in range(2))
    said, *secrets = supplied(one)
    for resource in (*secrets, identity(bundled=said)):
        await zone.put(resource)
    old_mesh = await zone.mesh()
    before = await zone.certificate()
    for resource in supplied(two)[1:]:
        await zone.put(resource)
    assert BACKEND.key in zone.told
    assert await zone.identities.certificate(old_mesh, BACKEND) is before
    after = await _settled(zone)
    assert verified(after.chain, two.pem, at=zone.clock.now())


async def test_who_knows_the_root_knows_the_authorities_below_it(zone):
    root = new_authority("ours", BEGAN)
    one, two = (intermediate(root, BEGAN) for _ in range(2))
    said, *secrets = supplied(one)
    for resource in (*secrets, identity(bundled=said | {"meshTrustCreation": "Disabled"})):
        await zone.put(resource)
    await zone.put(_believed(root))
    before = await zone.certificate()
    assert before.chain.endswith(one.pem)
    for resource in supplied(two)[1:]:
        await zone.put(resource)
    after = await _settled(zone)
    assert after.chain.endswith(two.pem)


def _believed(root):
    bundle = {"type": "Pem", "pem": {"value": root.pem.decode()}}
    spec = {"trustDomain": "default.east.mesh.local", "caBundles": [bundle]}
    return parse_document({"type": "MeshTrust", "mesh": "default", "name": "ours", "spec": spec})


async def test_a_broken_authority_leaves_the_certificate_while_it_is_good(zone):
    said, *secrets = supplied(new_authority("ours", BEGAN))
    for resource in (*secrets, identity(bundled=said)):
        await zone.put(resource)
    mesh = await zone.mesh()
    before = await zone.identities.certificate(mesh, BACKEND)
    await zone.store.delete(secrets[1].key)
    await zone.clock.advance(1)
    assert await zone.identities.certificate(mesh, BACKEND) is before
    zone.told.clear()
    await zone.clock.advance(10)
    assert zone.told == [BACKEND.key], "it tries again after a while"
    await zone.clock.advance(3600, step=60)
    assert await zone.identities.certificate(mesh, BACKEND) is None
    await zone.put(secrets[1])
    assert zone.told[-1] == BACKEND.key
    assert await zone.identities.certificate(mesh, BACKEND) is not None


async def test_retries_come_slower_and_slower(zone):
    await zone.put(identity())
    nameless = dataplane("web-1", workload="")
    assert await zone.certificate(nameless) is None
    moments = []
    for _ in range(600):
        await zone.clock.advance(1)
        if zone.told:
            zone.told.clear()
            moments.append(zone.clock.seconds)
            assert await zone.certificate(nameless) is None
    gaps = [late - early for early, late in pairwise(moments)]
    assert 4 <= len(moments) <= 10
    assert gaps[-1] > 4 * gaps[0] > 4


async def test_a_relabelled_proxy_gets_its_new_name(zone):
    await zone.put(identity())
    before = await zone.certificate()
    after = await zone.certificate(dataplane(workload="web"))
    assert (before.spiffe_id, after.spiffe_id) == (ID, ID.replace("backend", "web"))


async def test_another_lifetime_holds_at_once(zone):
    await zone.put(identity())
    await zone.certificate()
    await zone.put(identity(expiry="2h"))
    found = await zone.certificate()
    assert found.expires - found.issued == timedelta(hours=2)


async def test_who_is_gone_is_forgotten(zone):
    await zone.put(identity(expiry="20s"))
    first = await zone.certificate()
    zone.identities.forget(BACKEND.key)
    await zone.clock.advance(60)
    assert zone.told == []
    assert (await zone.certificate()).chain != first.chain


async def test_who_does_not_come_back_is_forgotten_too(zone):
    await zone.put(identity(expiry="20s"))
    await zone.certificate()
    await zone.clock.advance(120)
    assert zone.told == [BACKEND.key, BACKEND.key], "told when it was due, and when it ended"


async def test_an_rsa_authority_does_not_hold_the_loop(zone):
    said, *secrets = supplied(self_signed("ours", BEGAN, (), new_rsa_key()))
    for resource in (*secrets, identity(bundled=said)):
        await zone.put(resource)
    mesh = await zone.mesh()
    issuing = [
        asyncio.ensure_future(zone.identities.certificate(mesh, dataplane(f"backend-{number}"))) for number in range(3)
    ]
    turns = 0
    while not all(one.done() for one in issuing):
        await asyncio.sleep(0.001)
        turns += 1
    assert all(one.result().chain for one in issuing)
    assert turns > 3, "the loop goes round while threads make the keys"
