"""What a control plane makes sure of when it begins to lead."""

import base64
import uuid

import jwt
import pytest
from attrs import evolve

from certs.secrets import SigningKeys, content
from certs.tokens import USERS, UserClaims, new_signing_key
from kuma.admission import Resources
from kuma.bringup import ADMIN, ADMIN_CA, ADMIN_TOKEN, CLUSTER_ID, ClusterId, Defaults
from kuma.defaults import hostname_generators
from kuma.kinds import KINDS, parse_document, validate
from kuma.labels import Where
from kuma.loop import future
from kuma.model import Key, Labels
from kuma.settings import load
from kuma.store.api import NotFound, Unavailable
from kuma.store.memory import MemoryStore
from tests.hands import Hands
from tests.plugin import eventually

KEY = new_signing_key()
FEDERATION = {"KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS": "grpcs://global:5685"}


async def one_key():
    return KEY


class Away(MemoryStore):
    """A store that answers only while it is `here`."""

    here = False

    async def get(self, key):
        if not self.here:
            raise Unavailable("not here")
        return await super().get(key)

    async def some(self, keys):
        if not self.here:
            raise Unavailable("not here")
        return await super().some(keys)

    async def list(self, kind, mesh=None):
        if not self.here:
            raise Unavailable("not here")
        return await super().list(kind, mesh)


async def begun(store=None, **environment):
    """A control plane's resources after its beginning."""
    resources, service = begin(store, **environment)
    await eventually(lambda: service.finished)
    await future(service.stopService())
    return resources


def begin(store=None, clock=None, **environment):
    settings = load(None, {"KUMA_MULTIZONE_ZONE_NAME": "east", **environment})
    where = Where(settings.mode, "east" if settings.mode == "zone" else "", federated=settings.federated)
    clock = clock or Hands()
    resources = Resources(store or MemoryStore(), where, clock, new_key=one_key)
    service = Defaults(resources, settings, clock)
    service.startService()
    return resources, service


async def names(resources):
    found = [one for kind in KINDS for one in await resources.list(kind)]
    return {f"{one.kind}/{one.name}" for one in found}


OF_A_MESH = {
    "Mesh/default",
    "MeshTimeout/mesh-timeout-all-default",
    "MeshTimeout/mesh-timeout-to-all-default",
    "MeshCircuitBreaker/mesh-circuit-breaker-all-default",
    "MeshRetry/mesh-retry-all-default",
    "Secret/dataplane-token-signing-key-default-1",
}
OF_USERS = {"GlobalSecret/user-token-signing-key-1", "GlobalSecret/admin-user-token"}
OF_DECIDERS = {"GlobalSecret/zone-token-signing-key-1", "Config/kuma-cluster-id"}
PEERS_CA = "GlobalSecret/inter-cp-ca"
OF_ZONES = {
    PEERS_CA,
    "GlobalSecret/envoy-admin-ca",
    "Zone/east",
    "HostnameGenerator/local-mesh-external-service",
    "HostnameGenerator/local-universal-mesh-service",
}
OF_GLOBAL = {
    PEERS_CA,
    "HostnameGenerator/synced-headless-kube-mesh-service",
    "HostnameGenerator/synced-kube-mesh-service",
    "HostnameGenerator/synced-mesh-external-service",
    "HostnameGenerator/synced-mesh-multi-zone-service",
    "HostnameGenerator/synced-universal-mesh-service",
}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"KUMA_MODE": "global"}, OF_A_MESH | OF_USERS | OF_DECIDERS | OF_GLOBAL),
        ({}, OF_A_MESH | OF_USERS | OF_DECIDERS | OF_ZONES),
        (FEDERATION, OF_USERS | OF_ZONES),
        ({"KUMA_DEFAULTS_SKIP_MESH_CREATION": "true"}, OF_USERS | OF_DECIDERS | OF_ZONES),
        ({"KUMA_API_SERVER_AUTHN_TYPE": "clientCerts"}, OF_A_MESH | OF_DECIDERS | OF_ZONES),
        ({"KUMA_DEFAULTS_SKIP_TENANT_RESOURCES": "true"}, set()),
    ],
)
async def test_each_control_plane_begins_with_its_own(environment, expected):
    assert await names(await begun(**environment)) == expected


async def test_nobody_needs_default_hostnames():
    made = await names(await begun(KUMA_DEFAULTS_SKIP_HOSTNAME_GENERATORS="true"))
    assert made == {name for name in OF_A_MESH | OF_USERS | OF_DECIDERS | OF_ZONES if "Hostname" not in name}


@pytest.mark.parametrize(
    ("mode", "environment"), [("global", "universal"), ("zone", "universal"), ("zone", "kubernetes")]
)
def test_default_hostnames_are_what_anybody_may_say(mode, environment):
    for generator in hostname_generators(mode, environment):
        assert validate(generator) == ()


async def test_hostnames_that_were_edited_stay_and_those_that_were_deleted_come_back():
    store = MemoryStore()
    resources = await begun(store)
    edited, deleted = (
        Key("HostnameGenerator", "", f"local-{kind}-service") for kind in ("mesh-external", "universal-mesh")
    )
    before = await resources.get(edited)
    await resources.update(evolve(before, spec=evolve(before.spec, template="{{ .Name }}.outside")))
    await resources.delete(deleted)
    await begun(store)
    assert (await resources.get(edited)).spec.template == "{{ .Name }}.outside"
    assert (await resources.get(deleted)).labels["kuma.io/origin"] == "zone"


async def test_what_is_there_is_left_as_it_is():
    store = MemoryStore()
    first = {one.key: one for kind in KINDS for one in await (await begun(store)).list(kind)}
    assert {one.key: one for kind in KINDS for one in await (await begun(store)).list(kind)} == first


async def test_two_that_begin_at_once_make_everything_once():
    store = MemoryStore()
    (resources, first), (_, second) = begin(store), begin(store)
    await eventually(lambda: first.finished and second.finished)
    assert await names(resources) == OF_A_MESH | OF_USERS | OF_DECIDERS | OF_ZONES
    for service in (first, second):
        await future(service.stopService())


async def test_policies_that_were_deleted_stay_deleted_and_labels_are_healed():
    store = MemoryStore()
    resources = await begun(store)
    retry, breaker = (
        Key("MeshRetry", "default", "mesh-retry-all-default"),
        Key("MeshCircuitBreaker", "default", "mesh-circuit-breaker-all-default"),
    )
    await resources.delete(retry)
    healthy = await resources.get(breaker)
    await store.update(evolve(healthy, labels=Labels()))
    await store.delete(Key("Secret", "default", "dataplane-token-signing-key-default-1"))
    await begun(store)
    with pytest.raises(NotFound):
        await resources.get(retry)
    assert (await resources.get(breaker)).labels == healthy.labels
    assert len(await resources.list("Secret", "default")) == 1


def timeout(name, **spec):
    return parse_document({"type": "MeshTimeout", "mesh": "default", "name": name, "spec": spec})


async def test_policies_of_older_versions_are_brought_up_to_date():
    store = MemoryStore()
    resources = await begun(store)
    key = Key("MeshTimeout", "default", "mesh-timeout-all-default")
    standing, others = await resources.get(key), len(await resources.list("MeshTimeout"))
    to = [{"targetRef": {"kind": "Mesh"}, "default": {"connectionTimeout": "9s"}}]
    old = timeout(key.name, targetRef={"kind": "Mesh"}, to=to)
    for name in ("mesh-gateways-timeout-all-default", "mesh-gateways-timeout-to-all-default", "mesh-gateways-mine"):
        await store.create(timeout(name, to=to))
    await store.update(evolve(standing, spec=old.spec))
    await begun(store)
    assert (await resources.get(key)).spec == standing.spec
    rules = [{"default": {"connectionTimeout": "7s"}}]
    await store.update(evolve(await resources.get(key), spec=evolve(timeout("x", rules=rules).spec, to=old.spec.to)))
    await begun(store)
    assert (await resources.get(key)).spec == timeout("x", rules=rules).spec
    assert {one.name for one in await resources.list("MeshTimeout")} >= {"mesh-gateways-mine"}
    assert len(await resources.list("MeshTimeout")) == others + 1


async def test_a_key_of_any_serial_number_is_a_key():
    store = MemoryStore()
    data = base64.b64encode(KEY).decode()
    await store.create(parse_document({"type": "GlobalSecret", "name": "zone-token-signing-key-4", "data": data}))
    assert "GlobalSecret/zone-token-signing-key-1" not in await names(await begun(store))


async def test_a_zone_that_was_renamed_leaves_nothing_behind():
    store = MemoryStore()
    await store.create(parse_document({"type": "Zone", "name": "once"}))
    assert [one.name for one in await (await begun(store)).list("Zone")] == ["east"]


async def test_the_first_admin_has_a_token_for_ten_years():
    resources = await begun()
    token = content(await resources.get(ADMIN_TOKEN)).decode()
    claims = await SigningKeys(resources, Hands()).verify(USERS, UserClaims, token)
    assert claims == UserClaims(ADMIN, (ADMIN,))
    times = jwt.decode(token, options={"verify_signature": False})
    assert times["exp"] - times["iat"] in range(315360000, 315360010)


async def test_the_admin_authority_is_one():
    store = MemoryStore()
    made = content(await (await begun(store)).get(ADMIN_CA))
    assert made.startswith(b"-----BEGIN CERTIFICATE")
    assert content(await (await begun(store)).get(ADMIN_CA)) == made


async def test_what_could_not_be_made_is_made_later():
    store, hands = Away(), Hands()
    resources, service = begin(store, hands)
    known = ClusterId(store, hands)
    known.startService()
    await hands.advance(7)
    store.here = True
    assert await names(resources) == set()
    assert known() == ""
    await hands.advance(5)
    await eventually(lambda: service.finished)
    await hands.advance(2)
    assert known() == (await resources.get(CLUSTER_ID)).spec.config
    assert uuid.UUID(known())
    for one in (service, known):
        await future(one.stopService())
