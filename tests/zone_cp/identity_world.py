"""A zone with one mesh, in a memory store, for tests of identities."""

from attrs import define, evolve, field

from certs.ca import CertificateAuthority
from kuma.kinds import parse_document
from kuma.loop import future
from kuma.mesh import Mesh, mesh_of
from kuma.model import Key, Resource
from kuma.resources.secret import Secret
from kuma.spiffe import Local
from kuma.store.api import NotFound
from kuma.store.memory import MemoryStore
from tests.hands import Hands
from zone_cp.trust import Trusts

EAST = Local("east")
MESH = Key("Mesh", "", "default")


def identity(name="identity", *, expiry="1h", match=None, bundled=None) -> Resource:
    """A MeshIdentity with an authority that the control plane makes."""
    said = {"autogenerate": {"enabled": True}, "insecureAllowSelfSigned": True} if bundled is None else bundled
    return parse_document(
        {
            "type": "MeshIdentity",
            "mesh": "default",
            "name": name,
            "spec": {
                "selector": {"dataplane": {"matchLabels": match or {}}},
                "provider": {"type": "Bundled", "bundled": said | {"certificateParameters": {"expiry": expiry}}},
            },
        }
    )


def dataplane(name="backend-1", workload="backend", **labels) -> Resource:
    return parse_document(
        {
            "type": "Dataplane",
            "mesh": "default",
            "name": name,
            "labels": {"kuma.io/workload": workload} | labels,
            "networking": {"address": "127.0.0.1", "inbound": [{"port": 80}]},
        }
    )


def secret(name: str, data: bytes) -> Resource:
    return Resource(Key("Secret", "default", name), Secret(data))


def supplied(authority: CertificateAuthority) -> tuple[dict, Resource, Resource]:
    """What a MeshIdentity says of an authority in two secrets, and those secrets."""
    refs = {
        part: {"type": "Secret", "secretRef": {"kind": "Secret", "name": f"our-{part}"}}
        for part in ("certificate", "privateKey")
    }
    held = secret("our-certificate", authority.trusted), secret("our-privateKey", authority.key_pem)
    return {"ca": refs, "insecureAllowSelfSigned": True}, *held


@define
class World:
    """A store, a clock, and the leader's service."""

    store: MemoryStore = field(factory=MemoryStore)
    clock: Hands = field(factory=Hands)
    services: list = field(factory=list)

    async def begin(self) -> None:
        await self.store.create(parse_document({"type": "Mesh", "name": "default"}))
        self.start(Trusts(self.store, EAST, self.clock))

    def start(self, service):
        service.startService()
        self.services.append(service)
        return service

    async def end(self) -> None:
        for service in reversed(self.services):
            await future(service.stopService())

    async def put(self, resource: Resource) -> None:
        """Write a resource and let the leader do its work."""
        try:
            stored = await self.store.get(resource.key)
        except NotFound:
            await self.store.create(resource)
        else:
            await self.store.update(evolve(stored, spec=resource.spec))
        await self.clock.advance(1)

    async def get(self, kind: str, name: str) -> Resource:
        return await self.store.get(Key(kind, "default", name))

    async def conditions(self, name: str = "identity") -> list[tuple[str, str, str]]:
        status = (await self.get("MeshIdentity", name)).status
        return [(one.type, one.status, one.reason) for one in status.conditions]

    async def mesh(self) -> Mesh:
        """The mesh as it is in the store now."""
        kinds = ("MeshIdentity", "MeshTrust", "Dataplane")
        found = [resource for kind in kinds for resource in await self.store.list(kind)]
        return mesh_of("default", "east", [await self.store.get(MESH), *found])
