"""Rules for some of the traffic: for whoever comes, the first match says all that is said of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kuma.match import InboundRule, InboundRules, Origin, merge
from kuma.matched import by_identity, by_server_name, covers
from kuma.rules import specificity
from kuma.targetref import Match, SniMatch, SpiffeIdMatch
from tests.kuma.test_merge import Conf, confs

IDENTITIES = ["spiffe://td", "spiffe://td/a", "spiffe://td/ab", "spiffe://td/a/b", "spiffe://other/a"]

spiffe_ids = st.builds(SpiffeIdMatch, st.sampled_from(["Exact", "Prefix"]), st.sampled_from(IDENTITIES))
server_names = st.builds(SniMatch, st.just("Exact"), st.sampled_from(["a", "b"]))
matches = st.builds(Match, st.none() | spiffe_ids, st.none() | server_names)


def rules_of(said):
    rules = [InboundRule(match, conf, Origin(None, index)) for index, (match, conf) in enumerate(said)]
    return InboundRules(tuple(sorted(rules, key=lambda rule: specificity(rule.match))))


def meant(match, uri):
    spiffe = match.spiffe_id
    return uri == spiffe.value if spiffe.type == "Exact" else uri.startswith(spiffe.value)


def generality(match):
    return match.spiffe_id.type == "Exact", len(match.spiffe_id.value)


@given(st.lists(st.tuples(st.builds(Match, spiffe_ids), confs), max_size=5), st.sampled_from(IDENTITIES))
def test_the_first_match_says_all_that_is_said_of_a_client(said, uri):
    by_client = by_identity(rules_of(said), lambda conf: True)
    first = next((conf for match, conf in by_client if meant(match, uri)), None)
    of_client = sorted((one for one in said if meant(one[0], uri)), key=lambda one: generality(one[0]))
    assert first == merge([conf for _, conf in of_client], None)


@given(matches, matches, matches)
def test_covering_is_an_order(a, b, c):
    assert covers(a, a)
    if covers(a, b) and covers(b, c):
        assert covers(a, c)


def test_confs_that_do_not_count_take_no_part():
    match = Match(SpiffeIdMatch("Exact", "spiffe://td/a"))
    rules = rules_of([(match, Conf("counts")), (match, Conf(strings=("no",))), (None, Conf("all"))])
    assert by_identity(rules, lambda conf: conf.field is not None) == ((match, Conf("counts")),)


def test_rules_for_a_server_name_come_together():
    name, other = Match(sni=SniMatch("Exact", "a")), Match(sni=SniMatch("Exact", "b"))
    both = Match(SpiffeIdMatch("Exact", "spiffe://td/a"), SniMatch("Exact", "a"))
    rules = rules_of([(name, Conf("1", ("x",))), (other, Conf("2")), (both, Conf("3")), (name, Conf("4"))])
    assert by_server_name(rules, ["a"], Conf) == Conf("4", ("x",))
    assert by_server_name(rules, [], Conf) == Conf()
