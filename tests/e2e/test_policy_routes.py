"""Where routes send requests and connections, and what they make of them on the way; without them nothing happens."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import frozen

from tests.e2e import grpc_echo
from tests.e2e.traffic import HOST, Client, Instance, Zone, lone_zone, service, settled, wait_for, workload

MANY = 2_000
TOLERANCE = 67  # five standard deviations of how often one in ten is chosen out of so many


@frozen
class Roads:
    """A client, and the servers that its requests may end at."""

    zone: Zone
    client: Client
    server: Instance
    other: Instance

    def routed(self, *rules: Any, of: dict[str, Any] | None = None, name: str = "tested"):
        """A MeshHTTPRoute of the server for a while."""
        return self.zone.policy("MeshHTTPRoute", name, to=[{"targetRef": of or service("server"), "rules": rules}])

    def connected(self, *backends: Any, of: dict[str, Any], name: str = "tested"):
        """A MeshTCPRoute for a while."""
        rules = [{"default": {"backendRefs": backends}}]
        return self.zone.policy("MeshTCPRoute", name, to=[{"targetRef": of, "rules": rules}])


@pytest.fixture(scope="module")
def roads() -> Iterator[Roads]:
    with lone_zone() as zone:
        protocols = {"http": "http", "raw": "tcp"}
        server = zone.serve("server", "127.0.0.2", protocols)
        other = zone.serve("other", "127.0.0.3", protocols)
        for name, address in (("grpc-one", "127.0.0.4"), ("grpc-two", "127.0.0.5")):
            zone.run(name, address, grpc_echo, {"80": "grpc"})
        refs = {"server": zone.backend("server"), "raw": zone.backend("server", "raw")}
        client = zone.client("client", {**refs, "grpc": zone.backend("grpc-one", "80")})
        zone.ready()
        for to_ in ("server", "raw"):
            wait_for(f"{to_} answers", lambda to_=to_: client.who(to_) == "server")
        yield Roads(zone, client, server, other)


def rule(*matches: Any, backends: Any = (), filters: Any = ()) -> dict[str, Any]:
    default = {"backendRefs": backends, "filters": filters}
    return {"matches": matches, "default": {key: value for key, value in default.items() if value}}


def path(kind: str, value: str) -> dict[str, Any]:
    return {"path": {"type": kind, "value": value}}


def header(kind: str, name: str, value: str = "") -> dict[str, Any]:
    return {"headers": [{"type": kind, "name": name} | ({"value": value} if value else {})]}


def query(kind: str, name: str, value: str) -> dict[str, Any]:
    return {"queryParams": [{"type": kind, "name": name, "value": value}]}


ALL = path("PathPrefix", "/")
OTHER = service("other", "http")
SERVER = service("server", "http")


def shares(port: int, count: int, **headers: str) -> Counter[str]:
    """Who answers so many requests on one connection."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    seen: Counter[str] = Counter()
    for _ in range(count):
        connection.request("GET", "/", headers=headers)
        seen[connection.getresponse().read().split(b'"')[3].decode()] += 1
    connection.close()
    return seen


def test_one_in_ten_requests_with_a_header_goes_elsewhere(roads):
    ann = header("Exact", "x-user", "ann")
    weighted = [SERVER | {"weight": 90}, OTHER | {"weight": 10}]
    assert shares(roads.client.outbounds["server"], 100, **{"x-user": "ann"}) == {"server": 100}
    with roads.routed(rule(ann, backends=weighted)):
        wait_for("some go elsewhere", lambda: "other" in roads.client.everybody(20, x_user="ann"))
        seen = shares(roads.client.outbounds["server"], MANY, **{"x-user": "ann"})
        assert seen["server"] + seen["other"] == MANY
        assert abs(seen["other"] - MANY / 10) < TOLERANCE
        assert shares(roads.client.outbounds["server"], 200, **{"x-user": "bob"}) == {"server": 200}
    settled("nothing goes elsewhere", lambda: roads.client.who(x_user="ann") == "server", times=20)


MATCHES = (
    path("Exact", "/exact"),
    path("PathPrefix", "/below"),
    path("RegularExpression", "/number/[0-9]+"),
    {**path("PathPrefix", "/both"), "method": "PUT", **header("Exact", "x-both", "yes")},
    {"method": "DELETE"},
    query("Exact", "to", "other"),
    query("RegularExpression", "like", "a+"),
    header("Exact", "x-exact", "this"),
    header("Prefix", "x-prefix", "begins"),
    header("RegularExpression", "x-regular", "[ab]+"),
    header("Present", "x-present"),
)

ELSEWHERE = (
    ("/exact", "GET", {}),
    ("/below", "GET", {}),
    ("/below/it", "GET", {}),
    ("/number/42", "GET", {}),
    ("/both", "PUT", {"x-both": "yes"}),
    ("/", "DELETE", {}),
    ("/?to=other", "GET", {}),
    ("/?like=aaa", "GET", {}),
    ("/", "GET", {"x-exact": "this"}),
    ("/", "GET", {"x-prefix": "begins so"}),
    ("/", "GET", {"x-regular": "abba"}),
    ("/", "GET", {"x-present": "whatever"}),
)

STRAIGHT = (
    ("/", "GET", {}),
    ("/exact/not", "GET", {}),
    ("/belowit", "GET", {}),
    ("/number/many", "GET", {}),
    ("/both", "GET", {"x-both": "yes"}),
    ("/both", "PUT", {}),
    ("/", "POST", {}),
    ("/?to=server", "GET", {}),
    ("/?like=b", "GET", {}),
    ("/", "GET", {"x-exact": "that"}),
    ("/", "GET", {"x-prefix": "ends so"}),
    ("/", "GET", {"x-regular": "abc"}),
)


def test_requests_are_told_apart_by_all_that_they_say(roads):
    def landed(requests: Any) -> set[str]:
        return {roads.client.ask("server", where, method, **said).json["instance"] for where, method, said in requests}

    with roads.routed(rule(*MATCHES, backends=[OTHER])):
        wait_for("the route is there", lambda: roads.client.who(path="/exact") == "other")
        assert landed(ELSEWHERE) == {"other"}
        assert landed(STRAIGHT) == {"server"}
    wait_for("the route is gone", lambda: roads.client.who(path="/exact") == "server")
    assert landed(ELSEWHERE) == {"server"}


def test_a_header_must_be_absent(roads):
    with roads.routed(rule(header("Absent", "x-stay"), backends=[OTHER])):
        wait_for("the route is there", lambda: roads.client.who() == "other")
        assert roads.client.who(x_stay="please") == "server"


def test_the_most_special_route_wins_whatever_the_order(roads):
    rules = (rule(ALL, backends=[OTHER]), rule(path("PathPrefix", "/here"), backends=[SERVER]))
    with roads.routed(*rules):
        wait_for("the route is there", lambda: roads.client.who() == "other")
        assert roads.client.who(path="/here/i/am") == "server"


@pytest.mark.scenario("K-route-02")
def test_requests_are_sent_away(roads):
    away = {"type": "RequestRedirect", "requestRedirect": {"statusCode": 307}}
    whole = {"type": "ReplaceFullPath", "replaceFullPath": "/new-path"}
    prefix = {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/new"}
    rules = (
        rule(path("Exact", "/whole"), filters=[_redirect(away, path=whole)]),
        rule(path("PathPrefix", "/old"), filters=[_redirect(away, path=prefix)]),
        rule(path("Exact", "/far"), filters=[_redirect(away, scheme="https", hostname="far.example", port=8443)]),
    )
    here = f"http://{HOST}:{roads.client.outbounds['server']}"
    with roads.routed(*rules):
        wait_for("the route is there", lambda: roads.client.status(path="/whole") == 307)
        assert _location(roads.client, "/whole") == f"{here}/new-path"
        assert _location(roads.client, "/old") == f"{here}/new"
        assert _location(roads.client, "/old/one") == f"{here}/new/one"
        assert _location(roads.client, "/far") == "https://far.example:8443/far"
        assert roads.client.status(path="/olden") == 200


def _redirect(away: dict[str, Any], **more: Any) -> dict[str, Any]:
    return away | {"requestRedirect": away["requestRedirect"] | more}


def _location(client: Client, where: str) -> str:
    answer = client.ask(path=where)
    assert answer.status == 307
    return answer.headers["location"]


@pytest.mark.scenario("K-route-03", "M-ms-policy-01")
def test_paths_and_hosts_are_rewritten(roads):
    prefix = {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/hello/"}
    whole = {"type": "ReplaceFullPath", "replaceFullPath": "/whole"}
    rules = (
        rule(path("PathPrefix", "/prefix"), filters=[_rewrite(path=prefix)]),
        rule(path("PathPrefix", "/any"), filters=[_rewrite(path=whole, hostname="rewritten.example")]),
    )
    with roads.routed(*rules, of=service("server", "http")):
        wait_for("the route is there", lambda: _arrived(roads, "/prefix/world")["path"] == "/hello/world")
        assert _arrived(roads, "/prefix")["path"] == "/hello/"
        assert _arrived(roads, "/prefixed")["path"] == "/prefixed"
        rewritten = _arrived(roads, "/any/thing")
        assert (rewritten["path"], rewritten["headers"]["host"]) == ("/whole", "rewritten.example")


def _rewrite(**said: Any) -> dict[str, Any]:
    return {"type": "URLRewrite", "urlRewrite": said}


def _arrived(roads: Roads, where: str, **headers: str) -> dict[str, Any]:
    """What the server was told."""
    return dict(roads.client.ask(path=where, **headers).json)


def test_headers_are_changed_both_ways(roads):
    wishes = {
        "set": [{"name": "x-set", "value": "new"}],
        "add": [{"name": "x-add", "value": "more"}],
        "remove": ["x-remove"],
    }
    answers = {"set": [{"name": "x-answered", "value": "yes"}], "remove": ["server"]}
    filters = [
        {"type": "RequestHeaderModifier", "requestHeaderModifier": wishes},
        {"type": "ResponseHeaderModifier", "responseHeaderModifier": answers},
    ]
    sent = {"x-set": "old", "x-add": "some", "x-remove": "me"}
    assert _arrived(roads, "/", **sent)["headers"].items() >= sent.items()
    with roads.routed(rule(ALL, filters=filters)):
        wait_for("the route is there", lambda: "x-answered" in roads.client.ask().headers)
        told = _arrived(roads, "/", **sent)["headers"]
        assert (told["x-set"], "x-remove" in told) == ("new", False)
        assert {one.strip() for one in told["x-add"].split(",")} == {"some", "more"}
    wait_for("the route is gone", lambda: "x-answered" not in roads.client.ask().headers)


SERVED = "cluster.self_inbound_dp_http.upstream_rq_total"


def test_requests_are_mirrored(roads):
    before = roads.other.stat(SERVED)
    assert roads.client.everybody(10) == {"server": 10}
    assert roads.other.stat(SERVED) == before
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": OTHER}}
    with roads.routed(rule(ALL, filters=[mirror])):
        wait_for("a mirrored request", lambda: roads.client.who() == "server" and roads.other.stat(SERVED) > before)
        base = roads.other.stat(SERVED)
        assert roads.client.everybody(20) == {"server": 20}
        wait_for("all twenty are mirrored", lambda: roads.other.stat(SERVED) >= base + 20)


def test_half_of_the_requests_are_mirrored(roads):
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": OTHER, "percentage": 50}}
    with roads.routed(rule(ALL, filters=[mirror])):
        base = roads.other.stat(SERVED)
        wait_for("a mirrored request", lambda: roads.client.who() == "server" and roads.other.stat(SERVED) > base)
        base, began = roads.other.stat(SERVED), roads.server.stat(SERVED)
        assert shares(roads.client.outbounds["server"], 400) == {"server": 400}
        assert roads.server.stat(SERVED) == began + 400
        # five standard deviations, and the requests before may still be on their way
        wait_for("about half are mirrored", lambda: 145 < roads.other.stat(SERVED) - base < 255)


def test_backends_that_do_not_exist_take_their_share_down(roads):
    nowhere = service("nobody")
    with roads.routed(rule(path("PathPrefix", "/all"), backends=[nowhere]), rule(ALL, backends=[nowhere, SERVER])):
        wait_for("all fail", lambda: roads.client.statuses(5, path="/all") == {500: 5})
        seen = roads.client.statuses(200)
        assert set(seen) == {200, 500}
        assert 65 < seen[500] < 135


def test_connections_are_split(roads):
    split = [service("server", "raw") | {"weight": 50}, service("other", "raw") | {"weight": 50}]
    assert roads.client.everybody(10, "raw") == {"server": 10}
    with roads.connected(*split, of=service("server", "raw")):
        wait_for("some go elsewhere", lambda: "other" in roads.client.everybody(10, "raw"))
        seen = roads.client.everybody(200, "raw")
        assert set(seen) == {"server", "other"}
        assert 65 < seen["other"] < 135
        assert roads.client.everybody(10) == {"server": 10}
    settled("nothing goes elsewhere", lambda: roads.client.who("raw") == "server", times=10)


@pytest.mark.scenario("M-ms-policy-03", "K-route-04")
def test_a_route_of_connections_holds_for_requests_unless_there_is_one_of_requests(roads):
    with roads.connected(service("other", "http"), of=service("server", "http")):
        wait_for("connections go elsewhere", lambda: roads.client.everybody(5) == {"other": 5})
        with roads.routed(rule(ALL, backends=[SERVER])):
            wait_for("requests come back", lambda: roads.client.everybody(5) == {"server": 5})
        wait_for("connections go elsewhere again", lambda: roads.client.everybody(5) == {"other": 5})


def test_a_route_of_requests_means_nothing_to_bytes(roads):
    of = service("server", "raw")
    with roads.routed(rule(ALL, backends=[service("other", "raw")]), of=of):
        with roads.connected(service("other", "raw"), of=of):
            wait_for("connections go elsewhere", lambda: roads.client.who("raw") == "other")
        wait_for("connections come back", lambda: roads.client.who("raw") == "server")


@pytest.mark.scenario("U-grpc-01", "U-grpc-02")
def test_grpc_calls_are_counted_and_routed(roads):
    port, two = roads.client.outbounds["grpc"], roads.zone.instances["grpc-two"]
    wait_for("a call is answered", lambda: _called(port) == b"grpc-one")
    assert _counted(roads.client.proxy, "kri_msvc_default_lone__grpc-one_80")
    assert _counted(roads.zone.instances["grpc-one"].proxy, "self_inbound_dp_80")
    assert not _counted(two.proxy, "self_inbound_dp_80")
    half = [service("grpc-one") | {"weight": 50}, service("grpc-two") | {"weight": 50}]
    item = {"targetRef": service("grpc-one"), "rules": [rule(ALL, backends=half)]}
    with roads.zone.policy("MeshHTTPRoute", target_ref=workload("client"), to=[item]):
        wait_for("the other server is called", lambda: _called(port) == b"grpc-two")
        assert _counted(two.proxy, "self_inbound_dp_80")


def _called(port: int) -> bytes:
    try:
        return grpc_echo.say(port)
    except grpc_echo.grpc.RpcError as error:
        return repr(error).encode()


def _counted(proxy: Any, cluster: str) -> bool:
    """Whether an Envoy tells Prometheus of messages to this cluster and back."""
    text = proxy.admin.get("/stats/prometheus?filter=grpc").body.decode()
    counts = [line for line in text.splitlines() if f'envoy_cluster_name="{cluster}"' in line]
    return all(any(f"{way}_message_count" in line for line in counts) for way in ("request", "response"))


def test_the_outbound_of_two_policies_takes_both(roads):
    first = rule(path("PathPrefix", "/one"), backends=[OTHER])
    second = rule(path("PathPrefix", "/two"), backends=[OTHER])
    with roads.routed(first), roads.routed(second, name="tested-too"):
        wait_for("both", lambda: all(roads.client.who(path=each) == "other" for each in ("/one", "/two")))
        assert roads.client.who(path="/three") == "server"
