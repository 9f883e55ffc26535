"""Envoy's messages by name: `from kuma.envoy import api`, `api.Cluster(name="a")`. Built when first asked for.

Adding a message is one line in `ROOTS`, and `python -m kuma.envoy.stubs` for what mypy knows of it. All that a root
leads to is there too, through its fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Any

from frozendict import frozendict

if TYPE_CHECKING:
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

    from kuma.envoy.derive import Vocabulary
    from kuma.envoy.stubs.roots import *  # noqa: F403 - the same names as in ROOTS

ROOTS: Mapping[str, str] = frozendict({
    "AccessLog": "envoy.config.accesslog.v3.AccessLog",
    "Address": "envoy.config.core.v3.Address",
    "AnyValue": "opentelemetry.proto.common.v1.AnyValue",
    "Bootstrap": "envoy.config.bootstrap.v3.Bootstrap",
    "Cluster": "envoy.config.cluster.v3.Cluster",
    "ClusterLoadAssignment": "envoy.config.endpoint.v3.ClusterLoadAssignment",
    "DatadogConfig": "envoy.config.trace.v3.DatadogConfig",
    "DeltaDiscoveryRequest": "envoy.service.discovery.v3.DeltaDiscoveryRequest",
    "DeltaDiscoveryResponse": "envoy.service.discovery.v3.DeltaDiscoveryResponse",
    "DiscoveryRequest": "envoy.service.discovery.v3.DiscoveryRequest",
    "DiscoveryResponse": "envoy.service.discovery.v3.DiscoveryResponse",
    "DownstreamTlsContext": "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
    "ExpressionFilter": "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
    "ExtensionWithMatcher": "envoy.extensions.common.matching.v3.ExtensionWithMatcher",
    "FileAccessLog": "envoy.extensions.access_loggers.file.v3.FileAccessLog",
    "FileBasedMetadataConfig": "envoy.config.grpc_credential.v3.FileBasedMetadataConfig",
    "Filter": "envoy.config.listener.v3.Filter",
    "FilterChain": "envoy.config.listener.v3.FilterChain",
    "FilterChainMatch": "envoy.config.listener.v3.FilterChainMatch",
    "FilterStateValue": "envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue",
    "FractionalPercent": "envoy.type.v3.FractionalPercent",
    "GoogleRE2": "envoy.extensions.regex_engines.v3.GoogleRE2",
    "GrpcStats": "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig",
    "HealthCheck": "envoy.config.core.v3.HealthCheck",
    "HealthCheckEventFileSink": "envoy.extensions.health_check.event_sinks.file.v3.HealthCheckEventFileSink",
    "HealthCheckSpecifier": "envoy.service.health.v3.HealthCheckSpecifier",
    "HealthMessage": "envoy.service.health.v3.HealthCheckRequestOrEndpointHealthResponse",
    "HttpConnectionManager": (
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    ),
    "HttpFault": "envoy.extensions.filters.http.fault.v3.HTTPFault",
    "HttpFilter": "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
    "HttpInspector": "envoy.extensions.filters.listener.http_inspector.v3.HttpInspector",
    "HttpLocalRateLimit": "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
    "HttpProtocolOptions": "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    "HttpRbac": "envoy.extensions.filters.http.rbac.v3.RBAC",
    "LbEndpoint": "envoy.config.endpoint.v3.LbEndpoint",
    "Listener": "envoy.config.listener.v3.Listener",
    "ListenerFilterChainMatchPredicate": "envoy.config.listener.v3.ListenerFilterChainMatchPredicate",
    "LocalityLbEndpoints": "envoy.config.endpoint.v3.LocalityLbEndpoints",
    "Lua": "envoy.extensions.filters.http.lua.v3.Lua",
    "Matcher": "xds.type.matcher.v3.Matcher",
    "NetworkLocalRateLimit": "envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit",
    "NetworkRbac": "envoy.extensions.filters.network.rbac.v3.RBAC",
    "Node": "envoy.config.core.v3.Node",
    "OmitCanaryHostsPredicate": "envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate",
    "OmitHostMetadataConfig": "envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig",
    "OpenTelemetryAccessLogConfig": (
        "envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig"
    ),
    "OpenTelemetryConfig": "envoy.config.trace.v3.OpenTelemetryConfig",
    "PreviousHostsPredicate": "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
    "PreviousPrioritiesConfig": "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
    "RbacAction": "envoy.config.rbac.v3.Action",
    "RedirectAction": "envoy.config.route.v3.RedirectAction",
    "RetryPolicy": "envoy.config.route.v3.RetryPolicy",
    "Route": "envoy.config.route.v3.Route",
    "RouteAction": "envoy.config.route.v3.RouteAction",
    "RouteConfiguration": "envoy.config.route.v3.RouteConfiguration",
    "OriginalDst": "envoy.extensions.filters.listener.original_dst.v3.OriginalDst",
    "Router": "envoy.extensions.filters.http.router.v3.Router",
    "SPIFFECertValidatorConfig": "envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig",
    "Secret": "envoy.extensions.transport_sockets.tls.v3.Secret",
    "ServerNameInput": "envoy.extensions.matching.common_inputs.network.v3.ServerNameInput",
    "SetFilterState": "envoy.extensions.filters.network.set_filter_state.v3.Config",
    "SkipFilter": "envoy.extensions.filters.common.matcher.action.v3.SkipFilter",
    "TcpProxy": "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
    "TlsInspector": "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
    "UpstreamTlsContext": "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    "UriSanInput": "envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput",
    "VirtualHost": "envoy.config.route.v3.VirtualHost",
    "ZipkinConfig": "envoy.config.trace.v3.ZipkinConfig",
})  # fmt: skip


_ALONE = RLock()
"""Who looks something up. Control planes load words beside their loop: a second pool would have other classes."""


@cache
def _described() -> tuple[Vocabulary, DescriptorPool]:
    from kuma.envoy.derive import Vocabulary, pool_of  # noqa: PLC0415 - costs half a second, once a message is wanted

    vocabulary = Vocabulary()
    return vocabulary, pool_of(vocabulary.describe(ROOTS.values()))


def pool() -> DescriptorPool:
    """The descriptors of all messages, apart from everyone else's."""
    with _ALONE:
        return _described()[1]


def message_class(full_name: str) -> type[Message]:
    """The class of any message of Envoy's, by its full protobuf name; raises `LookupError` where there is none.

    What no root leads to is described when it is first asked for. From any thread it is the same class.
    """
    with _ALONE:
        return _found(full_name)


@cache
def _found(full_name: str) -> type[Message]:
    from google.protobuf.message_factory import GetMessageClass  # noqa: PLC0415 - only with the pool

    vocabulary, known = _described()
    if full_name not in vocabulary.classes and not full_name.startswith("google.protobuf."):
        vocabulary.extend(known, full_name)
    return GetMessageClass(known.FindMessageTypeByName(full_name))


def document(message: Message) -> dict[str, Any]:
    """A message as protobuf's JSON, with what is packed in it unpacked."""
    from google.protobuf.json_format import MessageToDict  # noqa: PLC0415 - only with the pool

    return MessageToDict(message, descriptor_pool=pool())


def parsed(name: str, document: Mapping[str, Any]) -> Any:
    """The message of a root's name from protobuf's JSON. Raises `ValueError` where it is none."""
    return message_of(ROOTS[name], document)


def message_of(full_name: str, document: Mapping[str, Any]) -> Any:
    """The message of a full protobuf name from protobuf's JSON. Raises `ValueError` where it is none."""
    from google.protobuf.json_format import ParseDict, ParseError  # noqa: PLC0415 - only with the pool

    try:
        for packed in _packed(document):
            message_class(packed)
        return ParseDict(dict(document), message_class(full_name)(), descriptor_pool=pool())
    except (ParseError, LookupError, TypeError) as error:
        raise ValueError(str(error.args[0] if error.args else error)) from error


def _packed(document: Any) -> Iterator[str]:
    """The full names of all messages that are packed somewhere in a document."""
    inner = document.values() if isinstance(document, Mapping) else document if isinstance(document, list) else ()
    if isinstance(document, Mapping) and isinstance(document.get("@type"), str):
        yield document["@type"].rpartition("/")[2]
    for one in inner:
        yield from _packed(one)


def __getattr__(name: str) -> Any:
    if name not in ROOTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = message_class(ROOTS[name])
    return found
