"""Whatever comes in: nothing crashes, nothing is half-written, and errors name the field."""

from __future__ import annotations

import base64
import http.client
import json
import random
import socket
import ssl
import subprocess
import sys
import time

import pytest

from kuma.cli.demo.http import Answer, ask
from kuma.cli.demo.parts import Proxy
from kuma.cli.demo.world import MESH, World, example
from tests.e2e.conftest import HOST, bring_up, free_ports, wait_for, world

TIMEOUT = {
    "type": "MeshTimeout",
    "mesh": MESH,
    "name": "bad",
    "spec": {"to": [{"targetRef": {"kind": "Mesh"}, "default": {"idleTimeout": "1s"}}]},
}


@pytest.fixture(scope="module")
def town():
    with world() as made:
        bring_up(made)
        wait_for("reports answers", lambda: made.call("reports").status == 200)
        yield made


def put(made: World, path: str, body: bytes) -> Answer:
    """A body as it is."""
    connection = http.client.HTTPConnection(HOST, made.global_.ports.api, timeout=30)
    try:
        connection.request("PUT", path, body, {"content-type": "application/json"})
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


BOMB = "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(9))


def changed(**spec) -> dict:
    return TIMEOUT | {"spec": TIMEOUT["spec"] | spec}


PATH = f"/meshes/{MESH}/meshtimeouts/bad"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "line 1"),
        (json.dumps(changed(too=[])).encode(), "spec.too"),
        (b"{", "line 1"),
        (b"[1, 2]", "object"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[" * 100_000, "nested"),
        (json.dumps(TIMEOUT | {"name": "other"}).encode(), "name"),
        (json.dumps(TIMEOUT | {"type": "MeshNonsense"}).encode(), "type"),
        (json.dumps(changed(to=[{"targetRef": {"kind": "Nonsense"}}])).encode(), "to[0].targetRef.kind"),
        (
            json.dumps(changed(to=[{"targetRef": {"kind": "Mesh"}, "default": {"idleTimeout": "soon"}}])).encode(),
            "idle",
        ),
        (json.dumps(changed(to=7)).encode(), "spec.to"),
    ],
)
def test_what_is_wrong_with_a_resource_is_said(town, body, says):
    answer = put(town, PATH, body)
    assert 400 <= answer.status < 500, answer
    assert says in answer.body.decode()
    assert b"Traceback" not in answer.body
    assert town.global_.api.get(PATH) is None, "nothing is half-written"


def test_wrong_ports_and_names_are_named(town):
    document = {"type": "Dataplane", "mesh": MESH, "name": "bad", "networking": {"address": HOST}}
    document["networking"]["inbound"] = [{"port": 99999}]
    east = town.planes["east"].api
    answer = ask(f"{east.url}/meshes/{MESH}/dataplanes/bad", "PUT", document)
    assert (answer.status, "networking.inbound[0].port" in answer.body.decode()) == (400, True)
    answer = ask(f"{east.url}/meshes/{MESH}/dataplanes/Bad_Name", "PUT", document | {"name": "Bad_Name"})
    assert (answer.status, "name" in answer.body.decode()) == (400, True)
    assert east.get(f"/meshes/{MESH}/dataplanes/bad") is None


def test_a_body_that_is_too_large(town):
    assert put(town, PATH, b" " * (3 * 1024 * 1024)).status == 413


def kumactl(made: World, *arguments: str, text: str = "") -> subprocess.CompletedProcess:
    file = made.folder / "kumactl.yaml"
    command = [sys.executable, "-m", "kuma.cli.kumactl", "--config-file", str(file)]
    if not file.exists():
        add = ["config", "control-planes", "add", "--name", "global", "--address", made.global_.api.url]
        subprocess.run([*command, *add], check=True, capture_output=True)
    return subprocess.run([*command, *arguments], input=text, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("type: MeshTimeout\nmesh: [", "line"),
        ("type: MeshNonsense\nmesh: default\nname: x\n", "MeshNonsense"),
        (BOMB, "alias"),
        ("type: Mesh\nname: x\nskipCreatingInitalPolicies: ['*']\n", "skipCreatingInitalPolicies"),
        (json.dumps(changed(to=[{"targetRef": {"kind": "Nonsense"}}])), "targetRef.kind"),
    ],
)
def test_kumactl_says_what_is_wrong(town, text, says):
    done = kumactl(town, "apply", "-f", "-", text=text)
    assert done.returncode != 0
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


GUARDED = {
    "type": "Dataplane",
    "mesh": MESH,
    "name": "guarded",
    "labels": {"kuma.io/workload": "guarded"},
    "networking": {"address": HOST, "inbound": [{"name": "http", "port": 8080, "protocol": "http"}]},
}
GUARDED_PATH = f"/meshes/{MESH}/dataplanes/guarded"


@pytest.fixture(scope="module")
def stored(town) -> dict:
    """A Dataplane that an operator has written, as the control plane shows it."""
    town.global_.api.put({"type": "Mesh", "name": "other"})
    west = town.planes["west"].api
    west.put(GUARDED)
    wait_for("the other mesh is known in west", lambda: west.get("/meshes/other"))
    return west.get(GUARDED_PATH)


def issued(made: World, **claims: str) -> str:
    """A token from west's control plane."""
    asked = {"mesh": MESH, "workload": "intruder", "validFor": "1h"} | claims

    def token() -> str:
        return made.planes["west"].api.post("/tokens/dataplane", asked).body.decode()

    return wait_for("a token", token)


def expired(made: World) -> str:
    token = issued(made, validFor="1s")
    body = token.split(".")[1]
    until = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["exp"]
    wait_for("the token is too old", lambda: time.time() > until + 1)
    return token


def forged(made: World) -> str:
    """Claims that are good, signed by nobody we know."""
    head, body, _ = issued(made).split(".")
    return f"{head}.{body}.{'A' * 342}"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param(
            issued,
            'the Dataplane "guarded" that is stored may not be replaced',
            id="of another workload",
            marks=pytest.mark.scenario("U-auth-04"),
        ),
        pytest.param(lambda made: issued(made, name="somebody"), "different than in token", id="of another proxy"),
        pytest.param(lambda made: issued(made, mesh="other"), "authentication failed", id="of another mesh"),
        pytest.param(expired, "expired", id="expired"),
        pytest.param(forged, "authentication failed", id="forged"),
        pytest.param(lambda _: "e30.e30.e30", "authentication failed", id="garbage"),
        pytest.param(
            lambda _: "eyJhbGciOiJub25lIn0.eyJOYW1lIjoiZ3VhcmRlZCJ9.", "authentication failed", id="not signed"
        ),
    ],
)
def test_a_wrong_token_takes_over_nothing_and_its_bearer_hears_why(town, stored, token, reason):
    log = town.folder / "logs" / "kuma-dp-west-guarded.log"
    shown = token(town)
    before = len(log.read_text()) if log.exists() else 0
    proxy = intrude(town, shown)
    try:
        heard = wait_for("the proxy hears why", lambda: _refusal(log.read_text()[before:]))
        assert reason in heard
        assert proxy.admin.get("/ready").status != 200
        assert town.planes["west"].api.get(GUARDED_PATH) == stored
    finally:
        proxy.kill()


def _refusal(log: str) -> str:
    """What Envoy was told when its stream ended."""
    return next((line for line in log.splitlines() if "gRPC config stream to system_ads closed" in line), "")


def intrude(made: World, token: str) -> Proxy:
    """A proxy in west that brings another workload's Dataplane under the guarded name, and this token."""
    port, service_port = free_ports(2)
    variables = {"name": "guarded", "workload": "intruder", "address": HOST, "port": str(port)}
    variables["servicePort"] = str(service_port)
    proxy = made.sidecars("west").start(MESH, example("service.yaml"), variables, token=token)
    wait_for("its envoy runs", lambda: proxy.admin.get("/ready").status in (200, 503))
    return proxy


def all_ports(made: World) -> dict[str, int]:
    found = {}
    for name, plane in made.planes.items():
        ports = plane.ports
        found |= {f"{name} {what}": getattr(ports, what) for what in ("api", "api_tls", "diagnostics")}
        found |= {f"{name} kds": ports.kds} if name == "global" else {f"{name} dp": ports.dp, f"{name} ads": ports.ads}
    for name, proxy in made.proxies.items():
        for listener in proxy.admin.get("/listeners?format=json").json["listener_statuses"]:
            address = listener["local_address"].get("socket_address")
            if address:
                found[f"{name} {listener['name']}"] = address["port_value"]
    return found


def test_random_bytes_on_every_port_hurt_nobody(town):
    meshes = {name: plane.api.get("/meshes")["total"] for name, plane in town.planes.items()}
    chance = random.Random(7)
    for port in all_ports(town).values():
        for _ in range(3):
            throw(port, chance.randbytes(chance.randrange(1, 5000)), secured=False)
        throw(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + chance.randbytes(500), secured=False)
        throw(port, chance.randbytes(1000), secured=True)
    for name, plane in town.planes.items():
        assert ask(f"http://{HOST}:{plane.ports.diagnostics}/ready").status == 200
        assert plane.api.get("/meshes")["total"] == meshes[name]
    assert town.call("reports").status == 200
    assert town.call("backend").status == 200


def throw(port: int, data: bytes, secured: bool) -> None:
    """Send it, inside TLS or not, and look at no answer."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.settimeout(0.2)
            if secured:
                with context.wrap_socket(connection) as wrapped:
                    wrapped.sendall(data)
                    wrapped.recv(100)
            else:
                connection.sendall(data)
                connection.recv(100)
    except OSError:  # refused, reset or silent: all of that is a good answer
        return


def test_what_was_there_still_works(town):
    town.global_.api.put(TIMEOUT)
    wait_for("a good write arrives", lambda: _arrived(town))
    town.global_.api.delete("MeshTimeout", "bad", MESH)


def _arrived(made: World) -> bool:
    found = made.planes["west"].api.get(f"/meshes/{MESH}/meshtimeouts")["items"]
    return any(one["labels"]["kuma.io/display-name"] == "bad" for one in found)
