"""The diagnostics server: who may see what, and how levels of the log are set."""

import json

import pytest
from prometheus_client import CollectorRegistry

from kuma.levels import Levels
from kuma.rest.access import ADMIN
from kuma.rest.calls import Call
from kuma.rest.diagnostics import Diagnostics


def diagnostics(*unready: str, profiles: bool = False) -> Diagnostics:
    return Diagnostics(lambda: unready, CollectorRegistry(), Levels(), profiles)


async def asked(server: Diagnostics, path: str, method: str = "GET", body: object = None, **more):
    said = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await server.answer(Call(method, path, body=said, **{"user": ADMIN, **more}))
    return answer.status, answer.body.decode()


async def test_how_it_is():
    assert await asked(diagnostics(), "/healthy") == (200, "ok\n")
    assert await asked(diagnostics(), "/ready") == (200, "ok\n")
    assert await asked(diagnostics("store"), "/ready") == (503, "waiting for store\n")
    assert (await asked(diagnostics(), "/metrics"))[0] == 200
    assert (await asked(diagnostics(), "/loggings"))[0] == 404


async def test_levels_are_set_shown_and_forgotten():
    server, said = diagnostics(), {"component": "zone_cp.ads", "level": "debug"}
    assert await asked(server, "/logging", "PUT", said) == (200, "{}\n")
    assert server.levels.of("zone_cp.ads").level == 10
    shown = {"components": {"zone_cp.ads": "debug"}}
    assert json.loads((await asked(server, "/logging"))[1]) == shown
    assert json.loads((await asked(server, "/logging/zone_cp", "DELETE"))[1]) == {"components": {}}
    assert json.loads((await asked(server, "/logging/zone_cp.ads", "DELETE"))[1]) == shown
    await asked(server, "/logging", "PUT", said)
    assert json.loads((await asked(server, "/logging", "DELETE"))[1]) == shown
    assert server.levels.said == {}
    assert (await asked(server, "/logging", "POST", said))[0] == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        {"component": "x"},
        {"component": "x", "level": "loud"},
        {"component": "x", "level": ["debug"]},
        {"component": ".x", "level": "debug"},
        {"component": "x" * 257, "level": "debug"},
        b'{"component": "x", "level": "debug"}' + b" " * 4096,
    ],
)
async def test_what_is_no_level_of_a_component(body):
    server = diagnostics()
    assert (await asked(server, "/logging", "PUT", body))[0] == 400
    assert server.levels.said == {}


async def test_only_so_many_levels():
    server = diagnostics()
    said = [(await asked(server, "/logging", "PUT", {"component": f"c{n}", "level": "off"}))[0] for n in range(201)]
    assert (set(said[:200]), said[200]) == ({200}, 429)


@pytest.mark.parametrize("path", ["/logging", "/logging/x", "/debug/pprof/profile", "/debug/pprof/"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_others_than_who_is_on_the_machine_see_nothing_of_it(path, method):
    stranger = Call(method, path)
    assert (await diagnostics(profiles=True).answer(stranger)).status == 403


async def test_profiles_are_there_where_they_are_asked_for():
    server = diagnostics(profiles=True)
    assert (await asked(diagnostics(), "/debug/pprof/tasks"))[0] == 404
    assert (await asked(server, "/debug/pprof/heap"))[0] == 404
    for name in ("", "tasks", "threads"):
        assert (await asked(server, f"/debug/pprof/{name}"))[0] == 200
    assert (await asked(server, "/debug/pprof/profile", query=(("seconds", "0.01"),)))[0] == 200


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "61", "long"])
async def test_profiles_take_a_moment_only(seconds):
    server = diagnostics(profiles=True)
    assert (await asked(server, "/debug/pprof/profile", query=(("seconds", seconds),)))[0] == 400
