"""What MeshTimeout would change: of outbounds, of inbounds, and where it speaks of routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.shadows import (
    CLIENT,
    HTTP,
    HTTP_INBOUND,
    ROUTE,
    SERVER,
    TCP_INBOUND,
    TO_OTHER,
    TO_SERVER,
    Look,
    Shade,
    of_route,
    policy,
    route,
    shades,
)
from tests.e2e.traffic import EVERYBODY, service, to

ALL = {
    "idleTimeout": "50s",
    "connectionTimeout": "51s",
    "http": {
        "requestTimeout": "52s",
        "streamIdleTimeout": "53s",
        "maxStreamDuration": "54s",
        "maxConnectionDuration": "55s",
    },
}
OF_CLUSTER = {
    "connectTimeout": ("5s", "51s"),
    f"{HTTP}/idleTimeout": ("3600s", "50s"),
    f"{HTTP}/maxConnectionDuration": ("0s", "55s"),
    f"{HTTP}/maxStreamDuration": ("0s", "54s"),
}
OF_ROUTE = {f"{ROUTE}/route/timeout": ("15s", "52s"), f"{ROUTE}/route/idleTimeout": ("1800s", "53s")}
MHR = route("testing", "/test")
KRI = "kri_mhttpr_default_lone__testing_rule_0"


@pytest.fixture(scope="module")
def shade() -> Iterator[Shade]:
    with shades() as made:
        yield made


def waits(request: str, stream_idle: str) -> dict[str, Any]:
    return {"http": {"requestTimeout": request, "streamIdleTimeout": stream_idle}}


def waited(look: Look, listener: str) -> list[tuple[str, str, str]]:
    """What the routes of a listener match, how long they wait, and how long streams may be idle."""
    return [
        (next(iter(one["match"].values())), one["route"]["timeout"], one["route"]["idleTimeout"])
        for one in look.routes(listener)
    ]


@pytest.mark.scenario("U-config-04")
def test_outbounds(shade):
    with shade.shadow(policy("MeshTimeout", to=[to(service(SERVER), **ALL)])):
        look = shade.seen(CLIENT)
        assert look.changed == {f"cluster {TO_SERVER}", f"listener {TO_SERVER}"}
        assert look.of(f"cluster {TO_SERVER}") == OF_CLUSTER
        assert look.of(f"listener {TO_SERVER}") == OF_ROUTE


@pytest.mark.scenario("U-config-05")
def test_inbounds(shade):
    with shade.shadow(policy("MeshTimeout", rules=[{"default": ALL}])):
        look = shade.seen(SERVER)
        assert look.changed == {f"cluster {HTTP_INBOUND}", f"listener {HTTP_INBOUND}"}
        assert look.of(f"cluster {HTTP_INBOUND}") == OF_CLUSTER
        assert look.of(f"listener {HTTP_INBOUND}") == OF_ROUTE
        assert shade.seen(CLIENT).difference == {
            f"cluster {TCP_INBOUND}/connectTimeout": ("5s", "51s"),
            f"listener {TCP_INBOUND}/filterChains/0/filters/1/typedConfig/idleTimeout": ("3600s", "50s"),
        }


def test_headers_are_waited_for_where_connections_are_read(shade):
    http = {"requestTimeout": "15s", "requestHeadersTimeout": "5s"}
    with shade.shadow(policy("MeshTimeout", rules=[{"default": {"http": http}}])):
        headers = f"listener {HTTP_INBOUND}/filterChains/0/filters/0/typedConfig/requestHeadersTimeout"
        assert shade.seen(SERVER).difference == {headers: ("0s", "5s")}
        assert shade.config(CLIENT)["diff"] == []


@pytest.mark.scenario("U-config-07")
def test_what_is_said_of_a_service_beats_what_is_said_of_all(shade):
    timeout = policy(
        "MeshTimeout", to=[to(service(SERVER), **waits("32s", "33s")), to(EVERYBODY, **waits("42s", "43s"))]
    )
    with shade.shadow(MHR, timeout):
        look = shade.seen(CLIENT, KRI, "32s", "42s")
        assert look.changed == {f"listener {TO_SERVER}", f"listener {TO_OTHER}"}
        *new, rest = look.routes(TO_SERVER)
        assert [one["match"] for one in new] == [{"path": "/test"}, {"prefix": "/test/"}]
        assert {one["name"] for one in new} == {KRI}
        added = {"header": {"key": "x-added", "value": "yes"}}
        assert all(one["requestHeadersToAdd"] == [added] for one in new)
        assert "requestHeadersToAdd" not in rest
        assert waited(look, TO_SERVER) == [(path, "32s", "33s") for path in ("/test", "/test/", "/")]
        assert waited(look, TO_OTHER) == [("/", "42s", "43s")]


@pytest.mark.scenario("U-config-08")
def test_what_is_said_of_a_route_beats_what_is_said_of_its_service(shade):
    timeout = policy(
        "MeshTimeout", to=[to(service(SERVER), **waits("32s", "33s")), to(of_route("testing"), **waits("42s", "43s"))]
    )
    with shade.shadow(MHR, timeout):
        look = shade.seen(CLIENT, KRI, "32s", "42s")
        assert look.changed == {f"listener {TO_SERVER}"}
        routes = [(path, "42s", "43s") for path in ("/test", "/test/")]
        assert waited(look, TO_SERVER) == [*routes, ("/", "32s", "33s")]
