"""kumactl against a served API: what it prints, what it leaves behind, and what it says when things go wrong."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import yaml
from attrs import evolve

from certs import tokens
from certs.tokens import USERS, ZONES, DataplaneClaims, proxies
from kuma.cli.kumactl.client import under
from kuma.cli.kumactl.output import age, table, tags
from kuma.cli.kumactl.progress import progress
from kuma.settings.api import Https
from tests.certificates import server_pair
from tests.cli.ran import Done, connected
from tests.kuma.rest.served import REMOTE, SETTINGS, known_key, served, signing_key

DOCUMENTS = """
# a mesh and a proxy in it
---
type: Mesh
name: shop
---
type: Dataplane
mesh: shop
name: {{ name }}
labels: {app: web}
networking:
  address: 10.0.0.1
  inbound: [{port: 8080}]
---
# nothing here
---
type: Secret
mesh: shop
name: word
data: aGVsbG8=
"""


async def test_apply_get_delete(cli, tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(DOCUMENTS)
    async with served() as api:
        await connected(cli, api)
        created = await cli("apply", "-f", str(file), "-v", "name=web-1")
        assert created == Done(
            0,
            'resource type="Mesh" mesh="" name="shop" Created\n'
            'resource type="Dataplane" mesh="shop" name="web-1" Created\n'
            'resource type="Secret" mesh="shop" name="word" Created\n',
            "",
        )
        again = await cli("apply", "-f", "-", "-v", "name=web-1", stdin=DOCUMENTS)
        assert again.out.count("Updated") == 3
        shown = await cli("get", "dataplanes", "-m", "shop")
        assert shown.out.splitlines()[0].split() == ["MESH", "NAME", "TAGS", "ADDRESS", "AGE"]
        assert shown.out.splitlines()[1].split()[:3] == ["shop", "web-1", "app=web"]
        assert "10.0.0.1" in shown.out
        assert (await cli("get", "meshes")).out.startswith("NAME   AGE\nshop   ")
        one = await cli("get", "dataplane", "web-1", "-m", "shop", "-o", "yaml")
        assert yaml.safe_load(one.out)["networking"]["address"] == "10.0.0.1"
        listed = json.loads((await cli("get", "dataplanes", "-A", "-o", "json")).out)
        assert (listed["total"], listed["items"][0]["name"]) == (1, "web-1")
        assert (await cli("delete", "dataplane", "web-1", "-m", "shop")).out == 'deleted Dataplane "web-1"\n'
        gone = await cli("get", "dataplane", "web-1", "-m", "shop")
        assert gone == Done(1, "", "Error: No resources found in shop mesh\n")
        twice = await cli("delete", "dataplane", "web-1", "-m", "shop")
        assert twice.err == 'Error: there is no Dataplane with name "web-1"\n'


async def test_pages(cli):
    async with served() as api:
        await connected(cli, api)
        for name in ("a", "b", "c"):
            await api.mesh(name)
        page = await cli("get", "meshes", "--size", "2")
        assert page.out.endswith("\nRerun command with --offset=2 argument to retrieve more resources\n")
        assert (await cli("get", "meshes", "--size", "2", "--offset", "2")).out.splitlines()[1].split()[0] == "c"


async def test_a_folder_and_a_dry_run(cli, tmp_path):
    (tmp_path / "b.yaml").write_text("type: Zone\nname: west\n")
    (tmp_path / "a.json").write_text('{"type": "Mesh", "name": "shop"}')
    (tmp_path / "c.txt").write_text("not for us")
    async with served() as api:
        await connected(cli, api)
        dry = await cli("apply", "-f", str(tmp_path), "--dry-run")
        assert [one["name"] for one in yaml.safe_load_all(dry.out)] == ["shop", "west"]
        assert (await api.get("/zones")).json["total"] == 0
        await cli("apply", "-f", str(tmp_path))
        assert (await api.get("/zones")).json["total"] == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Error: no resource(s) passed to apply\n"),
        ("type: Mesh\nname: [\n", "resource[0]: failed to parse resource: line"),
        (
            "type: Zone\nname: a\n---\ntype: Nothing\nname: b\n",
            "resource[1]: failed to parse resource: type: unknown type",
        ),
        ("type: Dataplane\nname: a\nnetworking: {inbound: [{port: x}]}\n", "networking.inbound[0].port"),
        ("- a\n- b\n", "resource[0]: failed to parse resource"),
    ],
)
async def test_files_that_can_not_be_applied(cli, text, told):
    async with served() as api:
        await connected(cli, api)
        done = await cli("apply", "-f", "-", stdin=text)
        assert done.code == 1
        assert told in done.err
        assert "Traceback" not in done.err
        assert (await api.get("/zones")).json["total"] == 0


async def test_what_the_server_refuses(cli):
    async with served() as api:
        await connected(cli, api)
        nowhere = "type: Dataplane\nmesh: nowhere\nname: a\nnetworking: {address: 10.0.0.1, inbound: [{port: 80}]}\n"
        refused = await cli("apply", "-f", "-", stdin=nowhere)
        assert refused.err == (
            'Error: resource type="Dataplane" mesh="nowhere" name="a": '
            "failed server side: Failed to retrieve Mesh (Not found)\n"
        )
        strange = await cli("get", "unicorns")
        assert strange.err.startswith("Error: unknown TYPE: unicorns. Allowed values: dataplane, ")
        assert (await cli("get", "mesh")).err.endswith("Error: accepts 1 arg(s), received 0\n")
        assert (await cli("get", "meshes", "-o", "xml")).err == 'Error: unknown output format "xml"\n'


async def test_users_without_a_right_are_told_what_to_do(cli):
    async with served() as api:
        for ring in (USERS, ZONES):
            await api.store_document(await signing_key(ring))
        headers = ",".join(f"{name}={value}" for name, value in REMOTE.items())
        await connected(cli, api, "--headers", headers)
        refused = await cli("get", "globalsecrets")
        assert refused.err.startswith('Error: Access Denied (user "mesh-system:anonymous/')
        assert "--auth-type=tokens" in refused.err
        bad = await cli("config", "control-planes", "add", "--name", "x", "--address", api.url, "--headers", headers,
                        "--auth-type", "tokens", "--auth-conf", "token=bad")  # fmt: skip
        assert bad.code == 0
        assert "Unauthenticated" in (await cli("get", "meshes")).err
        token = (await api.bearer("root", "mesh-system:admin"))["Authorization"].removeprefix("Bearer ")
        await cli("config", "control-planes", "add", "--name", "x", "--overwrite", "--address", api.url, "--headers",
                  headers, "--auth-type", "tokens", "--auth-conf", f"token={token}")  # fmt: skip
        assert "user-token-signing-key-1" in (await cli("get", "globalsecrets")).out


async def test_nobody_there(cli):
    added = await cli("config", "control-planes", "add", "--name", "x", "--address", "http://localhost:1")
    assert "connection refused. Is kuma-cp running there?" in added.err
    await cli("config", "control-planes", "add", "--name", "x", "--address", "http://localhost:1", "--skip-check")
    done = await cli("get", "meshes")
    assert done.code == 1
    assert "Error: can't reach the control plane at http://localhost:1: connection refused" in done.err
    assert (await cli("--context", "y", "get", "meshes")).err == 'Error: there is no Control Plane with name "y"\n'
    version = await cli("version")
    assert (version.code, version.out.startswith("Client: Kuma ")) == (0, True)
    assert version.err.startswith("Unable to connect to control plane: ")


async def test_https_is_verified(cli, tmp_path):
    pair = server_pair()
    certificate, key = tmp_path / "cp.crt", tmp_path / "cp.key"
    certificate.write_bytes(pair.cert)
    key.write_bytes(pair.key)
    https = Https(interface="127.0.0.1", port=0, tls_cert_file=str(certificate), tls_key_file=str(key))
    async with served(evolve(SETTINGS, https=https)) as api:
        address = f"https://localhost:{api.service.https_port}"
        blind = await cli("config", "control-planes", "add", "--name", "x", "--address", address)
        assert blind.code == 1
        assert "its certificate is not trusted" in blind.err
        assert "--ca-cert-file" in blind.err
        trusting = ("--name", "x", "--address", address, "--ca-cert-file", str(certificate))
        assert (await cli("config", "control-planes", "add", *trusting)).code == 0
        assert (await cli("get", "zones")).out == "NAME   AGE\n"
        plain = await cli(
            "config", "control-planes", "add", "--name", "y", "--address", address.replace("https", "http")
        )
        assert plain.code == 1


async def test_tokens(cli, tmp_path):
    key = tmp_path / "key.pem"
    key.write_bytes(await known_key())
    async with served() as api:
        await api.mesh()
        await api.store_document(await signing_key(proxies("default")))
        await connected(cli, api)
        ask = ("generate", "dataplane-token", "--name", "web-1", "--tag", "app=web,api", "--valid-for", "24h")
        online = await cli(*ask)
        offline = await cli(*ask, "--signing-key-path", str(key), "--kid", "1")
        for done in (online, offline):
            assert (done.code, done.err, "\n" in done.out) == (0, "", False)
            claims = await api.keys.verify(proxies("default"), DataplaneClaims, done.out)
            assert (claims.name, claims.tags["app"]) == ("web-1", ("web", "api"))
        assert (await cli(*ask[:-1], "0s")).err == "Error: You must set a token validFor value\n"
        assert "no duration" in (await cli(*ask[:-1], "soon")).err
        assert "Signing Key not found" in (await cli("generate", "zone-token", "--zone", "x", "--valid-for", "1h")).err


async def test_keys_and_certificates(cli, tmp_path):
    pem = await cli("generate", "signing-key", "--format", "pem")
    tokens.signing_key("1", pem.out.encode())
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    files = ("--key-file", str(key), "--cert-file", str(certificate), "--key-type", "ecdsa")
    done = await cli("generate", "tls-certificate", "--type", "server", "--hostname", "cp.example,10.0.0.1", *files)
    assert done.out == f"Private key saved in {key}\nCertificate saved in {certificate}\n"
    assert (stat.S_IMODE(key.stat().st_mode), stat.S_IMODE(certificate.stat().st_mode)) == (0o400, 0o600)


async def test_the_configuration(cli, tmp_path):
    first = await cli("config", "view")
    assert yaml.safe_load(first.out)["currentContext"] == "local"
    assert stat.S_IMODE((tmp_path / "config").stat().st_mode) == 0o600
    add = ("config", "control-planes", "add", "--skip-check", "--address", "http://cp.example:5681", "--name")
    assert (await cli(*add, "one")).code == 0
    assert (await cli(*add, "one")).err == (
        'Error: Control Plane with name "one" already exists. Use --overwrite to replace an existing one.\n'
    )
    listed = await cli("config", "control-planes", "list")
    assert listed.out == (
        "ACTIVE   NAME    ADDRESS\n         local   http://localhost:5681\n*        one     http://cp.example:5681\n"
    )
    assert (await cli("config", "control-planes", "switch", "--name", "local")).out == (
        'switched active Control Plane to "local"\n'
    )
    removed = await cli("config", "control-planes", "remove", "--name", "local")
    assert removed.out == 'removed Control Plane "local"\nswitched active Control Plane to "one"\n'
    assert (await cli("config", "control-planes", "remove", "--name", "local")).err == (
        'Error: there is no Control Plane with name "local"\n'
    )
    (tmp_path / "config").write_text("controlPlanes: [{name: x}]\n")
    assert "is broken: coordinates is missing" in (await cli("get", "meshes")).err
    half = ("--client-cert-file", "a.pem")
    assert "Both --client-cert-file and --client-key-file" in (await cli(*add, "two", *half)).err


async def test_inspecting(cli):
    async with served() as api:
        await api.mesh()
        await connected(cli, api)
        await api.store_document(
            {
                "type": "Dataplane",
                "mesh": "default",
                "name": "web-1",
                "networking": {"address": "10.0.0.1", "inbound": [{"port": 80}, {"port": 81, "state": "NotReady"}]},
            }
        )
        await api.store_document({"type": "Zone", "name": "west"})
        alone = (await cli("inspect", "dataplanes")).out
        assert "Offline" in alone
        assert "inbound[port=81] is not ready" in alone
        now = datetime.now(UTC).isoformat()
        await api.store_document(
            {
                "type": "DataplaneInsight",
                "mesh": "default",
                "name": "web-1",
                "subscriptions": [{"id": "1", "controlPlaneInstanceId": "cp", "connectTime": now}],
            }
        )
        assert "Partially degraded" in (await cli("inspect", "dataplanes")).out
        assert (await cli("inspect", "zones")).out.splitlines()[1].split()[:2] == ["west", "Offline"]
        assert "subscriptions" in (await cli("inspect", "dataplanes", "-o", "json")).out


async def test_a_token_that_can_not_be_sent_is_not_told(cli):
    async with served() as api:
        for token in ("swordfish\nX: y", "swordfish\u20ac"):
            added = await cli("config", "control-planes", "add", "--name", "x", "--overwrite", "--address", api.url,
                              "--auth-type", "tokens", "--auth-conf", f"token={token}")  # fmt: skip
            assert added.code == 1
            assert "can't be sent" in added.err
            assert "swordfish" not in added.out + added.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
async def test_completion_scripts(cli, shell):
    assert "_KUMACTL_COMPLETE" in (await cli("completion", shell)).out


async def test_many_resources(cli):
    many = "\n---\n".join(f"type: Zone\nname: zone-{index}" for index in range(25))
    async with served() as api:
        await connected(cli, api)
        done = await cli("apply", "-f", "-", stdin=many)
        assert done.out.count("Created") == 25


@pytest.mark.parametrize(
    ("base", "target", "asked"),
    [
        ("https://cp:5682", "/meshes", "/meshes"),
        ("https://cp:5682/", "/meshes?name=a//b", "/meshes?name=a//b"),
        ("https://cp:5682//proxy/api/", "/meshes//default", "/proxy/api/meshes/default"),
    ],
)
def test_an_api_under_a_path_of_its_own(base, target, asked):
    assert under(base, target) == asked


def test_ages():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ages = {timedelta(seconds=59): "59s", timedelta(minutes=5): "5m", timedelta(hours=23): "23h"}
    ages |= {timedelta(days=364): "364d", timedelta(days=800): "2y", timedelta(seconds=-5): "never"}
    for ago, told in ages.items():
        assert age((now - ago).isoformat(), now) == told
    assert age("0001-01-01T00:00:00Z", now) == "292y"
    assert age(None, now) == age("yesterday", now) == "never"


def test_who_looks_on_sees_how_far_it_is(monkeypatch):
    class Terminal(StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress(30, "applying") as advance:
        for _ in range(30):
            advance()
    assert "applying" in sys.stderr.getvalue()
    monkeypatch.setattr(sys, "stderr", StringIO())
    with progress(30, "applying") as advance:
        advance()
    assert sys.stderr.getvalue() == ""


def test_tables_and_tags():
    assert table(("A", "BB"), [("long", "x"), ("", "")]) == "A      BB\nlong   x\n       \n"
    assert tags([("b", "2"), ("a", "1"), ("b", "1")]) == "a=1 b=1,2"


@pytest.mark.parametrize("command", [["version"], ["get", "meshes"], ["inspect", "dataplanes"]], ids=" ".join)
def test_starting_is_quick_and_light(command):
    heavy = "twisted structlog asyncio grpc kubernetes envoy betterproto2 envoy_data_plane rich cryptography"
    code = f"""
import sys
from kuma.cli.kumactl.root import run
run(["--no-config", "--api-timeout", "1s", *{command}])
loaded = {{name.partition(".")[0] for name in sys.modules}}
print(sorted(loaded & set("{heavy}".split())))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout


TIMEOUT = {
    "type": "MeshTimeout",
    "mesh": "default",
    "name": "slow",
    "spec": {"targetRef": {"kind": "Mesh"}, "rules": [{"default": {"idleTimeout": "15s"}}]},
}


async def test_whom_policies_select(cli):
    async with served() as api:
        await api.mesh()
        await connected(cli, api)
        for name in ("web-1", "web-2"):
            networking = {"address": "10.0.0.1", "inbound": [{"port": 80}]}
            await api.store_document({"type": "Dataplane", "mesh": "default", "name": name, "networking": networking})
        await api.store_document(TIMEOUT)
        listed = await cli("inspect", "meshtimeout", "slow")
        assert listed.out == "Affected data plane proxies:\n\n  web-1\n\n  web-2\n"
        rows = (await cli("inspect", "meshtimeout", "slow", "--new-api")).out.splitlines()
        assert [row.split() for row in rows[1:]] == [
            ["Dataplane", "default", "web-1"],
            ["Dataplane", "default", "web-2"],
            ["Total:", "2"],
        ]
        assert json.loads((await cli("inspect", "meshtimeout", "slow", "-o", "json")).out)["total"] == 2
        policies = json.loads((await api.get("/meshes/default/dataplanes/web-1/policies")).body)
        assert policies["items"][0]["matchedPolicies"]["MeshTimeout"][0]["name"] == "slow"
        gone = await cli("inspect", "meshtimeout", "fast")
        assert gone.err == "Error: Could not retrieve policy (Not found)\n"
        assert "meshtimeout" in (await cli("inspect", "--help")).out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--shadow"], "flag '--shadow' can be used only when '--type=config'"),
        (["--type", "stats", "--include", "diff"], "flag '--include' can be used only when '--type=config'"),
        (["--type", "config", "--include-eds"], "flag '--include-eds' can be used only when '--type=config-dump'"),
        (["--type", "all"], "invalid inspection type: it can be one of policies, config-dump, stats, clusters, config"),
    ],
)
async def test_flags_of_another_view(cli, arguments, told):
    done = await cli("inspect", "dataplane", "web-1", *arguments)
    assert (done.code, done.err) == (1, f"Error: {told}\n")


async def test_refusals_say_what_to_do_next(cli):
    async with served() as api:
        await connected(cli, api)
        nowhere = await cli("inspect", "dataplanes", "-m", "nowhere")
        assert nowhere.err.splitlines() == [
            "Error: Failed to retrieve Mesh (Not found)",
            "`kumactl get meshes` shows which meshes there are; `--mesh` names another one.",
        ]
