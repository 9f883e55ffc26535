"""Ways out of the mesh: what is said of them, their order, and what Envoy is given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kuma.policies.meshpassthrough import POLICY
from kuma.policies.meshpassthrough.chains import exits
from kuma.policies.meshpassthrough.chosen import ways
from kuma.policies.meshpassthrough.spec import Match
from tests.kuma.policies.parts import said, shown

HOSTS = ("a.example", "b.example.org", "*.example.org")


def chosen(*matches):
    """The chains of these matches, as JSON, each with the names of its clusters."""
    found = exits(ways(Match(**match) for match in matches), ())
    return [(shown(one.chain), [cluster.name for cluster in one.clusters]) for one in found]


def names(*matches):
    return [chain["name"] for chain, _ in chosen(*matches)]


def domain(value, protocol="tls", port=None):
    return {"type": "Domain", "value": value, "protocol": protocol, "port": port}


def address(value, protocol="tcp", port=None):
    return {"type": "IP", "value": value, "protocol": protocol, "port": port}


def network(value, protocol="tcp", port=None):
    return {"type": "CIDR", "value": value, "protocol": protocol, "port": port}


def hosts(chain):
    manager = chain["filters"][0]["typedConfig"]
    return {one["name"]: one["domains"] for one in manager["routeConfig"]["virtualHosts"]}


def test_an_address_is_a_network_of_one():
    ((chain, clusters),) = chosen(address("192.0.2.1", port=80))
    assert chain["name"] == "meshpassthrough_tcp_192.0.2.1_80"
    assert chain["filterChainMatch"] == {
        "prefixRanges": [{"addressPrefix": "192.0.2.1", "prefixLen": 32}],
        "destinationPort": 80,
        "transportProtocol": "raw_buffer",
    }
    assert clusters == ["meshpassthrough_tcp_192.0.2.1_80"]


def test_tls_is_told_apart_by_its_server_name():
    ((chain, _),) = chosen(domain("*.example.org"))
    assert chain["name"] == "meshpassthrough_tls_*.example.org_*"
    assert chain["filterChainMatch"] == {"serverNames": ["*.example.org"], "transportProtocol": "tls"}


def test_mysql_is_tcp_whose_server_speaks_first():
    assert names(address("192.0.2.1", "mysql", 3306)) == ["meshpassthrough_tcp_192.0.2.1_3306"]


def test_names_that_speak_http_share_a_chain_and_others_are_told_so():
    ((chain, clusters),) = chosen(domain("a.example", "http", 80), domain("*.example.org", "http", 80))
    assert chain["name"] == "meshpassthrough_http_80"
    assert hosts(chain) == {
        "a.example": ["a.example", "a.example:80"],
        "*.example.org": ["*.example.org", "*.example.org:80"],
        "no_match": ["*"],
    }
    assert clusters == ["meshpassthrough_http_a.example_80", "meshpassthrough_http_*.example.org_80"]


def test_a_name_without_a_port_is_meant_with_any():
    ((chain, _),) = chosen(domain("a.example", "http"))
    assert chain["name"] == "meshpassthrough_http_*"
    assert hosts(chain)["a.example"] == ["a.example", "a.example:*"]


def test_what_holds_for_any_port_holds_for_those_that_are_named_too():
    found = {
        chain["name"]: hosts(chain) for chain, _ in chosen(domain("a.example", "http"), domain("b.example", "http", 80))
    }
    assert found["meshpassthrough_http_80"].keys() == {"a.example", "b.example", "no_match"}
    assert found["meshpassthrough_http_*"].keys() == {"a.example", "no_match"}


def test_requests_to_an_address_are_not_told_apart_by_name():
    ((chain, _),) = chosen(network("192.0.2.0/24", "http2", 80))
    assert chain["name"] == "meshpassthrough_http2_192.0.2.0/24_80"
    assert hosts(chain) == {"192.0.2.0/24": ["*"]}


def test_special_things_come_before_general_ones():
    found = names(
        domain("a.example", "http", 80),
        address("192.0.2.1", port=80),
        network("192.0.2.0/24", port=80),
        network("192.0.0.0/16", port=80),
        domain("*.example.org"),
        domain("a.example.org"),
    )
    assert found == [
        "meshpassthrough_tls_a.example.org_80",
        "meshpassthrough_tls_a.example.org_*",
        "meshpassthrough_tls_*.example.org_80",
        "meshpassthrough_tls_*.example.org_*",
        "meshpassthrough_tcp_192.0.2.1_80",
        "meshpassthrough_tcp_192.0.2.0/24_80",
        "meshpassthrough_tcp_192.0.0.0/16_80",
        "meshpassthrough_http_80",
    ]


any_address = st.sampled_from(("192.0.2.1", "192.0.2.2", "2001:db8::1"))
any_network = st.sampled_from(("192.0.2.0/24", "2001:db8::/32"))
values = st.one_of(
    st.builds(domain, st.sampled_from(HOSTS), st.sampled_from(("tls", "http")), st.sampled_from((80, 443))),
    st.builds(address, any_address, st.just("tcp"), st.sampled_from((None, 80))),
    st.builds(network, any_network, st.just("tcp"), st.sampled_from((None, 80))),
)


@given(st.lists(values, max_size=6).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_writing_makes_no_difference(both):
    written, shuffled = both
    assert chosen(*written) == chosen(*shuffled)


@given(st.lists(values, max_size=6))
def test_no_two_chains_are_taken_for_each_other(found):
    matches = [chain["filterChainMatch"] for chain, _ in chosen(*found)]
    assert all(matches.count(one) == 1 for one in matches)


def wrong(*matches, **more):
    documents = [{key: value for key, value in one.items() if value is not None} for one in matches]
    return said("MeshPassthrough", default={"appendMatch": documents, **more})


def test_what_may_not_be_said():
    place = "spec.default.appendMatch[0]"
    fields = {
        f"{place}.port": [address("192.0.2.1", "mysql"), domain("*", "http"), address("192.0.2.1", port=70000)],
        f"{place}.value": [address("nowhere"), network("192.0.2.0"), domain("*foo.example"), domain("a b")],
        f"{place}.protocol": [
            domain("a.example", "tcp"),
            domain("a.example", "mysql", 3306),
            domain("a.example", "udp"),
        ],
        f"{place}.type": [{"type": "Name", "value": "x"}],
    }
    for field, every in fields.items():
        for one in every:
            assert [found for found, _ in wrong(one)] == [field], one


def test_a_port_speaks_one_http_and_nothing_is_said_twice():
    http = domain("a.example", "http", 80)
    assert [field for field, _ in wrong(http, domain("b.example", "grpc", 80))] == ["spec.default.appendMatch[1].port"]
    assert [field for field, _ in wrong(http, http)] == ["spec.default.appendMatch[1].value"]
    assert wrong(http, domain("a.example", "tls", 443), passthroughMode="Matched") == []


def test_it_is_a_policy_of_the_proxy_as_a_whole():
    assert POLICY.single
