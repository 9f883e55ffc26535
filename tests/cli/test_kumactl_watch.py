"""`kumactl get --watch`: what there is, and what happens to it."""

from __future__ import annotations

import json
from itertools import repeat

import pytest

from kuma.cli.kumactl.client import Unreachable
from kuma.cli.kumactl.watch import Printer, watch
from kuma.kinds import KINDS
from tests.cli.ran import connected
from tests.kuma.rest.served import served


def zone(name, **more):
    return {"type": "Zone", "name": name, "modificationTime": "2026-01-01T00:00:00Z", **more}


def watched(capsys, output, *looks):
    """What is printed when this is seen, look by look."""

    def read():
        look = next(left)
        if isinstance(look, BaseException):
            raise look
        return look

    left = iter(looks)
    watch(read, Printer(KINDS["Zone"], output).show, repeat(None, len(looks) - 1))
    return capsys.readouterr()


def test_rows_tell_what_happened(capsys):
    looks = [
        [zone("east"), zone("a-long-name")],
        [zone("east"), zone("a-long-name")],
        [zone("east", enabled=False), zone("west")],
    ]
    rows = [row.split() for row in watched(capsys, "table", *looks).out.splitlines()]
    assert rows[0] == ["NAME", "AGE", "CHANGE"]
    assert [(row[0], row[2:]) for row in rows[1:]] == [
        ("east", []),
        ("a-long-name", []),
        ("east", ["changed"]),
        ("west", ["created"]),
        ("a-long-name", ["deleted"]),
    ]


def test_documents(capsys):
    looks = [[], [zone("east")], []]
    assert [json.loads(text)["change"] for text in watched(capsys, "json", *looks).out.splitlines()] == [
        "created",
        "deleted",
    ]
    assert watched(capsys, "yaml", *looks).out.count("---\n# ") == 2


def test_a_control_plane_that_is_away_for_a_while(capsys):
    seen = watched(capsys, "table", [zone("east")], Unreachable("connection refused"), [zone("east"), zone("west")])
    assert seen.err == "WARNING: connection refused\n"
    assert seen.out.splitlines()[-1].split()[0] == "west"


def test_it_ends_when_interrupted(capsys):
    assert watched(capsys, "table", [], KeyboardInterrupt()).out == "NAME   AGE   CHANGE\n"


@pytest.mark.parametrize("asked", [("zones",), ("zone", "east")])
async def test_watching_a_control_plane(cli, monkeypatch, asked):
    monkeypatch.setattr("kuma.cli.kumactl.watch.every", lambda seconds: repeat(None, int(seconds)))
    async with served() as api:
        await connected(cli, api)
        await api.store_document({"type": "Zone", "name": "east"})
        done = await cli("get", *asked, "-w", "--interval", "2s")
        assert [row.split()[0] for row in done.out.splitlines()] == ["NAME", "east"]
        refused = await cli("get", *asked, "-w", "--interval", "often")
        assert '--interval "often" is no duration' in refused.err
