"""Writing with rules: what is refused, what is added, what comes and goes along."""

import pytest
from attrs import evolve

from kuma.admission import Forbidden, Resources, Rules
from kuma.kinds import parse_document
from kuma.labels import Where
from kuma.model import Key, Labels
from kuma.schema import Invalid
from kuma.store.api import AlreadyExists, Conflict, NotFound
from kuma.store.memory import MemoryStore
from tests.hands import BEGAN, Hands

ZONE, GLOBAL = Where("zone", "east"), Where("global")
FEDERATED = Where("zone", "east", federated=True)


class Still(Hands):
    """Time that passes at once."""

    async def sleep(self, seconds):
        self.seconds += seconds


async def one_key():
    return b"a key"


def resources(where=ZONE, **more):
    return Resources(MemoryStore(), where, Still(), new_key=one_key, **more)


def mesh(name="m", **said):
    return parse_document({"type": "Mesh", "name": name, **said})


def timeout(name="t", in_mesh="m", idle="1h", **labels):
    spec = {"to": [{"targetRef": {"kind": "Mesh"}, "default": {"idleTimeout": idle}}]}
    return parse_document({"type": "MeshTimeout", "mesh": in_mesh, "name": name, "labels": labels, "spec": spec})


def dataplane(name="d", in_mesh="m", **inbound):
    networking = {"address": "10.0.0.1", "inbound": [{"port": 80, **inbound}]}
    return parse_document({"type": "Dataplane", "mesh": in_mesh, "name": name, "networking": networking})


def insight(kind, name, count=0, in_mesh="", online=False):
    ended = {} if online else {"disconnectTime": "2026-01-01T00:00:01Z"}
    one = {"connectTime": "2026-01-01T00:00:00Z", **ended}
    subscriptions = [{"id": str(number), **one} for number in range(count)]
    document = {"type": kind, "name": name, "subscriptions": subscriptions}
    return parse_document(document | ({"mesh": in_mesh} if in_mesh else {}))


async def test_a_mesh_comes_with_policies_and_a_key_which_go_with_it():
    made = resources()
    created = await made.create(mesh())
    assert [one.name for one in await made.list("MeshTimeout")] == ["mesh-timeout-all-m", "mesh-timeout-to-all-m"]
    assert [one.name for one in await made.list("MeshCircuitBreaker")] == ["mesh-circuit-breaker-all-m"]
    retry = await made.get(Key("MeshRetry", "m", "mesh-retry-all-m"))
    assert (retry.spec.to[0].default.http.num_retries, retry.labels["kuma.io/origin"]) == (5, "zone")
    secret = await made.get(Key("Secret", "m", "dataplane-token-signing-key-m-1"))
    assert (secret.spec.data, created.created, retry.created) == (b"a key", BEGAN, BEGAN)
    await made.delete(created.key)
    assert [*await made.list("MeshTimeout"), *await made.list("Secret")] == []


@pytest.mark.parametrize(
    ("skipped", "left"), [(["*"], set()), (["MeshRetry", "MeshTimeout"], {"mesh-circuit-breaker-all-m"})]
)
async def test_a_mesh_may_do_without_policies_but_has_its_key(skipped, left):
    made = resources()
    await made.create(mesh(skipCreatingInitialPolicies=skipped))
    kinds = ("MeshTimeout", "MeshCircuitBreaker", "MeshRetry")
    assert {one.name for kind in kinds for one in await made.list(kind)} == left
    assert len(await made.list("Secret")) == 1


async def test_a_mesh_that_exists_is_not_made_again():
    made = resources()
    await made.create(mesh())
    with pytest.raises(AlreadyExists):
        await made.create(mesh())


async def test_a_mesh_of_a_long_name_is_refused():
    with pytest.raises(Invalid, match="cannot be longer than 63 characters"):
        await resources().create(mesh("m" * 64))


async def test_what_is_in_a_mesh_needs_it_and_goes_with_it():
    made = resources()
    with pytest.raises(Invalid) as refused:
        await made.create(timeout())
    assert [(one.field, one.message) for one in refused.value.violations] == [("mesh", "mesh of name m is not found")]
    await made.create(mesh(skipCreatingInitialPolicies=["*"]))
    created = await made.create(timeout())
    await made.delete(mesh().key)
    with pytest.raises(NotFound):
        await made.get(created.key)


async def test_secrets_of_users_outlive_the_mesh():
    made = resources()
    await made.create(mesh())
    secret = await made.create(parse_document({"type": "Secret", "mesh": "m", "name": "s", "data": "eA=="}))
    await made.delete(mesh().key)
    assert await made.list("Secret") == [secret]


async def test_a_mesh_with_dataplanes_is_not_deleted():
    made = resources()
    await made.create(mesh())
    await made.create(dataplane())
    with pytest.raises(Invalid, match="unable to delete mesh, there are still some dataplanes attached"):
        await made.delete(mesh().key)
    await evolve(made, rules=Rules(unsafe_delete=True)).delete(mesh().key)
    assert await made.list("Mesh") == []


async def test_a_zone_that_is_connected_is_not_deleted():
    made = resources(GLOBAL)
    zone = await made.create(parse_document({"type": "Zone", "name": "east"}))
    created = await made.create(insight("ZoneInsight", "east", 1, online=True))
    with pytest.raises(Invalid, match="Zone CP is still connected"):
        await made.delete(zone.key)
    await made.update(evolve(created, spec=insight("ZoneInsight", "east", 1).spec))
    await made.delete(zone.key)
    assert await made.list("ZoneInsight") == []


async def test_insights_need_what_they_are_about_and_go_with_it():
    made = resources()
    await made.create(mesh())
    with pytest.raises(NotFound):
        await made.create(insight("DataplaneInsight", "d", in_mesh="m"))
    await made.create(dataplane())
    created = await made.create(insight("DataplaneInsight", "d", 5, in_mesh="m"))
    assert [one.id for one in created.spec.subscriptions] == ["3", "4"]
    longer = evolve(created, spec=insight("DataplaneInsight", "d", 9, in_mesh="m").spec)
    assert [one.id for one in (await made.update(longer)).spec.subscriptions] == ["7", "8"]
    none = evolve(made, rules=Rules(dataplane_subscriptions=0))
    assert (await none.upsert(created.key, lambda stored: evolve(stored, spec=longer.spec))).spec.subscriptions == ()
    await made.delete(dataplane().key)
    assert await made.list("DataplaneInsight") == []


async def test_a_probed_inbound_is_not_ready_at_first():
    made = resources()
    await made.create(mesh())
    created = await made.create(dataplane(serviceProbe={"tcp": {}}))
    assert created.spec.networking.inbound[0].state == "NotReady"
    assert created.spec.networking.inbound[0].health.ready is False
    ready = dataplane(serviceProbe={"tcp": {}}, health={"ready": True})
    updated = await made.update(evolve(created, spec=ready.spec))
    assert updated.spec.networking.inbound[0].state != "NotReady"


@pytest.mark.parametrize(
    ("where", "tags", "kept"),
    [
        (ZONE, {"kuma.io/service": "edge"}, {"kuma.io/service": "edge", "kuma.io/zone": "east"}),
        (
            ZONE,
            {"kuma.io/service": "edge", "kuma.io/zone": "west"},
            {"kuma.io/service": "edge", "kuma.io/zone": "east"},
        ),
        (ZONE, {}, {}),
        (GLOBAL, {"kuma.io/service": "edge"}, {"kuma.io/service": "edge"}),
    ],
)
async def test_a_delegated_gateway_says_its_zone(where, tags, kept):
    made = resources(where)
    await made.create(mesh())
    networking = {"address": "10.0.0.1", "gateway": {"tags": tags}}
    gateway = parse_document({"type": "Dataplane", "mesh": "m", "name": "edge", "networking": networking})
    created = await made.create(gateway)
    assert created.spec.networking.gateway.tags == kept
    updated = await made.update(evolve(gateway, version=created.version))
    assert updated.spec.networking.gateway.tags == kept


async def test_labels_are_put_anew_with_every_write():
    made = resources(by_users=True)
    await made.create(mesh())
    created = await made.create(timeout(color="blue"))
    expected = {
        "color": "blue",
        "kuma.io/display-name": "t",
        "kuma.io/env": "universal",
        "kuma.io/mesh": "m",
        "kuma.io/origin": "zone",
        "kuma.io/zone": "east",
    }
    assert created.labels == Labels(expected)
    updated = await made.update(evolve(timeout(color="red"), version=created.version))
    assert updated.labels == Labels(expected | {"color": "red"})


async def test_who_read_before_somebody_wrote_is_refused():
    made = resources()
    await made.create(mesh())
    created = await made.create(timeout())
    await made.update(evolve(created, spec=timeout(idle="2h").spec))
    with pytest.raises(Conflict):
        await made.update(evolve(created, spec=timeout(idle="3h").spec))


async def test_an_upsert_is_made_again_when_somebody_was_quicker():
    made = resources()
    await made.create(mesh())
    created = await made.create(timeout())
    versions = []

    def change(stored):
        versions.append(stored.version)
        if len(versions) == 1:
            # somebody else writes right now
            made.store._kept.resources[created.key] = evolve(stored, version="7")
        return evolve(stored, spec=timeout(idle="2h").spec)

    assert (await made.upsert(created.key, change)).version == "8"
    assert versions == ["1", "7"]


async def test_who_knows_what_is_stored_asks_nothing_and_loses_nothing_when_that_is_old():
    made, asked = resources(), []
    await made.create(mesh())
    first = await made.create(timeout())
    made.store.get = lambda key, get=made.store.get: asked.append(key) or get(key)
    second = await made.upsert(first.key, lambda stored: evolve(stored, spec=timeout(idle="2h").spec), known=first)
    assert (second.version, asked) == ("2", [])
    third = await made.upsert(first.key, lambda stored: stored.labelled(team="blue"), known=first)
    assert asked == [first.key]
    assert (third.spec, third.labels["team"]) == (second.spec, "blue")


@pytest.mark.parametrize("retries", [0, 2])
async def test_an_upsert_gives_up_after_so_many_tries(retries):
    made = evolve(resources(), rules=Rules(retries=retries))
    await made.create(mesh())
    created = await made.create(timeout())
    tries = []

    def change(stored):
        tries.append(stored)
        made.store._kept.resources[created.key] = evolve(stored, version=str(len(tries) + 10))
        return evolve(stored, spec=timeout(idle="2h").spec)

    with pytest.raises(Conflict):
        await made.upsert(created.key, change)
    assert len(tries) == retries + 1


async def test_an_upsert_creates_changes_and_leaves_alone():
    made = resources()
    await made.create(mesh())
    key = timeout().key
    assert await made.upsert(key, lambda stored: stored) is None
    created = await made.upsert(key, lambda stored: stored or timeout())
    assert await made.upsert(key, lambda stored: stored) == created
    assert (await made.get(key)).version == created.version


@pytest.mark.parametrize(
    ("where", "resource", "allowed"),
    [
        (GLOBAL, dataplane(), False),
        (FEDERATED, mesh("n"), False),
        (FEDERATED, dataplane(), True),
        (FEDERATED, timeout(**{"kuma.io/origin": "zone"}), True),
        (ZONE, mesh("n"), True),
        (GLOBAL, mesh("n"), True),
        (ZONE, insight("DataplaneInsight", "d", in_mesh="m"), False),
    ],
)
async def test_users_write_what_belongs_to_this_control_plane(where, resource, allowed):
    made = resources(where)
    await made.create(mesh())
    users = evolve(made, by_users=True)
    if allowed:
        await users.create(resource)
        return
    with pytest.raises(Forbidden):
        await users.create(resource)


@pytest.mark.parametrize(
    ("where", "origin", "problem"),
    [
        (GLOBAL, "zone", "the origin label must be set to 'global'"),
        (FEDERATED, "global", "the origin label must be set to 'zone'"),
        (FEDERATED, None, "the origin label must be set to 'zone'"),
        (ZONE, "global", None),
    ],
)
async def test_users_write_and_delete_what_comes_from_here(where, origin, problem):
    made = resources(where)
    await made.create(mesh())
    labels = {"kuma.io/origin": origin} if origin else {}
    users, stored = evolve(made, by_users=True), timeout("synced", **labels)
    await made.store.create(stored)
    if problem is None:
        await users.delete(stored.key)
        return
    for write in (users.create(timeout(**labels)), users.delete(stored.key)):
        with pytest.raises(Invalid, match=problem):
            await write


async def test_a_resource_stays_in_its_zone():
    made = resources(by_users=True)
    await made.create(mesh())
    stored = await made.store.create(timeout(**{"kuma.io/zone": "west"}))
    with pytest.raises(Invalid, match='cannot be changed from "west" to "east"'):
        await made.update(evolve(timeout(), version=stored.version))
