"""Whatever a mesh is made of: its proxies get a config that Envoy takes, and the same one each time."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kuma.mesh import Mesh
from kuma.model import EFFECT, ORIGIN
from kuma.xds.config import Config
from tests.envoys import complaint
from tests.zone_cp.anything.meshes import NAMES, allowed, as_seen, certified, meshes
from tests.zone_cp.anything.policies import SPECS, policies
from tests.zone_cp.anything.references import problems, twice
from tests.zone_cp.static import bootstrap
from zone_cp.generate import Workshop, generate
from zone_cp.offline import Offline

everything = st.tuples(meshes, policies).map(lambda said: [one for one in (*said[0], *said[1]) if allowed(one)])


def configs(offline: Offline, mesh: Mesh | None = None, workshop: Workshop | None = None) -> Iterator[Config]:
    """The configs of all proxies."""
    used = workshop or Workshop()
    for name in NAMES:
        dataplane = offline.mesh.get("Dataplane", name)
        if dataplane is not None:
            yield generate(mesh or offline.mesh, certified(offline.proxy(dataplane)), used)


def whole(found: Iterator[Config]) -> list[dict]:
    """All bytes of configs."""
    return [{url: config.resources(url) for url in config.by_type} for config in found]


@given(everything)
@settings(max_examples=40)
def test_all_that_is_named_is_there_and_all_that_is_there_is_named(documents):
    for config in configs(as_seen(documents)):
        assert twice(config) == []
        assert list(problems(config)) == []


@given(everything, st.randoms(use_true_random=False))
@settings(max_examples=15)
def test_the_order_and_the_way_of_the_documents_are_no_matter(documents, chance: random.Random):
    offline = as_seen(documents)
    shuffled = chance.sample(documents, len(documents))
    assert whole(configs(as_seen(shuffled))) == whole(configs(offline))


@given(everything)
@settings(max_examples=15)
def test_policies_that_are_gone_leave_nothing_behind(documents):
    offline, bare = as_seen(documents), as_seen([one for one in documents if one["type"] not in SPECS])
    workshop = Workshop()
    list(configs(offline, workshop=workshop))
    said = [one.key for kind in SPECS for one in offline.mesh.of(kind).values()]
    left = offline.mesh.changed(deletes=said)
    assert whole(configs(offline, left, workshop)) == whole(configs(bare))


@given(everything)
@settings(max_examples=15)
def test_policies_that_are_only_tried_out_change_nothing(documents):
    shadows = [
        {**one, "name": f"shadow-{one['name']}", "labels": {EFFECT: "shadow", ORIGIN: "zone"}}
        for one in documents
        if one["type"] in SPECS
    ]
    assert whole(configs(as_seen([*documents, *shadows]))) == whole(configs(as_seen(documents)))


@given(everything)
@settings(max_examples=15, phases=[Phase.generate])  # each takes Envoy a moment, so none is tried again with less in it
def test_envoy_takes_it(tmp_path_factory, documents):
    file = tmp_path_factory.getbasetemp() / "anything.json"
    for config in configs(as_seen(documents)):
        file.write_text(json.dumps(bootstrap(config)))
        assert complaint(file)[-600:] == ""  # the reason stands at the end, after the whole config
