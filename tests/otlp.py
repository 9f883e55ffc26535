"""OTLP's messages of metrics, as their .proto files have them, for whoever is to read what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

MESSAGES: Mapping[str, tuple[str, ...]] = {
    "AnyValue": ("1 string string_value",),
    "KeyValue": ("1 string key", "2 AnyValue value"),
    "Resource": ("1 KeyValue* attributes",),
    "InstrumentationScope": ("1 string name", "2 string version", "3 KeyValue* attributes"),
    "NumberDataPoint": ("3 fixed64 time_unix_nano", "4 double as_double", "7 KeyValue* attributes"),
    "HistogramDataPoint": (
        "3 fixed64 time_unix_nano", "4 fixed64 count", "5 double sum", "6 fixed64* bucket_counts",
        "7 double* explicit_bounds", "9 KeyValue* attributes",
    ),
    "Gauge": ("1 NumberDataPoint* data_points",),
    "Sum": ("1 NumberDataPoint* data_points", "2 int32 aggregation_temporality", "3 bool is_monotonic"),
    "Histogram": ("1 HistogramDataPoint* data_points", "2 int32 aggregation_temporality"),
    "Metric": ("1 string name", "2 string description", "5 Gauge gauge", "7 Sum sum", "9 Histogram histogram"),
    "ScopeMetrics": ("1 InstrumentationScope scope", "2 Metric* metrics", "3 string schema_url"),
    "ResourceMetrics": ("1 Resource resource", "2 ScopeMetrics* scope_metrics"),
    "ExportMetricsServiceRequest": ("1 ResourceMetrics* resource_metrics",),
}  # fmt: skip


def _file() -> FileDescriptorProto:
    file = FileDescriptorProto(name="otlp.proto", package="otlp", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, said, field in (one.split() for one in fields):
            kind = said.rstrip("*")
            made = message.field.add(name=field, number=int(number))
            made.label = FieldDescriptorProto.Label.Value(f"LABEL_{'OPTIONAL' if kind == said else 'REPEATED'}")
            if kind in MESSAGES:
                made.type, made.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".otlp.{kind}"
            else:
                made.type = FieldDescriptorProto.Type.Value(f"TYPE_{kind.upper()}")
    return file


POOL = DescriptorPool()
POOL.Add(_file())
Request: Any = GetMessageClass(POOL.FindMessageTypeByName("otlp.ExportMetricsServiceRequest"))


def read(body: bytes) -> Any:
    """What was sent."""
    request = Request()
    request.ParseFromString(body)
    return request


def scoped(body: bytes) -> list[Any]:
    """The metrics of every scope."""
    return [one for resource in read(body).resource_metrics for one in resource.scope_metrics]


def metrics(*bodies: bytes) -> dict[str, Any]:
    """All metrics by name."""
    return {one.name: one for body in bodies for scope in scoped(body) for one in scope.metrics}


def attributes(found: Any) -> dict[str, str]:
    """Attributes by key."""
    return {one.key: one.value.string_value for one in found.attributes}
