"""Access logs: who is told of what, and in which words."""

from __future__ import annotations

import pytest

from kuma.envoy import accesslog, listeners
from kuma.envoy.draft import ZoneListener
from kuma.envoy.names import stat_prefix
from kuma.match import to_rules
from kuma.model import Key, Resource
from kuma.policies.meshaccesslog import POLICY
from tests.kuma.policies.parts import (
    BACKEND,
    DISPLAY_NAME,
    EAST,
    Around,
    at_destination,
    at_listener,
    filters,
    http,
    inbound,
    outbound,
    policy,
    route,
    routes_of,
    shown,
    to_backend,
    to_mesh,
)
from tests.kuma.policies.telling import OTEL, caller, said_inward, said_outward, system, with_kuma_dp

SPIFFE = "spiffe://east.mesh/web"


def file(plain=None, **json):
    form = {"type": "Plain", "plain": plain} if plain is not None else {}
    if json:
        form = {"type": "Json", "json": [{"key": key, "value": value} for key, value in json.items()]}
    return {"type": "File", "file": {"path": "/tmp/log", **({"format": form} if form else {})}}


def collector(**more):
    return {"type": "OpenTelemetry", "openTelemetry": {"backendRef": OTEL, **more}}


def rules(*each, **target):
    return policy("MeshAccessLog", rules=list(each), **target)


def inward(protocol, *each, **facts):
    """The logs of an inbound under these rules."""
    part = inbound(protocol)
    part.caller = caller(**facts)
    POLICY.inbound(part, at_listener(rules(*each)))
    return part


def outward(protocol, *to, part=None, **facts):
    """The logs of an outbound under these items."""
    part = part or outbound(protocol)
    part.caller = caller(**facts)
    POLICY.outbound(part, at_destination(policy("MeshAccessLog", to=list(to)), routes=[route("r1"), route("r2")]))
    return part


def logs(part):
    return filters(part.listener)[0].get("accessLog", [])


def lines(part):
    return [log["typedConfig"]["logFormat"]["textFormatSource"]["inlineString"] for log in logs(part)]


def test_without_rules_nobody_is_told():
    part = inbound()
    before = shown(part.listener)
    POLICY.inbound(part, at_listener())
    assert shown(part.listener) == before


@pytest.mark.parametrize("protocol", ["http", "tcp"])
def test_all_backends_of_all_rules_are_told(protocol):
    part = inward(protocol, {"default": {"backends": [file("a"), file("b")]}}, {"default": {"backends": [file("c")]}})
    assert lines(part) == ["a\n", "b\n", "c\n"]
    assert [log["name"] for log in logs(part)] == ["envoy.access_loggers.file"] * 3


def test_a_rule_tells_of_those_it_matches():
    matches = [
        {"spiffeID": {"type": "Exact", "value": SPIFFE}, "sni": {"type": "Exact", "value": "sni.a"}},
        {"spiffeID": {"type": "Prefix", "value": SPIFFE}},
    ]
    part = inward("http", {"matches": matches, "default": {"backends": [file("a")]}})
    found = [log["filter"]["extensionFilter"] for log in logs(part)]
    assert [one["name"] for one in found] == [accesslog.CEL] * 2
    assert [one["typedConfig"]["expression"] for one in found] == [
        f'connection.uri_san_peer_certificate == "{SPIFFE}" && connection.requested_server_name == "sni.a"',
        f'connection.uri_san_peer_certificate.startsWith("{SPIFFE}")',
    ]
    assert [one["name"] for one in shown(part.listener)["listenerFilters"]] == ["envoy.filters.listener.tls_inspector"]


WORDS = (
    "%KUMA_SOURCE_ADDRESS% %KUMA_SOURCE_ADDRESS_WITHOUT_PORT% %KUMA_SOURCE_SERVICE% %KUMA_DESTINATION_SERVICE% "
    "%KUMA_MESH% %KUMA_TRAFFIC_DIRECTION% %KUMA_ZONE% %KUMA_WORKLOAD% %KUMA_OTHER% %START_TIME%"
)


def test_what_is_known_is_filled_in():
    known = "shop {} east kri_wl_shop_east__web_ %KUMA_OTHER% %START_TIME%\n"
    part = inward("http", {"default": {"backends": [file(WORDS)]}})
    served = "kri_dp_shop_east__web-1_http"
    assert lines(part) == [f"10.0.0.1:0 10.0.0.1 unknown {served} {known.format('INBOUND')}"]
    part = outward("http", to_mesh(backends=[file(WORDS)]))
    assert lines(part) == [f"10.0.0.1:0 10.0.0.1 web backend {known.format('OUTBOUND')}"]


def test_an_inbound_without_a_name_is_its_workload():
    part = inbound()
    part.section, part.caller = "8080", caller()
    POLICY.inbound(part, at_listener(rules({"default": {"backends": [file("%KUMA_DESTINATION_SERVICE%")]}})))
    assert lines(part) == ["web\n"]


def test_addresses_of_ipv6_stand_in_brackets():
    part = outward("tcp", to_mesh(backends=[file(WORDS)]), address="fd00::1")
    assert lines(part)[0].startswith("[fd00::1]:0 fd00::1 ")


def test_there_are_words_for_requests_and_for_connections():
    assert '"%REQ(:METHOD)% ' in lines(outward("http", to_mesh(backends=[file()])))[0]
    assert lines(outward("tcp", to_mesh(backends=[file()]), workload=""))[0] == (
        "[%START_TIME%] %RESPONSE_FLAGS% shop 10.0.0.1(unknown)->%UPSTREAM_HOST%(backend) took %DURATION%ms, "
        "sent %BYTES_SENT% bytes, received: %BYTES_RECEIVED% bytes\n"
    )


def test_json_and_what_is_left_out():
    one = file(start="%START_TIME%", who="%KUMA_SOURCE_SERVICE%")
    one["file"]["format"]["omitEmptyValues"] = True
    (log,) = logs(outward("tcp", to_mesh(backends=[one])))
    assert log["typedConfig"]["logFormat"] == {
        "jsonFormat": {"start": "%START_TIME%", "who": "web"},
        "omitEmptyValues": True,
    }


def test_servers_are_told_by_way_of_a_pipe():
    server = {"type": "Tcp", "tcp": {"address": "logs:514", "format": {"type": "Plain", "plain": "hello"}}}
    objects = {
        "type": "Tcp",
        "tcp": {"address": "a:1", "format": {"type": "Json", "json": [{"key": "a", "value": "b"}]}},
    }
    first, second = (log["typedConfig"] for log in logs(outward("tcp", to_mesh(backends=[server, objects]))))
    assert first["path"] == second["path"] == "/run/web/kuma-al-web-1-shop.sock"
    assert first["logFormat"]["jsonFormat"] == {"address": "logs:514", "message": "hello\n"}
    assert second["logFormat"]["jsonFormat"] == {"address": "a:1", "message": {"a": "b"}}


def to_route(name, *backends):
    target = {"kind": "MeshHTTPRoute", "labels": {DISPLAY_NAME: name}}
    return {"targetRef": target, "default": {"backends": list(backends)}}


def of_routes(*to):
    """The logs of a listener with a route of `a`, one of `b`, and one that no resource names."""
    first, second = route("a"), route("b")
    named = tuple(Resource(Key("MeshHTTPRoute", "default", name), None, {DISPLAY_NAME: name}) for name in "ab")
    said = to_rules((policy("MeshAccessLog", to=list(to)),), Around((*EAST.resources, *named)))
    part = outbound("http", str(first), str(second), "default")
    part.caller = caller()
    POLICY.outbound(part, said.for_destination(BACKEND, (first, second)))
    return part


def test_logs_of_a_route_take_the_place_of_the_destinations():
    every, own = logs(of_routes(to_backend(backends=[file("all")]), to_route("a", file("own"))))
    assert every["filter"]["metadataFilter"] == {
        "matcher": {"filter": "kuma.routes", "path": [{"key": "route_kri"}], "value": {"nullMatch": {}}},
        "matchIfKeyNotFound": True,
    }
    assert own["filter"]["metadataFilter"] == {
        "matcher": {
            "filter": "kuma.routes",
            "path": [{"key": "route_kri"}],
            "value": {"stringMatch": {"exact": "kri_mhttpr_default___a_rule0"}},
        },
        "matchIfKeyNotFound": False,
    }


def test_filters_are_told_which_route_was_taken():
    part = of_routes(to_backend(backends=[file("all")]), to_route("a", file("own")))
    names = [one["name"] for one in http(part.listener)["httpFilters"]]
    assert names == ["envoy.filters.http.lua", "envoy.filters.http.router"]
    told = {"filterMetadata": {"envoy.filters.http.lua": {"route_kri": "kri_mhttpr_default___a_rule0"}}}
    assert [one.get("metadata") for one in routes_of(part.listener)] == [told, None, None]


def test_a_route_with_an_empty_list_tells_nobody():
    part = of_routes(to_backend(backends=[file("all")]), to_route("a"))
    assert lines(part) == ["all\n"]
    assert "metadata" in routes_of(part.listener)[0]


def test_a_route_that_silences_nobody_changes_nothing():
    untouched = outbound("http", str(route("a")), str(route("b")), "default")
    assert shown(of_routes(to_route("a")).listener) == shown(untouched.listener)


def passthrough(name):
    made = listeners.listener(name, "127.0.0.1", 15001, "OUTBOUND")
    made.filter_chains.append(listeners.tcp_chain(name, ((name, 1),)))
    return made


def test_what_leaves_the_mesh_is_told_as_the_meshs():
    leaving = [passthrough("self_transparentproxy_passthrough_outbound_ipv4"), passthrough("direct_access_10.0.0.1:80")]
    part = system(caller(), *leaving, passthrough("system_other"))
    said = said_outward(policy("MeshAccessLog", to=[to_mesh(backends=[file("%KUMA_DESTINATION_SERVICE%")])]))
    POLICY.system(part, said)
    found = [filters(one)[0].get("accessLog") for one in part.listeners]
    words = [one and one[0]["typedConfig"]["logFormat"]["textFormatSource"]["inlineString"] for one in found]
    assert words == ["external\n", "direct_access_10.0.0.1:80\n", None]


def test_what_is_said_of_one_destination_is_not_said_of_what_leaves():
    part = system(caller(), passthrough("self_transparentproxy_passthrough_outbound_ipv6"))
    POLICY.system(part, said_outward(policy("MeshAccessLog", to=[to_backend(backends=[file("a")])])))
    assert "accessLog" not in filters(part.listeners[0])[0]


def ingress(*each):
    name = "self_zoneingress_dp_in"
    made = passthrough(name)
    part = ZoneListener("in", "10.0.0.1", 10001, False, None, made, caller())
    POLICY.zone_listener(part, at_listener(*each))
    return filters(made)[0], made


def test_zone_proxies_tell_of_connections_as_they_begin():
    sni = {"matches": [{"sni": {"type": "Exact", "value": "sni.a"}}], "default": {"backends": [file(WORDS)]}}
    found, made = ingress(rules(sni))
    assert found["accessLogOptions"] == {"flushAccessLogOnConnected": True}
    (log,) = found["accessLog"]
    assert " unknown unknown shop UNSPECIFIED " in log["typedConfig"]["logFormat"]["textFormatSource"]["inlineString"]
    assert len(made.listener_filters) == 1
    assert "accessLogOptions" not in ingress()[0]
    assert made.stat_prefix == stat_prefix(made.name)


class TestCollectors:
    """Records for a collector."""

    def record(self, who=None, **more):
        part = outbound("tcp")
        part.caller = who or caller()
        POLICY.outbound(part, at_destination(policy("MeshAccessLog", to=[to_mesh(backends=[collector(**more)])])))
        (log,) = logs(part)
        return log["typedConfig"]

    def test_a_record(self):
        found = self.record(attributes=[{"key": "zone", "value": "%KUMA_ZONE%"}], body={"stringValue": "%KUMA_MESH%"})
        assert found["logName"] == "MeshAccessLog"
        assert found["grpcService"] == {"envoyGrpc": {"clusterName": "system_meshaccesslog_10-0-0-9-4317"}}
        assert found["body"] == {"stringValue": "shop"}
        assert found["attributes"] == {"values": [{"key": "zone", "value": {"stringValue": "east"}}]}
        assert [one["key"] for one in found["resourceAttributes"]["values"]] == [
            "kuma.mesh",
            "kuma.zone",
            "kuma.workload",
        ]

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ({"a": "%KUMA_MESH%"}, {"stringValue": '{"a":"shop"}'}),
            ("%KUMA_MESH%", {"stringValue": '"shop"'}),
            (
                {"kvlistValue": {"values": [{"key": "%KUMA_ZONE%", "value": {"intValue": "5"}}]}},
                {"kvlistValue": {"values": [{"key": "east", "value": {"intValue": "5"}}]}},
            ),
        ],
    )
    def test_its_body(self, body, told):
        assert self.record(body=body)["body"] == told

    def test_a_body_that_nobody_gave_is_the_usual_line(self):
        assert self.record()["body"]["stringValue"].startswith("[%START_TIME%]")
        assert not self.record()["body"]["stringValue"].endswith("\n")

    def test_through_kuma_dp_there_is_a_socket(self):
        who = with_kuma_dp()
        name = "system_meshaccesslog_otel_main"
        assert self.record(who)["grpcService"] == {"envoyGrpc": {"clusterName": name}}
        part = system(who)
        POLICY.system(part, said_inward(rules({"default": {"backends": [collector()]}})))
        (cluster,) = part.clusters
        assert cluster.name == name
        assert "/run/web/kuma-otel-main.sock" in str(cluster)
        assert part.documents["otel"] == (
            '{"backends":[{"name":"main","socketPath":"/run/web/kuma-otel-main.sock","endpoint":"10.0.0.9:4317",'
            '"useHTTP":false,"logs":{"enabled":true}}]}'
        )

    def test_a_collector_that_is_not_there_is_left_out(self):
        part = outward("tcp", to_mesh(backends=[collector(), file("a")]), collectors=())
        assert lines(part) == ["a\n"]
        said = said_outward(policy("MeshAccessLog", to=[to_mesh(backends=[collector()])]))
        without = system(caller(collectors=()))
        POLICY.system(without, said)
        assert without.clusters == []
        assert without.documents == {}

    def test_each_collector_has_one_cluster(self):
        part = system(caller())
        every = [to_mesh(backends=[collector()]), to_backend(backends=[collector()])]
        POLICY.system(part, said_outward(policy("MeshAccessLog", to=every)))
        assert [one.name for one in part.clusters] == ["system_meshaccesslog_10-0-0-9-4317"]
        assert part.documents == {}
