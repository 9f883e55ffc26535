"""Envoy's messages: derived from envoy-data-plane, equal to it on the wire, and there only once asked for."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kuma.envoy import api
from kuma.envoy.derive import vocabulary

# fields that Envoy has deprecated are part of its vocabulary, too
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N")), max_size=8)
NUMBERS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_STRING: TEXT,
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=8),
    FieldDescriptor.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.TYPE_DOUBLE: st.floats(allow_nan=False),
    FieldDescriptor.TYPE_FLOAT: st.floats(allow_nan=False, width=32),
}
SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    # envoy-data-plane holds these as a timedelta, in whole microseconds
    "google.protobuf.Duration": st.timedeltas(timedelta(0), timedelta(days=365)),
    "google.protobuf.Any": st.builds(lambda name: {"type_url": f"type.googleapis.com/{name}", "value": b"\1"}, TEXT),
    "google.protobuf.Struct": st.builds(lambda text: {"fields": {"a": {"string_value": text}}}, TEXT),
    "google.protobuf.Empty": st.just({}),
}


def messages(descriptor: Descriptor, depth: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """Some fields of a message, as its class takes them; of a oneof, at most one."""

    @st.composite
    def some(draw: st.DrawFn) -> dict[str, Any]:
        chosen = draw(st.lists(st.sampled_from(list(descriptor.fields)), max_size=4, unique_by=_place))
        return {one.name: draw(value) for one in chosen if (value := _value(one, depth)) is not None}

    return some() if descriptor.fields else st.just({})


def _place(one: FieldDescriptor) -> str:
    return one.containing_oneof.full_name if one.containing_oneof else one.full_name


def _value(one: FieldDescriptor, depth: int) -> st.SearchStrategy[Any] | None:
    if one.type == FieldDescriptor.TYPE_ENUM:
        value: st.SearchStrategy[Any] | None = st.sampled_from([each.number for each in one.enum_type.values])
    elif one.type != FieldDescriptor.TYPE_MESSAGE:
        value = NUMBERS[one.type]
    elif one.message_type.GetOptions().map_entry:
        return _map(one.message_type, depth)
    else:
        value = _nested(one.message_type, depth)
    if value is None or not one.is_repeated:
        return value
    return st.lists(value, max_size=2)


def _map(entry: Descriptor, depth: int) -> st.SearchStrategy[Any] | None:
    value = _value(entry.fields_by_name["value"], depth)  # one entry: an order of several is nobody's promise
    return None if value is None else st.dictionaries(TEXT, value, max_size=1)


def _nested(descriptor: Descriptor, depth: int) -> st.SearchStrategy[Any] | None:
    if descriptor.full_name in SPECIAL:
        return SPECIAL[descriptor.full_name]
    if descriptor.full_name == "google.protobuf.Timestamp":
        return None  # a float in envoy-data-plane's hands
    return messages(descriptor, depth - 1) if depth else None


@pytest.mark.parametrize("name", sorted(api.ROOTS))
@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_both_codecs_read_and_write_the_same(name, data):
    cls: Any = getattr(api, name)
    message: Message = cls(**data.draw(messages(cls.DESCRIPTOR)))
    ours = message.SerializeToString(deterministic=True)
    theirs = bytes(vocabulary(api.ROOTS[name]).parse(ours))
    # envoy-data-plane writes fields as they are declared, protobuf by their numbers; nothing may depend on that
    assert cls.FromString(theirs).SerializeToString(deterministic=True) == ours
    assert len(theirs) == len(ours)


def test_every_root_is_there_under_its_full_name():
    for name, full_name in api.ROOTS.items():
        assert getattr(api, name).DESCRIPTOR.full_name == full_name


def test_a_name_that_is_no_root_is_an_attribute_error():
    with pytest.raises(AttributeError):
        _ = api.Nonsense


def test_json_has_envoys_own_names():
    cluster = api.Cluster(name="a", type="EDS", connect_timeout=timedelta(seconds=5))
    assert api.document(cluster) == {"name": "a", "type": "EDS", "connectTimeout": "5s"}
    assert api.parsed("Cluster", api.document(cluster)) == cluster


def test_what_is_packed_shows_unpacked():
    filter_ = api.HttpFilter(name="r")
    filter_.typed_config.Pack(api.Router(suppress_envoy_headers=True))
    assert api.document(filter_)["typedConfig"] == {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
        "suppressEnvoyHeaders": True,
    }


def test_importing_costs_nothing_until_a_message_is_wanted():
    program = "import sys, kuma.envoy.clusters, kuma.policies; print([m for m in sys.modules if 'envoy_data' in m])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_stubs_are_those_of_the_roots():
    roots = (Path(api.__file__).parent / "stubs" / "roots.pyi").read_text()
    assert all(f" as {name}\n" in roots for name in api.ROOTS)


def test_messages_that_no_root_leads_to_are_described_when_asked_for():
    lua = "envoy.extensions.filters.http.lua.v3.Lua"
    packed = {"@type": f"type.googleapis.com/{lua}", "defaultSourceCode": {"inlineString": "-- nothing"}}
    made = api.parsed("HttpFilter", {"name": "lua", "typedConfig": packed})
    assert api.document(made) == {"name": "lua", "typedConfig": packed}


def test_a_message_that_envoy_does_not_have_is_named():
    with pytest.raises(ValueError, match=r"Envoy has no message 'envoy\.Nothing'"):
        api.parsed("HttpFilter", {"typedConfig": {"@type": "type.googleapis.com/envoy.Nothing"}})


def test_from_all_threads_it_is_the_same_class():
    """Threads that begin at once, in a process in which nobody has asked before."""
    program = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from kuma.envoy import api

begin = Barrier(4)

def made(name):
    begin.wait()
    return getattr(api, name)()

with ThreadPoolExecutor(4) as threads:
    chain, *listeners = threads.map(made, ["FilterChain", "Listener", "Listener", "Listener"])
for listener in listeners:
    listener.filter_chains.append(chain)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
