"""What a control plane would find out is found out without one; what is said already is taken as it is."""

from __future__ import annotations

import pytest
import yaml

from kuma.kinds import parse_document
from kuma.settings import load
from kuma.vips import vip_of
from tests.zone_cp.worlds import documents
from zone_cp.generate import CDS, LDS, Workshop, generate
from zone_cp.inspection import shown
from zone_cp.offline import Offline, seen

IDENTITY = """
type: MeshIdentity
mesh: shop
name: identity
spec:
  selector: {dataplane: {matchLabels: {}}}
  provider: {type: Bundled, bundled: {autogenerate: {enabled: true}}}
"""
PROXIES = """
type: Dataplane
mesh: shop
name: web
labels: {kuma.io/workload: web}
networking:
  address: 10.0.0.1
  inbound: [{port: 3000}]
  outbound: [{port: 20002, backendRef: {kind: MeshService, name: backend, port: 80}}]
---
type: Dataplane
mesh: shop
name: backend
labels: {kuma.io/workload: backend}
networking:
  address: 10.0.0.2
  inbound: [{name: http, port: 80, protocol: http}]
"""
SERVICE = """
type: MeshService
mesh: shop
name: backend
labels: {kuma.io/workload: backend}
spec:
  selector: {dataplaneLabels: {matchLabels: {kuma.io/workload: backend}}}
  ports: [{port: 80, name: http, targetPort: http, appProtocol: http}]
  identities: [{type: SpiffeID, value: spiffe://said.mesh/backend}]
status: {tls: {status: Ready}, vips: [{ip: 241.9.9.9}], dataplaneProxies: {}}
"""


def offline(*texts: str, zone: str = "z1") -> Offline:
    found = [parse_document(one) for text in texts for one in yaml.safe_load_all(text)]
    return seen("shop", zone, found, load(None, {}))


def xds(made: Offline, name: str):
    proxy = made.proxy(made.mesh.of("Dataplane")[name], ("feature-reuse-port",))
    return generate(made.mesh, proxy, Workshop())


def test_services_are_made_of_workloads():
    service = offline(PROXIES).mesh.of("MeshService")["backend"]
    assert [(port.name, port.app_protocol) for port in service.spec.ports] == [("http", "http")]
    assert service.labels["kuma.io/zone"] == "z1"
    assert vip_of(service).startswith("241.")


def test_identities_work_and_are_believed():
    made = offline(PROXIES, IDENTITY)
    service = made.mesh.of("MeshService")["backend"]
    assert service.status.tls.status == "Ready"
    assert [one.value for one in service.spec.identities] == ["spiffe://shop.z1.mesh.local/workload/backend"]
    assert made.mesh.trust.domains == ("shop.z1.mesh.local",)
    socket = documents(xds(made, "web"), "Cluster", CDS)["kri_msvc_shop_z1__backend_http"]["transportSocket"]
    assert socket["typedConfig"]["sni"] == "sni.msvc.shop.z1.backend.http"


def test_without_an_identity_traffic_is_plain():
    made = xds(offline(PROXIES), "web")
    assert "transportSocket" not in documents(made, "Cluster", CDS)["kri_msvc_shop_z1__backend_http"]


def test_what_is_said_is_taken_as_it_is():
    service = offline(PROXIES, IDENTITY, SERVICE).mesh.of("MeshService")["backend"]
    assert [one.value for one in service.spec.identities] == ["spiffe://said.mesh/backend"]
    assert vip_of(service) == "241.9.9.9"


def test_a_proxy_is_what_it_has_said_of_itself():
    metadata = {"workdir": "/run/dp", "dataplane.admin.port": "1234", "dataplane.readinessReporter.port": "1235"}
    insight = yaml.safe_dump({"type": "DataplaneInsight", "mesh": "shop", "name": "web", "metadata": metadata})
    made = offline(PROXIES, insight)
    assert made.proxy(made.mesh.of("Dataplane")["web"]).metadata.admin_port == 1234
    assert made.proxy(made.mesh.of("Dataplane")["backend"]).metadata.admin_port == 9901


def test_no_private_key_is_shown():
    patch = """
type: MeshProxyPatch
mesh: shop
name: keys
spec:
  default:
    appendModifications:
    - cluster:
        operation: Add
        value: |
          name: extra
          connectTimeout: 1s
          transportSocket:
            name: tls
            typedConfig:
              '@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
              commonTlsContext:
                tlsCertificates:
                - certificateChain: {filename: /chain}
                  privateKey: {inlineString: very secret}
"""
    told = shown(xds(offline(PROXIES, IDENTITY, patch), "web"))
    assert "very secret" not in str(told)
    context = told[CDS]["extra"]["transportSocket"]["typedConfig"]["commonTlsContext"]
    assert context["tlsCertificates"][0]["privateKey"] == {"inlineString": "[redacted]"}
    assert "system_envoy_admin" in told[LDS]


@pytest.mark.parametrize("mesh", ["shop", "other"])
def test_other_meshes_do_not_count(mesh):
    another = PROXIES.replace("mesh: shop", f"mesh: {mesh}")
    assert set(offline(another).mesh.of("Dataplane")) == ({"web", "backend"} if mesh == "shop" else set())
