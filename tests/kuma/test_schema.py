"""One attrs class reads, shows, checks and describes its documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from attrs import frozen
from frozendict import frozendict
from hypothesis import given
from hypothesis import strategies as st

from kuma.model import NO_LABELS, Labels
from kuma.schema import Invalid, Message, UInt32, UInt64, Violation, field, json_schema, parse, show, violations


@frozen
class Ref:
    """A reference."""

    kind: Literal["Mesh", "Dataplane"]
    labels: Labels = NO_LABELS

    def violations(self) -> Iterator[Violation]:
        if self.kind == "Mesh" and self.labels:
            yield Violation("labels", "must not be set with kind Mesh")


@frozen
class Item:
    target_ref: Ref
    timeout: timedelta | None = None
    port: UInt32 | None = None
    weight: int = field(default=1, ge=1, le=10, doc="How much.")
    target: int | str | None = None
    extra: Any = None


@frozen
class Spec:
    to: tuple[Item, ...] | None = field(default=None, min_items=1)
    named: frozendict[str, Ref] = frozendict()
    spiffe_id: str | None = field(default=None, json="spiffeID")

    def violations(self) -> Iterator[Violation]:
        if self.to is None:
            yield Violation("to", "must be defined")


@frozen
class Note(Message):
    sent: UInt64 = 0
    state: Literal["Ready", "NotReady"] = "Ready"
    wait_time: timedelta | None = None
    at: datetime | None = None
    data: bytes | None = None
    enabled: bool | None = None


def wrong(cls: type[Any], document: Any, strict: bool = False) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        parse(cls, document, strict=strict)
    return [(violation.field, violation.message) for violation in caught.value.violations]


def test_a_document_becomes_a_value_with_its_defaults():
    spec = parse(Spec, {"to": [{"targetRef": {"kind": "Dataplane"}, "timeout": "1m30s"}], "spiffeID": "x"})
    assert spec == Spec(to=(Item(Ref("Dataplane"), timeout=timedelta(seconds=90)),), spiffe_id="x")
    assert spec.to[0].weight == 1


def test_null_says_nothing():
    assert parse(Spec, {"to": None, "named": None}) == parse(Spec, None) == Spec()


def test_a_value_is_shown_without_what_nobody_said():
    spec = Spec(to=(Item(Ref("Mesh"), timeout=timedelta(hours=1), target=8080, extra=frozendict(a=(1, None))),))
    assert show(spec) == {
        "to": [
            {
                "targetRef": {"kind": "Mesh"},
                "timeout": "1h0m0s",
                "weight": 1,
                "target": 8080,
                "extra": {"a": [1, None]},
            }
        ]
    }


@frozen
class Switch:
    on: bool = False
    dimmed: bool | None = None
    text: str = ""


def test_a_switch_that_is_off_is_shown_and_described_so():
    assert show(Switch()) == {"on": False}
    assert parse(Switch, {}) == parse(Switch, {"on": False}) == Switch()
    described = json_schema(Switch)["properties"]
    assert described["on"]["default"] is False
    assert "default" not in described["dimmed"]
    assert show(Note(enabled=False)) == {"enabled": False}


def test_everything_wrong_is_told_at_once():
    item = {"targetRef": {"kind": "X", "labels": []}, "port": -1, "weight": 11, "timeout": "5", "target": 1.5}
    assert wrong(Spec, {"to": [item, {}, 5], "spiffeID": 7}) == [
        ("spec.spiffeID", 'in body must be of type string: "number"'),
        ("spec.to[0].port", "in body should be greater than or equal to 0"),
        ("spec.to[0].target", 'in body must be of type integer,string: "number"'),
        ("spec.to[0].targetRef.kind", "in body should be one of [Mesh Dataplane]"),
        ("spec.to[0].targetRef.labels", 'in body must be of type object: "array"'),
        ("spec.to[0].timeout", "in body must be a duration such as 1h30m or 250ms"),
        ("spec.to[0].weight", "in body should be less than or equal to 10"),
        ("spec.to[1].targetRef", "in body is required"),
        ("spec.to[2]", 'in body must be of type object: "number"'),
    ]


def test_too_few_items_and_map_keys_have_their_place():
    assert wrong(Spec, {"to": [], "named": {"a": {}}}) == [
        ('spec.named["a"].kind', "in body is required"),
        ("spec.to", "in body should have at least 1 items"),
    ]


def test_unknown_fields_are_ignored_unless_strict():
    document = {"to": [{"targetRef": {"kind": "Mesh"}, "target_ref": 1, "nope": 1}]}
    assert parse(Spec, document).to is not None
    assert wrong(Spec, document, strict=True) == [
        ("spec.to[0].nope", "unknown field"),
        ("spec.to[0].target_ref", 'unknown field, did you mean "targetRef"?'),
    ]


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_no_store_could_keep_is_refused(text: str):
    assert wrong(Spec, {"spiffeID": text}) == [("spec.spiffeID", "in body must be valid Unicode without NUL")]


def test_depth_without_end_is_a_violation():
    deep: Any = 1
    for _ in range(50_000):
        deep = [deep]
    ((path, message),) = wrong(Spec, {"to": [{"targetRef": {"kind": "Mesh"}, "extra": deep}]})
    assert path.startswith("spec.to[0].extra[0]")
    assert message == "in body must not nest deeper than 64 levels"
    assert wrong(Spec, {"to": deep})[0][0] == "spec.to[0]"


@pytest.mark.parametrize("number", [10**5000, float("inf"), float("nan"), 2**64], ids=["long", "inf", "nan", "big"])
def test_numbers_beyond_all_bounds_are_violations(number: float):
    assert wrong(Spec, {"to": [{"targetRef": {"kind": "Mesh"}, "port": number}]})
    assert wrong(Spec, {"to": [{"targetRef": {"kind": "Mesh"}, "extra": [number]}]})


def test_messages_follow_protobuf():
    moment = datetime(2024, 5, 1, 12, 0, 0, 5000, tzinfo=UTC)
    note = Note(sent=2**63, wait_time=timedelta(seconds=90, milliseconds=5), at=moment, data=b"hi", enabled=False)
    shown = {
        "sent": "9223372036854775808",
        "waitTime": "90.005s",
        "at": "2024-05-01T12:00:00.005Z",
        "data": "aGk=",
        "enabled": False,
    }
    assert show(note) == shown
    assert parse(Note, shown) == note
    assert parse(Note, {"wait_time": "1m30s", "sent": 5}) == Note(sent=5, wait_time=timedelta(seconds=90))
    assert show(Note()) == {}


def test_values_inside_values_are_checked_each_at_its_place():
    spec = Spec(to=(Item(Ref("Mesh", Labels(a="b"))),), named=frozendict(x=Ref("Mesh", Labels(a="b"))))
    assert [str(one) for one in violations(spec)] == [
        "spec.to[0].targetRef.labels: must not be set with kind Mesh",
        'spec.named["x"].labels: must not be set with kind Mesh',
    ]
    assert violations(Spec()) == (Violation("spec.to", "must be defined"),)


def test_a_class_is_described():
    item = json_schema(Spec)["properties"]["to"]["items"]
    assert item["required"] == ["targetRef"]
    assert item["properties"]["targetRef"]["description"] == "A reference."
    assert item["properties"]["targetRef"]["properties"]["kind"] == {"type": "string", "enum": ["Mesh", "Dataplane"]}
    assert item["properties"]["weight"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 10,
        "description": "How much.",
        "default": 1,
    }
    assert json_schema(Spec)["properties"]["to"]["minItems"] == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["to", "targetRef", "kind"]), inner),
)


@given(JSON)
def test_any_json_is_read_or_refused(document: Any):
    try:
        spec = parse(Spec, document)
    except Invalid:
        return
    assert parse(Spec, show(spec)) == spec
