"""Equal lists of outbounds are one object, whoever lists them."""

from kuma.kinds import parse_document
from zone_cp.outbounds import sharing_outbounds


def dataplane(name, *ports):
    refs = [
        {"address": "127.0.0.1", "port": one, "backendRef": {"kind": "MeshService", "name": "web"}} for one in ports
    ]
    networking = {"address": "127.0.0.1", "outbound": refs}
    return parse_document({"type": "Dataplane", "mesh": "shop", "name": name, "networking": networking})


def test_equal_outbounds_are_shared_and_nothing_else_changes():
    one, other = dataplane("a", 1, 2), dataplane("b", 1, 2)
    shared, also = sharing_outbounds(one), sharing_outbounds(other)
    assert (shared, also) == (one, other)
    assert shared.spec.networking.outbound is also.spec.networking.outbound


def test_a_dataplane_without_outbounds_stays_the_same_object():
    alone = dataplane("c")
    assert sharing_outbounds(alone) is alone
