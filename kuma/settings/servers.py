"""Settings of the servers that proxies, tools and other instances talk to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from attrs import frozen

from kuma.schema import UInt32, Violation, field
from kuma.settings.api import TokenValidator
from kuma.settings.words import MeshedPublicKey, Port, TlsVersion, address, not_negative, positive, said, tls


@frozen
class BootstrapParams:
    """Values of the bootstrap config."""

    admin_address: str = "127.0.0.1"
    admin_port: Port = 9901
    envoy_admin_unix_socket: bool = True
    readiness_port: Port = 9902
    admin_access_log_path: str = "/dev/null"
    xds_host: str = ""
    xds_port: Port = 0
    xds_connect_timeout: timedelta = timedelta(seconds=1)
    xds_grpc_max_receive_message_bytes: UInt32 = 4194304

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from address(self.admin_address, "adminAddress")
        yield from said(self, "admin_access_log_path")
        yield from not_negative(self, "xds_connect_timeout")
        yield from positive(self, "xds_grpc_max_receive_message_bytes")


@frozen
class BootstrapServer:
    """What starting proxies are told."""

    params: BootstrapParams = field(factory=BootstrapParams)


@frozen
class XdsServer:
    """How proxies are kept up to date."""

    dataplane_configuration_refresh_interval: timedelta = timedelta(seconds=1)
    dataplane_status_flush_interval: timedelta = timedelta(seconds=10)
    dataplane_deregistration_delay: timedelta = timedelta(seconds=10)
    nack_backoff: timedelta = timedelta(seconds=5)
    policy_matching_cache_size: int = 10000

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "dataplane_configuration_refresh_interval", "dataplane_status_flush_interval")
        yield from not_negative(self, "policy_matching_cache_size", "dataplane_deregistration_delay", "nack_backoff")


@frozen
class MonitoringAssignmentServer:
    """The server that tells Prometheus what to scrape."""

    enabled: bool = True
    port: Port = 5676
    default_fetch_timeout: timedelta = timedelta(seconds=30)
    api_versions: tuple[str, ...] = ("v1",)
    assignment_refresh_interval: timedelta = timedelta(seconds=1)
    tls_enabled: bool = False
    tls_cert_file: str = ""
    tls_key_file: str = ""
    tls_min_version: TlsVersion = "TLSv1_2"
    tls_max_version: TlsVersion = ""
    tls_cipher_suites: tuple[str, ...] = ()

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        if self.enabled and set(self.api_versions) != {"v1"}:
            yield Violation("apiVersions", "must be v1")
        if self.enabled:
            yield from positive(self, "assignment_refresh_interval")
        yield from tls(self)


@frozen
class Diagnostics:
    """Health, readiness and metrics of the process itself."""

    server_port: Port = 5680
    debug_endpoints: bool = False
    tls_enabled: bool = False
    tls_cert_file: str = ""
    tls_key_file: str = ""
    tls_min_version: TlsVersion = "TLSv1_2"
    tls_max_version: TlsVersion = ""
    tls_cipher_suites: tuple[str, ...] = ()

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from tls(self)


@frozen
class DpTokenValidator:
    """Which keys of dataplane tokens are believed."""

    use_secrets: bool = True
    public_keys: tuple[MeshedPublicKey, ...] = ()


@frozen
class DpTokens:
    """Dataplane tokens: issued here, and believed."""

    enable_issuer: bool = True
    validator: DpTokenValidator = field(factory=DpTokenValidator)


@frozen
class DpProxyAuthn:
    """How dataplanes prove who they are."""

    type: str = ""
    dp_token: DpTokens = field(factory=DpTokens)


@frozen
class ZoneTokens:
    """Zone tokens: issued here, and believed."""

    enable_issuer: bool = True
    validator: TokenValidator = field(factory=TokenValidator)


@frozen
class ZoneProxyAuthn:
    """How zone proxies prove who they are."""

    type: str = ""
    zone_token: ZoneTokens = field(factory=ZoneTokens)


@frozen
class DpAuthn:
    """How proxies prove who they are."""

    dp_proxy: DpProxyAuthn = field(factory=DpProxyAuthn)
    zone_proxy: ZoneProxyAuthn = field(factory=ZoneProxyAuthn)
    enable_reloadable_tokens: bool = False


@frozen
class HdsCheck:
    """What such a check is where a dataplane does not say."""

    timeout: timedelta = timedelta(seconds=2)
    interval: timedelta = timedelta(seconds=1)
    no_traffic_interval: timedelta = timedelta(seconds=1)
    healthy_threshold: UInt32 = 1
    unhealthy_threshold: UInt32 = 1

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "timeout", "interval", "no_traffic_interval")


@frozen
class Hds:
    """Health checks that proxies make for us."""

    enabled: bool = True
    interval: timedelta = timedelta(seconds=5)
    refresh_interval: timedelta = timedelta(seconds=10)
    check_defaults: HdsCheck = field(factory=HdsCheck)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "interval", "refresh_interval")


@frozen
class DpServer:
    """The servers that proxies talk to: bootstrap over HTTP, ADS and HDS over gRPC."""

    port: Port = 5678
    tls_cert_file: str = ""
    tls_key_file: str = ""
    tls_min_version: TlsVersion = "TLSv1_2"
    tls_max_version: TlsVersion = ""
    tls_cipher_suites: tuple[str, ...] = ()
    read_header_timeout: timedelta = timedelta(seconds=5)
    graceful_shutdown_timeout: timedelta = timedelta(seconds=10)
    authn: DpAuthn = field(factory=DpAuthn)
    hds: Hds = field(factory=Hds)
    grpc_port: Port = 5684

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from tls(self)
        yield from not_negative(self, "read_header_timeout", "graceful_shutdown_timeout")


@frozen
class Catalog:
    """The list of instances."""

    instance_address: str = ""
    instance_version: str = ""
    heartbeat_interval: timedelta = timedelta(seconds=5)
    writer_interval: timedelta = timedelta(seconds=15)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "heartbeat_interval", "writer_interval")


@frozen
class InterCpServer:
    """The server that other instances call."""

    port: Port = 5683
    tls_min_version: TlsVersion = "TLSv1_2"
    tls_max_version: TlsVersion = ""
    tls_cipher_suites: tuple[str, ...] = ()

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from tls(self)


@frozen
class InterCp:
    """How instances of one control plane talk."""

    catalog: Catalog = field(factory=Catalog)
    server: InterCpServer = field(factory=InterCpServer)
