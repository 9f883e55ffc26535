"""Equal lists of outbounds are one object, whoever lists them and wherever they are read."""

from attrs import evolve

from kuma.kinds import parse_document


def dataplane(name, *ports):
    refs = [
        {"address": "127.0.0.1", "port": one, "backendRef": {"kind": "MeshService", "labels": {"a": "b"}}}
        for one in ports
    ]
    networking = {"address": "127.0.0.1", "outbound": refs}
    return parse_document({"type": "Dataplane", "mesh": "shop", "name": name, "networking": networking})


def test_equal_lists_are_shared_and_stay_so():
    one, other = (dataplane(name, 1, 2).spec.networking for name in ("a", "b"))
    assert one.outbound is other.outbound
    assert evolve(one, address="127.0.0.2").outbound is other.outbound


def test_others_are_others():
    one, other = (dataplane(name, *ports).spec.networking for name, ports in (("a", (1, 2)), ("b", (2, 1))))
    assert one.outbound != other.outbound
    assert dataplane("c").spec.networking.outbound == ()
