"""Names that a store on Kubernetes keeps with their namespace, on their way to other control planes."""

from attrs import evolve

from kuma.model import Labels, hashed_name
from kuma.sync.travel import Audience, to_global, to_zones
from tests.zones import resource

TIMEOUT = {"to": [{"targetRef": {"kind": "Mesh"}, "default": {"connectionTimeout": "2s"}}]}


def timeout(name):
    return resource("MeshTimeout", name, "default", spec=TIMEOUT)


def test_names_travel_without_the_namespace_of_the_system():
    audience = Audience(system_namespace="kuma-system")
    plain = Audience(frozenset(), system_namespace="kuma-system")
    ours, theirs = timeout("t.kuma-system"), timeout("t.demo")
    assert [to_zones(one, plain).name for one in (ours, theirs)] == ["t", "t.demo"]
    assert to_zones(resource("Mesh", "m.kuma-system"), plain).name == "m.kuma-system"
    shown = evolve(ours, labels=Labels({"kuma.io/display-name": "t"}))
    for copy in (to_zones(shown, audience), to_zones(timeout("t"), Audience())):
        assert copy.name == hashed_name("default", "t")
    assert to_global(shown, "west", audience).name == hashed_name("default", "t", "west")
