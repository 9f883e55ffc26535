"""What a control plane brings into being by itself: the resources of a new mesh, the zone's own, signing keys. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from certs.tokens import proxies
from kuma.kinds import parse_document
from kuma.model import ENV, ORIGIN, ORIGIN_GLOBAL, ORIGIN_ZONE, Key, Resource

EVERY_POLICY = "*"
BACK_OFF = {"baseInterval": "25ms", "maxInterval": "250ms"}
RETRIES = {"numRetries": 5, "perTryTimeout": "16s", "backOff": BACK_OFF}
LIMITS = {"maxConnections": 1024, "maxPendingRequests": 1024, "maxRequests": 1024, "maxRetries": 3}
INBOUND_HTTP = {"requestTimeout": "0s", "streamIdleTimeout": "1h", "maxStreamDuration": "0s"}
OUTBOUND_HTTP = {"requestTimeout": "15s", "streamIdleTimeout": "30m"}
MESH = {"kind": "Mesh"}

POLICIES: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    (
        "MeshTimeout",
        "mesh-timeout-all",
        {"rules": [{"default": {"connectionTimeout": "10s", "idleTimeout": "2h", "http": INBOUND_HTTP}}]},
    ),
    (
        "MeshTimeout",
        "mesh-timeout-to-all",
        {
            "to": [
                {
                    "targetRef": MESH,
                    "default": {"connectionTimeout": "5s", "idleTimeout": "1h", "http": OUTBOUND_HTTP},
                }
            ]
        },
    ),
    (
        "MeshCircuitBreaker",
        "mesh-circuit-breaker-all",
        {"to": [{"targetRef": MESH, "default": {"connectionLimits": LIMITS}}]},
    ),
    (
        "MeshRetry",
        "mesh-retry-all",
        {"to": [{"targetRef": MESH, "default": {"tcp": {"maxConnectAttempt": 5}, "http": RETRIES, "grpc": RETRIES}}]},
    ),
)

SYNCED, LOCAL = {ORIGIN: ORIGIN_GLOBAL}, {ORIGIN: ORIGIN_ZONE}
HEADLESS = "k8s.kuma.io/is-headless-service"
KUBERNETES = {**SYNCED, ENV: "kubernetes"}
POD = '{{ label "statefulset.kubernetes.io/pod-name" }}.{{ label "k8s.kuma.io/service-name" }}'

Generator = tuple[str, str, Mapping[str, str], str]  # name, which services, with which labels, template
GENERATORS: Mapping[str, tuple[Generator, ...]] = {
    "global": (
        (
            *("synced-kube-mesh-service", "meshService", {**KUBERNETES, HEADLESS: "false"}),
            "{{ .DisplayName }}.{{ .Namespace }}.svc.{{ .Zone }}.mesh.local",
        ),
        (
            *("synced-headless-kube-mesh-service", "meshService", {**KUBERNETES, HEADLESS: "true"}),
            POD + ".{{ .Namespace }}.svc.{{ .Zone }}.mesh.local",
        ),
        (
            *("synced-universal-mesh-service", "meshService", {**SYNCED, ENV: "universal"}),
            "{{ .DisplayName }}.svc.{{ .Zone }}.mesh.local",
        ),
        ("synced-mesh-external-service", "meshExternalService", SYNCED, "{{ .DisplayName }}.extsvc.mesh.local"),
        ("synced-mesh-multi-zone-service", "meshMultiZoneService", SYNCED, "{{ .DisplayName }}.mzsvc.mesh.local"),
    ),
    "zone": (("local-mesh-external-service", "meshExternalService", LOCAL, "{{ .DisplayName }}.extsvc.mesh.local"),),
    "universal zone": (("local-universal-mesh-service", "meshService", LOCAL, "{{ .DisplayName }}.svc.mesh.local"),),
}


def hostname_generators(mode: str, environment: str) -> Iterator[Resource]:
    """The HostnameGenerators of a control plane. Those of a zone name its own services, the global ones all others'."""
    for name, kind, labels, template in (*GENERATORS[mode], *GENERATORS.get(f"{environment} {mode}", ())):
        spec = {"selector": {kind: {"matchLabels": labels}}, "template": template}
        yield parse_document({"type": "HostnameGenerator", "name": name, "spec": spec})


def policies(mesh: Resource) -> Iterator[Resource]:
    """The policies that a new mesh starts with, except those that it says it does without."""
    skipped = mesh.spec.skip_creating_initial_policies or ()
    if EVERY_POLICY in skipped:
        return
    for kind, prefix, spec in POLICIES:
        if kind not in skipped:
            document = {"type": kind, "mesh": mesh.name, "name": f"{prefix}-{mesh.name}"}
            yield parse_document(document | {"spec": {"targetRef": MESH, **spec}})


def apart(policy: Resource, spec: Any) -> Any:
    """What is kept of a default policy: timeouts of both directions, which once stood in one, stand apart."""
    if policy.spec.to or not getattr(spec, "to", None):
        return spec
    return evolve(spec, to=None, rules=spec.rules or policy.spec.rules)


def outdated(mesh: Resource) -> Iterator[Key]:
    """Policies that a mesh once started with: of gateways that there are no more."""
    for prefix in ("mesh-gateways-timeout-all", "mesh-gateways-timeout-to-all"):
        yield Key("MeshTimeout", mesh.name, f"{prefix}-{mesh.name}")


def signing_key(mesh: str, pem: bytes) -> Resource:
    """The first key that signs the tokens of a mesh's proxies."""
    return secret(proxies(mesh).secret(1), pem)


def secret(key: Key, content: bytes) -> Resource:
    """A Secret or GlobalSecret with this content."""
    document = {"type": key.kind, "name": key.name, "data": base64.b64encode(content).decode()}
    return parse_document(document | ({"mesh": key.mesh} if key.mesh else {}))
