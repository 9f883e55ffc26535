"""A proxy that has something to tell, and collectors to tell it to."""

from __future__ import annotations

from typing import Any

from frozendict import frozendict

from kuma.envoy.draft import Caller, System
from kuma.match import ToRules, precedence, to_rules
from kuma.model import Key, Resource
from kuma.policy import Said
from kuma.resources.meshopentelemetrybackend import MeshOpenTelemetryBackend
from kuma.rules import InboundRules, to_everywhere
from kuma.schema import parse
from kuma.telemetry import THROUGH_KUMA_DP, Collector
from tests.kuma.policies.parts import EAST, LISTENER, at_listener

OTEL = {"kind": "MeshOpenTelemetryBackend", "labels": {"team": "watchers"}}
COLLECTOR = Collector("main", frozendict(team="watchers"), "10.0.0.9", 4317)


def caller(**facts: Any) -> Caller:
    """A proxy of the workload web, in zone east."""
    known = {
        "name": "web-1",
        "mesh": "shop",
        "zone": "east",
        "address": "10.0.0.1",
        "labels": frozendict({"kuma.io/display-name": "web-1"}),
        "workload": "web",
        "workdir": "/run/web",
        "collectors": (COLLECTOR,),
    }
    return Caller(**known | facts)


def with_kuma_dp(**facts: Any) -> Caller:
    """The same, whose kuma-dp passes telemetry on."""
    return caller(features=frozenset({THROUGH_KUMA_DP}), **facts)


def system(who: Caller, *listeners: Any) -> System:
    """A system side with these listeners."""
    return System(who, None, list(listeners), [])


def said_outward(*policies: Resource) -> Said:
    """What these policies say of a proxy that listens to nobody."""
    return Said(frozendict(), to_rules(precedence(policies), EAST))


def said_inward(*policies: Resource) -> Said:
    """What these policies say of a proxy's one listener."""
    return Said(frozendict({LISTENER: at_listener(*policies)}), ToRules())


def said_of_all(policy: Resource) -> Said:
    """What a policy says of a proxy as a whole."""
    return Said(frozendict({LISTENER: InboundRules()}), to_everywhere((policy,)), policy.spec.default)


def backend(name: str, labels: dict[str, str], **spec: Any) -> Resource:
    """A MeshOpenTelemetryBackend."""
    key = Key("MeshOpenTelemetryBackend", "shop", name)
    return Resource(key, parse(MeshOpenTelemetryBackend, spec), frozendict(labels))
