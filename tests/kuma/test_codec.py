"""Specs of the protobuf family survive their messages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma import protos
from kuma.kinds import KINDS
from kuma.model import Resource
from kuma.protos import dataplane_pb2, kds_pb2, system_pb2
from kuma.protos.codec import MESSAGES, from_bytes, from_message, to_bytes, to_message
from kuma.resources.dataplane import Dataplane, Inbound, Networking
from kuma.resources.secret import Secret
from kuma.schema import Invalid
from tests.kuma.strategies import resources

FAMILY = sorted(name for name, kind in KINDS.items() if kind.message)


@given(st.sampled_from(FAMILY).flatmap(lambda name: resources(KINDS[name])))
def test_a_spec_survives_its_message(resource: Resource):
    kind = KINDS[resource.kind]
    assert from_bytes(kind, to_bytes(kind, resource.spec)) == resource.spec
    assert from_message(kind, to_message(kind, resource.spec)) == resource.spec


def test_every_kind_of_the_family_has_its_message():
    assert {KINDS[name].message for name in FAMILY} <= set(MESSAGES)


def test_bytes_on_the_wire():
    proxy = Dataplane(Networking(address="10.0.0.1", inbound=(Inbound(port=80, state="NotReady"),)))
    message = dataplane_pb2.Dataplane.FromString(to_bytes(KINDS["Dataplane"], proxy))
    assert message.networking.inbound[0].state == dataplane_pb2.Dataplane.Networking.Inbound.NotReady
    assert to_bytes(KINDS["Secret"], Secret(b"x")) == system_pb2.Secret(data={"value": b"x"}).SerializeToString()
    assert to_bytes(KINDS["Mesh"], KINDS["Mesh"].spec()) == b""


@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05abc", b"\x0a\x04\x0a\x02\x48\x09"])
def test_bytes_that_are_no_such_message(data: bytes):
    with pytest.raises(Invalid):
        from_bytes(KINDS["Dataplane"], data)


def test_names_are_those_on_the_wire():
    assert kds_pb2.KumaResource.DESCRIPTOR.full_name == "kuma.mesh.v1alpha1.KumaResource"
    assert kds_pb2.ZoneHealthCheckResponse.DESCRIPTOR.full_name == "kuma.mesh.v1alpha1.ZoneHealthCheckResponse"
    assert system_pb2.ZoneInsight.DESCRIPTOR.full_name == "kuma.system.v1alpha1.ZoneInsight"


def test_what_is_generated_is_fresh(tmp_path: Path):
    pytest.importorskip("grpc_tools")
    source = Path(protos.__file__).parent
    target = tmp_path / "kuma" / "protos"
    target.mkdir(parents=True)
    for proto in source.glob("*.proto"):
        shutil.copy(proto, target)
    names = sorted(f"kuma/protos/{proto.name}" for proto in source.glob("*.proto"))
    protoc = [sys.executable, "-m", "grpc_tools.protoc", "--proto_path=.", "--python_out=.", *names]
    subprocess.run(protoc, cwd=tmp_path, check=True)
    for made in target.glob("*_pb2.py"):
        assert made.read_text() == (source / made.name).read_text(), f"{made.name}: run deploy/protos"
