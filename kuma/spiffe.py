"""SPIFFE IDs: which MeshIdentity names a Dataplane, and how."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from attrs import frozen

from kuma.model import NAMESPACE, SERVICE_ACCOUNT, WORKLOAD, Labels, Resource
from kuma.resources.parts import Condition
from kuma.template import Field, Label, Template, TemplateError

DEFAULT_TRUST_DOMAIN = "{{ .Mesh }}.{{ .Zone }}.mesh.local"
DEFAULT_PATHS = {
    "universal": "/workload/{{ .Workload }}",
    "kubernetes": "/ns/{{ .Namespace }}/sa/{{ .ServiceAccount }}",
}
TRUST_DOMAIN = re.compile(r"[a-z0-9._-]{1,253}")
PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+)+")
LONGEST = 2048


class BadSpiffeId(ValueError):
    """A MeshIdentity gives no usable SPIFFE ID here; the message says why."""


@frozen
class Local:
    """The zone that identities are issued in, and what kind of environment it is."""

    zone: str
    environment: Literal["universal", "kubernetes"] = "universal"


def trust_domain(identity: Resource, local: Local) -> str:
    """The trust domain of an identity in this zone. Raises BadSpiffeId."""
    said = identity.spec.spiffe_id and identity.spec.spiffe_id.trust_domain
    fields = {"Mesh": identity.mesh, "Zone": identity.zone or local.zone}
    rendered = _rendered("trustDomain", said or DEFAULT_TRUST_DOMAIN, fields, identity)
    if not TRUST_DOMAIN.fullmatch(rendered):
        raise BadSpiffeId(f"trust domain {rendered!r} must be of lower-case letters, digits, dots, dashes, underscores")
    return rendered


def spiffe_id(identity: Resource, dataplane: Resource, local: Local) -> str:
    """The SPIFFE ID that an identity gives a Dataplane (SPIFFE-ID, section 2). Raises BadSpiffeId."""
    domain = trust_domain(identity, local)
    fields = {
        "TrustDomain": domain,
        "Namespace": dataplane.labels.get(NAMESPACE, ""),
        "ServiceAccount": dataplane.labels.get(SERVICE_ACCOUNT, ""),
        "Workload": dataplane.labels.get(WORKLOAD, ""),
    }
    path = _rendered("path", path_template(identity, local), fields, dataplane)
    named = f"spiffe://{domain}{path}"
    if not PATH.fullmatch(path) or len(named) > LONGEST:
        raise BadSpiffeId(f"{path!r} is no path of a SPIFFE ID: are the labels it is made of there?")
    return named


def path_template(identity: Resource, local: Local) -> str:
    """The template of an identity's paths, where it does not say one: that of the environment."""
    said = identity.spec.spiffe_id and identity.spec.spiffe_id.path
    return said or DEFAULT_PATHS[local.environment]


def uses_workload(identity: Resource, local: Local) -> bool:
    """Whether its SPIFFE IDs are derived from the workload label, so that a token must be bound to the workload."""
    try:
        parts = _parsed(path_template(identity, local)).parts
    except TemplateError:
        return False
    return Field("Workload") in parts or Label(WORKLOAD) in parts


def selecting(identities: Iterable[Resource], dataplane: Resource) -> tuple[Resource, ...]:
    """The identities that select a Dataplane, the best first: the most labels decide, then the name."""
    found = [identity for identity in identities if _selects(identity, dataplane)]
    return tuple(sorted(found, key=lambda identity: (-len(_labels(identity)), identity.name)))


def best(identities: Iterable[Resource], dataplane: Resource) -> Resource | None:
    """The identity of a Dataplane, ready or not."""
    return next(iter(selecting(identities, dataplane)), None)


def is_ready(identity: Resource) -> bool:
    """Whether certificates of this identity can be issued."""
    return any(condition.type == "Ready" and condition.status == "True" for condition in _conditions(identity))


def names_only(identity: Resource) -> bool:
    """Whether it only names workloads: without a provider it issues nothing."""
    return any(
        condition.type == "Ready" and condition.reason == "PartiallyReady" for condition in _conditions(identity)
    )


def _conditions(identity: Resource) -> tuple[Condition, ...]:
    return () if identity.status is None else tuple(identity.status.conditions)


def _selects(identity: Resource, dataplane: Resource) -> bool:
    selector = identity.spec.selector
    return selector is not None and selector.dataplane is not None and selector.dataplane.matches(dataplane.labels)


def _labels(identity: Resource) -> Labels:
    labels: Labels = identity.spec.selector.dataplane.match_labels
    return labels


def _rendered(name: str, template: str, fields: dict[str, str], labelled: Resource) -> str:
    try:
        return _parsed(template).render(fields, labelled.labels)
    except TemplateError as problem:
        raise BadSpiffeId(f"{name} {template!r}: {problem}") from None


@lru_cache(maxsize=256)
def _parsed(template: str) -> Template:
    return Template.parse(template)
