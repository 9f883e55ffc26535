"""Who may do what, over HTTP: this machine's user, users with tokens, and everybody else."""

from __future__ import annotations

import pytest
from attrs import evolve

from certs.tokens import USERS, ZONES, DataplaneClaims, proxies
from kuma.rest.api import About
from kuma.settings.access import EVERYBODY, StaticAccess
from tests.kuma.rest.served import REMOTE, SETTINGS, served, signing_key

ZONE = {"type": "Zone", "name": "west"}
SECRET = {"type": "Secret", "mesh": "default", "name": "word", "data": "aGVsbG8="}
READS = ("/", "/meshes", "/zones", "/policies", "/_resources", "/who-am-i", "/meshes/default/dataplanes")
ADMIN_READS = (
    "/config",
    "/global-secrets",
    "/globalsecrets",
    "/meshes/default/secrets",
    "/meshes/default/secrets/word",
)
ELSEWHERE = [
    pytest.param(REMOTE, id="proxied"),
    pytest.param({"Forwarded": "for=203.0.113.7"}, id="forwarded"),
    pytest.param({"X-Real-IP": "203.0.113.7"}, id="real-ip"),
    pytest.param({"Host": "rebound.example"}, id="dns-rebinding"),
    pytest.param({"Origin": "http://evil.example"}, id="foreign-page"),
    pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site"),
]


async def with_keys(api):
    await api.mesh()
    await api.store_document(SECRET)
    for ring in (USERS, ZONES, proxies("default")):
        await api.store_document(await signing_key(ring))


async def test_the_user_of_this_machine_may_do_all():
    async with served() as api:
        await with_keys(api)
        for path in (*READS, *ADMIN_READS):
            assert (await api.get(path)).status == 200, path
        assert (await api.get("/who-am-i")).json["name"] == "mesh-system:admin"
        assert (await api.put("/zones/west", ZONE)).status == 201


@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_strangers_read_what_is_no_secret_and_write_nothing(headers):
    async with served() as api:
        await with_keys(api)
        for path in READS:
            assert (await api.get(path, headers=headers)).status == 200, path
        assert (await api.get("/who-am-i", headers=headers)).json == {
            "name": "mesh-system:anonymous",
            "groups": ["mesh-system:unauthenticated"],
        }
        for path in ADMIN_READS:
            refused = await api.get(path, headers=headers)
            assert (refused.status, refused.json["title"]) == (403, "Access Denied"), path
            assert b"aGVsbG8=" not in refused.body
        assert (await api.put("/zones/west", ZONE, headers=headers)).status == 403
        assert (await api.delete("/meshes/default", headers=headers)).status == 403
        for kind, body in (("dataplane", {"mesh": "default"}), ("zone", {"zone": "west"}), ("user", {"name": "x"})):
            asked = await api.call("POST", f"/tokens/{kind}", {**body, "validFor": "1h"}, headers=headers)
            assert asked.status == 403
        assert (await api.get("/zones")).json["total"] == 0


@pytest.mark.scenario("U-auth-01", "U-auth-02")
async def test_what_users_with_tokens_may_do():
    async with served() as api:
        await with_keys(api)
        member, admin = await api.bearer("ann", "team-a"), await api.bearer("root", "mesh-system:admin")
        assert (await api.get("/who-am-i", headers=member)).json == {
            "name": "ann",
            "groups": ["team-a", "mesh-system:authenticated"],
        }
        assert (await api.get("/meshes/default/dataplanes", headers=member)).status == 200
        refused = await api.get("/meshes/default/secrets", headers=member)
        assert refused.json["detail"] == (
            'user "ann/team-a,mesh-system:authenticated" cannot access the resource of type "Secret"'
        )
        assert (await api.put("/zones/west", ZONE, headers=member)).status == 201
        assert (await api.put("/meshes/default/secrets/word", SECRET, headers=member)).status == 403
        assert (await api.get("/meshes/default/secrets", headers=admin)).status == 200


@pytest.mark.scenario("U-auth-03")
async def test_bad_credentials_are_refused_but_not_where_nobody_asks():
    async with served() as api:
        await with_keys(api)
        for token in ("garbage", "a.b.c", "é"):
            headers = {**REMOTE, "Authorization": f"Bearer {token}".encode()}
            assert (await api.get("/", headers=headers)).status == 200
            refused = await api.get("/meshes", headers=headers)
            assert (refused.status, refused.json["title"], refused.json["detail"]) == (
                401,
                "Invalid authentication data",
                "Unauthenticated",
            )
        assert (await api.get("/meshes", headers={**REMOTE, "Authorization": "Basic eDp5"})).status == 200


async def test_settings_can_let_everybody_write_and_nobody_be_admin():
    async with served(access=StaticAccess(write_resources=EVERYBODY)) as api:
        assert (await api.put("/zones/west", ZONE, headers=REMOTE)).status == 201
        assert (await api.get("/global-secrets", headers=REMOTE)).status == 403
    careful = evolve(SETTINGS, authn=evolve(SETTINGS.authn, localhost_is_admin=False))
    async with served(careful) as api:
        assert (await api.get("/global-secrets")).status == 403
        assert (await api.put("/zones/west", ZONE)).status == 403


async def test_tokens_are_issued_to_admins():
    async with served() as api:
        await with_keys(api)
        asked = {"name": "web-1", "mesh": "default", "tags": {"app": ["web"]}, "workload": "web", "validFor": "24h"}
        reply = await api.call("POST", "/tokens/dataplane", asked)
        assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (200, "text/plain")
        claims = await api.keys.verify(proxies("default"), DataplaneClaims, reply.body.decode())
        assert (claims.name, claims.mesh, claims.tags["app"], claims.workload) == ("web-1", "default", ("web",), "web")
        assert (await api.call("POST", "/tokens/zone", {"zone": "west"})).status == 200
        token = (await api.call("POST", "/tokens/user", {"name": "eve", "validFor": "1h"})).body.decode()
        known = await api.get("/who-am-i", headers={**REMOTE, "Authorization": f"Bearer {token}"})
        assert known.json["name"] == "eve"


@pytest.mark.parametrize(
    ("kind", "body", "violations"),
    [
        ("dataplane", {}, [("mesh", "cannot be empty")]),
        ("dataplane", {"mesh": "default", "type": "ingress"}, [("type", "ingress is not a valid proxy type")]),
        ("user", {"validFor": "1h"}, [("name", "cannot be empty")]),
        ("user", {"name": "x"}, [("validFor", "cannot be empty")]),
        ("user", {"name": "x", "validFor": "0s"}, [("validFor", "cannot be empty or nil")]),
    ],
)
async def test_what_a_token_request_lacks(kind, body, violations):
    async with served() as api:
        await with_keys(api)
        reply = await api.call("POST", f"/tokens/{kind}", body)
        assert (reply.status, reply.json["title"]) == (400, "Invalid request")
        assert [(one["field"], one["reason"]) for one in reply.json["invalid_parameters"]] == violations


async def test_no_key_no_token():
    async with served() as api:
        reply = await api.call("POST", "/tokens/zone", {"zone": "west"})
        assert (reply.status, reply.json["title"]) == (404, "Signing Key not found")


async def test_no_cross_origin_answers_unless_configured():
    page = {**REMOTE, "Origin": "https://ui.example"}
    async with served() as api:
        assert "access-control-allow-origin" not in (await api.get("/meshes", headers=page)).headers
        assert (await api.call("OPTIONS", "/meshes", headers=page)).status == 405
    async with served(evolve(SETTINGS, cors_allowed_domains=("ui.example",))) as api:
        assert (await api.get("/meshes", headers=page)).headers["access-control-allow-origin"] == "https://ui.example"
        asked = await api.call("OPTIONS", "/meshes/x", headers=page)
        assert (asked.status, "PUT" in asked.headers["access-control-allow-methods"]) == (204, True)
        other = await api.get("/meshes", headers={**page, "Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.scenario("U-api-01", "U-api-02")
async def test_what_a_control_plane_says_of_itself():
    about = About(mode="zone", zone="east", instance_id="cp-1", hostname="box", federated=True)
    async with served(about=about, config={"mode": "zone"}) as api:
        index = (await api.get("/", headers=REMOTE)).json
        assert (index["product"], index["instanceId"], index["hostname"]) == ("Kuma", "cp-1", "box")
        assert index["version"]
        policies = (await api.get("/policies", headers=REMOTE)).json["policies"]
        assert len(policies) > 2
        timeout = next(one for one in policies if one["name"] == "MeshTimeout")
        assert (timeout["path"], timeout["pluralDisplayName"], timeout["isOutbound"]) == (
            "meshtimeouts",
            "Mesh Timeouts",
            True,
        )
        kinds = {one["name"]: one for one in (await api.get("/_resources")).json["resources"]}
        assert kinds["Mesh"]["readOnly"]
        assert not kinds["Zone"]["readOnly"]
        assert (kinds["Dataplane"]["scope"], kinds["Dataplane"]["shortName"]) == ("Mesh", "dp")
        assert kinds["MeshTimeout"]["policy"]["hasToTargetRef"]
        assert (await api.get("/config")).json == {"mode": "zone"}
