"""Small meshes to generate from."""

from __future__ import annotations

import yaml

from kuma.envoy import api
from kuma.kinds import parse_document
from kuma.mesh import AdminTls, Certificate, Mesh, Metadata, Proxy, mesh_of
from kuma.model import Resource
from kuma.xds.config import Config

SHOP = """
type: Mesh
name: shop
---
type: Dataplane
mesh: shop
name: frontend-01
labels: {kuma.io/display-name: frontend-01, kuma.io/env: universal, kuma.io/mesh: shop, kuma.io/origin: zone,
         kuma.io/workload: frontend, kuma.io/zone: z1}
networking:
  address: 10.0.0.1
  inbound: [{port: 3000, protocol: tcp}]
  outbound:
  - {address: 127.0.0.1, port: 20001, backendRef: {kind: MeshService, name: frontend, port: 3000}}
  - {port: 20002, backendRef: {kind: MeshService, labels: {kuma.io/display-name: backend}, port: 80}}
---
type: Dataplane
mesh: shop
name: backend-01
labels: {kuma.io/display-name: backend-01, kuma.io/env: universal, kuma.io/mesh: shop, kuma.io/origin: zone,
         kuma.io/workload: backend, kuma.io/zone: z1, version: v2}
networking:
  address: 10.0.0.2
  inbound: [{name: http, port: 80, servicePort: 8080, protocol: http}]
---
type: MeshService
mesh: shop
name: frontend
labels: {kuma.io/display-name: frontend, kuma.io/zone: z1, kuma.io/origin: zone}
spec:
  selector: {dataplaneLabels: {matchLabels: {kuma.io/workload: frontend}}}
  ports: [{port: 3000, appProtocol: tcp}]
  identities: [{type: SpiffeID, value: spiffe://shop.z1.mesh.local/workload/frontend}]
status: {tls: {status: Ready}, dataplaneProxies: {}}
---
type: MeshService
mesh: shop
name: backend
labels: {kuma.io/display-name: backend, kuma.io/zone: z1, kuma.io/origin: zone}
spec:
  selector: {dataplaneLabels: {matchLabels: {kuma.io/workload: backend}}}
  ports: [{port: 80, name: http, targetPort: http, appProtocol: http}]
  identities: [{type: SpiffeID, value: spiffe://shop.z1.mesh.local/workload/backend}]
status: {tls: {status: Ready}, dataplaneProxies: {}}
---
type: MeshIdentity
mesh: shop
name: identity
labels: {kuma.io/zone: z1, kuma.io/origin: zone}
spec:
  selector: {dataplane: {matchLabels: {}}}
  provider: {type: Bundled, bundled: {insecureAllowSelfSigned: true, autogenerate: {enabled: true}}}
---
type: MeshTrust
mesh: shop
name: identity
spec:
  trustDomain: shop.z1.mesh.local
  caBundles: [{type: Pem, pem: {value: "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----"}}]
---
type: MeshTrafficPermission
mesh: shop
name: allow-shop
labels: {kuma.io/zone: z1, kuma.io/origin: zone}
spec:
  rules: [{default: {allow: [{spiffeID: {type: Prefix, value: "spiffe://shop.z1.mesh.local/"}}]}}]
"""

SECRET = "kri_mid_shop_z1__identity_"
CERTIFICATE = Certificate(SECRET, b"chain", b"key")
METADATA = Metadata.of({
    "features": ["feature-reuse-port"],
    "workdir": "/run/kdp",
    "ipv6Enabled": False,
    "dataplane.admin.port": "9901",
    "dataplane.admin.address": "127.0.0.1",
    "dataplane.admin.socketPath": "/run/kdp/kuma-envoy-admin.sock",
    "dataplane.readinessReporter.port": "9902",
})  # fmt: skip
ADMIN = AdminTls(b"admin chain", b"admin key", b"admin ca")


def resources(text: str) -> list[Resource]:
    """The resources of some YAML documents."""
    return [parse_document(document) for document in yaml.safe_load_all(text)]


def shop(*more: str, zone: str = "z1") -> Mesh:
    """The mesh of the examples, with more documents."""
    return mesh_of("shop", zone, [one for text in (SHOP, *more) for one in resources(text)])


def proxy(mesh: Mesh, name: str, certificate: Certificate | None = CERTIFICATE) -> Proxy:
    """The connected proxy of a Dataplane."""
    dataplane = mesh.get("Dataplane", name)
    assert dataplane is not None
    return Proxy(dataplane, METADATA, certificate, ADMIN)


def documents(config: Config, name: str, url: str) -> dict:
    """All resources of one type, as protobuf's JSON."""
    made = config.resources(url)
    return {one: api.document(getattr(api, name).FromString(packed.body)) for one, packed in made.items()}
