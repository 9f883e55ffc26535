"""Which of Envoy's metrics are published, and of whom."""

import pytest

from kuma.cli.dp.metrics.exposition import Reader, also, text
from kuma.cli.dp.metrics.profiles import Choice, choice
from kuma.cli.dp.metrics.told import Application, Told, Unreadable
from kuma.cli.dp.metrics.traffic import MESH_TRAFFIC, Traffic, of_services

BASIC, MORE = "envoy_server_live", "envoy_runtime_num_keys"


def chosen(*names, **more):
    return choice({"appendProfiles": [{"name": name} for name in names], **more})


def test_the_broadest_profile_counts():
    assert choice(None).profile == choice({}).profile == chosen().profile == "Basic"
    assert chosen("None", "Basic").profile == "Basic"
    assert chosen("Basic", "All", "None").profile == "All"
    assert chosen("None").profile == "None"


@pytest.mark.parametrize(
    ("name", "basic"),
    [
        ("envoy_cluster_upstream_rq_time", True),
        ("envoy_cluster_membership_total", True),
        ("envoy_cluster_membership_totals", False),
        ("kuma_dp_dns_entries_total", True),
        ("my_envoy_server", False),
        (MORE, False),
    ],
)
def test_profiles(name, basic):
    assert chosen("Basic").has(name) is basic
    assert chosen("All").has(name)
    assert not chosen("None").has(name)


@pytest.mark.parametrize(
    ("kind", "match", "hit", "missed"),
    [
        ("Exact", "a.b", "a.b", "a.bc"),
        ("Prefix", "a.b", "a.bc", "xa.b"),
        ("Contains", "a.b", "xa.bx", "aab"),
        ("Regex", "(?i)a.B$", "xaab", "aabc"),
    ],
)
def test_selectors(kind, match, hit, missed):
    selectors = [{"type": kind, "match": match}, {"type": "Exact", "match": "other"}]
    excluded, included = chosen("All", exclude=selectors), chosen("None", include=selectors)
    assert not excluded.has(hit)
    assert excluded.has(missed)
    assert included.has(hit)
    assert not included.has(missed)
    assert chosen("None", include=selectors, exclude=selectors).has(hit), "who is included is not excluded"


def told(body, choice):
    reader = Reader(Traffic(choice, also([("mesh", "shop")])))
    for line in body.split(b"\n"):
        reader.take(line)
    return text(reader.families)


SPLIT = b"""# TYPE upstream_rq_total counter
upstream_rq_total{code="200",envoy_cluster_name="backend-0123456789abcdef"} 1
upstream_rq_total{code="200",envoy_cluster_name="backend-fedcba9876543210"} 2
upstream_rq_total{code="200",envoy_cluster_name="backend"} 4.5
upstream_rq_total{code="200",envoy_cluster_name="ads_cluster"} 9
"""


def test_a_service_that_was_split_is_one():
    assert told(SPLIT, Choice("Basic")) == (
        b"# TYPE upstream_rq_total counter\n"
        b'upstream_rq_total{mesh="shop",code="200",envoy_cluster_name="backend",kuma_io_mesh_traffic="true"} 7.5\n'
    )
    assert b"ads_cluster" in told(SPLIT, Choice("All"))
    assert told(SPLIT, Choice("None")) == b""


@pytest.mark.parametrize(
    "labels", [b'envoy_cluster_name="system_ads"', b'envoy_cluster_name="kuma_envoy_admin"', b'a="b"', b""]
)
def test_what_is_not_the_mesh_s_is_not_marked(labels):
    assert of_services(labels) == labels
    assert of_services(b'envoy_cluster_name="a",b="c"') == b'envoy_cluster_name="a",b="c",' + MESH_TRAFFIC


DOCUMENT = {
    "applications": [{"name": "app", "path": "/m", "port": 8080, "address": ""}, {"port": 1}],
    "backends": [{"type": "Prometheus", "name": None}],
    "sidecar": {"includeUnused": True, "profiles": {"appendProfiles": [{"name": "All"}]}},
    "extraLabels": {"mesh": "shop"},
}


def test_what_the_control_plane_tells():
    found = Told.of({"observability": {"metrics": DOCUMENT}})
    assert found.applications == (Application(8080, "/m", "", "app"), Application(1))
    assert (found.choice.profile, found.unused) == ("All", True)
    assert found.labels == also([("mesh", "shop")])
    assert Told.of({"observability": {"metrics": {"applications": None, "backends": None}}}) == Told()


@pytest.mark.parametrize(
    "metrics",
    [
        None,
        {"applications": [{"path": "/"}]},
        {"sidecar": {"profiles": {"appendProfiles": [{"name": "Some"}]}}},
        {"sidecar": {"profiles": {"include": [{"type": "Regex", "match": "("}]}}},
        {"sidecar": {"profiles": {"exclude": [{"type": "Odd", "match": "x"}]}}},
    ],
)
def test_what_makes_no_sense_is_refused(metrics):
    with pytest.raises(Unreadable):
        Told.of({"observability": {"metrics": metrics}})
