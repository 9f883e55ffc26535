"""All settings of a control plane, as one tree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from attrs import fields, frozen

from kuma.labels import is_reserved
from kuma.schema import UInt32, Violation, field
from kuma.settings.access import Access
from kuma.settings.api import ApiServer
from kuma.settings.multizone import Multizone
from kuma.settings.runtime import Runtime
from kuma.settings.servers import BootstrapServer, Diagnostics, DpServer, InterCp, MonitoringAssignmentServer, XdsServer
from kuma.settings.store import Store
from kuma.settings.words import Port, TlsVersion, network, not_negative, positive, tls


@frozen
class General:
    """What holds for the whole process."""

    dns_cache_ttl: timedelta = field(default=timedelta(seconds=10), json="dnsCacheTTL")
    tls_cert_file: str = ""
    tls_key_file: str = ""
    tls_min_version: TlsVersion = "TLSv1_2"
    tls_max_version: TlsVersion = ""
    tls_cipher_suites: tuple[str, ...] = ()
    work_dir: str = ""
    resilient_component_base_backoff: timedelta = timedelta(seconds=5)
    resilient_component_max_backoff: timedelta = timedelta(minutes=1)
    cert_generation_base_backoff: timedelta = timedelta(seconds=5)
    cert_generation_max_backoff: timedelta = timedelta(minutes=5)
    cert_generation_circuit_breaker_min_proxies: int = 10

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from tls(self)
        yield from positive(self, "resilient_component_base_backoff", "resilient_component_max_backoff")
        yield from positive(self, "cert_generation_base_backoff", "cert_generation_max_backoff")


@frozen
class Defaults:
    """What is created at the first start."""

    skip_mesh_creation: bool = False
    skip_tenant_resources: bool = False
    skip_hostname_generators: bool = field(default=False, json="SkipHostnameGenerators")


@frozen
class DataplaneMetrics:
    """Insights of proxies."""

    subscription_limit: int = 2
    idle_timeout: timedelta = timedelta(minutes=5)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from not_negative(self, "subscription_limit")
        yield from positive(self, "idle_timeout")


@frozen
class ZoneMetrics:
    """Insights of zones."""

    subscription_limit: int = 10
    idle_timeout: timedelta = timedelta(minutes=5)
    compact_finished_subscriptions: bool = False

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from not_negative(self, "subscription_limit")
        yield from positive(self, "idle_timeout")


@frozen
class MeshMetrics:
    """Insights of meshes."""

    buffer_size: int = 1000
    min_resync_interval: timedelta = timedelta(seconds=1)
    full_resync_interval: timedelta = timedelta(seconds=20)
    event_processors: int = 1

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "min_resync_interval", "full_resync_interval", "event_processors")


@frozen
class ControlPlaneMetrics:
    """The control plane's own metrics."""

    report_resources_count: bool = True


@frozen
class OpenTelemetryMetrics:
    """Metrics sent by OpenTelemetry."""

    enabled: bool = True


@frozen
class Metrics:
    """What is counted and reported."""

    dataplane: DataplaneMetrics = field(factory=DataplaneMetrics)
    zone: ZoneMetrics = field(factory=ZoneMetrics)
    mesh: MeshMetrics = field(factory=MeshMetrics)
    control_plane: ControlPlaneMetrics = field(factory=ControlPlaneMetrics)
    open_telemetry: OpenTelemetryMetrics = field(factory=OpenTelemetryMetrics)


@frozen
class Reports:
    """Usage reports."""

    enabled: bool = False


@frozen
class DnsServer:
    """Names of services."""

    domain: str = "mesh"
    service_vip_port: Port = 80

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        if self.domain.startswith("."):
            yield Violation("domain", "domain must not start with a dot")


@frozen
class OpenTelemetryTracing:
    """Traces sent by OpenTelemetry."""

    enabled: bool = False
    endpoint: str = ""


@frozen
class Tracing:
    """Traces of the control plane itself."""

    open_telemetry: OpenTelemetryTracing = field(factory=OpenTelemetryTracing)


@frozen
class EventBus:
    """Events inside one instance."""

    buffer_size: UInt32 = 100


@frozen
class Policies:
    """Which policies there are."""

    plugin_policies_enabled: tuple[str, ...] = (
        "meshaccesslogs",
        "meshcircuitbreakers",
        "meshfaultinjections",
        "meshhealthchecks",
        "meshhttproutes",
        "meshloadbalancingstrategies",
        "meshmetrics",
        "meshpassthroughs",
        "meshproxypatches",
        "meshratelimits",
        "meshretries",
        "meshtcproutes",
        "meshtimeouts",
        "meshtlses",
        "meshtraces",
        "meshtrafficpermissions",
    )


@frozen
class StatusIntervals:
    """How often statuses are computed anew where no change asks for it."""

    mesh_multi_zone_service_interval: timedelta = timedelta(seconds=5)
    mesh_service_interval: timedelta = timedelta(seconds=5)
    mesh_identity_interval: timedelta = timedelta(seconds=5)
    workload_interval: timedelta = timedelta(seconds=5)
    mesh_open_telemetry_backend_interval: timedelta = timedelta(seconds=5)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, *(attribute.name for attribute in fields(StatusIntervals)))


@frozen
class CoreResources:
    """Which kinds there are."""

    enabled: tuple[str, ...] = (
        "hostnamegenerators",
        "meshexternalservices",
        "meshidentities",
        "meshmultizoneservices",
        "meshopentelemetrybackends",
        "meshservices",
        "meshtrusts",
        "meshzoneaddresses",
        "workloads",
    )
    status: StatusIntervals = field(factory=StatusIntervals)


@frozen
class AddressRange:
    """Where addresses come from."""

    cidr: str = "241.0.0.0/8"

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from network(self.cidr, "cidr")


@frozen
class Ipam:
    """Addresses for services."""

    mesh_service: AddressRange = field(factory=AddressRange)
    mesh_external_service: AddressRange = field(factory=lambda: AddressRange(cidr="242.0.0.0/8"))
    mesh_multi_zone_service: AddressRange = field(factory=lambda: AddressRange(cidr="243.0.0.0/8"))
    allocation_interval: timedelta = timedelta(seconds=5)
    known_internal_cidrs: tuple[str, ...] = field(
        default=("10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12", "fc00::/7", "fd00::/8", "127.0.0.1/32", "::1/128"),
        json="knownInternalCIDRs",
    )

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "allocation_interval")
        for index, cidr in enumerate(self.known_internal_cidrs):
            yield from network(cidr, f"knownInternalCIDRs[{index}]")


@frozen
class LabelPropagation:
    """Labels that generated resources inherit."""

    enabled: bool = False
    allowed_label_keys: tuple[str, ...] = ()

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        for index, key in enumerate(self.allowed_label_keys):
            if is_reserved(key):
                yield Violation(f"allowedLabelKeys[{index}]", f"reserved label key {key!r}")


@frozen
class MeshServices:
    """MeshServices made from dataplanes."""

    generation_interval: timedelta = timedelta(seconds=2)
    deletion_grace_period: timedelta = timedelta(hours=1)
    label_propagation: LabelPropagation = field(factory=LabelPropagation)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "generation_interval")
        yield from not_negative(self, "deletion_grace_period")


@frozen
class Experimental:
    """What may go away again: nothing at present."""


@frozen
class Settings:
    """Everything that a control plane can be told."""

    general: General = field(factory=General)
    environment: Literal["universal", "kubernetes"] = "universal"
    mode: Literal["zone", "global"] = "zone"
    store: Store = field(factory=Store)
    bootstrap_server: BootstrapServer = field(factory=BootstrapServer)
    xds_server: XdsServer = field(factory=XdsServer)
    monitoring_assignment_server: MonitoringAssignmentServer = field(factory=MonitoringAssignmentServer)
    api_server: ApiServer = field(factory=ApiServer)
    runtime: Runtime = field(factory=Runtime)
    defaults: Defaults = field(factory=Defaults)
    metrics: Metrics = field(factory=Metrics)
    reports: Reports = field(factory=Reports)
    multizone: Multizone = field(factory=Multizone)
    dns_server: DnsServer = field(factory=DnsServer)
    diagnostics: Diagnostics = field(factory=Diagnostics)
    dp_server: DpServer = field(factory=DpServer)
    access: Access = field(factory=Access)
    inter_cp: InterCp = field(factory=InterCp)
    experimental: Experimental = field(factory=Experimental)
    tracing: Tracing = field(factory=Tracing)
    event_bus: EventBus = field(factory=EventBus)
    policies: Policies = field(factory=Policies)
    core_resources: CoreResources = field(factory=CoreResources)
    ipam: Ipam = field(factory=Ipam)
    mesh_service: MeshServices = field(factory=MeshServices)

    @property
    def federated(self) -> bool:
        """Whether this is a zone under a global control plane."""
        return self.mode == "zone" and bool(self.multizone.zone.global_address) and bool(self.multizone.zone.name)

    def violations(self) -> Iterator[Violation]:
        """What parts say that does not go together."""
        if self.mode == "global" and self.environment == "kubernetes":
            yield Violation("environment", "a global control plane runs in the universal environment only")
        if self.mode == "global" and self.store.type == "kubernetes":
            yield Violation("store.type", "a global control plane can't use Kubernetes as its store")
        if self.mode == "zone" and self.environment == "kubernetes":
            for violation in self.runtime.kubernetes.missing():
                yield violation.under("runtime.kubernetes")
