"""Settings of proxies in Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from attrs import frozen
from frozendict import frozendict

from kuma.schema import Int32, Violation, field
from kuma.settings.words import Port, positive, said


@frozen
class AdmissionServer:
    """The webhooks that the API server asks."""

    address: str = ""
    port: Port = 5443
    cert_dir: str = ""


@frozen
class ReadinessProbe:
    """When a sidecar counts as ready."""

    initial_delay_seconds: Int32 = 1
    timeout_seconds: Int32 = 3
    period_seconds: Int32 = 5
    success_threshold: Int32 = 1
    failure_threshold: Int32 = 12


@frozen
class Probe:
    """When a sidecar counts as alive."""

    initial_delay_seconds: Int32 = 60
    timeout_seconds: Int32 = 3
    period_seconds: Int32 = 5
    failure_threshold: Int32 = 12


@frozen
class Quantities:
    """An amount of CPU and memory."""

    cpu: str = "50m"
    memory: str = "64Mi"


@frozen
class ContainerResources:
    """What a container asks for, and may take."""

    requests: Quantities = field(factory=Quantities)
    limits: Quantities = field(factory=lambda: Quantities(cpu="0", memory="512Mi"))


@frozen
class SidecarContainer:
    """The container that runs the proxy."""

    image: str = "kuma/kuma-dp:latest"
    uid: int = 5678
    gid: int = 5678
    drain_time: timedelta = timedelta(seconds=30)
    readiness_probe: ReadinessProbe = field(factory=ReadinessProbe)
    liveness_probe: Probe = field(factory=Probe)
    startup_probe: Probe = field(factory=lambda: Probe(initial_delay_seconds=1))
    resources: ContainerResources = field(factory=ContainerResources)
    env_vars: frozendict[str, str] = frozendict()
    redirect_port_inbound: Port = 15006
    ip_family_mode: Literal["", "ipv4", "dualstack"] = "dualstack"
    redirect_port_outbound: Port = 15001
    wait_for_dataplane_ready: bool = False

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from said(self, "image")
        yield from positive(self, "drain_time")


@frozen
class InitContainer:
    """The container that sets up traffic redirection."""

    image: str = "kuma/kuma-init:latest"
    resources: ContainerResources = field(
        factory=lambda: ContainerResources(requests=Quantities("20m", "20M"), limits=Quantities("0", "50M"))
    )


@frozen
class ValidationContainer:
    """The container that checks what the CNI has set up."""

    resources: ContainerResources = field(
        factory=lambda: ContainerResources(requests=Quantities("20m", "20M"), limits=Quantities("0", "50M"))
    )


@frozen
class SidecarTraffic:
    """What traffic is left alone."""

    exclude_inbound_ports: tuple[Port, ...] = ()
    exclude_outbound_ports: tuple[Port, ...] = ()
    exclude_inbound_ips: tuple[str, ...] = field(default=(), json="excludeInboundIPs")
    exclude_outbound_ips: tuple[str, ...] = field(default=(), json="excludeOutboundIPs")


@frozen
class Exceptions:
    """Pods that get no sidecar, by their labels."""

    labels: frozendict[str, str] = frozendict(
        {"openshift.io/build.name": "*", "openshift.io/deployer-pod-for.name": "*"}
    )


@frozen
class BuiltinDns:
    """The DNS in the sidecar."""

    enabled: bool = True
    port: Port = 15053


@frozen
class InjectedSpire:
    """The SPIRE agent's socket in pods."""

    enabled: bool = False
    mount_path: str = "/run/spire/sockets"
    socket_file_name: str = "socket"


@frozen
class Injector:
    """What is put into pods."""

    sidecar_container: SidecarContainer = field(factory=SidecarContainer)
    init_container: InitContainer = field(factory=InitContainer)
    validation_container: ValidationContainer = field(factory=ValidationContainer)
    container_patches: tuple[str, ...] = ()
    cni_enabled: bool = False
    application_probe_proxy_port: Port = 9001
    sidecar_traffic: SidecarTraffic = field(factory=SidecarTraffic)
    exceptions: Exceptions = field(factory=Exceptions)
    ca_cert_file: str = ""
    builtin_dns: BuiltinDns = field(factory=BuiltinDns, json="builtinDNS")
    ignored_service_selector_labels: tuple[str, ...] = ()
    node_labels_to_copy: tuple[str, ...] = (
        "topology.kubernetes.io/zone",
        "topology.kubernetes.io/region",
        "kubernetes.io/hostname",
    )
    transparent_proxy_config_map: str = "kuma-transparent-proxy-config"
    otel_pipe_enabled: bool = True
    spire: InjectedSpire = field(factory=InjectedSpire)


@frozen
class NodeTaintController:
    """Keeping pods off nodes whose CNI is not ready."""

    enabled: bool = False
    cni_app: str = ""
    cni_namespace: str = "kube-system"


@frozen
class ControllersConcurrency:
    """How many objects are looked at side by side."""

    pod_controller: int = 10


@frozen
class ClientConfig:
    """How fast the API server is asked."""

    qps: int = 100
    burst_qps: int = 100


@frozen
class LeaderElection:
    """How the leader is chosen."""

    lease_duration: timedelta = timedelta(seconds=15)
    renew_deadline: timedelta = timedelta(seconds=10)


@frozen
class Kubernetes:
    """Proxies in a Kubernetes cluster."""

    admission_server: AdmissionServer = field(factory=AdmissionServer)
    injector: Injector = field(factory=Injector)
    marshaling_cache_expiration_time: timedelta = timedelta(minutes=5)
    allowed_users: tuple[str, ...] = ()
    control_plane_service_name: str = "kuma-control-plane"
    node_taint_controller: NodeTaintController = field(factory=NodeTaintController)
    controllers_concurrency: ControllersConcurrency = field(factory=ControllersConcurrency)
    client_config: ClientConfig = field(factory=ClientConfig)
    leader_election: LeaderElection = field(factory=LeaderElection)
    skip_mesh_owner_reference: bool = False
    workload_labels: tuple[str, ...] = ()
    disallow_multiple_meshes_per_namespace: bool = False

    def missing(self) -> Iterator[Violation]:
        """What must be said where there is a cluster."""
        if not self.admission_server.cert_dir:
            yield Violation("admissionServer.certDir", "must not be empty")
        if self.node_taint_controller.enabled and not self.node_taint_controller.cni_app:
            yield Violation("nodeTaintController.cniApp", "must not be empty when the controller is enabled")
