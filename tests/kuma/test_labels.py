"""Labels that control planes compute, and those that users may not write."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve, frozen

from kuma.kinds import KINDS, parse_document
from kuma.labels import (
    MixedRoles,
    Where,
    Written,
    changed_labels,
    computed_labels,
    policy_role,
    wrong_labels,
    wrong_workload,
)
from kuma.model import Labels, Resource

GLOBAL = Where("global")
ALONE = Where("zone", "east")
EAST = Where("zone", "east", federated=True)
ON_KUBERNETES = Where("zone", "zone-1", "kubernetes", federated=True)


def resource(kind: str = "MeshService", labels: dict[str, str] | None = None, **spec: Any) -> Resource:
    body = spec if KINDS[kind].inline else {"spec": spec}
    return parse_document({"type": kind, "mesh": "mesh-1", "name": "one", "labels": labels or {}} | body)


def computed(one: Resource, where: Where, written: Written = Written()) -> dict[str, str]:  # noqa: B008 - frozen
    return dict(computed_labels(KINDS[one.kind], one, where, written))


def timeouts(*kinds: str) -> dict[str, Any]:
    items = [{"targetRef": {"kind": kind}, "default": {"connectionTimeout": "1s"}} for kind in kinds]
    return {"to": items}


def test_on_the_global_control_plane():
    labels = {"kuma.io/display-name": "older", "team": "a"}
    assert computed(resource("MeshTimeout", labels, **timeouts("Mesh")), GLOBAL) == {
        "kuma.io/display-name": "one",
        "kuma.io/mesh": "mesh-1",
        "kuma.io/origin": "global",
        "team": "a",
    }


def test_in_a_zone():
    assert computed(resource(), EAST) == {
        "kuma.io/display-name": "one",
        "kuma.io/mesh": "mesh-1",
        "kuma.io/origin": "zone",
        "kuma.io/zone": "east",
        "kuma.io/env": "universal",
    }
    assert computed(resource("Mesh"), ALONE) == {"kuma.io/display-name": "one", "kuma.io/origin": "zone"}
    assert computed(resource("GlobalSecret"), ALONE) == {
        "kuma.io/display-name": "one",
        "kuma.io/env": "universal",
        "kuma.io/origin": "zone",
        "kuma.io/zone": "east",
    }


def test_on_kubernetes():
    written = Written(namespace="custom-ns", service_account="sa")
    assert computed(resource("MeshTimeout", **timeouts("Mesh")), ON_KUBERNETES, written) == {
        "k8s.kuma.io/namespace": "custom-ns",
        "k8s.kuma.io/service-account": "sa",
        "kuma.io/display-name": "one",
        "kuma.io/policy-role": "consumer",
        "kuma.io/mesh": "mesh-1",
        "kuma.io/origin": "zone",
        "kuma.io/zone": "zone-1",
        "kuma.io/env": "kubernetes",
    }


def test_copies_stay_as_they_are():
    copy = resource(labels={"kuma.io/origin": "global", "kuma.io/zone": "west"})
    assert computed(copy, EAST, Written(privileged=True)) == dict(copy.labels)
    own = resource(labels={"kuma.io/origin": "zone", "kuma.io/display-name": "shown"})
    assert computed(own, EAST, Written(privileged=True))["kuma.io/display-name"] == "shown"


def test_listeners_of_zone_proxies_are_marked():
    ingress = {"type": "ZoneIngress", "address": "10.0.0.1", "port": 10001}
    labels = {"kuma.io/listener-zoneegress": "enabled", "kuma.io/proxy-type": "old"}
    proxy = resource("Dataplane", labels, networking={"address": "10.0.0.1", "listeners": [ingress]})
    found = computed(proxy, EAST, Written(workload="shop"))
    assert found["kuma.io/listener-zoneingress"] == "enabled"
    assert found["kuma.io/workload"] == "shop"
    assert not {"kuma.io/listener-zoneegress", "kuma.io/proxy-type"} & set(found)


@frozen
class Ref:
    kind: str
    labels: Labels = Labels()  # noqa: RUF009 - frozen


@frozen
class To:
    target_ref: Ref


PRODUCER = To(Ref("MeshService", Labels({"kuma.io/display-name": "a", "k8s.kuma.io/namespace": "ns"})))
ELSEWHERE = To(Ref("MeshService", Labels({"kuma.io/display-name": "a", "k8s.kuma.io/namespace": "other"})))
SELECTED = To(Ref("MeshService", Labels({"kuma.io/display-name": "a", "team": "b"})))
MESH = To(Ref("Mesh"))


@pytest.mark.parametrize(
    ("items", "namespace", "role"),
    [
        ([PRODUCER], "", "system"),
        ([], "ns", "workload-owner"),
        ([PRODUCER, PRODUCER], "ns", "producer"),
        ([ELSEWHERE], "ns", "consumer"),
        ([SELECTED, MESH], "ns", "consumer"),
    ],
)
def test_roles(items: list[To], namespace: str, role: str):
    assert policy_role(items, namespace) == role


def test_roles_do_not_mix():
    with pytest.raises(MixedRoles, match="not allowed to mix producer and consumer items"):
        policy_role([PRODUCER, MESH], "ns")


def wrong(where: Where, kind: str = "MeshTimeout", **labels: str) -> list[str]:
    spelled = {f"kuma.io/{name.replace('_', '-')}": value for name, value in labels.items()}
    return [one.message for one in wrong_labels(KINDS[kind], resource(kind, spelled), where)]


@pytest.mark.parametrize(
    ("where", "labels", "messages"),
    [
        (GLOBAL, {}, []),
        (GLOBAL, {"origin": "global", "zone": "any", "mesh": "any"}, []),
        (GLOBAL, {"origin": "zone"}, ["the origin label must be set to 'global'"]),
        (ALONE, {}, []),
        (EAST, {}, ["the origin label must be set to 'zone'"]),
        (EAST, {"origin": "x"}, ['unknown resource origin "x"', "the origin label must be set to 'zone'"]),
        (EAST, {"origin": "zone", "zone": "east", "mesh": "mesh-1", "policy_role": "system"}, []),
        (EAST, {"origin": "zone", "zone": "west"}, ["kuma.io/zone label should have east value"]),
        (
            EAST,
            {"origin": "zone", "mesh": "other"},
            ["kuma.io/mesh label must not differ from mesh set on resource"],
        ),
        (
            EAST,
            {"origin": "zone", "policy_role": "consumer"},
            ["kuma.io/policy-role label should have system value, got consumer"],
        ),
        (evolve(EAST, checks_origin=False), {}, []),
    ],
)
def test_labels_that_users_may_not_write(where: Where, labels: dict[str, str], messages: list[str]):
    assert wrong(where, **labels) == messages


def test_inline_kinds_need_not_say_where_they_come_from():
    assert wrong(EAST, "Secret") == []


def test_workloads_of_new_proxies():
    def messages(where: Where, workload: str) -> list[str]:
        return [one.message for one in wrong_workload(resource("Dataplane", {"kuma.io/workload": workload}), where)]

    assert messages(GLOBAL, "a") == ["not allowed on Global control plane"]
    assert messages(EAST, "a") == []
    assert messages(EAST, "A")[0].startswith("must be a valid DNS-1035 label (at most 63 characters, ")
    assert list(wrong_workload(resource("Dataplane"), EAST)) == []


def test_a_zone_is_for_ever():
    east, west = Labels({"kuma.io/zone": "east"}), Labels({"kuma.io/zone": "west"})
    assert list(changed_labels(Labels(), east)) == list(changed_labels(east, east)) == []
    assert [str(one) for one in changed_labels(east, west)] == [
        'labels["kuma.io/zone"]: is immutable, cannot be changed from "east" to "west"'
    ]
    assert [one.message for one in changed_labels(east, Labels())] == ['is immutable, cannot be removed (was "east")']
