"""What policies of telling would change: access logs of inbounds, services, routes and the rest, and metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import Any

import pytest

from kuma.cli.demo.world import MESH
from tests.e2e.shadows import (
    CLIENT,
    FILTER,
    HTTP_INBOUND,
    OTHER,
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
from tests.e2e.traffic import EVERYBODY, service, to, wait_for, workload

REDIRECTED = "redirected"
"""A Dataplane to which everything is redirected; no proxy is started for it."""
NETWORKING = {
    "address": "127.0.0.9",
    "inbound": [{"port": 8080, "protocol": "http", "name": "http"}],
    "transparentProxying": {"redirectPortInbound": 15006, "redirectPortOutbound": 15001},
}
PASSTHROUGH = tuple(f"self_transparentproxy_passthrough_outbound_ipv{version}" for version in (4, 6))
FILE_LOG = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"
KRI = "kri_mhttpr_default_lone__testing_rule"
LUA = {"filterMetadata": {"envoy.filters.http.lua": {"route_kri": f"{KRI}0"}}}


@pytest.fixture(scope="module")
def shade() -> Iterator[Shade]:
    with shades() as made:
        labels = {"kuma.io/workload": REDIRECTED}
        dataplane = {"type": "Dataplane", "mesh": MESH, "name": REDIRECTED, "labels": labels}
        made.zone.api.put({**dataplane, "networking": NETWORKING})
        wait_for("it has a config", partial(made.config, REDIRECTED, False))
        yield made


def file(name: str, **form: Any) -> dict[str, Any]:
    """A backend: a file of this name."""
    form = form or {"type": "Plain", "plain": name}
    return {"type": "File", "file": {"path": f"/tmp/{name}.log", "format": form}}


def written(name: str, filter_: dict[str, Any] | None = None) -> dict[str, Any]:
    """How Envoy is told of that file, and of what it is told in it."""
    format_ = {"textFormatSource": {"inlineString": f"{name}\n"}}
    config = {"@type": FILE_LOG, "path": f"/tmp/{name}.log", "logFormat": format_}
    log: dict[str, Any] = {"name": "envoy.access_loggers.file", "typedConfig": config}
    return log if filter_ is None else {**log, "filter": filter_}


def tagged(otherwise: bool, **value: Any) -> dict[str, Any]:
    """Requests whose route has this KRI, and those whose route has none if `otherwise`."""
    matcher = {"filter": "kuma.routes", "path": [{"key": "route_kri"}], "value": value}
    return {"metadataFilter": {"matcher": matcher, "matchIfKeyNotFound": otherwise}}


NO_ROUTE = tagged(True, nullMatch={})
OF_ROUTE = tagged(False, stringMatch={"exact": f"{KRI}0"})


@pytest.mark.scenario("U-config-09")
def test_logs_of_inbounds(shade):
    with shade.shadow(policy("MeshAccessLog", rules=[{"default": {"backends": [file("in")]}}])):
        told = (None, [written("in")])
        assert shade.seen(SERVER).difference == {f"listener {HTTP_INBOUND}/{FILTER}/accessLog": told}
        of_connections = f"listener {TCP_INBOUND}/filterChains/0/filters/1/typedConfig/accessLog"
        assert shade.seen(CLIENT).difference == {of_connections: told}


@pytest.mark.scenario("U-config-10")
def test_logs_of_a_service_with_headers_however_they_are_spelled(shade):
    fields = {"start": "%START_TIME%", "one": "%REQ(X-Test)%", "two": "%REQ(x-test)%", "three": "%REQ(X-TeSt)%"}
    form = {"type": "Json", "json": [{"key": key, "value": value} for key, value in fields.items()]}
    with shade.shadow(policy("MeshAccessLog", to=[to(service(SERVER), backends=[file("json", **form)])])):
        config = {"@type": FILE_LOG, "path": "/tmp/json.log", "logFormat": {"jsonFormat": fields}}
        log = {"name": "envoy.access_loggers.file", "filter": NO_ROUTE, "typedConfig": config}
        assert shade.seen(CLIENT).difference == {f"listener {TO_SERVER}/{FILTER}/accessLog": (None, [log])}
        assert shade.config(OTHER)["diff"] == []


def marked(look: Look) -> list[Any]:
    """What the server's routes say of themselves, in order."""
    return [one.get("metadata") for one in look.routes(TO_SERVER)]


@pytest.mark.scenario("U-config-11")
def test_logs_of_a_route(shade):
    logs = policy("MeshAccessLog", to=[to(of_route("testing"), backends=[file("route")])])
    with shade.shadow(route("testing", "/test"), logs):
        look = shade.seen(CLIENT, "/test", "route.log")
        assert look.changed == {f"listener {TO_SERVER}"}
        manager = look.manager(TO_SERVER)
        assert manager["accessLog"] == [written("route", OF_ROUTE)]
        assert [one["name"] for one in manager["httpFilters"]] == [
            "envoy.filters.http.lua",
            "envoy.filters.http.router",
        ]
        copying = manager["httpFilters"][0]["typedConfig"]["defaultSourceCode"]["inlineString"]
        assert 'handle:metadata():get("route_kri")' in copying
        assert 'dynamicMetadata():set("kuma.routes", "route_kri"' in copying
        assert marked(look) == [LUA, LUA, None]


@pytest.mark.scenario("U-config-12")
@pytest.mark.parametrize("name", [CLIENT, REDIRECTED])
def test_logs_of_a_route_of_its_service_and_of_all_else(shade, name):
    items = {"route": of_route("testing"), "service": service(SERVER), "all": EVERYBODY}
    logs = policy("MeshAccessLog", to=[to(ref, backends=[file(each)]) for each, ref in items.items()])
    with shade.shadow(route("testing", "/test"), logs):
        look = shade.seen(name, "/test", *(f"{each}.log" for each in items))
        told = look.manager(TO_SERVER)["accessLog"]
        assert told == [written("service", NO_ROUTE), written("route", OF_ROUTE)]
        assert look.manager(TO_OTHER)["accessLog"] == [written("all", NO_ROUTE)]
        assert marked(look) == [LUA, LUA, None]
        for listener in PASSTHROUGH if name == REDIRECTED else ():
            assert look.of(f"listener {listener}") == {f"{FILTER}/accessLog": (None, [written("all")])}


SIDECAR = {
    "profiles": {
        "appendProfiles": [{"name": "Basic"}],
        "exclude": [{"type": "Regex", "match": "envoy_http_.*"}],
        "include": [{"type": "Prefix", "match": "envoy_cluster"}],
    },
    "includeUnused": True,
}
PROMETHEUS = "system_meshmetric_prometheus_default-backend"
DYNAMIC = "system_dynamicconfig"


@pytest.mark.scenario("U-config-25")
def test_metrics_for_whoever_collects_them(shade):
    backend = {"type": "Prometheus", "prometheus": {"port": 5670, "path": "/metrics"}}
    default = {"sidecar": SIDECAR, "backends": [backend]}
    with shade.shadow(policy("MeshMetric", target_ref=workload(SERVER), default=default)):
        look = shade.seen(SERVER)
        assert look.changed == {f"cluster {PROMETHEUS}", f"listener {PROMETHEUS}", f"listener {DYNAMIC}"}
        listener = look.listener(PROMETHEUS)
        assert listener["address"] == {
            "socketAddress": {"address": shade.zone.instances[SERVER].address, "portValue": 5670}
        }
        (every,) = look.routes(PROMETHEUS)
        assert every["match"] == {"prefix": "/metrics"}
        assert every["route"] == {"cluster": PROMETHEUS, "prefixRewrite": "/meshmetric"}
        (endpoints,) = look.cluster(PROMETHEUS)["loadAssignment"]["endpoints"]
        (endpoint,) = endpoints["lbEndpoints"]
        assert endpoint["endpoint"]["address"]["pipe"]["path"].endswith(".sock")
        unchanged, told = look.routes(DYNAMIC)
        assert_served(unchanged, told, "/meshmetric")
        metrics = json.loads(told["directResponse"]["body"]["inlineString"])["observability"]["metrics"]
        assert metrics["sidecar"] == SIDECAR
        assert metrics["backends"] == [{"type": "Prometheus", "name": None}]
        assert shade.config(CLIENT)["diff"] == shade.config(OTHER)["diff"] == []


def assert_served(unchanged: dict[str, Any], told: dict[str, Any], path: str) -> None:
    """Whether a text is served at a path, and not served again to those who have it."""
    etag = sha256(told["directResponse"]["body"]["inlineString"].encode()).hexdigest()
    known = {"name": "If-None-Match", "stringMatch": {"exact": etag}}
    assert unchanged["match"] == {"path": path, "headers": [known]}
    assert unchanged["directResponse"] == {"status": 304}
    assert told["match"] == {"path": path}
    assert told["directResponse"]["status"] == 200
    assert told["responseHeadersToAdd"] == [{"header": {"key": "Etag", "value": etag}}]
