"""Who is let through by a real Envoy, and who by a plain reading of the policies: the same, whatever they say."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from certs.ca import CertificateAuthority, new_authority
from certs.identity import issue
from kuma.kinds import parse_document
from kuma.mesh import Certificate, Metadata, Proxy, mesh_of
from tests.kuma.policies.test_meshtrafficpermission import Caller, policies_allow
from tests.plugin import eventually
from tests.zone_cp.static import bootstrap
from tests.zone_cp.test_generate_traffic import NOW, ports, running
from zone_cp.generate import Workshop, generate

Rule = dict[str, list[dict[str, Any]]]

AUTHORITIES = {domain: new_authority(domain, NOW) for domain in ("td", "other")}
IDENTITIES = ("spiffe://td/a", "spiffe://td/ab", "spiffe://td/a/b", "spiffe://other/a")
SERVER_NAMES = ("a", "b.c", "")
CALLERS = tuple(Caller(uri, name) for uri in IDENTITIES for name in SERVER_NAMES)
LISTS = ("allow", "deny", "allowWithShadowDeny")
EVERYBODY: Rule = {"allow": [{"spiffeID": {"type": "Prefix", "value": f"spiffe://{one}"}} for one in AUTHORITIES]}
OPEN = "open"
SILENCE = 10.0
"""Seconds after which nobody is thought to answer."""


def a_match(chance: random.Random) -> dict[str, Any]:
    """Whom somebody may mean: by identity, by the name they ask for, by both, or nobody at all."""
    spiffe_id = {"type": chance.choice(["Exact", "Prefix"]), "value": chance.choice([*IDENTITIES, "spiffe://td"])}
    whole = {"spiffeID": spiffe_id, "sni": {"type": "Exact", "value": chance.choice(SERVER_NAMES[:2])}}
    return {key: value for key, value in whole.items() if chance.random() < 0.6}


def a_rule(chance: random.Random) -> Rule:
    """What one policy says."""
    return {name: [a_match(chance) for _ in range(chance.randint(0, 2))] for name in chance.sample(LISTS, 2)}


def some_policies(chance: random.Random) -> list[list[Rule]]:
    """What the policies of one inbound say; mostly, somebody is let through."""
    said = [[a_rule(chance)] for _ in range(chance.randint(0, 3))]
    return [*said, [EVERYBODY]] if chance.random() < 0.4 else said


def documents(said: Mapping[str, list[list[Rule]]], places: Mapping[str, int], app: Mapping[str, int]) -> list[Any]:
    """One proxy with an inbound for each set of policies, by name; a name begins with its protocol."""
    named = {"mesh": "shop"}
    inbounds = [
        {"name": name, "port": port, "servicePort": app[name[:4]], "protocol": name[:4].strip("-")}
        for name, port in places.items()
    ]
    policies = [
        {
            "type": "MeshTrafficPermission", **named, "name": f"{name}-{number}",
            "spec": {
                "targetRef": {"kind": "Dataplane", "sectionName": name},
                "rules": [{"default": rule} for rule in rules],
            },
        }
        for name, every in said.items()
        for number, rules in enumerate(every)
    ]  # fmt: skip
    trusts = [
        {
            "type": "MeshTrust", **named, "name": domain,
            "spec": {"trustDomain": domain, "caBundles": [{"type": "Pem", "pem": {"value": authority.pem.decode()}}]},
        }
        for domain, authority in AUTHORITIES.items()
    ]  # fmt: skip
    dataplane = {"type": "Dataplane", **named, "name": "server"}
    return [
        {"type": "Mesh", "name": "shop"},
        {**dataplane, "networking": {"address": "127.0.0.1", "inbound": inbounds}},
        *policies,
        *trusts,
    ]


def server(of_the_mesh: list[Any]) -> dict[str, Any]:
    """The bootstrap of the proxy that decides."""
    mesh = mesh_of("shop", "east", map(parse_document, of_the_mesh))
    leaf = issue(AUTHORITIES["td"], "spiffe://td/server", timedelta(hours=1), NOW)
    dataplane = mesh.get("Dataplane", "server")
    assert dataplane is not None
    certificate = Certificate("kri_mid_shop___identity_", leaf.certificate, leaf.key)
    return bootstrap(generate(mesh, Proxy(dataplane, Metadata(ipv6=False), certificate), Workshop()))


def identity(authority: CertificateAuthority, spiffe_id: str, folder: Path) -> ssl.SSLContext:
    """How a client with this identity speaks TLS. Whom it reaches is not in question here."""
    leaf, file = issue(authority, spiffe_id, timedelta(hours=1), NOW), folder / "client.pem"
    file.write_bytes(leaf.certificate + leaf.key)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.load_cert_chain(file)
    return made


async def let_through(port: int, caller: Caller, context: ssl.SSLContext) -> bool:
    """Whether a caller gets the application's word. Without a name to ask for, an address stands for it."""
    async with asyncio.timeout(SILENCE):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname=caller.server_name or "127.0.0.1"
        )
        try:
            writer.write(b"GET / HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n")
            return b"welcome" in await reader.readuntil(b"welcome")
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):  # denied before all is said
            return False
        finally:
            writer.transport.abort()


async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An application that answers requests."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 7\r\n\r\nwelcome")
    writer.close()


@pytest.mark.e2e
async def test_envoy_and_the_policies_agree_on_who_is_let_through(tmp_path):
    chance = random.Random(7)
    names = [f"{protocol}-{number}" for protocol in ("http", "tcp-") for number in range(6)]
    said = {name: some_policies(chance) for name in names} | {f"http-{OPEN}": [[EVERYBODY]]}
    places = dict(zip(said, ports(len(said)), strict=True))
    applications = [await asyncio.start_server(one, "127.0.0.1", 0) for one in (web, web)]
    app = dict(zip(("http", "tcp-"), (one.sockets[0].getsockname()[1] for one in applications), strict=True))
    file = tmp_path / "server.json"
    file.write_text(json.dumps(server(documents(said, places, app))))
    contexts = {uri: identity(AUTHORITIES[uri.split("/")[2]], uri, tmp_path) for uri in IDENTITIES}

    async def at_the_open_one() -> bool:
        with suppress(OSError):  # Envoy is not there yet
            return await let_through(places[f"http-{OPEN}"], CALLERS[0], contexts[CALLERS[0].uri])
        return False

    async with applications[0], applications[1], running([file]):
        await eventually(at_the_open_one)
        asked = [(name, caller) for name in places for caller in CALLERS]
        answers = [let_through(places[name], caller, contexts[caller.uri]) for name, caller in asked]
        found = dict(zip(asked, await asyncio.gather(*answers), strict=True))
    meant = {(name, caller): policies_allow(said[name], caller) for name, caller in found}
    assert {key: was for key, was in found.items() if was != meant[key]} == {}
    assert {True, False} == set(meant.values())
