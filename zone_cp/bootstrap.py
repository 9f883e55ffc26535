"""The Envoy bootstrap of one proxy: what it asked with, and what it gets. Pure."""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from frozendict import frozendict

from kuma import sockets
from kuma.model import WORKLOAD, Resource
from kuma.schema import Invalid, Violation

Json = dict[str, Any]

ADMIN_SOCKET = "kuma-envoy-admin"


class BadRequest(Exception):
    """The request is not one for a bootstrap; the message says why."""


@frozen
class Asked:
    """The body of `POST /bootstrap`, read. `definition` is a Dataplane as text, `token` is never shown."""

    mesh: str
    name: str
    proxy_type: str = "dataplane"
    token: str = field(default="", repr=False)
    token_path: str = ""
    definition: str = ""
    ca_pem: str = ""
    work_dir: str = ""
    dns_port: int = 0
    readiness_port: int = 0
    ipv6: bool = False
    app_probe_proxy: bool = False
    features: tuple[str, ...] = ()
    system_ca_path: str = ""
    metrics_cert_path: str = ""
    metrics_key_path: str = ""
    spire_socket_path: str = ""
    version: Mapping[str, Any] = frozendict()
    dynamic_metadata: Mapping[str, str] = frozendict()
    transparent_proxy: Mapping[str, Any] | None = None
    otel: Mapping[str, Any] | None = None


@frozen
class Params:
    """What this control plane says to every proxy: settings `bootstrapServer.params` and where its gRPC listens.

    `xds_host` empty means the host by which the proxy reached us. `connect_timeout` in seconds.
    With `health_discovery` Envoy is to ask this control plane which health checks to make, and to report them.
    """

    xds_port: int
    xds_host: str = ""
    admin_address: str = "127.0.0.1"
    admin_port: int = 9901
    admin_socket: bool = True
    admin_access_log_path: str = "/dev/null"
    connect_timeout: float = 1.0
    max_receive_bytes: int = 4194304
    reloadable_tokens: bool = False
    health_discovery: bool = False


@frozen
class Target:
    """Which control plane the proxy shall talk to, and which certificate authorities it shall believe."""

    host: str
    ca_pem: str
    ipv4_only: bool = False


TEXTS = (
    ("mesh", "mesh"), ("name", "name"), ("proxyType", "proxy_type"), ("dataplaneToken", "token"),
    ("dataplaneTokenPath", "token_path"), ("dataplaneResource", "definition"), ("caCert", "ca_pem"),
    ("workdir", "work_dir"), ("systemCaPath", "system_ca_path"),
)  # fmt: skip
NUMBERS = (("dnsPort", "dns_port"), ("readinessPort", "readiness_port"))
# `appProbeProxyDisabled` is true when the probe proxy is *enabled*: a misnomer that every kuma-dp relies on
FLAGS = (("ipv6Enabled", "ipv6"), ("appProbeProxyDisabled", "app_probe_proxy"))
OBJECTS = (
    ("version", "version"), ("dynamicMetadata", "dynamic_metadata"), ("dataplaneConfig", "transparent_proxy"),
    ("otelEnv", "otel"),
)  # fmt: skip
NESTED = (
    ("metricsResources", "certPath", "metrics_cert_path"), ("metricsResources", "keyPath", "metrics_key_path"),
    ("spireResources", "socketPath", "spire_socket_path"),
)  # fmt: skip


def read(body: bytes) -> Asked:
    """The request in a body. Raises BadRequest naming the field that is wrong."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise BadRequest("the body must be a JSON object")
    told: Json = {}
    for fields, kind in ((TEXTS, str), (NUMBERS, int), (FLAGS, bool), (OBJECTS, dict)):
        told |= {attribute: _typed(document, key, kind) for key, attribute in fields if document.get(key) is not None}
    for outer, inner, attribute in NESTED:
        told[attribute] = _typed(_typed(document, outer, dict) or {}, inner, str) or ""
    told["features"] = tuple(str(feature) for feature in _typed(document, "features", list) or ())
    if not told.get("mesh") or not told.get("name"):
        raise BadRequest("mesh and name must not be empty")
    return Asked(**told | {"proxy_type": told.get("proxy_type") or "dataplane"})


def _typed(document: Mapping[str, Any], key: str, kind: type) -> Any:
    value = document.get(key)
    if value is None:
        return None
    if type(value) is not kind:  # True is an int to isinstance
        raise BadRequest(f"{key}: must be of type {kind.__name__}")
    if isinstance(value, int) and not 0 <= value <= 65535:
        raise BadRequest(f"{key}: must be a port")
    return value


def check_definition(asked: Asked, dataplane: Resource) -> None:
    """A Dataplane that the proxy brought must be its own, and without outbounds under transparent proxying."""
    for name, found, wanted in (("mesh", dataplane.mesh, asked.mesh), ("name", dataplane.name, asked.name)):
        if found != wanted:
            raise Invalid((Violation(name, f"is {found!r}, but the proxy asked as {wanted!r}"),))
    if _transparent(asked) and dataplane.spec.networking.outbound:
        problem = "should be empty since dataplane is in Transparent Proxying mode"
        raise Invalid((Violation("outbound", problem),))


def _transparent(asked: Asked) -> bool:
    redirect = (asked.transparent_proxy or {}).get("redirect") or {}
    return any((redirect.get(way) or {}).get("enabled") for way in ("inbound", "outbound"))


def bootstrap(asked: Asked, dataplane: Resource, params: Params, target: Target) -> Json:
    """The whole bootstrap as JSON (envoy.config.bootstrap.v3.Bootstrap)."""
    admin_port = _admin_port(dataplane, params)
    document: Json = {
        "node": {
            "id": f"{asked.mesh}.{asked.name}",
            "cluster": dataplane.labels.get(WORKLOAD) or "unknown",
            "metadata": metadata(asked, params, admin_port),
        },
        **FIXED,
        "dynamicResources": {
            **{way: {"ads": {}, "initialFetchTimeout": "0s", "resourceApiVersion": "V3"} for way in DYNAMIC},
            "adsConfig": {
                "apiType": "DELTA_GRPC",
                "transportApiVersion": "V3",
                "setNodeOnFirstMessageOnly": True,
                "grpcServices": [_grpc_service(asked, params, target)],
            },
        },
        "staticResources": _static(asked, params, target),
    }
    if params.health_discovery:
        document["hdsConfig"] = {
            "apiType": "GRPC",
            "transportApiVersion": "V3",
            "setNodeOnFirstMessageOnly": True,
            "grpcServices": [_grpc_service(asked, params, target)],
        }
    if admin_port:
        document["admin"] = _admin(asked, params, admin_port)
    return document


DYNAMIC = ("ldsConfig", "cdsConfig")

FIXED: Json = {
    "layeredRuntime": {
        "layers": [
            {
                "name": "kuma",
                "staticLayer": {
                    "re2.max_program_size.error_level": 4294967295,
                    "re2.max_program_size.warn_level": 1000,
                },
            }
        ]
    },
    "statsConfig": {
        "statsTags": [
            {"tagName": "name", "regex": r"^grpc\.((.+)\.)"},
            {"tagName": "status", "regex": "^grpc.*streams_closed(_([0-9]+))"},
            {"tagName": "worker", "regex": r"(worker_([0-9]+)\.)"},
            {"tagName": "listener", "regex": r"((.+?)\.)rbac\."},
        ]
    },
    "defaultRegexEngine": {
        "name": "envoy.regex_engines.google_re2",
        "typedConfig": {"@type": "type.googleapis.com/envoy.extensions.regex_engines.v3.GoogleRE2"},
    },
}


def _admin_port(dataplane: Resource, params: Params) -> int:
    admin = dataplane.spec.networking.admin if dataplane.spec.networking else None
    return params.admin_port if admin is None or admin.port is None else int(admin.port)


def _admin_pipe(asked: Asked, params: Params) -> str:
    return sockets.path(asked.work_dir, ADMIN_SOCKET) if params.admin_socket and asked.work_dir else ""


def _admin(asked: Asked, params: Params, port: int) -> Json:
    pipe = _admin_pipe(asked, params)
    where = (
        {"pipe": {"path": pipe, "mode": 0o600}}
        if pipe
        else {"socketAddress": {"address": params.admin_address, "portValue": port}}
    )
    log = {
        "name": "envoy.access_loggers.file",
        "typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": params.admin_access_log_path,
        },
    }
    return {"accessLog": [log], "address": where}


def metadata(asked: Asked, params: Params, admin_port: int) -> Json:
    """The node metadata: everything this proxy is, as it will tell on its ADS stream. Numbers travel as text."""
    pipe = _admin_pipe(asked, params)
    readiness = asked.readiness_port
    told: list[tuple[str, Any]] = [
        ("version", dict(asked.version)),
        ("features", list(asked.features)),
        ("workdir", asked.work_dir),
        ("metricsCertPath", asked.metrics_cert_path),
        ("metricsKeyPath", asked.metrics_key_path),
        ("systemCaPath", asked.system_ca_path),
        ("ipv6Enabled", asked.ipv6),
        ("spireAgent.socketPath", asked.spire_socket_path),
        ("dataplane.proxyType", asked.proxy_type),
    ]
    sometimes = (
        ("dataplane.resource", asked.definition),
        ("dataplane.admin.port", str(admin_port) if admin_port else ""),
        ("dataplane.admin.address", params.admin_address if admin_port else ""),
        ("dataplane.admin.socketPath", pipe if admin_port else ""),
        ("dataplane.dns.port", str(asked.dns_port) if asked.dns_port else ""),
        ("dataplane.readinessReporter.port", str(readiness) if readiness else ""),
        ("dataplane.appProbeProxy.enabled", "true" if asked.app_probe_proxy else ""),
        ("dynamicMetadata", dict(asked.dynamic_metadata)),
        ("transparentProxy", asked.transparent_proxy),
        ("otelEnvInventory", asked.otel),
    )
    return dict(told) | {key: value for key, value in sometimes if value}


def _grpc_service(asked: Asked, params: Params, target: Target) -> Json:
    if params.reloadable_tokens and asked.token_path:
        return {"googleGrpc": _google_grpc(asked, params, target)}
    service: Json = {"envoyGrpc": {"clusterName": "system_ads"}}
    if asked.token:
        service["initialMetadata"] = [{"key": "authorization", "value": asked.token}]
    return service


def _google_grpc(asked: Asked, params: Params, target: Target) -> Json:
    """Envoy's other gRPC client, which reads the token's file again for every stream."""
    plugin = "envoy.grpc_credentials.file_based_metadata"
    arguments = {
        "grpc.keepalive_time_ms": 10000,
        "grpc.keepalive_timeout_ms": 30000,
        "grpc.http2.max_pings_without_data": 0,
        "grpc.max_receive_message_length": params.max_receive_bytes,
    }
    secret = {
        "@type": "type.googleapis.com/envoy.config.grpc_credential.v3.FileBasedMetadataConfig",
        "secretData": {"filename": asked.token_path},
    }
    return {
        "targetUri": f"{target.host}:{params.xds_port}",
        "statPrefix": "ads",
        "credentialsFactoryName": plugin,
        "callCredentials": [{"fromPlugin": {"name": plugin, "typedConfig": secret}}],
        "channelCredentials": {"sslCredentials": {"rootCerts": {"inlineBytes": _base64(target.ca_pem)}}},
        "channelArgs": {"args": {name: {"intValue": str(value)} for name, value in arguments.items()}},
    }


def _static(asked: Asked, params: Params, target: Target) -> Json:
    clusters = [_access_log_sink(asked, params)]
    if not (params.reloadable_tokens and asked.token_path):
        clusters.append(_ads_cluster(params, target))
    names = [{"sanType": san, "matcher": {"exact": target.host}} for san in ("DNS", "IP_ADDRESS")]
    trusted = {"trustedCa": {"inlineBytes": _base64(target.ca_pem)}, "matchTypedSubjectAltNames": names}
    return {"secrets": [{"name": "cp_validation_ctx", "validationContext": trusted}], "clusters": clusters}


def _access_log_sink(asked: Asked, params: Params) -> Json:
    name = sockets.access_logs(asked.name, asked.mesh)
    pipe = {"pipe": {"path": sockets.path(asked.work_dir, name)}}
    return _cluster("system_access_log_sink", "STATIC", pipe, params)


def _ads_cluster(params: Params, target: Target) -> Json:
    address = {"socketAddress": {"address": target.host, "portValue": params.xds_port}}
    cluster = _cluster("system_ads", "STATIC" if is_ip(target.host) else "STRICT_DNS", address, params)
    if target.ipv4_only:
        cluster["dnsLookupFamily"] = "V4_ONLY"
    cluster["transportSocket"] = {
        "name": "envoy.transport_sockets.tls",
        "typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": target.host,
            "commonTlsContext": {
                "tlsParams": {"tlsMinimumProtocolVersion": "TLSv1_2"},
                "validationContextSdsSecretConfig": {"name": "cp_validation_ctx"},
            },
        },
    }
    return cluster


def _cluster(name: str, discovery: str, address: Json, params: Params) -> Json:
    endpoint = {"endpoint": {"address": address}}
    return {
        "name": name,
        "type": discovery,
        "connectTimeout": f"{params.connect_timeout:g}s",
        "loadAssignment": {"clusterName": name, "endpoints": [{"lbEndpoints": [endpoint]}]},
        "typedExtensionProtocolOptions": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicitHttpConfig": {"http2ProtocolOptions": {}},
            }
        },
        "upstreamConnectionOptions": {
            "tcpKeepalive": {"keepaliveProbes": 3, "keepaliveTime": 10, "keepaliveInterval": 10}
        },
    }


def is_ip(host: str) -> bool:
    """Whether a host is an address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _base64(pem: str) -> str:
    return base64.b64encode(pem.encode()).decode()
