"""What the leader does for MeshIdentities: authorities, trust, and what it says of it."""

import pytest
from attrs import evolve
from cryptography import x509
from frozendict import frozendict

from certs.ca import BadAuthority, load_authority, new_authority
from kuma.kinds import parse_document
from kuma.model import Key
from kuma.store.api import NotFound, Unavailable
from tests.certificates import intermediate
from tests.hands import BEGAN
from tests.zone_cp.identity_world import EAST, World, identity, secret, supplied
from zone_cp.trust import Trusts

DONE = [
    ("Provider", "True", "ProviderInitialized"),
    ("MeshTrustCreated", "True", "MeshTrustCreated"),
    ("Ready", "True", "Ready"),
]


@pytest.fixture
async def world():
    world = World()
    await world.begin()
    yield world
    await world.end()


def failed(reason):
    return [("Provider", "False", reason), ("Ready", "False", "Failure")]


async def authority_of(world, name="identity"):
    certificate, key = [await world.get("Secret", f"{name}-{part}") for part in ("root-ca", "private-key")]
    return load_authority(certificate.spec.data, key.spec.data)


async def test_an_authority_is_made_and_trusted(world):
    await world.put(identity())
    assert await world.conditions() == DONE
    made = await authority_of(world)
    assert made.certificate.subject.rfc4514_string() == "CN=default.east.mesh.local,OU=Mesh,O=Kuma"
    trust = await world.get("MeshTrust", "identity")
    assert trust.spec.trust_domain == "default.east.mesh.local"
    assert [bundle.pem.value for bundle in trust.spec.ca_bundles] == [made.pem.decode()]
    assert trust.status.origin.kri == "kri_mid_default___identity_"
    assert trust.labels == {
        "kuma.io/display-name": "identity",
        "kuma.io/env": "universal",
        "kuma.io/mesh": "default",
        "kuma.io/origin": "zone",
        "kuma.io/zone": "east",
    }


async def test_another_leader_changes_nothing(world):
    await world.put(identity())
    before = [await world.store.list(kind) for kind in ("MeshIdentity", "MeshTrust", "Secret")]
    world.start(Trusts(world.store, EAST, world.clock))
    await world.clock.advance(20)
    assert [await world.store.list(kind) for kind in ("MeshIdentity", "MeshTrust", "Secret")] == before


async def test_a_copy_of_a_global_identity_is_set_up_in_the_zone(world):
    copy = identity("identity-x4f8")
    labels = frozendict({"kuma.io/origin": "global", "kuma.io/display-name": "identity"})
    await world.put(evolve(copy, labels=labels))
    assert await world.conditions("identity-x4f8") == DONE
    assert (await authority_of(world)).certificate
    trust = await world.get("MeshTrust", "identity-x4f8")
    assert trust.display_name == "identity-x4f8"
    assert trust.status.origin.kri == "kri_mid_default___identity_"
    assert (await world.get("MeshIdentity", "identity-x4f8")).labels == labels


async def test_secrets_go_with_the_identity_and_trust_stays(world):
    await world.put(identity())
    await world.store.delete(Key("MeshIdentity", "default", "identity"))
    with pytest.raises(NotFound):
        await authority_of(world)
    assert await world.get("MeshTrust", "identity")
    await world.put(identity())
    assert len((await world.get("MeshTrust", "identity")).spec.ca_bundles) == 2
    assert await world.conditions() == DONE


async def test_an_authority_of_the_users_own_in_secrets(world):
    authority = new_authority("ours", BEGAN)
    said, *secrets = supplied(authority)
    await world.put(identity(bundled=said))
    assert await world.conditions() == failed("ProviderInitializationError")
    for one in secrets:
        await world.put(one)
    assert await world.conditions() == DONE
    trust = await world.get("MeshTrust", "identity")
    assert trust.spec.ca_bundles[0].pem.value == authority.pem.decode()


async def test_an_intermediate_authority_is_trusted_with_its_root(world):
    authority = intermediate(new_authority("ours", BEGAN), BEGAN)
    said, *secrets = supplied(authority)
    for one in (*secrets, identity(bundled=said | {"insecureAllowSelfSigned": False})):
        await world.put(one)
    assert await world.conditions() == DONE
    trust = await world.get("MeshTrust", "identity")
    assert trust.spec.ca_bundles[0].pem.value == authority.trusted.decode()


@pytest.mark.parametrize(
    ("creation", "conditions"),
    [
        ("Enabled", [DONE[0], ("MeshTrustCreated", "False", "MeshTrustCreationError"), ("Ready", "False", "Failure")]),
        ("Disabled", [DONE[0], DONE[2]]),
    ],
)
async def test_an_intermediate_authority_alone_is_not_published(world, creation, conditions):
    authority = intermediate(new_authority("ours", BEGAN), BEGAN)
    said, *secrets = supplied(evolve(authority, chain=()))
    for one in (*secrets, identity(bundled=said | {"meshTrustCreation": creation})):
        await world.put(one)
    assert await world.conditions() == conditions
    assert await world.store.list("MeshTrust") == []


async def test_a_replaced_authority_is_trusted_beside_the_one_before(world):
    said, *secrets = supplied(new_authority("ours", BEGAN))
    for one in (*secrets, identity(bundled=said)):
        await world.put(one)
    for one in supplied(new_authority("ours", BEGAN))[1:]:
        await world.put(one)
    assert len((await world.get("MeshTrust", "identity")).spec.ca_bundles) == 2
    assert await world.conditions() == DONE


async def test_an_authority_in_files(world, tmp_path):
    authority = new_authority("ours", BEGAN)
    files = {"certificate": authority.pem, "privateKey": authority.key_pem}
    said = {part: {"type": "File", "file": {"path": f"{tmp_path}/{part}"}} for part in files}
    await world.put(identity(bundled={"ca": said, "insecureAllowSelfSigned": True}))
    assert await world.conditions() == failed("ProviderInitializationError")
    for part, content in files.items():
        (tmp_path / part).write_bytes(content)
    await world.clock.advance(6)
    assert await world.conditions() == DONE


async def test_the_store_is_left_alone_while_nothing_happens(world, monkeypatch):
    await world.put(identity(bundled={"autogenerate": {"enabled": True}, "insecureAllowSelfSigned": True}))
    assert await world.conditions() == DONE
    listed, asked = [], world.store.list

    async def noted(kind, *more):
        listed.append(kind)
        return await asked(kind, *more)

    await world.clock.advance(6)
    monkeypatch.setattr(world.store, "list", noted)
    await world.clock.advance(30)
    assert not listed
    await world.clock.advance(60)  # an authority may have come to its end
    assert "MeshIdentity" in listed


async def test_an_authority_in_the_environment_and_inline(world, monkeypatch):
    authority = new_authority("ours", BEGAN)
    monkeypatch.setenv("OUR_CA_KEY", authority.key_pem.decode())
    said = {
        "certificate": {"type": "InsecureInline", "insecureInline": {"value": authority.pem.decode()}},
        "privateKey": {"type": "EnvVar", "envVar": {"name": "OUR_CA_KEY"}},
    }
    await world.put(identity(bundled={"ca": said, "insecureAllowSelfSigned": True}))
    assert await world.conditions() == DONE


@pytest.mark.parametrize(
    ("bundled", "reason", "message"),
    [
        ({"autogenerate": {"enabled": True}}, "ProviderValidationError", "self-signed certificates are not allowed"),
        (
            supplied(new_authority("ours", BEGAN))[0] | {"insecureAllowSelfSigned": False},
            "ProviderInitializationError",
            'secret "our-certificate" in mesh "default" is not found',
        ),
    ],
)
async def test_what_can_not_be_set_up_is_said(world, bundled, reason, message):
    await world.put(identity(bundled=bundled))
    assert await world.conditions() == failed(reason)
    status = (await world.get("MeshIdentity", "identity")).status
    assert status.conditions[0].message == message
    assert await world.store.list("MeshTrust") == []


async def test_a_self_signed_authority_needs_permission(world):
    said, *secrets = supplied(new_authority("ours", BEGAN))
    for one in (*secrets, identity(bundled=said | {"insecureAllowSelfSigned": False})):
        await world.put(one)
    assert await world.conditions() == failed("ProviderValidationError")


async def test_garbage_in_a_secret_is_said_and_not_quoted(world):
    authority = new_authority("ours", BEGAN)
    said, certificate, _ = supplied(authority)
    await world.put(certificate)
    await world.put(secret("our-privateKey", b"-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----"))
    await world.put(identity(bundled=said))
    assert await world.conditions() == failed("ProviderInitializationError")
    assert "hunter2" not in str((await world.get("MeshIdentity", "identity")).status)


async def test_half_an_authority_is_not_mended(world):
    await world.put(secret("identity-root-ca", new_authority("ours", BEGAN).pem))
    await world.put(identity())
    assert await world.conditions() == failed("ProviderInitializationError")
    with pytest.raises(NotFound):
        await authority_of(world)


async def test_trust_is_not_published_where_that_is_disabled(world):
    said = {"autogenerate": {"enabled": True}, "insecureAllowSelfSigned": True, "meshTrustCreation": "Disabled"}
    await world.put(identity(bundled=said))
    assert await world.conditions() == [DONE[0], DONE[2]]
    assert await world.store.list("MeshTrust") == []


@pytest.mark.parametrize(
    ("provider", "conditions"),
    [
        (None, [("SpiffeIDProvider", "True", "SpiffeIDProvided"), ("Ready", "False", "PartiallyReady")]),
        ({"type": "Spire", "spire": {}}, [DONE[0], DONE[2]]),
        ({"type": "Extension", "extension": {"name": "x"}}, failed("ProviderNotFoundError")),
    ],
)
async def test_other_providers(world, provider, conditions):
    spec = {} if provider is None else {"provider": provider}
    await world.put(
        parse_document({"type": "MeshIdentity", "mesh": "default", "name": "identity", "spec": spec}),
    )
    assert await world.conditions() == conditions


async def test_a_trust_domain_that_makes_no_name_is_said(world):
    document = {"type": "MeshIdentity", "mesh": "default", "name": "identity"}
    said = {"autogenerate": {"enabled": True}, "insecureAllowSelfSigned": True}
    spec = {"spiffeID": {"trustDomain": "Upper"}, "provider": {"type": "Bundled", "bundled": said}}
    await world.put(parse_document(document | {"spec": spec}))
    assert await world.conditions() == failed("ProviderInitializationError")


async def test_a_store_that_was_away_is_used_again(world, monkeypatch):
    async def away(*_):
        raise Unavailable("stopped")

    with monkeypatch.context() as patched:
        patched.setattr(world.store, "list", away)
        await world.put(identity())
        assert (await world.get("MeshIdentity", "identity")).status in (None, identity().status)
    await world.clock.advance(6)
    assert await world.conditions() == DONE


async def test_two_identities_of_one_domain_are_both_trusted(world):
    await world.put(identity())
    await world.put(identity("another"))
    mesh = await world.mesh()
    ((domain, bundle),) = mesh.trust.bundles
    assert domain == "default.east.mesh.local"
    assert len(x509.load_pem_x509_certificates(bundle.encode())) == 2


def test_errors_do_not_show_keys():
    authority = new_authority("ours", BEGAN)
    with pytest.raises(BadAuthority) as caught:
        load_authority(authority.pem, new_authority("other", BEGAN).key_pem)
    assert "PRIVATE" not in str(caught.value)
