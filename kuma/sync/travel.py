"""Which resources travel global->zone and zone->global, and how their copies are named and labelled."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen

from certs.tokens import ZONE_PUBLIC_PREFIX, Refused, public_pem
from kuma.kinds import KINDS
from kuma.labels import MixedRoles, policy_role
from kuma.model import (
    DISPLAY_NAME,
    KDS_SYNC,
    NAMESPACE,
    ORIGIN,
    ORIGIN_GLOBAL,
    ORIGIN_ZONE,
    POLICY_ROLE,
    ZONE,
    Key,
    Labels,
    Resource,
    hashed_name,
)
from kuma.resources.dataplaneinsight import DataplaneInsight

FROM_GLOBAL = tuple(kind.name for kind in KINDS.values() if kind.global_to_zone or kind.across_zones)
FROM_ZONES = tuple(kind.name for kind in KINDS.values() if kind.zone_to_global)

# What a zone's control plane says it can take; it comes in the first request's node metadata.
HASH_SUFFIX = "hash-suffix"
HOSTNAMES_OF_MULTIZONE = "hg-mz-selector"
PRODUCER_POLICIES = "producer-policy-flow"
ZONE_TOKEN = "zone-token"
FEATURES = (ZONE_TOKEN, HASH_SUFFIX, HOSTNAMES_OF_MULTIZONE, PRODUCER_POLICIES)
WEIGHED = frozenset((HASH_SUFFIX, HOSTNAMES_OF_MULTIZONE, PRODUCER_POLICIES))
"""The features that make a difference to what a zone gets."""

CLUSTER_ID = "kuma-cluster-id"
GRACE_PERIOD = "kuma.io/deletion-grace-period-started-at"
NOT_FOR_ZONES = frozenset(("envoy-admin-ca", "admin-user-token", "inter-cp-ca", "user-token-revocations"))
USER_SIGNING_KEY = "user-token-signing-key"
ZONE_SIGNING_KEY = "zone-token-signing-key"


@frozen
class Audience:
    """For whom copies are made: what they can take, and the label prefixes that stay at home.

    Names that are kept on Kubernetes end in their namespace: that of `system_namespace` stays at home, too.
    """

    features: frozenset[str] = frozenset(FEATURES)
    skip_prefixes: tuple[str, ...] = ()
    system_namespace: str = ""


def to_zones(resource: Resource, audience: Audience) -> Resource | None:
    """The copy that zones get; None for what stays on the global control plane.

    Zones do not get what they sent themselves: see `home`.
    """
    if not _goes_down(resource, audience.features):
        return None
    copy = _public_half(evolve(resource, labels=_labels(resource, audience, {ORIGIN: ORIGIN_GLOBAL})))
    if copy is None:
        return None
    kind = KINDS[copy.kind]
    if not kind.inline:
        copy = _at_home(copy, audience)
    if kind.status is not None:
        copy = evolve(copy, status=None)  # a zone finds out for itself
    return _renamed(copy) if kind.renamed and HASH_SUFFIX in audience.features else copy


def to_global(resource: Resource, zone: str, audience: Audience) -> Resource | None:
    """The copy that the global control plane gets; None for what stays in the zone."""
    if resource.labels.get(KDS_SYNC) == "disabled" or resource.origin not in ("", ORIGIN_ZONE):
        return None
    labels = _labels(resource, audience, {ORIGIN: ORIGIN_ZONE, ZONE: zone})
    copy = evolve(resource, labels=labels.delete(GRACE_PERIOD) if GRACE_PERIOD in labels else labels)
    if copy.kind == "DataplaneInsight":
        copy = evolve(copy, spec=_still(copy.spec))
    return _renamed(_at_home(copy, audience))


def home(resource: Resource) -> str:
    """The zone that a resource on the global control plane came from; empty for what was written there."""
    if resource.origin in ("", ORIGIN_GLOBAL):
        return ""
    return resource.zone or resource.name.partition(".")[0]


def _goes_down(resource: Resource, features: frozenset[str]) -> bool:
    kind = KINDS[resource.kind]
    if resource.labels.get(KDS_SYNC) == "disabled":
        return False
    if resource.kind == "Config":
        return resource.name == CLUSTER_ID
    if resource.kind == "GlobalSecret" and _stays_secret(resource.name):
        return False
    if not (kind.across_zones and _crosses(resource, features) if home(resource) else kind.global_to_zone):
        return False
    return HOSTNAMES_OF_MULTIZONE in features or not _names_multizone(resource)


def _stays_secret(name: str) -> bool:
    return name in NOT_FOR_ZONES or name.startswith(USER_SIGNING_KEY)


def _names_multizone(resource: Resource) -> bool:
    selector = resource.spec.selector if resource.kind == "HostnameGenerator" else None
    return selector is not None and selector.mesh_multi_zone_service is not None


def _crosses(resource: Resource, features: frozenset[str]) -> bool:
    """Of the policies of a zone only those of producers concern other zones. What the label says must be true."""
    if not KINDS[resource.kind].policy:
        return True
    if PRODUCER_POLICIES not in features or resource.labels.get(POLICY_ROLE) != "producer":
        return False
    try:
        return policy_role(getattr(resource.spec, "to", None) or (), resource.namespace) == "producer"
    except MixedRoles:
        return False


def _labels(resource: Resource, audience: Audience, said: Mapping[str, str]) -> Labels:
    labels = resource.labels | said
    skipped = audience.skip_prefixes
    return Labels({key: value for key, value in labels.items() if not key.startswith(skipped)}) if skipped else labels


def _named(resource: Resource, name: str) -> Resource:
    """The same under another name; the first name stays to be shown."""
    labels = resource.labels if resource.labels.get(DISPLAY_NAME) else resource.labels | {DISPLAY_NAME: resource.name}
    return evolve(resource, key=Key(resource.kind, resource.mesh, name), labels=labels)


def _at_home(copy: Resource, audience: Audience) -> Resource:
    """Under its name without the system's namespace."""
    suffix = f".{audience.system_namespace}"
    if not audience.system_namespace or not copy.name.endswith(suffix):
        return copy
    return _named(copy, copy.name.removesuffix(suffix))


def _renamed(copy: Resource) -> Resource:
    values = (copy.labels[label] for label in (ZONE, NAMESPACE) if label in copy.labels)
    return _named(copy, hashed_name(copy.mesh, copy.display_name, *values))


def _public_half(copy: Resource) -> Resource | None:
    """Zones verify zone tokens, and never sign one. A key that can't be read is no use to them."""
    if copy.kind != "GlobalSecret" or not copy.name.startswith(ZONE_SIGNING_KEY):
        return copy
    try:
        public = public_pem(copy.spec.data or b"")
    except Refused:
        return None
    name = ZONE_PUBLIC_PREFIX + copy.name.removeprefix(ZONE_SIGNING_KEY)
    return evolve(_named(copy, name), spec=evolve(copy.spec, data=public))


def _still(insight: DataplaneInsight) -> DataplaneInsight:
    """Without the counters that only say that a connection is alive: they would travel all the time."""
    return evolve(insight, subscriptions=tuple(evolve(one, generation=0) for one in insight.subscriptions))
