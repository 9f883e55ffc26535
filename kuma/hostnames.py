"""Hostnames: what each HostnameGenerator calls each service, and who gets a name that several claim. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from attrs import evolve, frozen

from kuma.model import ORIGIN_ZONE, Key, Resource
from kuma.names import dns1123_subdomain
from kuma.resources.parts import Condition, GeneratorRef, GeneratorStatus, Hostname
from kuma.template import Template, TemplateError

ORIGIN = "HostnameGenerator"  # in an address: the control plane made this name
GENERATED = "Generated"
COLLISION = "Collision"
UNRENDERED = "TemplateError"


def rendered(template: str, service: Resource, zone: str) -> str:
    """What a template makes of a service, a hostname or not. Raises TemplateError where something is missing."""
    fields = {
        # on Kubernetes a name is kept with its namespace behind it
        "Name": service.name.removesuffix(f".{service.namespace}"),
        "DisplayName": service.display_name,
        "Namespace": service.namespace,
        "Mesh": service.mesh,
        "Zone": service.zone or zone,
    }
    return _parsed(template).render(fields, service.labels)


@lru_cache(maxsize=256)
def _parsed(template: str) -> Template:
    return Template.parse(template)


def hostname(template: str, service: Resource, zone: str) -> str:
    """The hostname that a template makes of a service (RFC 1123, section 2.1). Raises TemplateError."""
    name = rendered(template, service, zone)
    if wrong := dns1123_subdomain(name):
        raise TemplateError(f'generated hostname "{name}" is not a valid DNS name: {", ".join(wrong)}')
    return name


def selects(generator: Resource, service: Resource) -> bool:
    """Whether a generator speaks of this service."""
    selector = generator.spec.selector and generator.spec.selector.of(service.kind)
    return selector is not None and selector.matches(service.labels)


@frozen
class Claim:
    """What came of one generator on one service: a name, or a condition that says why there is none."""

    generator: str
    name: str
    condition: Condition

    @property
    def address(self) -> Hostname:
        return Hostname(self.name, ORIGIN, GeneratorRef(self.generator))

    @property
    def status(self) -> GeneratorStatus:
        return GeneratorStatus(GeneratorRef(self.generator), (self.condition,))


def claims(generators: Iterable[Resource], services: Iterable[Resource], zone: str) -> Mapping[Key, tuple[Claim, ...]]:
    """What comes of all generators on all services of one kind and mesh, sorted by the generators' names.

    A name belongs to whoever claims it first: generators of the zone come before those of the global control plane,
    what is older comes before what is younger.
    """
    holders: dict[str, Resource] = {}
    found = [(service, list[Claim]()) for service in sorted(services, key=_age)]
    for generator in sorted(generators, key=_precedence):
        for service, made in found:
            if selects(generator, service):
                made.append(_claim(generator, service, zone, holders))
    return {service.key: tuple(sorted(made, key=_by_generator)) for service, made in found}


def _precedence(generator: Resource) -> tuple[bool, datetime, str]:
    return (generator.origin != ORIGIN_ZONE, *_age(generator))


def _by_generator(claim: Claim) -> str:
    return claim.generator


def _age(resource: Resource) -> tuple[datetime, str]:
    return resource.created, resource.name


def _claim(generator: Resource, service: Resource, zone: str, holders: dict[str, Resource]) -> Claim:
    try:
        name = hostname(generator.spec.template, service, zone)
    except TemplateError as error:
        return Claim(generator.name, "", Condition(GENERATED, "False", UNRENDERED, str(error)))
    holder = holders.setdefault(name, service)
    if holder.key != service.key:
        message = f"Hostname collision with {holder.kind}: {holder.name}"
        return Claim(generator.name, "", Condition(GENERATED, "False", COLLISION, message))
    return Claim(generator.name, name, Condition(GENERATED, "True", GENERATED, ""))


def with_names(service: Resource, status: Any, made: Iterable[Claim]) -> Resource:
    """The service with these names; what others have put into its status stays."""
    made = tuple(made)
    others = (address for address in status.addresses if address.origin != ORIGIN)
    addresses = (*others, *_addresses(made))
    generators = tuple(claim.status for claim in made)
    return evolve(service, status=evolve(status, addresses=addresses, hostname_generators=generators))


def _addresses(made: Iterable[Claim]) -> Iterator[Hostname]:
    return (claim.address for claim in made if claim.name)
