"""A first generation for nobody, so that the first proxy need not wait until Envoy's vocabulary is loaded.

Message classes are made when they are first used. That takes most of a second, in which nobody else would be served.
"""

from __future__ import annotations

from typing import Any

from kuma.kinds import parse_document
from kuma.mesh import AdminTls, Certificate, Metadata, Proxy, mesh_of
from zone_cp.generate import Workshop, generate

MESH = "rehearsal"
SERVICE = {
    "mesh": MESH,
    "name": "service",
    "labels": {"kuma.io/display-name": "service", "kuma.io/workload": "service"},
}
WANTED = {"kind": "MeshService", "name": "service", "port": 80}

DOCUMENTS: tuple[dict[str, Any], ...] = (
    {"type": "Mesh", "name": MESH},
    {
        **{"type": "Dataplane", **SERVICE},
        "networking": {
            "address": "127.0.0.1",
            "inbound": [{"port": 80, "protocol": "http"}, {"port": 81}],
            "outbound": [{"port": 82, "backendRef": WANTED}, {"port": 83, "backendRef": {**WANTED, "port": 81}}],
        },
    },
    {
        **{"type": "MeshService", **SERVICE},
        "spec": {
            "selector": {"dataplaneLabels": {"matchLabels": {"kuma.io/workload": "service"}}},
            "ports": [{"port": 80, "appProtocol": "http"}, {"port": 81, "appProtocol": "tcp"}],
        },
        "status": {"tls": {"status": "Ready"}},
    },
)
SAID = {"dataplane.admin.port": "1", "dataplane.readinessReporter.port": "2", "workdir": "/run/kuma", "features": []}


def rehearse() -> None:
    """Make the config of a small mesh's proxy, and forget it."""
    mesh = mesh_of(MESH, "", map(parse_document, DOCUMENTS))
    certificate = Certificate("identity", b"chain", b"key")
    proxy = Proxy(mesh.of("Dataplane")["service"], Metadata.of(SAID), certificate, AdminTls(b"", b"", b""))
    generate(mesh, proxy, Workshop())
