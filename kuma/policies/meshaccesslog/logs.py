"""From what a MeshAccessLog says of some traffic to the logs that Envoy keeps of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kuma import sockets
from kuma.envoy import accesslog, api, collector, names
from kuma.envoy.accesslog import Filter
from kuma.envoy.draft import Caller
from kuma.envoy.endpoints import Fields
from kuma.policies.meshaccesslog.spec import Backend, Conf, FileBackend, Format, OpenTelemetryBackend, TcpBackend
from kuma.policies.meshaccesslog.words import Talk
from kuma.schema.write import thawed
from kuma.telemetry import Collector, resolved

if TYPE_CHECKING:
    from kuma.envoy.api import AccessLog

LOG_NAME = "MeshAccessLog"
SIGNAL = "logs"


def logs(conf: Conf, talk: Talk, of: Filter = None) -> list[AccessLog]:
    """The logs of some traffic, or of that part of it which a filter lets through.

    What names a collector that is not there tells nobody.
    """
    made = (_log(backend, talk, of) for backend in conf.backends or ())
    return [log for log in made if log is not None]


def collectors(confs: Iterable[Conf], caller: Caller) -> tuple[Collector, ...]:
    """The collectors that are told, each once."""
    backends = (backend for conf in confs for backend in conf.backends or ())
    found = (_collector(backend.open_telemetry, caller) for backend in backends if backend.type == "OpenTelemetry")
    return tuple(dict.fromkeys(one for one in found if one is not None))


def cluster_name(caller: Caller, told: Collector) -> str:
    """The cluster of a collector of logs."""
    if collector.through_kuma_dp(caller):
        return names.system("meshaccesslog", "otel", told.name)
    return names.system("meshaccesslog", f"{collector.address(caller, told)}-{told.port}")


def _collector(backend: OpenTelemetryBackend | None, caller: Caller) -> Collector | None:
    if backend is None or backend.backend_ref is None:
        return None
    return resolved(caller.collectors, backend.backend_ref.labels)


def _log(backend: Backend, talk: Talk, of: Filter) -> AccessLog | None:
    if backend.type == "File" and backend.file is not None:
        return _to_file(backend.file, talk, of)
    if backend.type == "Tcp" and backend.tcp is not None:
        return _to_server(backend.tcp, talk, of)
    if backend.type == "OpenTelemetry" and backend.open_telemetry is not None:
        return _to_collector(backend.open_telemetry, talk, of)
    return None


def _to_file(backend: FileBackend, talk: Talk, of: Filter) -> AccessLog:
    said = talk.said(backend.format)
    line = accesslog.text(f"{said}\n") if isinstance(said, str) else accesslog.json_object(said)
    return accesslog.to_file(backend.path, {**line, **_omitting(backend.format)}, of)


def _to_server(backend: TcpBackend, talk: Talk, of: Filter) -> AccessLog:
    """By way of kuma-dp, which reads from a named pipe what to tell whom: Envoy itself tells nobody over bare TCP."""
    said = talk.said(backend.format)
    message = f"{said}\n" if isinstance(said, str) else said
    pipe = names.socket(talk.caller.workdir, sockets.access_logs(talk.caller.name, talk.caller.mesh))
    line = accesslog.json_object({"address": backend.address, "message": message})
    return accesslog.to_file(pipe, {**line, **_omitting(backend.format)}, of)


def _omitting(told: Format | None) -> Fields:
    return {"omit_empty_values": True} if told is not None and told.omit_empty_values else {}


def _to_collector(backend: OpenTelemetryBackend, talk: Talk, of: Filter) -> AccessLog | None:
    told = _collector(backend, talk.caller)
    if told is None:
        return None
    record: Fields = {
        "log_name": LOG_NAME,
        **_service(told, talk.caller),
        "body": _body(backend.body, talk),
        "attributes": _values([(one.key, talk.filled(one.value)) for one in backend.attributes or ()]),
        "resource_attributes": _values(_resource(talk.caller)),
    }
    return accesslog.to_collector(record, of)


def _service(told: Collector, caller: Caller) -> Fields:
    cluster = cluster_name(caller, told)
    if not collector.speaks_http(caller, told):
        return {"grpc_service": {"envoy_grpc": {"cluster_name": cluster}}}
    return {"http_service": collector.http_service(cluster, collector.url(caller, told, SIGNAL))}


def _resource(caller: Caller) -> Sequence[tuple[str, str]]:
    known = (("kuma.mesh", caller.mesh), ("kuma.zone", caller.zone), ("kuma.workload", caller.workload_kri))
    return [(name, value) for name, value in known if value or name == "kuma.mesh"]


def _values(pairs: Sequence[tuple[str, str]]) -> Fields:
    return {"values": [{"key": key, "value": {"string_value": value}} for key, value in pairs]}


def _body(said: Any, talk: Talk) -> Any:
    """An AnyValue of OTLP as it is, anything else as its JSON."""
    if said is None:
        return {"string_value": talk.filled(talk.line)}
    free = thawed(said)
    value = _any_value(talk.filled_in(free)) if isinstance(free, dict) else None
    if value is not None:
        return value
    return {"string_value": talk.filled(json.dumps(free, separators=(",", ":"), ensure_ascii=False))}


def _any_value(document: dict[str, Any]) -> Any | None:
    try:
        return api.parsed("AnyValue", document)
    except ValueError:
        return None
