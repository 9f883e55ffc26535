"""Which proxies may speak for which Dataplanes, with tokens that the control plane has made, or somebody else."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from certs import tokens
from certs.tokens import DataplaneClaims, UserClaims
from kuma.cli.demo.http import ask
from kuma.cli.demo.parts import ControlPlane, Proxy
from kuma.cli.demo.world import MESH, World, example
from kuma.ports import free_ports
from tests.e2e.conftest import HOST, wait_for, world

ZONE = "solo"
IN_MEMORY = {"KUMA_STORE_TYPE": "memory"}
ADMIN = "mesh-system:admin"


def lone(made: World, config: str = "") -> ControlPlane:
    """The one control plane of a world, running."""
    made.place_control_planes()
    plane = made.planes[ZONE]
    plane.config = config
    made.start_control_planes()
    wait_for("the default mesh", lambda: plane.api.get(f"/meshes/{MESH}"))
    return plane


def variables(name: str, workload: str, **more: object) -> dict[str, str]:
    (port, service) = free_ports(2)
    said = {"name": name, "workload": workload, "address": HOST, "port": port, "servicePort": service}
    return {key: str(value) for key, value in (said | more).items()}


def online(plane: ControlPlane, name: str, mesh: str = MESH) -> bool:
    found = plane.api.get(f"/meshes/{mesh}/dataplanes/{name}/_overview") or {}
    return any("disconnectTime" not in one for one in found.get("dataplaneInsight", {}).get("subscriptions", ()))


def stays(what: str, check: Any, seconds: float) -> None:
    """Look at it again and again for so long; it never changes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert check(), what
        time.sleep(0.2)


# Tokens that the control plane makes.


@pytest.fixture(scope="module")
def solo() -> Iterator[World]:
    with world(zones=(ZONE,), federated=False, settings=IN_MEMORY) as made:
        lone(made)
        yield made


def start(made: World, values: Mapping[str, str], token: str = "", template: str = "service.yaml") -> Proxy:
    proxy = made.sidecars(ZONE).start(MESH, example(template), values, token)
    made.proxies[values["name"]] = proxy
    return proxy


@pytest.mark.scenario("U-auth-05")
def test_a_proxy_replaces_the_dataplane_that_was_stored_for_it(solo):
    api = solo.planes[ZONE].api
    old = {"kuma.io/workload": "shop", "app": "old"}
    networking = {"address": "192.0.2.9", "inbound": [{"name": "http", "port": 1, "protocol": "http"}]}
    stored = {"type": "Dataplane", "mesh": MESH, "name": "shop-1", "labels": old, "networking": networking}
    api.put(stored)
    start(solo, variables("shop-1", "shop"))

    def replaced() -> bool:
        found = api.get(f"/meshes/{MESH}/dataplanes/shop-1")
        return found["networking"]["address"] == HOST and "app" not in found["labels"]

    wait_for("the proxy's own Dataplane", replaced)


@pytest.mark.scenario("U-auth-06")
def test_a_token_for_the_workload_lets_in(solo):
    values = variables("bound-1", "backend")
    start(solo, values, solo.sidecars(ZONE).token(MESH, "bound-1", "backend")).wait()
    wait_for("it is online", partial(online, solo.planes[ZONE], "bound-1"))


@pytest.mark.scenario("U-auth-07")
def test_a_token_for_another_workload_does_not(solo):
    proxy = start(solo, variables("front-1", "frontend"), solo.sidecars(ZONE).token(MESH, "front-1", "backend"))
    log = proxy.process.log
    wait_for("it was refused", lambda: "not allowed" in log.read_text() or "workload" in refusals(solo))
    stays("it is never online", lambda: not online(solo.planes[ZONE], "front-1"), 10)
    assert proxy.process.running
    del solo.proxies["front-1"]
    proxy.stop()


def refusals(made: World) -> str:
    """What the control plane says of streams that it refused."""
    lines = made.planes[ZONE].process.log.read_text().splitlines()
    return "\n".join(line for line in lines if "refused" in line)


@pytest.mark.scenario("U-workload-06")
def test_workloads_are_counted_as_their_proxies_come_and_go(solo):
    api = solo.planes[ZONE].api

    def counted(number: int) -> bool:
        found = api.get(f"/meshes/{MESH}/workloads/crowd") or {}
        return found.get("status", {}).get("dataplaneProxies", {}).get("total", 0) == number

    start(solo, variables("crowd-1", "crowd")).wait()
    wait_for("one is counted", lambda: counted(1))
    second = start(solo, variables("crowd-2", "crowd"))
    second.wait()
    wait_for("two are counted", lambda: counted(2))
    del solo.proxies["crowd-2"]
    second.stop()
    wait_for("one is counted again", lambda: counted(1))


IDENTITY = """
type: MeshIdentity
mesh: default
name: {name}
spec:
  selector: {{dataplane: {{matchLabels: {{app: {app}}}}}}}
  spiffeID: {{path: "{path}"}}
  provider:
    type: Bundled
    bundled: {{insecureAllowSelfSigned: true, autogenerate: {{enabled: true}}}}
"""
BY_WORKLOAD = '/w/{{ label \\"kuma.io/workload\\" }}'
DATAPLANE = """
type: Dataplane
mesh: default
name: {{ name }}
labels: {app: {{ app }}}
networking:
  address: {{ address }}
  inbound: [{name: http, port: {{ port }}, servicePort: {{ servicePort }}, serviceAddress: {{ address }}}]
"""
LABELLED = DATAPLANE.replace("{app: {{ app }}}", "{app: {{ app }}, kuma.io/workload: {{ workload }}}")


@pytest.fixture(scope="module")
def identified(solo) -> World:
    api = solo.planes[ZONE].api
    api.apply(IDENTITY.format(name="server", app="test-server", path=BY_WORKLOAD))
    api.apply(IDENTITY.format(name="backend", app="backend", path=BY_WORKLOAD))
    api.apply(IDENTITY.format(name="api", app="api", path='/app/{{ label \\"app\\" }}'))
    for name in ("server", "backend", "api"):
        path = f"/meshes/{MESH}/meshidentities/{name}"
        wait_for(f"identity {name} is ready", lambda path=path: "Successfully" in json.dumps(api.get(path)))
    return solo


def started(made: World, template: str, name: str, app: str, workload: str = "") -> Proxy:
    values = variables(name, workload, app=app)
    token = (
        made.planes[ZONE]
        .api.post(
            "/tokens/dataplane",
            {"mesh": MESH, "name": name, "validFor": "1h"} | ({"workload": workload} if workload else {}),
        )
        .body.decode()
    )
    proxy = made.sidecars(ZONE).start(MESH, template, values, token)
    made.proxies[name] = proxy
    return proxy


@pytest.mark.scenario("U-workload-03")
def test_whose_identity_needs_a_workload_is_not_registered_without_one(identified):
    proxy = started(identified, DATAPLANE, "nameless", "test-server")
    wait_for("it was refused", lambda: "nameless" in proxy.process.log.read_text() + refusals(identified))
    path = f"/meshes/{MESH}/dataplanes/nameless"
    stays("it is not registered", lambda: identified.planes[ZONE].api.get(path) is None, 5)
    del identified.proxies["nameless"]
    proxy.stop()


@pytest.mark.scenario("U-workload-04")
def test_with_a_workload_it_is(identified):
    started(identified, LABELLED, "named", "backend", "backend")
    wait_for("it is registered", lambda: identified.planes[ZONE].api.get(f"/meshes/{MESH}/dataplanes/named"))


@pytest.mark.scenario("U-workload-05")
@pytest.mark.parametrize("app", ["api", "somebody"])
def test_who_needs_no_workload_may_do_without(identified, app):
    started(identified, DATAPLANE, f"free-{app}", app)
    wait_for("it is registered", lambda: identified.planes[ZONE].api.get(f"/meshes/{MESH}/dataplanes/free-{app}"))


# Tokens that are signed offline.

KEYS = [tokens.new_signing_key() for _ in range(3)]


def pem(content: bytes, form: serialization.PublicFormat) -> str:
    public = tokens.public_key(tokens.public_pem(content))
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def offline_settings() -> str:
    """Users' keys and proxies' keys, in both ways in which a PEM can say an RSA key."""
    pkcs1, spki = serialization.PublicFormat.PKCS1, serialization.PublicFormat.SubjectPublicKeyInfo
    users = [{"kid": "static-1", "key": pem(KEYS[0], spki)}]
    proxies = [
        {"kid": "static-1", "key": pem(KEYS[1], pkcs1), "mesh": MESH},
        {"kid": "static-2", "key": pem(KEYS[2], spki)},
    ]
    validator = {"useSecrets": False, "publicKeys": proxies}
    return json.dumps({
        "apiServer": {"authn": {"tokens": {"validator": {"useSecrets": True, "publicKeys": users}}}},
        "dpServer": {"authn": {"dpProxy": {"dpToken": {"enableIssuer": False, "validator": validator}}}},
    })  # fmt: skip


@pytest.fixture(scope="module")
def offline() -> Iterator[World]:
    with world(zones=(ZONE,), federated=False, settings=IN_MEMORY) as made:
        plane = lone(made, offline_settings())
        plane.api.put({"type": "Mesh", "name": "other"})
        yield made


def signed(claims: Any, kid: str, content: bytes) -> str:
    return tokens.issue(claims, tokens.signing_key(kid, content), datetime.now(UTC), timedelta(hours=1))


@pytest.mark.scenario("U-auth-11")
def test_both_ways_to_write_a_public_key_are_understood(offline):
    offline.planes[ZONE].wait()
    assert "BEGIN RSA PUBLIC KEY" in offline_settings()
    assert "BEGIN PUBLIC KEY" in offline_settings()


@pytest.mark.scenario("U-auth-08")
def test_an_administrator_with_a_token_that_was_signed_elsewhere(offline):
    token = signed(UserClaims("ops", (ADMIN,)), "static-1", KEYS[0])
    assert listed_secrets(offline, token).returncode == 0
    forged = signed(UserClaims("ops", (ADMIN,)), "static-1", KEYS[1])
    refused = listed_secrets(offline, forged)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr


def listed_secrets(made: World, token: str) -> subprocess.CompletedProcess[str]:
    """`kumactl get secrets` with this token, over TLS: what is not of this machine's admin must have one."""
    command = [sys.executable, "-m", "kuma.cli.kumactl", "--config-file", str(made.folder / "kumactl.yaml")]
    plane = made.planes[ZONE]
    add = ["config", "control-planes", "add", "--name", "cp", "--overwrite"]
    where = ["--address", f"https://localhost:{plane.ports.api_tls}", "--ca-cert-file", str(plane.ca_file)]
    login = ["--auth-type", "tokens", "--auth-conf", f"token={token}"]
    header = ["--headers", "x-forwarded-for=203.0.113.7", "--skip-check"]
    subprocess.run([*command, *add, *where, *login, *header], check=True, capture_output=True, timeout=60)
    return subprocess.run([*command, "get", "secrets"], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.scenario("U-auth-09")
def test_a_proxy_with_a_token_that_was_signed_elsewhere(offline):
    token = signed(DataplaneClaims("off-1", MESH, workload="away"), "static-1", KEYS[1])
    start(offline, variables("off-1", "away"), token).wait()
    wait_for("it is online", partial(online, offline.planes[ZONE], "off-1"))


@pytest.mark.scenario("U-auth-10")
def test_a_key_without_a_mesh_is_good_for_every_mesh(offline):
    values = variables("off-2", "away")
    template = example("service.yaml").replace(f"mesh: {MESH}", "mesh: other")
    token = signed(DataplaneClaims("off-2", "other", workload="away"), "static-2", KEYS[2])
    offline.proxies["off-2"] = proxy = offline.sidecars(ZONE).start("other", template, values, token)
    proxy.wait()
    wait_for("it is online", partial(online, offline.planes[ZONE], "off-2", "other"))


def test_a_key_of_one_mesh_is_not_good_for_another(offline):
    template = example("service.yaml").replace(f"mesh: {MESH}", "mesh: other")
    token = signed(DataplaneClaims("off-3", "other", workload="away"), "static-1", KEYS[1])
    proxy = offline.sidecars(ZONE).start("other", template, variables("off-3", "away"), token)
    wait_for("it is refused", lambda: "off-3" in proxy.process.log.read_text() or "static-1" in refusals(offline))
    assert not online(offline.planes[ZONE], "off-3", "other")
    proxy.stop()


def test_no_tokens_are_made_where_none_should_be(offline):
    answer = ask(f"{offline.planes[ZONE].api.url}/tokens/dataplane", "POST", {"mesh": MESH, "name": "x"})
    assert (answer.status, "disabled" in answer.body.decode()) == (400, True), answer
