"""`kumactl render`: what files make of a proxy, and what is wrong with them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml

from tests.cli.ran import ran
from tests.zone_cp.test_offline import IDENTITY, PROXIES

TIMEOUT = """
type: MeshTimeout
mesh: shop
name: quick
labels: {kuma.io/effect: shadow}
spec:
  to: [{targetRef: {kind: Mesh}, default: {connectionTimeout: 7s}}]
"""
CLUSTERS = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
BACKEND = "kri_msvc_shop_z9__backend_http"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "proxies.yaml").write_text(PROXIES)
    (tmp_path / "identity.yaml").write_text(IDENTITY)
    return tmp_path


def render(*arguments: object):
    return ran(["--no-config", "render", "-m", "shop", "--dataplane", "web", *map(str, arguments)])


def test_a_config_is_shown_as_the_inspection_api_shows_it(folder):
    done = render("-f", folder, "--zone", "z9")
    assert (done.code, done.err) == (0, "")
    cluster = json.loads(done.out)["xds"][CLUSTERS][BACKEND]
    assert cluster["connectTimeout"] == "5s"
    assert "transportSocket" in cluster


def test_shadow_policies_and_what_they_would_change(folder):
    (folder / "timeout.yaml").write_text(TIMEOUT)
    plain = json.loads(render("-f", folder, "--zone", "z9").out)
    assert plain["xds"][CLUSTERS][BACKEND]["connectTimeout"] == "5s"
    told = json.loads(render("-f", folder, "--zone", "z9", "--shadow", "--include", "diff").out)
    assert told["xds"][CLUSTERS][BACKEND]["connectTimeout"] == "7s"
    changed = f"/{CLUSTERS.replace('/', '~1')}/{BACKEND}/connectTimeout"
    assert {"op": "add", "path": changed, "value": "7s"} in told["diff"]


def test_the_zone_is_that_of_the_control_planes_configuration(folder):
    (folder / "cp.conf").write_text("mode: zone\nmultizone: {zone: {name: z9}}\n")
    done = render("-f", folder / "proxies.yaml", "--config", folder / "cp.conf", "-o", "yaml")
    assert BACKEND in yaml.safe_load(done.out)["xds"][CLUSTERS]


def test_rules_and_policies(folder):
    (folder / "timeout.yaml").write_text(TIMEOUT.replace("labels: {kuma.io/effect: shadow}\n", ""))
    told = json.loads(render("-f", folder, "--type", "rules").out)
    assert [one["type"] for one in told["rules"]] == ["MeshTimeout"]
    assert json.loads(render("-f", folder, "--type", "policies").out) == {"policies": []}


def test_every_mistake_in_every_file_is_told(folder):
    (folder / "wrong.yaml").write_text(TIMEOUT.replace("7s", "-1s") + "---\ntype: Nothing\nname: x\n")
    done = render("-f", folder)
    assert (done.code, done.out) == (1, "")
    assert "connectionTimeout" in done.err
    assert 'unknown type "Nothing"' in done.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--type", "stats"), "it can be one of config, rules, policies"),
        (("-o", "xml"), "it can be one of json, yaml"),
        (("--include", "more"), "--include can only be diff"),
        (("--config", "/nowhere"), "can't use /nowhere"),
    ],
)
def test_what_cannot_be_shown_is_said(folder, arguments, reason):
    done = render("-f", folder, *arguments)
    assert done.code == 1
    assert reason in done.err


def test_a_proxy_that_is_not_there(folder):
    done = ran(["render", "-f", str(folder), "-m", "shop", "--dataplane", "nobody"])
    assert (done.code, "there: backend, web" in done.err) == (1, True)


def test_other_commands_do_not_pay_for_it():
    code = "import sys, kuma.cli.kumactl.root as r; r.run(['version']); print('zone_cp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.rstrip().endswith("False")
