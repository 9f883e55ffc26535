"""MeshTimeout: timeouts on both sides of a proxy, with policies and without."""

from __future__ import annotations

from attrs import evolve

from kuma.match import to_rules
from kuma.model import DISPLAY_NAME, Key, Resource
from kuma.policies.meshtimeout import POLICY
from tests.kuma.policies.parts import (
    BACKEND,
    EAST,
    at_destination,
    at_listener,
    filters,
    http,
    inbound,
    outbound,
    policy,
    route,
    routes_of,
    said,
    shown,
    to_backend,
    to_mesh,
    upstream,
)

SPIFFE = "spiffe://east.mesh/ns/shop/sa/web"


def options(cluster):
    return shown(cluster)["typedExtensionProtocolOptions"][
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    ].get("commonHttpProtocolOptions")


def test_without_a_policy_an_http_inbound_has_the_defaults():
    part = inbound("http")
    POLICY.inbound(part, at_listener())
    manager = http(part.listener)
    assert manager["commonHttpProtocolOptions"] == {"idleTimeout": "0s"}
    assert manager["requestHeadersTimeout"] == "0s"
    assert routes_of(part.listener)[0]["route"] == {
        "cluster": "self_inbound_dp_http",
        "timeout": "15s",
        "idleTimeout": "1800s",
    }
    assert part.cluster.connect_timeout.seconds == 5
    assert options(part.cluster) == {
        "idleTimeout": "3600s",
        "maxStreamDuration": "0s",
        "maxConnectionDuration": "0s",
    }


def test_without_a_policy_a_tcp_inbound_has_the_defaults():
    part = inbound("tcp")
    POLICY.inbound(part, at_listener())
    assert filters(part.listener)[0]["idleTimeout"] == "3600s"
    assert not part.cluster.typed_extension_protocol_options


def test_a_grpc_cluster_keeps_its_own_connection_timeouts():
    part = inbound("grpc")
    POLICY.inbound(part, at_listener())
    assert options(part.cluster) is None
    assert routes_of(part.listener)[0]["route"]["timeout"] == "15s"


def test_an_outbound_takes_what_is_said_of_its_destination():
    said_of_backend = {"requestTimeout": "5s", "streamIdleTimeout": "1s", "maxStreamDuration": "600s"}
    confs = at_destination(policy("MeshTimeout", to=[to_backend(connectionTimeout="10s", http=said_of_backend)]))
    listener, cluster = outbound(), upstream()
    POLICY.outbound(listener, confs)
    POLICY.upstream(cluster, confs)
    action = routes_of(listener.listener)[0]["route"]
    assert (action["timeout"], action["idleTimeout"]) == ("5s", "1s")
    assert cluster.cluster.connect_timeout.seconds == 10
    assert options(cluster.cluster) == {
        "idleTimeout": "3600s",
        "maxStreamDuration": "600s",
        "maxConnectionDuration": "0s",
    }


def test_zero_is_said_and_not_forgotten():
    confs = at_destination(policy("MeshTimeout", to=[to_mesh(idleTimeout="0s", http={"requestTimeout": "0s"})]))
    listener = outbound("tcp")
    POLICY.outbound(listener, confs)
    assert filters(listener.listener)[0]["idleTimeout"] == "0s"


def test_a_route_has_its_own_request_timeout_and_the_listener_s_idle_timeout():
    named = {DISPLAY_NAME: "r1"}
    mhttpr = Resource(Key("MeshHTTPRoute", "default", "r1"), None, labels=EAST.resources[1].labels | named)
    around = evolve(EAST, resources=(*EAST.resources, mhttpr))
    own = route("r1")
    own = evolve(own, zone="east")
    rules = to_rules(
        (
            policy(
                "MeshTimeout",
                to=[
                    to_mesh(http={"requestTimeout": "7s", "streamIdleTimeout": "70s"}),
                    {
                        "targetRef": {"kind": "MeshHTTPRoute", "labels": named},
                        "default": {"http": {"requestTimeout": "1s"}},
                    },
                ],
            ),
        ),
        around,
    )
    part = outbound("http", str(own), "other")
    POLICY.outbound(part, rules.for_destination(BACKEND, [own]))
    first, second = (one["route"] for one in routes_of(part.listener))
    assert (first["timeout"], first["idleTimeout"]) == ("1s", "70s")
    assert (second["timeout"], second["idleTimeout"]) == ("7s", "70s")


def test_rules_for_some_clients_copy_routes_and_leave_the_rest():
    rules = at_listener(
        policy(
            "MeshTimeout",
            rules=[
                {
                    "matches": [{"spiffeID": {"type": "Prefix", "value": "spiffe://east.mesh/ns/shop"}}],
                    "default": {"http": {"requestTimeout": "3s"}},
                },
                {
                    "matches": [
                        {"spiffeID": {"type": "Exact", "value": SPIFFE}, "sni": {"type": "Exact", "value": "a"}}
                    ],
                    "default": {"http": {"streamIdleTimeout": "4s"}},
                },
            ],
        )
    )
    part = inbound("http")
    before = shown(part.cluster)
    POLICY.inbound(part, rules)
    exact, prefix, rest = routes_of(part.listener)
    assert shown(part.cluster) == before
    assert rest["route"]["timeout"] == "0s"
    assert prefix["match"]["filterState"] == [
        {"key": "kuma.mesh_timeout.match.spiffe_id", "stringMatch": {"prefix": "spiffe://east.mesh/ns/shop"}}
    ]
    assert (exact["route"]["timeout"], exact["route"]["idleTimeout"]) == ("3s", "4s")
    assert [one["key"] for one in exact["match"]["filterState"]] == [
        "kuma.mesh_timeout.match.spiffe_id",
        "kuma.mesh_timeout.match.sni",
    ]
    state = filters(part.listener)[0]["onDownstreamTlsHandshake"]
    assert [one["objectKey"] for one in state] == ["kuma.mesh_timeout.match.spiffe_id", "kuma.mesh_timeout.match.sni"]
    assert state[0]["formatString"]["textFormatSource"] == {"inlineString": "%DOWNSTREAM_PEER_URI_SAN%"}


def test_sections_of_a_dataplane_need_rules():
    target = {"kind": "Dataplane", "sectionName": "http"}
    conf = {"idleTimeout": "1s"}
    assert said("MeshTimeout", targetRef=target, to=[to_mesh(**conf)]) == [
        ("spec.targetRef.sectionName", "can only be used with inbound policies")
    ]
    assert said("MeshTimeout", targetRef=target, rules=[{"default": conf}]) == []


def test_every_field_is_checked():
    http_conf = {"requestTimeout": "-1s", "streamIdleTimeout": "-1s", "requestHeadersTimeout": "-1s"}
    assert said("MeshTimeout", to=[to_mesh(connectionTimeout="0s", idleTimeout="-1s", http=http_conf)]) == [
        ("spec.to[0].default.connectionTimeout", "must be greater than zero when defined"),
        ("spec.to[0].default.idleTimeout", "must not be negative when defined"),
        ("spec.to[0].default.http.requestTimeout", "must not be negative when defined"),
        ("spec.to[0].default.http.streamIdleTimeout", "must not be negative when defined"),
        ("spec.to[0].default.http.requestHeadersTimeout", "must not be negative when defined"),
    ]


def test_headers_alone_are_too_little():
    assert said("MeshTimeout", to=[to_mesh(http={"requestHeadersTimeout": "1s"})]) == [
        ("spec.to[0].default.http", "at least one timeout in this section should be configured")
    ]
    assert said("MeshTimeout", to=[to_mesh()]) == [("spec.to[0].default", "at least one timeout should be configured")]


def test_connections_know_no_client():
    rule = {
        "matches": [{"spiffeID": {"type": "Exact", "value": SPIFFE}}],
        "default": {"idleTimeout": "1s", "http": {"requestTimeout": "1s"}},
    }
    assert said("MeshTimeout", rules=[rule]) == [
        (
            "spec.rules[0].default.idleTimeout",
            "can't be specified when matches contain spiffeID because this field cannot be conditioned on source "
            "identity",
        )
    ]


def test_a_match_says_something_and_says_it_right():
    matches = [{"spiffeID": {"type": "Regex", "value": "spiffe://a/b/"}}, {}, {"sni": {"value": "A"}}]
    problems = said("MeshTimeout", rules=[{"matches": matches, "default": {"http": {"requestTimeout": "1s"}}}])
    at = "spec.rules[0].matches"
    assert problems[0] == (
        f"{at}[0].spiffeID.type",
        'unrecognized type "Regex", supported values are: Exact, Prefix',
    )
    assert problems[1] == (f"{at}[0].spiffeID", "must be a valid Spiffe ID: path cannot have a trailing slash")
    assert problems[2] == (f"{at}[1]", "must specify at least one of 'spiffeID' or 'sni'")
    assert problems[3] == (f"{at}[2].sni.type", "must be set")
    assert problems[4][0] == f"{at}[2].sni.value"
