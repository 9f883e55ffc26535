"""SPIFFE IDs: which identity names a Dataplane, and how."""

import re

import pytest
from frozendict import frozendict
from hypothesis import given
from hypothesis import strategies as st

from kuma import spiffe
from kuma.model import Key, Resource
from kuma.resources.meshidentity import MeshIdentity, Selector, SpiffeId, Status
from kuma.resources.parts import Condition, LabelSelector
from kuma.spiffe import BadSpiffeId, Local

UNIVERSAL, KUBERNETES = Local("my-zone"), Local("my-zone", "kubernetes")
LABELS = {
    "kuma.io/workload": "my-backend",
    "k8s.kuma.io/namespace": "my-ns",
    "k8s.kuma.io/service-account": "my-sa",
    "team": "a",
}


def identity(name="identity", match=None, *, said=None, labels=None, conditions=()):
    selector = None if match is None else Selector(LabelSelector(frozendict(match)))
    spec = MeshIdentity(selector=selector, spiffe_id=said)
    return Resource(Key("MeshIdentity", "default", name), spec, frozendict(labels or {}), Status(conditions))


def dataplane(labels=LABELS):
    return Resource(Key("Dataplane", "default", "backend-1"), None, frozendict(labels))


def test_default_ids():
    backend = dataplane()
    assert spiffe.spiffe_id(identity(), backend, UNIVERSAL) == (
        "spiffe://default.my-zone.mesh.local/workload/my-backend"
    )
    assert spiffe.spiffe_id(identity(), backend, KUBERNETES) == (
        "spiffe://default.my-zone.mesh.local/ns/my-ns/sa/my-sa"
    )


def test_the_zone_of_an_identity_that_came_from_one_counts():
    came = identity(labels={"kuma.io/zone": "west"})
    assert spiffe.trust_domain(came, UNIVERSAL) == "default.west.mesh.local"


def test_templates_may_use_labels_and_the_trust_domain():
    said = SpiffeId("{{ .Mesh }}.example", '/{{.TrustDomain}}/{{ label "team" }}')
    assert spiffe.spiffe_id(identity(said=said), dataplane(), UNIVERSAL) == "spiffe://default.example/default.example/a"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (SpiffeId(path='/{{ label "nobody" }}'), 'label "nobody" not found'),
        (SpiffeId(path="/{{ .Nothing }}"), "can't evaluate field Nothing"),
        (SpiffeId(path="no-slash"), "no path of a SPIFFE ID"),
        (SpiffeId(path="/a/../b"), "no path of a SPIFFE ID"),
        (SpiffeId(path="/a b"), "no path of a SPIFFE ID"),
        (SpiffeId(trust_domain="Upper"), "must be of lower-case letters"),
        (SpiffeId(trust_domain="{{ .Workload }}"), "can't evaluate field Workload"),
    ],
)
def test_what_makes_no_id_is_said(said, why):
    with pytest.raises(BadSpiffeId, match=re.escape(why)):
        spiffe.spiffe_id(identity(said=said), dataplane(), UNIVERSAL)


def test_a_dataplane_without_a_workload_has_no_id_by_default():
    with pytest.raises(BadSpiffeId, match="are the labels it is made of there"):
        spiffe.spiffe_id(identity(), dataplane({}), UNIVERSAL)


names = st.from_regex(r"\A[a-z]([a-z0-9-]{0,20}[a-z0-9])?\Z")


@given(names, names, names)
def test_names_of_the_mesh_always_make_an_id(zone, workload, team):
    said = SpiffeId(path='/t/{{ label "team" }}/w/{{ .Workload }}')
    labelled = dataplane({"kuma.io/workload": workload, "team": team})
    found = spiffe.spiffe_id(identity(said=said), labelled, Local(zone))
    assert found == f"spiffe://default.{zone}.mesh.local/t/{team}/w/{workload}"


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_template_makes_a_good_id_or_is_refused(domain, path):
    try:
        found = spiffe.spiffe_id(identity(said=SpiffeId(domain, path)), dataplane(), UNIVERSAL)
    except BadSpiffeId:
        return
    assert re.fullmatch(r"spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)+", found)


def test_the_most_labels_win_and_then_the_name():
    some = identity("some", {"team": "a"})
    everything = identity("a-everything", {})
    again = identity("other", {"team": "a"})
    nobody, others = identity("nobody"), identity("others", {"team": "b"})
    found = spiffe.selecting([again, everything, nobody, others, some], dataplane())
    assert [one.name for one in found] == ["other", "some", "a-everything"]
    assert spiffe.best([everything, some, again], dataplane()) is again
    assert spiffe.best([nobody, others], dataplane()) is None


@given(st.permutations([identity("b", {"team": "a"}), identity("a", {}), identity("c", {"team": "a"})]))
def test_the_order_of_identities_does_not_matter(identities):
    assert spiffe.best(identities, dataplane()).name == "b"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (None, True),
        ("/{{.Workload}}", True),
        ('/{{  label   "kuma.io/workload" }}', True),
        ('/{{ label "team" }}', False),
        ("/fixed", False),
        ("/{{ broken", False),
    ],
)
def test_which_identities_use_the_workload(path, expected):
    assert spiffe.uses_workload(identity(said=SpiffeId(path=path)), UNIVERSAL) is expected


def test_on_kubernetes_the_default_does_not_use_the_workload():
    assert not spiffe.uses_workload(identity(), KUBERNETES)


def test_readiness():
    ready = Condition("Ready", "True", "Ready", "")
    partial = Condition("Ready", "False", "PartiallyReady", "")
    assert spiffe.is_ready(identity(conditions=(ready,)))
    assert not spiffe.names_only(identity(conditions=(ready,)))
    assert spiffe.names_only(identity(conditions=(partial,)))
    assert not spiffe.is_ready(identity(conditions=(partial,)))
    assert not spiffe.is_ready(identity())
