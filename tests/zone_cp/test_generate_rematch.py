"""A policy that does not concern a proxy leaves everything that was found for it as it is: the same objects."""

from kuma.kinds import parse_document
from kuma.mesh import mesh_of
from kuma.policies import POLICIES
from zone_cp.generate.matched import inward_rules
from zone_cp.generate.workshop import Workshop


def dataplane(name, workload):
    networking = {"address": "127.0.0.1", "inbound": [{"port": 80, "protocol": "http"}]}
    labels = {"kuma.io/workload": workload}
    return parse_document(
        {"type": "Dataplane", "mesh": "shop", "name": name, "labels": labels, "networking": networking}
    )


def timeout(seconds, **where):
    rule = {"default": {"connectionTimeout": f"{seconds}s"}}
    spec = {"targetRef": {"kind": "Dataplane", **where}, "rules": [rule]}
    return parse_document({"type": "MeshTimeout", "mesh": "shop", "name": "t", "spec": spec})


def test_only_whom_a_policy_selects_is_matched_anew():
    one, other = dataplane("a", "web"), dataplane("b", "api")
    mesh = mesh_of("shop", "z1", [parse_document({"type": "Mesh", "name": "shop"}), one, other])
    workshop = Workshop()

    def found(now, which):
        return inward_rules(now, which, POLICIES, workshop.shelf(now))

    before = found(mesh, one), found(mesh, other)
    after = mesh.changed([timeout(3, labels={"kuma.io/workload": "web"})])
    assert found(after, other) is before[1]
    assert found(after, one) is not before[0]
    assert found(after, one).listeners != before[0].listeners


def test_without_policies_every_listener_is_there():
    one = dataplane("a", "web")
    mesh = mesh_of("shop", "z1", [parse_document({"type": "Mesh", "name": "shop"}), one])
    found = inward_rules(mesh, one, (), Workshop(()).shelf(mesh))
    assert found.listeners == {("127.0.0.1", 80): ()}
