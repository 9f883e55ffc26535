"""Where spans are sent: as tracers say it, and the cluster it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kuma.envoy import api, clusters, collector, names, tls, tracing
from kuma.envoy.draft import Caller
from kuma.envoy.endpoints import Fields
from kuma.names import is_ipv6
from kuma.policies.meshtrace.spec import Backend, Conf, Datadog, Zipkin
from kuma.telemetry import Collector, resolved

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster

SIGNAL = "traces"
VERSIONS = {"httpJson": "HTTP_JSON", "httpProto": "HTTP_PROTO"}
PORTS = {"http": 80, "https": 443}
SPANS = "/api/v2/spans"  # where Zipkin takes them, for URLs that say no path


def backend_of(conf: Conf | None) -> Backend | None:
    """Where spans are sent, if anywhere."""
    return conf.backends[0] if conf is not None and conf.backends else None


def collector_of(backend: Backend, caller: Caller) -> Collector | None:
    """The collector that is meant; None where it is not there, or another kind of backend counts."""
    otel = backend.open_telemetry
    if backend.zipkin is not None or backend.datadog is not None or otel is None or otel.backend_ref is None:
        return None
    return resolved(caller.collectors, otel.backend_ref.labels)


def provider(backend: Backend, caller: Caller, service: str, side: str) -> Fields:
    """The tracer; none where the collector is not there. `side` says which of a split service's sides this is."""
    if backend.zipkin is not None:
        return {"provider": tracing.provider(tracing.ZIPKIN, _zipkin(backend.zipkin))}
    if backend.datadog is not None:
        named = service + side if backend.datadog.split_service else service
        config = api.DatadogConfig(collector_cluster=_datadog_cluster(backend.datadog), service_name=named)
        return {"provider": tracing.provider(tracing.DATADOG, config)}
    found = collector_of(backend, caller)
    return {} if found is None else {"provider": _open_telemetry(found, caller, service)}


def cluster(backend: Backend, caller: Caller) -> Cluster | None:
    """The cluster that spans are sent to."""
    if backend.zipkin is not None:
        return _host(_zipkin_cluster(backend.zipkin), backend.zipkin.url, caller)
    if backend.datadog is not None:
        return _host(_datadog_cluster(backend.datadog), backend.datadog.url, caller)
    found = collector_of(backend, caller)
    return None if found is None else collector.cluster(_cluster_name(found), caller, found)


def _host(name: str, url: str, caller: Caller) -> Cluster:
    parts = urlsplit(url)
    host = parts.hostname or ""
    made = clusters.host(name, host, parts.port or PORTS.get(parts.scheme, 0), is_ipv6(caller.address))
    if parts.scheme == "https":
        tls.secure_host(made, tls.public(host, caller.system_ca_path, renegotiate=True))
    return made


def _zipkin(zipkin: Zipkin) -> api.ZipkinConfig:
    parts = urlsplit(zipkin.url)
    return api.ZipkinConfig(
        collector_cluster=_zipkin_cluster(zipkin),
        collector_endpoint=parts.path or SPANS,
        collector_hostname=parts.netloc.rpartition("@")[2],
        collector_endpoint_version=VERSIONS.get(zipkin.api_version, "HTTP_JSON"),
        trace_id_128bit=zipkin.trace_id128bit,
        shared_span_context={"value": zipkin.shared_span_context},
    )


def _open_telemetry(found: Collector, caller: Caller, service: str) -> Fields:
    name = _cluster_name(found)
    service_of: Fields = {"grpc_service": {"envoy_grpc": {"cluster_name": name}}}
    if collector.speaks_http(caller, found):
        service_of = {"http_service": collector.http_service(name, collector.url(caller, found, SIGNAL))}
    return tracing.provider(tracing.OPEN_TELEMETRY, api.OpenTelemetryConfig(service_name=service, **service_of))


def _zipkin_cluster(zipkin: Zipkin) -> str:
    return names.system("meshtrace", "zipkin", zipkin.url)


def _datadog_cluster(datadog: Datadog) -> str:
    return names.system("meshtrace", "datadog", datadog.url)


def _cluster_name(found: Collector) -> str:
    return names.system("meshtrace", "otel", found.name)
