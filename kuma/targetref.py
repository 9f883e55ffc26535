"""What policies have in common to say: whom they target, whom they match, and what is wrong with saying it so.

Enumerations are plain strings, so that what an older version has stored can still be read; the checks here refuse what
is not in the tables. Checks are generators of violations, seen from the value they are given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from attrs import frozen
from frozendict import frozendict

from kuma.resources.tls import TlsVersion, wrong_versions
from kuma.schema import UInt32, Violation, field

Violations = Iterator[Violation]
LabelMap = frozendict[str, str]

TOP_KINDS = ("Mesh", "Dataplane")
SERVICES = ("MeshService", "MeshExternalService", "MeshMultiZoneService")
DESTINATIONS = ("Mesh", *SERVICES)
DESTINATIONS_AND_ROUTES = (*DESTINATIONS, "MeshHTTPRoute")

LABELS_NEEDED = frozenset({*SERVICES, "MeshHTTPRoute"})
HEAVIEST = 2**32 - 1
WITHOUT_SECTION = frozenset({"Mesh", "MeshExternalService", "MeshHTTPRoute"})


# Targets.


@frozen
class TopLevelTargetRef:
    """The proxies that a policy is for; without it a policy is for every proxy of the mesh."""

    kind: str = field(default="", doc="Mesh: every proxy. Dataplane: those whose labels match.", one_of=TOP_KINDS)
    labels: LabelMap | None = field(default=None, doc="Labels that a Dataplane must carry; without any, all are meant.")
    section_name: str | None = field(default=None, doc="One inbound of the Dataplane, by its name or its port.")


@frozen
class OutboundTargetRef:
    """The destinations that an item of `to` is about."""

    kind: str = field(default="", doc="What kind of destination is meant.", one_of=DESTINATIONS_AND_ROUTES)
    labels: LabelMap | None = field(default=None, doc="Labels that the destinations carry.")
    section_name: str | None = field(default=None, doc="One port of the destinations, by its name.")


@frozen
class BackendRef:
    """A destination that traffic is sent to, and its share of it."""

    kind: str = field(default="", doc="What kind of destination is meant.", one_of=SERVICES)
    labels: LabelMap | None = field(
        default=None, doc="Labels that the destination carries; the oldest that does is it."
    )
    section_name: str | None = field(default=None, doc="A port of the destination, by its name.")
    weight: int = field(
        default=1,
        ge=0,
        le=HEAVIEST,
        described_only=True,
        doc="The share of the traffic, out of the sum of all weights.",
    )
    port: UInt32 | None = field(default=None, doc="A port of the destination, by its number.")


@frozen
class BackendResourceRef:
    """A resource that telemetry is sent to."""

    kind: str = field(default="", doc="What kind of resource is meant.", one_of=("MeshOpenTelemetryBackend",))
    labels: LabelMap | None = field(default=None, doc="Labels that the resource carries; the oldest that does is it.")


Ref = TopLevelTargetRef | OutboundTargetRef | BackendRef


def top_target(ref: TopLevelTargetRef | None, inbound: bool = False) -> Violations:
    """What is wrong with `spec.targetRef`; sections only exist where a policy is `inbound`, that is, has rules."""
    if ref is None:
        return
    yield from under("targetRef", target(ref, TOP_KINDS))
    if ref.kind == "Dataplane" and ref.section_name and not inbound:
        yield Violation("targetRef.sectionName", "can only be used with inbound policies")


def target(ref: Ref | None, kinds: Collection[str]) -> Violations:
    """What is wrong with a targetRef where these kinds are supported."""
    if ref is None or not ref.kind:
        yield Violation("kind", MUST_BE_DEFINED)
    elif ref.kind not in kinds:
        yield Violation("kind", f"value '{ref.kind}' is not supported")
    else:
        yield from _labels_and_section(ref)


def _labels_and_section(ref: Ref) -> Violations:
    if ref.kind == "Mesh" and ref.labels:
        yield Violation("labels", "must not be set with kind Mesh")
    if ref.kind in WITHOUT_SECTION and ref.section_name:
        yield Violation("sectionName", f"must not be set with kind {ref.kind}")
    if ref.kind in LABELS_NEEDED and not ref.labels:
        yield Violation("labels", f"must be set when kind is {ref.kind}")


def backend(ref: BackendRef, kinds: Collection[str] = SERVICES) -> Violations:
    """What is wrong with a backendRef where these kinds are supported."""
    yield from target(ref, kinds)
    if ref.kind == "MeshMultiZoneService" and ref.port is None:
        yield Violation("port", "must be defined with kind MeshMultiZoneService")
    if not 0 <= ref.weight <= HEAVIEST:
        yield Violation("weight", f"must be in inclusive range [0, {HEAVIEST}]")


def backend_resource(ref: BackendResourceRef) -> Violations:
    """What is wrong with a reference to a telemetry backend."""
    if ref.kind != "MeshOpenTelemetryBackend":
        yield Violation("kind", f"value '{ref.kind}' is not supported" if ref.kind else MUST_BE_DEFINED)
    if not ref.labels:
        yield Violation("", "backendRef must have exactly one defined: labels")


def to_items(items: Iterable[Any] | None, kinds: Collection[str]) -> Violations:
    """What is wrong with the items of `to`: their targetRefs, and what their confs say of themselves (`problems`)."""
    for index, item in enumerate(items or ()):
        yield from under(f"to[{index}].targetRef", target(item.target_ref, kinds))
        yield from under(f"to[{index}].default", item.default.problems())


# Who is on the other side.

SPIFFE_TYPES = ("Exact", "Prefix")


@frozen
class SpiffeIdMatch:
    """Identities, given by one or by what they begin with."""

    type: str = field(default="", doc="Exact: this identity. Prefix: all that begin so.", one_of=SPIFFE_TYPES)
    value: str = field(default="", doc="A SPIFFE ID such as `spiffe://domain/ns/shop/sa/web`.")


@frozen
class SniMatch:
    """The server name that the client asks for."""

    type: str = field(default="", doc="How the value is compared.", one_of=("Exact",))
    value: str = field(default="", doc="A server name.")


@frozen
class Match:
    """Traffic, by whom it comes from and which name it asks for; both when both are given."""

    spiffe_id: SpiffeIdMatch | None = field(default=None, json="spiffeID", doc="The identity of the client.")
    sni: SniMatch | None = field(default=None, doc="The server name in the client's TLS hello.")


# RFC 1123 names, and the SPIFFE ID syntax of the SPIFFE-ID standard, section 2.
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
TRUST_DOMAIN = re.compile(r"[a-z0-9._-]+")
PATH_SEGMENT = re.compile(r"[a-zA-Z0-9._-]+")
SCHEME = "spiffe://"
SUBDOMAIN_HINT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


def match(one: Match) -> Violations:
    """What is wrong with a match."""
    if one.spiffe_id is not None and (reason := spiffe_id_problem(one.spiffe_id.value)):
        yield Violation("spiffeID", f"must be a valid Spiffe ID: {reason}")
    if one.sni is not None:
        yield from under("sni", _sni(one.sni))


def some_match(one: Match) -> Violations:
    """What is wrong with a match that must say something, of rules that hold for some of the traffic."""
    if one.spiffe_id is None and one.sni is None:
        yield Violation("", "must specify at least one of 'spiffeID' or 'sni'")
    if one.spiffe_id is not None and one.spiffe_id.type not in SPIFFE_TYPES:
        known = ", ".join(SPIFFE_TYPES)
        unknown = f'unrecognized type "{one.spiffe_id.type}", supported values are: {known}'
        yield Violation("spiffeID.type", unknown if one.spiffe_id.type else "must be set")
    yield from match(one)


def _sni(sni: SniMatch) -> Violations:
    if not sni.type:
        yield Violation("type", "must be set")
    elif sni.type != "Exact":
        yield Violation("type", f'unrecognized type "{sni.type}", supported values are: Exact')
    if not sni.value:
        yield Violation("value", "must be set")
    elif len(sni.value) > 253 or SUBDOMAIN.fullmatch(sni.value) is None:
        yield Violation("value", f"must be a valid DNS1123 subdomain: {SUBDOMAIN_HINT}")


def spiffe_id_problem(text: str) -> str | None:
    """Why a text is no SPIFFE ID; None when it is one."""
    if not text:
        return "cannot be empty"
    if not text.startswith(SCHEME):
        return "scheme is missing or invalid"
    domain, *segments = text.removeprefix(SCHEME).split("/")
    if not domain:
        return "trust domain is missing"
    if TRUST_DOMAIN.fullmatch(domain) is None:
        return "trust domain characters are limited to lowercase letters, numbers, dots, dashes, and underscores"
    return _path_problem(segments)


def _path_problem(segments: list[str]) -> str | None:
    if segments and not segments[-1]:
        return "path cannot have a trailing slash"
    for segment in segments:
        if not segment:
            return "path cannot contain empty segments"
        if segment in (".", ".."):
            return "path cannot contain dot segments"
        if PATH_SEGMENT.fullmatch(segment) is None:
            return "path segment characters are limited to letters, numbers, dots, dashes, and underscores"
    return None


# HTTP headers.

HEADER_NAME = r"^[a-z0-9!#$%&'*+\-.^_\x60|~]+$"


@frozen
class HeaderMatch:
    """Requests, by one of their headers."""

    name: str = field(doc="The header's name, in lower case.", min_length=1, max_length=256, pattern=HEADER_NAME)
    type: str = field(
        default="Exact",
        doc="How the value is compared.",
        one_of=("Exact", "Present", "RegularExpression", "Absent", "Prefix"),
    )
    value: str | None = field(default=None, doc="What the header's value is compared with.")


@frozen
class HeaderKeyValue:
    """A header to write."""

    name: str = field(doc="The header's name, in lower case.", min_length=1, max_length=256, pattern=HEADER_NAME)
    value: str = field(doc="The header's value; several are separated by commas.")


@frozen
class HeaderModifier:
    """How the headers of a request or a response change."""

    set: tuple[HeaderKeyValue, ...] | None = field(default=None, doc="Headers to write, over others.", max_items=16)
    add: tuple[HeaderKeyValue, ...] | None = field(default=None, doc="Headers to write beside others.", max_items=16)
    remove: tuple[str, ...] | None = field(default=None, doc="Names of headers to take away.", max_items=16)


# TLS.

TLS_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-CHACHA20-POLY1305",
)


def tls_version(version: TlsVersion | None) -> Violations:
    """What is wrong with a range of TLS versions."""
    return wrong_versions(version, called="tlsVersion")


def tls_ciphers(ciphers: Iterable[str] | None) -> Violations:
    """What is wrong with a list of cipher suites."""
    for index, cipher in enumerate(ciphers or ()):
        yield from under(f"[{index}]", one_of("tlsCiphers", cipher, TLS_CIPHERS))


# Words that all checks share.

MUST_BE_DEFINED = "must be defined"
MUST_NOT_BE_EMPTY = "must not be empty"


def under(path: str, violations: Iterable[Violation]) -> Violations:
    """The same violations, seen from one step further out."""
    return (violation.under(path) for violation in violations)


def quoted(values: Iterable[str]) -> str:
    """`"a", "b"`."""
    return ", ".join(f'"{value}"' for value in values)


def one_of(what: str, value: str, values: Collection[str]) -> Violations:
    """The value is in the table."""
    if value not in values:
        yield Violation("", f'"{what}" must be one of [{quoted(values)}]')


def positive_duration(name: str, value: timedelta | None) -> Violations:
    """Some time passes, if it is said how much."""
    if value is not None and value <= timedelta(0):
        yield Violation(name, "must be greater than zero when defined")


def duration(name: str, value: timedelta | None) -> Violations:
    """Time does not run backwards."""
    if value is not None and value < timedelta(0):
        yield Violation(name, "must not be negative when defined")


def required_duration(name: str, value: timedelta | None) -> Violations:
    """It is said how much time passes, and it is some."""
    if value is None or value <= timedelta(0):
        yield Violation(name, "must be defined and greater than zero")


def positive(name: str, value: int | None) -> Violations:
    """At least one, if it is said how many."""
    if value is not None and value <= 0:
        yield Violation(name, "must be greater than 0")


def percent(name: str, value: int | None) -> Violations:
    """A whole percentage."""
    if value is not None and not 0 <= value <= 100:
        yield Violation(name, "must be in inclusive range [0, 100]")


DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)


def decimal(value: int | str) -> float | None:
    """The number that a field of either type says; None when it says none."""
    return float(value) if isinstance(value, int) or DECIMAL.fullmatch(value) else None


def decimal_percent(name: str, value: int | str | None) -> Violations:
    """A percentage, whole or not."""
    if value is None:
        return
    number = decimal(value)
    if number is None:
        yield Violation(name, "string must be a valid number")
    elif not 0 <= number <= 100:
        yield Violation(name, "must be in inclusive range [0.0, 100.0]")


def at_least_one(name: str, value: Any, fields: Mapping[str, str]) -> Violations:
    """Some field is said; `fields` are attributes and how documents spell them."""
    if all(getattr(value, attribute) is None for attribute in fields):
        yield Violation(name, f"must have at least one defined: {', '.join(fields.values())}")
