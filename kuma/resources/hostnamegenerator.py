"""HostnameGenerator: what the services that it selects are called, as a template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from kuma.model import Kind
from kuma.names import dns1123_subdomain
from kuma.resources.parts import LabelSelector
from kuma.schema import Violation, field
from kuma.template import Template, TemplateError

SELECTORS = {
    "MeshService": "mesh_service",
    "MeshExternalService": "mesh_external_service",
    "MeshMultiZoneService": "mesh_multi_zone_service",
}
STAND_INS = {name: name.lower() for name in ("Name", "DisplayName", "Namespace", "Mesh", "Zone")}
"""What a template is tried with before there is any service."""


@frozen
class Selector:
    """Which services get the hostname; exactly one kind."""

    mesh_service: LabelSelector | None = None
    mesh_external_service: LabelSelector | None = None
    mesh_multi_zone_service: LabelSelector | None = None

    def of(self, kind: str) -> LabelSelector | None:
        """How services of a kind are selected; None when they are not."""
        said: LabelSelector | None = getattr(self, SELECTORS[kind]) if kind in SELECTORS else None
        return said


@frozen
class Extension:
    """Somebody else's way to make hostnames."""

    type: str
    config: Any = None

    def violations(self) -> Iterator[Violation]:
        if not self.type:
            yield Violation("type", "must not be empty")


@frozen
class HostnameGenerator:
    """Hostnames for services."""

    template: str = field(doc='May use .Name, .DisplayName, .Namespace, .Mesh, .Zone and `label "key"`.')
    selector: Selector | None = None
    extension: Extension | None = None

    def violations(self) -> Iterator[Violation]:
        selector = self.selector or Selector()
        if sum(selector.of(kind) is not None for kind in SELECTORS) != 1:
            yield Violation("selector", "exact one selector (meshService, meshExternalService) must be defined")
        if problem := template_problem(self.template):
            yield Violation("template", problem)


class _AnyLabel(dict[str, str]):
    """Stands in for the labels of a service that is not there yet: it has every one of them."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> str:
        return "label"


def template_problem(template: str) -> str | None:
    """What keeps a template from making hostnames; None if nothing."""
    if not template:
        return "must not be empty"
    try:
        parsed = Template.parse(template)
    except TemplateError as error:
        return f"couldn't parse template: {error}"
    try:
        name = parsed.render(STAND_INS, _AnyLabel())
    except TemplateError as error:
        return f"couldn't render template with stub values: {error}"
    return hostname_problem(name)


def hostname_problem(name: str) -> str | None:
    """What keeps a rendered text from being a hostname (RFC 1123, section 2.1); None if nothing."""
    wrong = dns1123_subdomain(name)
    return f'template renders to "{name}" which is not a valid DNS name: {", ".join(wrong)}' if wrong else None


KIND = Kind(
    "HostnameGenerator",
    "hostnamegenerators",
    HostnameGenerator,
    short="hg",
    mesh_scoped=False,
    global_to_zone=True,
    zone_to_global=True,
    singular="hostnamegenerator",
    title="Hostname Generator",
)
