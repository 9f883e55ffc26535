"""What the policies write, Envoy takes: each with everything that it can say."""

from __future__ import annotations

import json

import pytest

from kuma.envoy import api, clusters, tls
from kuma.policies import BY_KIND
from tests.certificates import server_pair
from tests.envoys import complaint
from tests.kuma.policies.parts import (
    BACKEND,
    IDENTITY,
    at_destination,
    at_listener,
    inbound,
    outbound,
    policy,
    to_mesh,
    upstream,
)

SPIFFE = "spiffe://east.mesh/ns/shop"
BACK_OFF = {"baseInterval": "25ms", "maxInterval": "250ms"}

TIMEOUTS = {
    "matches": [
        {"spiffeID": {"type": "Prefix", "value": SPIFFE}, "sni": {"type": "Exact", "value": "backend.mesh"}},
        {"spiffeID": {"type": "Exact", "value": SPIFFE}},
    ],
    "default": {"http": {"requestTimeout": "1s", "streamIdleTimeout": "2s"}},
}
PERMISSIONS = {
    "deny": [{"spiffeID": {"type": "Exact", "value": SPIFFE}}],
    "allow": [{"spiffeID": {"type": "Prefix", "value": SPIFFE}, "sni": {"type": "Exact", "value": "a"}}],
    "allowWithShadowDeny": [{"spiffeID": {"type": "Prefix", "value": f"{SPIFFE}/a"}}],
}
BREAKERS = {
    "connectionLimits": {
        "maxConnections": 1,
        "maxConnectionPools": 2,
        "maxPendingRequests": 3,
        "maxRetries": 4,
        "maxRequests": 5,
    },
    "outlierDetection": {
        "interval": "5s",
        "baseEjectionTime": "30s",
        "maxEjectionPercent": 20,
        "splitExternalAndLocalErrors": True,
        "healthyPanicThreshold": "70.5",
        "detectors": {
            "totalFailures": {"consecutive": 10},
            "gatewayFailures": {"consecutive": 10},
            "localOriginFailures": {"consecutive": 10},
            "successRate": {"minimumHosts": 5, "requestVolume": 10, "standardDeviationFactor": "1.9"},
            "failurePercentage": {"minimumHosts": 5, "requestVolume": 10, "threshold": 85},
        },
    },
}
RETRIES = {
    "http": {
        "numRetries": 3,
        "perTryTimeout": "1s",
        "backOff": {"maxInterval": "1ms"},
        "rateLimitedBackOff": {"resetHeaders": [{"name": "retry-after", "format": "Seconds"}], "maxInterval": "9s"},
        "retryOn": ["5xx", "HttpMethodGet", 503],
        "retriableResponseHeaders": [
            {"name": "x-a", "type": "RegularExpression", "value": "b.*"},
            {"name": "x-c", "type": "Absent"},
        ],
        "retriableRequestHeaders": [{"name": "x-d", "type": "Present"}],
        "hostSelection": [
            {"predicate": "OmitPreviousHosts"},
            {"predicate": "OmitHostsWithTags", "tags": {"team": "a"}},
            {"predicate": "OmitPreviousPriorities", "updateFrequency": 1},
        ],
        "hostSelectionMaxAttempts": 2,
    },
    "grpc": {"numRetries": 3, "backOff": BACK_OFF, "retryOn": ["Canceled"]},
    "tcp": {"maxConnectAttempt": 5},
}

HEALTH = {
    "interval": "1s",
    "timeout": "2s",
    "unhealthyThreshold": 3,
    "healthyThreshold": 1,
    "initialJitter": "5s",
    "intervalJitter": "6s",
    "intervalJitterPercent": 10,
    "failTrafficOnPanic": True,
    "eventLogPath": "/dev/null",
    "alwaysLogHealthCheckFailures": True,
    "noTrafficInterval": "10s",
    "reuseConnection": True,
    "tcp": {"send": "cGluZwo=", "receive": ["cG9uZwo="]},
    "http": {
        "path": "/health",
        "requestHeadersToAdd": {"set": [{"name": "x-a", "value": "a,b"}], "add": [{"name": "x-c", "value": "d"}]},
        "expectedStatuses": [200, 201],
    },
    "grpc": {"serviceName": "health", "authority": "backend"},
}

LIMITS = {
    "http": {
        "requestRate": {"num": 5, "interval": "1s"},
        "onRateLimit": {"status": 429, "headers": {"set": [{"name": "x-limited", "value": "yes"}]}},
    }
}
CONNECTIONS = {"tcp": {"connectionRate": {"num": 5, "interval": "1s"}}}

FAULTS = {
    "http": [
        {"abort": {"httpStatus": 503, "percentage": 50}},
        {"delay": {"value": "5s", "percentage": "62.9"}},
        {"responseBandwidth": {"limit": "50 Mbps", "percentage": 1}},
    ]
}

BALANCING = {
    "localityAwareness": {"localZone": {"affinityTags": [{"key": "k8s.io/node"}]}},
    "loadBalancer": {
        "type": "RingHash",
        "ringHash": {"hashFunction": "MurmurHash2", "minRingSize": 1024, "maxRingSize": 2048},
    },
    "hashPolicies": [
        {"type": "Header", "terminal": True, "header": {"name": "x-user"}},
        {"type": "Cookie", "cookie": {"name": "c", "ttl": "1h", "path": "/"}},
        {"type": "Connection", "connection": {"sourceIP": True}},
        {"type": "QueryParameter", "queryParameter": {"name": "q"}},
        {"type": "FilterState", "filterState": {"key": "k"}},
    ],
}

MESH_TLS = {"mode": "Permissive", "tlsVersion": {"min": "TLS12"}, "tlsCiphers": ["ECDHE-RSA-AES128-GCM-SHA256"]}

INWARD = [
    policy("MeshTLS", rules=[{"default": MESH_TLS}]),
    policy(
        "MeshRateLimit",
        targetRef={"kind": "Dataplane"},
        rules=[
            {"matches": TIMEOUTS["matches"], "default": {"local": LIMITS}},
            {"default": {"local": {**LIMITS, **CONNECTIONS}}},
        ],
    ),
    policy("MeshFaultInjection", rules=[{"matches": TIMEOUTS["matches"], "default": FAULTS}, {"default": FAULTS}]),
    policy("MeshTimeout", rules=[TIMEOUTS, {"default": {"idleTimeout": "1s"}}]),
    policy("MeshTrafficPermission", rules=[{"default": PERMISSIONS}]),
    policy("MeshCircuitBreaker", rules=[{"default": BREAKERS}]),
]
OUTWARD = [
    INWARD[0],
    policy("MeshTimeout", to=[to_mesh(connectionTimeout="1s", http={"requestTimeout": "0s"})]),
    policy("MeshCircuitBreaker", to=[to_mesh(**BREAKERS)]),
    policy("MeshRetry", to=[to_mesh(**RETRIES)]),
    policy("MeshLoadBalancingStrategy", to=[to_mesh(**BALANCING)]),
    policy("MeshHealthCheck", to=[to_mesh(**HEALTH)]),
]


def edited_inbound(protocol):
    part = inbound(protocol, IDENTITY)
    for one in INWARD:
        BY_KIND[one.kind].inbound(part, at_listener(one))
    return part


def edited_outward(protocol):
    listener, cluster = outbound(protocol), upstream(protocol)
    for one in OUTWARD:
        confs = at_destination(one)
        edits = BY_KIND[one.kind]
        if edits.outbound is not None:
            edits.outbound(listener, confs)
        if edits.upstream is not None:
            edits.upstream(cluster, confs)
    return listener, cluster


def with_a_certificate(listener):
    """The listener with a certificate in place of a secret that only a control plane has."""
    pair = server_pair()
    for chain in listener.filter_chains:
        if chain.HasField("transport_socket"):
            tls.secure(chain, tls.admin(pair.cert, pair.key, pair.cert))
    return listener


def in_place(cluster):
    """The cluster with its endpoints in it, which a control plane would send."""
    made = clusters.static(cluster.name, {"socket_address": {"address": "127.0.0.1", "port_value": 1}})
    cluster.ClearField("eds_cluster_config")
    cluster.ClearField("type")
    cluster.load_assignment.CopyFrom(made.load_assignment)
    return cluster


@pytest.mark.parametrize("protocol", ["http", "http2", "grpc", "tcp"])
def test_envoy_takes_what_policies_write(protocol, tmp_path):
    inward = edited_inbound(protocol)
    listener, cluster = edited_outward(protocol)
    bootstrap = {
        "static_resources": {
            "listeners": [api.document(with_a_certificate(inward.listener)), api.document(listener.listener)],
            "clusters": [api.document(inward.cluster), api.document(in_place(cluster.cluster))],
        }
    }
    file = tmp_path / "envoy.json"
    file.write_text(json.dumps(bootstrap))
    assert complaint(file) == ""
    assert cluster.cluster.name == str(BACKEND)
