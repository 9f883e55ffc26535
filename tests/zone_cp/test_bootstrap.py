"""The bootstrap of a proxy: what comes in, what goes out, and what Envoy thinks of it."""

import base64
import json

import pytest
import yaml
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kuma.kinds import parse_document
from kuma.model import WORKLOAD, Labels
from kuma.rest.calls import Call
from kuma.store.api import NotFound, Unavailable
from tests.certificates import server_pair
from tests.envoys import complaint
from zone_cp.bootstrap import Asked, BadRequest, Params, Target, bootstrap, read
from zone_cp.bootstraps import Bootstraps, covers, is_ca

PAIR = server_pair()
PARAMS = Params(xds_port=5684)
DOCUMENT = {
    "type": "Dataplane",
    "mesh": "default",
    "name": "web-1",
    "networking": {"address": "127.0.0.1", "inbound": [{"port": 8080, "protocol": "http"}]},
}
DATAPLANE = evolve(parse_document(DOCUMENT), labels=Labels({WORKLOAD: "web"}))
MESH = parse_document({"type": "Mesh", "name": "default"})


class Holding:
    """A store that holds some resources, or is away."""

    def __init__(self, *resources, away=False):
        self.resources = {resource.key: resource for resource in resources}
        self.away = away

    async def get(self, key):
        if self.away:
            raise Unavailable("connection refused")
        if key not in self.resources:
            raise NotFound(key)
        return self.resources[key]


def server(*resources, **more):
    settings = {"params": PARAMS, "token_required": True, "chain": lambda: PAIR.cert}
    return Bootstraps(Holding(*resources, away=more.pop("away", False)), **(settings | more))


BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)  # ten million values


async def ask(bootstraps, document, host="localhost:5678", accept="application/json", path="/bootstrap"):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return await bootstraps.answer(Call("POST", path, headers={"host": host, "accept": accept}, body=body))


ASKED = {"mesh": "default", "name": "web-1", "dataplaneToken": "a.b.c", "workdir": "/tmp/w", "readinessPort": 9902}


async def test_a_stored_dataplane_gets_its_bootstrap():
    answer = await ask(server(DATAPLANE, MESH), ASKED)
    assert answer.status == 200
    told = json.loads(answer.body)
    assert told["kumaSidecarConfiguration"]["networking"] == {"address": "127.0.0.1"}
    document = yaml.safe_load(base64.b64decode(told["bootstrap"]))
    assert document["node"]["id"] == "default.web-1"
    assert document["node"]["cluster"] == "web"
    service = document["dynamicResources"]["adsConfig"]["grpcServices"][0]
    assert service["initialMetadata"] == [{"key": "authorization", "value": "a.b.c"}]
    assert document["admin"]["address"]["pipe"] == {"path": "/tmp/w/kuma-envoy-admin.sock", "mode": 0o600}


async def test_yaml_for_who_asks_for_nothing_else():
    answer = await ask(server(DATAPLANE, MESH), ASKED, accept="*/*")
    assert answer.headers["Content-Type"] == "text/x-yaml"
    assert yaml.safe_load(answer.body)["node"]["id"] == "default.web-1"


async def test_a_dataplane_that_is_brought_along():
    answer = await ask(server(MESH), ASKED | {"dataplaneResource": json.dumps(DOCUMENT)})
    metadata = yaml.safe_load(base64.b64decode(json.loads(answer.body)["bootstrap"]))["node"]["metadata"]
    assert json.loads(metadata["dataplane.resource"]) == DOCUMENT
    assert metadata["dataplane.admin.port"] == "9901"
    assert metadata["dataplane.readinessReporter.port"] == "9902"


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"dataplaneToken": ""}, 422, "dataplaneToken"),
        ({"proxyType": "ingress"}, 400, "proxyType"),
        ({"mesh": 7}, 400, "mesh"),
        ({"name": ""}, 400, "name"),
        ({"readinessPort": 70000}, 400, "readinessPort"),
        ({"features": "x"}, 400, "features"),
        ({"caCert": "nonsense"}, 400, "caCert"),
        ({"caCert": server_pair(ca=False).cert.decode()}, 400, "certificate authority"),
        ({"dataplaneResource": "{"}, 422, "dataplaneResource"),
        ({"dataplaneResource": "a: 1\n---\nb: 2\n"}, 422, "one document"),
        ({"dataplaneResource": BOMB}, 422, "values once aliases are replaced"),
        ({"dataplaneResource": json.dumps(MESH.spec and {"type": "Mesh", "name": "x"})}, 422, "Dataplane"),
        ({"dataplaneResource": json.dumps(DOCUMENT | {"name": "other"})}, 422, "name"),
        ({"dataplaneResource": json.dumps(DOCUMENT | {"networking": {"address": "!"}})}, 422, "networking.address"),
    ],
)
async def test_what_is_wrong_is_named(change, status, says):
    answer = await ask(server(DATAPLANE, MESH), ASKED | change)
    assert (answer.status, says in answer.body.decode()) == (status, True), answer.body


async def test_outbounds_and_transparent_proxying_exclude_each_other():
    outbound = {"port": 1, "backendRef": {"kind": "MeshService", "name": "x", "port": 1}}
    document = DOCUMENT | {"networking": {**DOCUMENT["networking"], "outbound": [outbound]}}
    redirected = {"dataplaneConfig": {"redirect": {"inbound": {"enabled": True, "port": 15006}}}}
    answer = await ask(server(MESH), ASKED | redirected | {"dataplaneResource": json.dumps(document)})
    assert answer.status == 422
    assert b"Transparent Proxying" in answer.body


async def test_a_mesh_that_does_not_exist():
    answer = await ask(server(), ASKED | {"dataplaneResource": json.dumps(DOCUMENT)})
    assert (answer.status, answer.body) == (422, b'mesh: mesh "default" does not exist')


async def test_a_dataplane_that_does_not_exist_is_an_empty_404():
    answer = await ask(server(MESH), ASKED)
    assert (answer.status, answer.body) == (404, b"")


async def test_another_path_is_a_404_that_says_something():
    assert (await ask(server(), b"", path="/")).body != b""


async def test_the_store_is_away():
    answer = await ask(server(away=True), ASKED)
    assert (answer.status, answer.body) == (503, b"connection refused")


async def test_a_host_that_the_certificate_is_not_for():
    answer = await ask(server(DATAPLANE, MESH), ASKED, host="elsewhere:5678")
    assert answer.status == 400
    assert b'"elsewhere"' in answer.body
    assert b"localhost" in answer.body


@given(st.binary())
def test_no_body_is_more_than_a_bad_request(body):
    try:
        read(body)
    except BadRequest:
        return
    assert json.loads(body)["mesh"]


def test_names_of_a_certificate():
    assert covers(PAIR.cert, "localhost")
    assert covers(PAIR.cert, "127.0.0.1")
    assert not covers(PAIR.cert, "host.localhost")
    assert is_ca(PAIR.cert)


@pytest.mark.parametrize("reloadable", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_envoy_accepts_it(tmp_path, reloadable, host):
    token = tmp_path / "token"
    token.write_text("a.b.c")
    asked = Asked("default", "web-1", token="a.b.c", token_path=str(token), work_dir=str(tmp_path), readiness_port=9902)
    params = evolve(PARAMS, reloadable_tokens=reloadable)
    document = bootstrap(asked, DATAPLANE, params, Target(host, PAIR.cert.decode()))
    file = tmp_path / "bootstrap.yaml"
    file.write_text(yaml.safe_dump(document))
    assert complaint(file) == ""
