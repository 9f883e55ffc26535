"""Every name in an Envoy config is made here, so that two parts that mean one thing say one name."""

from __future__ import annotations

import base64
import hashlib
import re

from kuma import sockets
from kuma.model import Kri

CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
LDS = "type.googleapis.com/envoy.config.listener.v3.Listener"
SDS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"

ADMIN = "system_envoy_admin"
READINESS = "system_probe_readiness"
TRUST_BUNDLE = "system_trust_bundle"
DYNAMIC_CONFIG = "system_dynamicconfig"

NO_DESTINATION = "self_transparentproxy_no_destination_inbound"
DIRECT_ACCESS = "direct_access"

TAGS = "io.kuma.tags"
UNIFIED_NAME = "kuma.io/unified-name"
ENVOY_LB = "envoy.lb"
TRANSPORT_SOCKET_MATCH = "envoy.transport_socket_match"

HCM = "envoy.filters.network.http_connection_manager"
TCP_PROXY = "envoy.filters.network.tcp_proxy"
NETWORK_RBAC = "envoy.filters.network.rbac"
HTTP_RBAC = "envoy.filters.http.rbac"
ROUTER = "envoy.filters.http.router"
GRPC_STATS = "envoy.filters.http.grpc_stats"
HTTP_INSPECTOR = "envoy.filters.listener.http_inspector"
ORIGINAL_DST = "envoy.filters.listener.original_dst"
TLS_INSPECTOR = "envoy.filters.listener.tls_inspector"
TLS_SOCKET = "envoy.transport_sockets.tls"
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
SPIFFE_VALIDATOR = "envoy.tls.cert_validator.spiffe"

FILE_LOG = "envoy.access_loggers.file"
OPEN_TELEMETRY_LOG = "envoy.access_loggers.open_telemetry"
LUA = "envoy.filters.http.lua"

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
LONGEST_DNS_NAME = 253


def inbound(section: str) -> str:
    """An inbound's listener, cluster, route config and virtual host; the section is its name, or its port."""
    return f"self_inbound_dp_{section}"


def zone_ingress(section: str) -> str:
    """The listener of a zone proxy that takes other zones' connections; a cluster behind it whose own name is taken."""
    return f"self_zoneingress_dp_{section}"


def zone_egress(section: str) -> str:
    """The listener of a zone proxy through which traffic leaves the mesh; a cluster behind it whose name is taken."""
    return f"self_zoneegress_dp_{section}"


def passthrough(direction: str, version: int) -> str:
    """The listener and cluster for connections to (`outbound`) or from (`inbound`) anywhere, of one IP version."""
    return f"self_transparentproxy_passthrough_{direction}_ipv{version}"


def outside(protocol: str, port: int, value: str = "") -> str:
    """A chain, route config or cluster of what is called outside the mesh; port 0 stands for all."""
    return "_".join(("meshpassthrough", protocol, *filter(None, (value,)), str(port) if port else "*"))


def stat_prefix(name: str) -> str:
    """A name as Envoy's statistics can carry it, where a dot separates."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def system(*parts: str) -> str:
    """Something on a proxy's system side, such as the cluster of a collector, which may be given by its URL."""
    return "_".join(("system", *(re.sub(r"[^a-z0-9_-]", "-", part) for part in parts)))


def socket(workdir: str, base: str) -> str:
    """A Unix socket in the proxy's working directory."""
    return sockets.path(workdir, base)


def sni(destination: Kri) -> str:
    """The server name that leads to a destination through zone proxies; empty where no valid one can be made."""
    name = server_name(destination)
    parts = (destination.mesh, *_place(destination), destination.name, destination.section)
    return name if all(map(DNS_LABEL.fullmatch, parts)) and len(name) <= LONGEST_DNS_NAME else ""


def server_name(destination: Kri) -> str:
    """The same name unchecked, as zone proxies match it: whoever could not make it, can't ask for it."""
    parts = (destination.mesh, *_place(destination), destination.name, destination.section)
    return ".".join(("sni", destination.short, *parts))


def _place(destination: Kri) -> tuple[str, ...]:
    """Zone and namespace; a namespace says nothing without its zone."""
    return tuple(part for part in (destination.zone, destination.namespace) if part) if destination.zone else ()


def matches_hash(matches: str) -> str:
    """The name of a route that stands in no policy: a hash of the JSON of its matches."""
    return base64.b64encode(hashlib.sha256(matches.encode()).digest()).decode()
