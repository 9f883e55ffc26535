"""The nouns: every resource is a frozen value with a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from attrs import evolve, frozen
from frozendict import frozendict

Labels = frozendict[str, str]
NO_LABELS: Labels = frozendict()

DELETION_STARTED = "kuma.io/deletion-grace-period-started-at"
DISPLAY_NAME = "kuma.io/display-name"
EFFECT = "kuma.io/effect"
ENV = "kuma.io/env"
KDS_SYNC = "kuma.io/kds-sync"
LISTENER_ZONE_EGRESS = "kuma.io/listener-zoneegress"
LISTENER_ZONE_INGRESS = "kuma.io/listener-zoneingress"
MANAGED_BY = "kuma.io/managed-by"
MESH = "kuma.io/mesh"
NAMESPACE = "k8s.kuma.io/namespace"
ORIGIN = "kuma.io/origin"
ORIGIN_GLOBAL = "global"
ORIGIN_ZONE = "zone"
POLICY_ROLE = "kuma.io/policy-role"
SERVICE_ACCOUNT = "k8s.kuma.io/service-account"
WORKLOAD = "kuma.io/workload"
ZONE = "kuma.io/zone"

NEVER = datetime(1, 1, 1, tzinfo=UTC)


@frozen(order=True)
class Key:
    """What identifies a stored resource; `mesh` is empty for kinds of global scope."""

    kind: str
    mesh: str
    name: str

    def __str__(self) -> str:
        return f'type="{self.kind}" name="{self.name}" mesh="{self.mesh}"'


@frozen
class Resource:
    """One resource: its key, what it says, and what the store knows of it.

    `spec` and `status` are values of the kind's attrs classes; `status` is None for kinds without one.
    `version` is the store's opaque token for optimistic locking.
    """

    key: Key
    spec: Any
    labels: Labels = NO_LABELS
    status: Any = None
    version: str = ""
    created: datetime = NEVER
    modified: datetime = NEVER

    @property
    def kind(self) -> str:
        return self.key.kind

    @property
    def mesh(self) -> str:
        return self.key.mesh

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def display_name(self) -> str:
        """The name at the control plane where it was written; synced copies carry another `name`."""
        return self.labels.get(DISPLAY_NAME) or self.key.name

    @property
    def zone(self) -> str:
        """The zone it comes from; empty for what was written on the global control plane."""
        return self.labels.get(ZONE, "")

    @property
    def namespace(self) -> str:
        return self.labels.get(NAMESPACE, "")

    @property
    def origin(self) -> str:
        """`global`, `zone`, or empty where nobody said."""
        return self.labels.get(ORIGIN, "")

    def labelled(self, **labels: str) -> Resource:
        """The same resource with more labels; keys are given as keyword arguments through `**{...}`."""
        return evolve(self, labels=self.labels | labels)


@frozen(order=True)
class Kri:
    """A resource's name as every control plane knows it: `kri_<short>_<mesh>_<zone>_<namespace>_<name>_<section>`."""

    short: str
    mesh: str
    zone: str
    namespace: str
    name: str
    section: str = ""

    def __str__(self) -> str:
        return f"kri_{self.short}_{self.mesh}_{self.zone}_{self.namespace}_{self.name}_{self.section}"

    @classmethod
    def parse(cls, text: str) -> Kri:
        """The name that this text says. Raises ValueError; whether the kind exists is not asked."""
        parts = text.split("_")
        if len(parts) < 7:
            raise ValueError(f'invalid identifier string: "{text}"')
        if parts[0] != "kri":
            raise ValueError(f"identifier must start with 'kri': {text}")
        short, mesh, zone, namespace, name = parts[1:6]
        return cls(short, mesh, zone, namespace, name, "".join(parts[6:]))

    def at(self, section: str) -> Kri:
        """The same resource, one of its sections (a port, an inbound, a rule)."""
        return evolve(self, section=section)


def kri(short: str, resource: Resource, section: str = "") -> Kri:
    """The KRI of a resource of the kind with this short name."""
    return Kri(short, resource.mesh, resource.zone, resource.namespace, resource.display_name, section)


ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
FNV_OFFSET, FNV_PRIME, UINT64 = 0xCBF29CE484222325, 0x100000001B3, 2**64 - 1


def hashed_name(mesh: str, name: str, *values: str) -> str:
    """The name of a copy in another control plane's store.

    FNV-1a over mesh, display name and the label values given (zone, namespace), spelled so that it can't form a word.
    """
    hashed = FNV_OFFSET
    for byte in (mesh + name + "".join(values)).encode():
        hashed = ((hashed ^ byte) * FNV_PRIME) & UINT64
    suffix = "".join(ALPHABET[ord(digit) % len(ALPHABET)] for digit in f"{hashed:016x}")
    return name.encode()[:236].decode(errors="ignore") + "-" + suffix


SIBILANTS = ("s", "x", "z", "sh", "ch")
VOWELS = ("ay", "ey", "oy", "uy")


def plural(name: str) -> str:
    """The name of several: Meshes, Mesh Retries, Dataplanes."""
    ending = name.lower()
    if ending.endswith("y") and not ending.endswith(VOWELS):
        return name[:-1] + "ies"
    return name + ("es" if ending.endswith(SIBILANTS) else "s")


@frozen
class Kind:
    """What there is to know of one kind of resource. A kind is one file, and one line in `kuma.kinds`.

    `global_to_zone`, `zone_to_global`, `across_zones` say which way it syncs; `renamed` whether copies get
    hashed names. `provided_by_global` and `provided_by_zone` say on which control planes it may be written.
    `message` is the full name of the protobuf message that a kind of that family travels as, empty for JSON kinds,
    whose spec stands under `spec:`. `aliases` are more REST paths. `title` is its name for people.
    `name_problems` and `warnings` say what is wrong, or questionable, with one resource beyond its spec.
    """

    name: str
    path: str
    spec: type[Any]
    short: str = ""
    status: type[Any] | None = None
    mesh_scoped: bool = True
    message: str = ""
    global_to_zone: bool = False
    zone_to_global: bool = False
    across_zones: bool = False
    renamed: bool = True
    policy: bool = False
    read_only: bool = False
    admin_only: bool = False
    singular: str = ""
    aliases: tuple[str, ...] = ()
    provided_by_global: bool = True
    provided_by_zone: bool = True
    destination: bool = False
    title: str = ""
    name_problems: Callable[[str], Iterable[str]] | None = None
    warnings: Callable[[Resource], Iterable[str]] | None = None

    @property
    def titles(self) -> str:
        """The name of several for people."""
        return plural(self.title)

    @property
    def inline(self) -> bool:
        """Whether the spec's fields stand beside `type` and `name` in documents (the protobuf family)."""
        return bool(self.message)
