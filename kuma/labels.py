"""Labels that the control plane puts on resources, and which labels a user may not put."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from attrs import frozen
from frozendict import frozendict

from kuma.model import (
    DISPLAY_NAME,
    ENV,
    LISTENER_ZONE_EGRESS,
    LISTENER_ZONE_INGRESS,
    MESH,
    NAMESPACE,
    ORIGIN,
    ORIGIN_GLOBAL,
    ORIGIN_ZONE,
    POLICY_ROLE,
    SERVICE_ACCOUNT,
    WORKLOAD,
    ZONE,
    Kind,
    Labels,
    Resource,
)
from kuma.names import dns1035
from kuma.schema import Violation

Mode = Literal["global", "zone"]
Role = Literal["producer", "consumer", "system", "workload-owner"]

LEGACY_PROXY_TYPE = "kuma.io/proxy-type"
NO_WORKLOAD = "must be a valid DNS-1035 label (at most 63 characters, matching regex [a-z]([-a-z0-9]*[a-z0-9])?)"
LISTENERS = {LISTENER_ZONE_INGRESS: "ZoneIngress", LISTENER_ZONE_EGRESS: "ZoneEgress"}
COMPUTED = frozenset(
    (
        MESH,
        DISPLAY_NAME,
        ORIGIN,
        ZONE,
        ENV,
        NAMESPACE,
        POLICY_ROLE,
        SERVICE_ACCOUNT,
        WORKLOAD,
        *LISTENERS,
    )
)
"""Every label that the control plane may put."""

RESERVED = ("kuma.io/", "k8s.kuma.io/")
"""What the keys of the control plane's own labels begin with."""


def is_reserved(key: str) -> bool:
    """Whether a label of this key is the control plane's to put, or to understand."""
    return key.startswith(RESERVED)


@frozen
class Where:
    """The control plane that a resource is written on."""

    mode: Mode
    zone: str = ""
    env: Literal["universal", "kubernetes"] = "universal"
    federated: bool = False
    checks_origin: bool = True
    """Whether resources written here must say that they come from here."""


@frozen
class Written:
    """What only the writer knows of a resource; on Universal, nothing."""

    namespace: str | None = None
    system_namespace: bool = False
    service_account: str = ""
    workload: str = ""
    privileged: bool = False
    """Written by the control plane itself, maybe on behalf of another one."""


NOTHING_MORE = Written()


class MixedRoles(ValueError):
    """A policy in which some items speak for the service and some for its clients."""

    def __init__(self) -> None:
        super().__init__("it's not allowed to mix producer and consumer items in the same policy")


def computed_labels(kind: Kind, resource: Resource, where: Where, written: Written = NOTHING_MORE) -> Labels:
    """The labels that the resource has once it is kept on this control plane. Raises MixedRoles."""
    local = is_local(resource, where.mode)
    if written.privileged and not local:
        return resource.labels
    labels = dict(resource.labels)
    labels[DISPLAY_NAME] = resource.labels.get(DISPLAY_NAME, resource.name) if written.privileged else resource.name
    if kind.mesh_scoped:
        labels.setdefault(MESH, resource.mesh or "default")
    labels[ORIGIN] = where.mode
    if where.mode == "zone" and kind.provided_by_zone:
        labels.setdefault(ZONE, where.zone)
        labels.setdefault(ENV, where.env)
    if local and written.namespace is not None:
        labels |= _namespaced(kind, resource, where, written)
    if kind.name == "Dataplane":
        _mark_listeners(labels, resource.spec)
    if where.env == "kubernetes" and written.service_account:
        labels[SERVICE_ACCOUNT] = written.service_account
    if written.workload:
        labels[WORKLOAD] = written.workload
    return frozendict(labels)


def is_local(resource: Resource, mode: Mode) -> bool:
    """Whether a resource comes from this control plane, and not from one it syncs with."""
    return resource.origin in ("", ORIGIN_GLOBAL if mode == "global" else ORIGIN_ZONE)


def _namespaced(kind: Kind, resource: Resource, where: Where, written: Written) -> dict[str, str]:
    labels = {}
    namespace = written.namespace or ""
    if where.env == "kubernetes" and NAMESPACE not in resource.labels:
        labels[NAMESPACE] = namespace
    if kind.policy:
        items = getattr(resource.spec, "to", None) or ()
        labels[POLICY_ROLE] = policy_role(items, "" if written.system_namespace else namespace)
    return labels


def _mark_listeners(labels: dict[str, str], dataplane: Any) -> None:
    labels.pop(LEGACY_PROXY_TYPE, None)
    listeners = dataplane.networking.listeners if dataplane.networking else ()
    types = {listener.type for listener in listeners}
    for label, kind in LISTENERS.items():
        if kind in types:
            labels[label] = "enabled"
        else:
            labels.pop(label, None)


def policy_role(items: Iterable[Any], namespace: str) -> Role:
    """Whom a policy speaks for, judged by its `to` items; no namespace is the system's. Raises MixedRoles."""
    if not namespace:
        return "system"
    producers = {_speaks_for_service(item.target_ref, namespace) for item in items}
    if not producers:
        return "workload-owner"
    if len(producers) == 2:
        raise MixedRoles
    return "producer" if producers == {True} else "consumer"


def _speaks_for_service(ref: Any, namespace: str) -> bool:
    labels = ref.labels or {}
    if ref.kind not in ("MeshService", "MeshHTTPRoute") or not labels.get(DISPLAY_NAME):
        return False
    return set(labels) <= {DISPLAY_NAME, NAMESPACE} and labels.get(NAMESPACE, "") in ("", namespace)


def wrong_labels(kind: Kind, resource: Resource, where: Where) -> Iterator[Violation]:
    """What is wrong with the labels that a user wrote on a resource."""
    yield from _wrong_origin(kind, resource, where)
    labels = resource.labels
    if where.mode == "zone" and resource.origin != ORIGIN_GLOBAL:
        if ZONE in labels and labels[ZONE] != where.zone:
            yield _at(ZONE, f"kuma.io/zone label should have {where.zone} value")
        if kind.mesh_scoped and labels.get(MESH, resource.mesh) != resource.mesh:
            yield _at(MESH, "kuma.io/mesh label must not differ from mesh set on resource")
    role = labels.get(POLICY_ROLE, "system")
    if kind.policy and role != "system":
        yield _at(POLICY_ROLE, f"kuma.io/policy-role label should have system value, got {role}")


def _wrong_origin(kind: Kind, resource: Resource, where: Where) -> Iterator[Violation]:
    origin = resource.labels.get(ORIGIN)
    if origin not in (None, ORIGIN_GLOBAL, ORIGIN_ZONE):
        yield _at(ORIGIN, f'unknown resource origin "{origin}"')
    if where.checks_origin and where.mode == "global" and origin not in (None, ORIGIN_GLOBAL):
        yield _at(ORIGIN, "the origin label must be set to 'global'")
    elif where.checks_origin and where.federated and not kind.inline and origin != ORIGIN_ZONE:
        yield _at(ORIGIN, "the origin label must be set to 'zone'")


def wrong_workload(resource: Resource, where: Where) -> Iterator[Violation]:
    """What is wrong with the workload label of a Dataplane that is about to be created."""
    workload = resource.labels.get(WORKLOAD)
    if workload is None or where.env == "kubernetes":
        return
    if where.mode == "global":
        yield _at(WORKLOAD, "not allowed on Global control plane")
    elif wrong := dns1035(workload):
        yield _at(WORKLOAD, f"{NO_WORKLOAD}: {', '.join(wrong)}")


def changed_labels(old: Labels, new: Labels) -> Iterator[Violation]:
    """What may never change: the zone that a resource comes from."""
    before, after = old.get(ZONE), new.get(ZONE)
    if before is None or before == after:
        return
    if after is None:
        yield _at(ZONE, f'is immutable, cannot be removed (was "{before}")')
    else:
        yield _at(ZONE, f'is immutable, cannot be changed from "{before}" to "{after}"')


def _at(label: str, message: str) -> Violation:
    return Violation(f'labels["{label}"]', message)
