"""The table of every kind, and what can be done with any resource by looking up its kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from kuma import policies
from kuma.model import NEVER, NO_LABELS, Key, Kind, Kri, Labels, Resource, kri
from kuma.resources.sni import sni
from kuma.schema import Invalid, Violation, parse, show, unknown, violations
from kuma.schema.read import UNKNOWN
from kuma.schema.text import moment_text, parse_moment
from kuma.table import Index, Table

PLAIN = (
    "Config",
    "Dataplane",
    "DataplaneInsight",
    "GlobalSecret",
    "HostnameGenerator",
    "Mesh",
    "MeshExternalService",
    "MeshIdentity",
    "MeshInsight",
    "MeshMultiZoneService",
    "MeshOpenTelemetryBackend",
    "MeshService",
    "MeshTrust",
    "MeshZoneAddress",
    "Secret",
    "ServiceInsight",
    "Workload",
    "Zone",
    "ZoneInsight",
)
MODULES = {name: f"kuma.resources.{name.lower()}" for name in PLAIN} | dict(policies.MODULES)

KINDS: Mapping[str, Kind] = Table(dict(sorted(MODULES.items())), "KIND")
ALL: Collection[Kind] = KINDS.values()
BY_PATH: Mapping[str, Kind] = Index(lambda: {path: kind for kind in ALL for path in (kind.path, *kind.aliases) if path})
BY_SHORT: Mapping[str, Kind] = Index(lambda: {kind.short: kind for kind in ALL if kind.short})

META = ("type", "mesh", "name", "creationTime", "modificationTime", "labels", "kri", "snis")


def kri_of(resource: Resource, section: str = "") -> Kri:
    """The resource's name as every control plane knows it. Only for kinds with a short name."""
    return kri(KINDS[resource.kind].short, resource, section)


def spec_of(kind: Kind, document: Any) -> Any:
    """A spec's document, as stored or synced, as a value. Raises Invalid."""
    return parse(kind.spec, document, "" if kind.inline else "spec")


def status_of(kind: Kind, document: Any) -> Any:
    """A status document as a value; None for kinds without one and where nothing is said. Raises Invalid."""
    return None if kind.status is None or document is None else parse(kind.status, document, "status")


def spec_json(resource: Resource) -> dict[str, Any]:
    """What the resource says, as its document shows it."""
    return show(resource.spec)


def status_json(resource: Resource) -> dict[str, Any] | None:
    """The resource's status; of kinds that have one it is always there, if only in outline."""
    status = KINDS[resource.kind].status
    return None if status is None else show(status() if resource.status is None else resource.status)


def parse_document(document: Any, strict: bool = False) -> Resource:
    """A whole document as a resource, with what the server noted in it (times, status).

    Raises Invalid with everything that is wrong in its structure; what it means is up to `validate`.
    """
    if not isinstance(document, Mapping):
        raise Invalid((Violation("", "must be an object with a type, a name and more"),))
    kind = _kind(document)
    wrong: list[Violation] = []
    name, labels = _name(document, wrong), _labels(document, wrong)
    mesh_name = _mesh(kind, document, wrong)
    spec = _collected(wrong, lambda: spec_of(kind, _spec(kind, document)))
    status = _collected(wrong, lambda: status_of(kind, document.get("status")))
    if strict:
        wrong.extend(unknown_fields(document))
    if wrong:
        raise Invalid(wrong)
    key = Key(kind.name, mesh_name, name)
    created, modified = _moment(document, "creationTime"), _moment(document, "modificationTime")
    return Resource(key, spec, labels, status, created=created, modified=modified)


def show_document(resource: Resource) -> dict[str, Any]:
    """The whole document of a resource, its fields in their customary order."""
    kind = KINDS[resource.kind]
    document: dict[str, Any] = {"type": resource.kind}
    if resource.mesh:
        document["mesh"] = resource.mesh
    document["name"] = resource.name
    document["creationTime"] = moment_text(resource.created)
    document["modificationTime"] = moment_text(resource.modified)
    if resource.labels:
        document["labels"] = dict(sorted(resource.labels.items()))
    if kind.short:
        document["kri"] = str(kri_of(resource))
    if kind.destination and (snis := _snis(kind, resource)):
        document["snis"] = snis
    if kind.inline:
        return document | spec_json(resource)
    document["spec"] = spec_json(resource)
    if kind.status is not None:
        document["status"] = status_json(resource)
    return document


def validate(resource: Resource) -> tuple[Violation, ...]:
    """What is wrong with what the resource says, and with its name if its kind asks more of one than others do."""
    kind = KINDS[resource.kind]
    names = kind.name_problems(resource.display_name) if kind.name_problems else ()
    wrong_name = ", ".join(names)
    named = (Violation("name", wrong_name),) if wrong_name else ()
    return named + violations(resource.spec, "" if kind.inline else "spec")


def unknown_fields(document: Mapping[str, Any]) -> tuple[Violation, ...]:
    """Fields of a resource's document that mean nothing: removed long ago, newer than this build, or misspelt."""
    kind = _kind(document)
    if kind.inline:
        return unknown(kind.spec, _spec(kind, document), "")
    beside = (name for name in document if name not in (*META, "spec", "status"))
    return (*(Violation(str(name), UNKNOWN) for name in beside), *unknown(kind.spec, document.get("spec") or {}))


def warnings(resource: Resource) -> tuple[str, ...]:
    """What is allowed and still questionable."""
    about = KINDS[resource.kind].warnings
    return tuple(about(resource)) if about else ()


def _kind(document: Mapping[str, Any]) -> Kind:
    name = document.get("type")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Invalid((Violation("type", f'unknown type "{name}"' if name else "cannot be empty"),))
    return kind


def _name(document: Mapping[str, Any], wrong: list[Violation]) -> str:
    name = document.get("name")
    if isinstance(name, str):
        return name
    missing = Violation("", ".name in body is required")
    wrong.append(missing if name is None else Violation("name", "in body must be of type string"))
    return ""


def _mesh(kind: Kind, document: Mapping[str, Any], wrong: list[Violation]) -> str:
    if not kind.mesh_scoped:
        return ""
    mesh_name = document.get("mesh") or "default"
    if isinstance(mesh_name, str):
        return mesh_name
    wrong.append(Violation("mesh", "in body must be of type string"))
    return ""


def _labels(document: Mapping[str, Any], wrong: list[Violation]) -> Labels:
    found = document.get("labels") or {}
    if not isinstance(found, Mapping):
        wrong.append(Violation("labels", "in body must be of type object"))
        return NO_LABELS
    for key, value in found.items():
        if not isinstance(key, str) or not isinstance(value, str):
            wrong.append(Violation(f'labels["{key}"]', "in body must be of type string"))
    return Labels(found)


def _spec(kind: Kind, document: Mapping[str, Any]) -> Any:
    """The part of a document that is the spec. Raises Invalid where it is missing."""
    if kind.inline:
        return {key: value for key, value in document.items() if key not in META}
    if document.get("spec") is None:
        raise Invalid((Violation("", ".spec in body is required"),))
    return document["spec"]


def _collected(wrong: list[Violation], read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Invalid as invalid:
        wrong.extend(invalid.violations)
        return None


def _moment(document: Mapping[str, Any], name: str) -> datetime:
    """A moment that the server noted; nobody is told off for what they can't decide."""
    try:
        return parse_moment(str(document.get(name)))
    except ValueError:
        return NEVER


def _snis(kind: Kind, resource: Resource) -> list[dict[str, Any]]:
    ports = sorted(resource.spec.ports, key=lambda port: port.port)
    return [{"port": port.port, "sni": sni(kind.short, resource, port.section)} for port in ports]
