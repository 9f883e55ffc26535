"""`kumactl apply --wait`: who is waited for, until when, and what is said in the end."""

from __future__ import annotations

import json
from itertools import repeat

import pytest
from attrs import define, field

from kuma.rest.deliveries import Delivery
from tests.cli.ran import connected
from tests.kuma.rest.served import served

ONLINE = [{"id": "1", "controlPlaneInstanceId": "cp", "connectTime": "2030-01-01T00:00:00Z"}]
TIMEOUT = {
    "type": "MeshTimeout",
    "mesh": "default",
    "name": "slow",
    "spec": {
        "targetRef": {"kind": "Dataplane", "labels": {"app": "web"}},
        "rules": [{"default": {"idleTimeout": "5s"}}],
    },
}
KRI = "kri_mt_default_east__slow_"


@define
class Proxies:
    """Proxies that are as far as they are said to be, round by round; the last word stays."""

    words: dict[str, list[Delivery]]
    asked: list[tuple[str, tuple[str, ...]]] = field(factory=list)

    async def delivered(self, dataplane, stamps):
        self.asked.append((dataplane.name, tuple(stamps)))
        words = self.words[dataplane.name]
        return words.pop(0) if len(words) > 1 else words[0]


DELIVERED, PENDING = Delivery("delivered"), Delivery("pending", ("inbound",))
REFUSED = Delivery("rejected", ("inbound: no such filter",))


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("kuma.cli.kumactl.wait.until", lambda seconds: repeat(None, int(seconds)))


async def applied(cli, words, offline=(), resource=TIMEOUT):
    """How `apply --wait` ends with these proxies of `web`, and one of `db`; and what they were asked."""
    proxies = Proxies(words)
    async with served(deliveries=proxies) as api:
        await connected(cli, api)
        await api.mesh()
        for name, app in (*((name, "web") for name in (*words, *offline)), ("db-1", "db")):
            here = {"mesh": "default", "name": name}
            networking = {"address": "10.0.0.1", "inbound": [{"port": 80}]}
            await api.store_document({"type": "Dataplane", **here, "labels": {"app": app}, "networking": networking})
            if name in words:
                await api.store_document({"type": "DataplaneInsight", **here, "subscriptions": ONLINE})
        done = await cli("apply", "-f", "-", "--wait", "--wait-timeout", "9s", stdin=json.dumps(resource))
        return done, proxies.asked


async def test_until_all_have_acknowledged(cli):
    done, asked = await applied(cli, {"web-1": [PENDING, PENDING, DELIVERED], "web-2": [DELIVERED]}, offline=["web-3"])
    assert done.code == 0
    assert done.out.endswith("Created\n2 of 2 proxies have acknowledged\n")
    assert done.err == "WARNING: not connected, so not waited for: web-3\n"
    assert asked.count(("web-1", (KRI,))) == 3
    assert asked.count(("web-2", (KRI,))) == 1


async def test_a_refusal_is_told_once_it_stands(cli):
    done, asked = await applied(cli, {"web-1": [REFUSED, DELIVERED], "web-2": [DELIVERED]})
    assert (done.code, done.err) == (0, "")
    done, asked = await applied(cli, {"web-1": [REFUSED], "web-2": [DELIVERED]})
    assert done.code == 1
    assert "proxy web-1 refused it: inbound: no such filter\n" in done.err
    assert "Error: refused by web-1, which go on with what they had. `kumactl inspect dataplane web-1" in done.err
    assert "1 of 2 proxies have acknowledged" in done.out
    assert len([name for name, _ in asked if name == "web-1"]) < 9


async def test_those_who_take_too_long(cli):
    done, _ = await applied(cli, {f"web-{number}": [PENDING] for number in range(7)})
    assert done.code == 1
    assert "no answer in time from web-0, web-1, web-2, web-3, web-4 and 2 more (web-0: inbound)." in done.err


async def test_nobody_is_affected(cli):
    done, asked = await applied(cli, {}, resource={"type": "Zone", "name": "west"})
    assert (done.code, asked) == (0, [])
    assert done.out.endswith("0 of 0 proxies have acknowledged\n")


async def test_one_dataplane_is_waited_for(cli):
    dataplane = {"type": "Dataplane", "mesh": "default", "name": "web-1", "networking": {"address": "10.0.0.2"}}
    done, asked = await applied(cli, {"web-1": [DELIVERED], "web-2": [DELIVERED]}, resource=dataplane)
    assert (done.code, [name for name, _ in asked]) == (0, ["web-1"])


async def test_no_duration(cli):
    async with served() as api:
        await connected(cli, api)
        done = await cli("apply", "-f", "-", "--wait-timeout", "long", stdin=json.dumps(TIMEOUT))
        assert '--wait-timeout "long" is no duration' in done.err
