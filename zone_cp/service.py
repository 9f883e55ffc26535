"""A zone's control plane: serves its proxies, alone or under a global control plane."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from twisted.application.service import MultiService, Service

from certs.secrets import SigningKeys
from kuma.bringup import Defaults
from kuma.finalizer import Finalizer
from kuma.kds.instance import Instance
from kuma.kds.metrics import Metrics as KdsMetrics
from kuma.meshinsights import MeshInsights
from kuma.mirror import Mirror
from kuma.model import Key
from kuma.plane import Plane, certificate
from kuma.rest.plain import Patience, PlainServer
from kuma.rest.plain import Where as Listening
from kuma.settings import show_redacted, static_keys
from kuma.spiffe import Local
from kuma.tally import Tally
from kuma.tasks import Backoff, Ordered
from zone_cp.addresses import Addresses
from zone_cp.addressing import SEEN as ADDRESSING
from zone_cp.addressing import Addressing, Ledger, pools_of
from zone_cp.admin_tls import AdminCertificates
from zone_cp.admit import Gate
from zone_cp.ads import Ads, Door, House
from zone_cp.bootstrap import Params
from zone_cp.bootstraps import Bootstraps
from zone_cp.breaker import Breaker
from zone_cp.collector import Ages, Collector
from zone_cp.dataplanes import Dataplanes, Leaving, as_brought
from zone_cp.deliveries import ZoneDeliveries
from zone_cp.envoys import ZoneEnvoys
from zone_cp.generate import Workshop
from zone_cp.generated import Writing
from zone_cp.generators import SEEN, Generators
from zone_cp.hds import Hds, Ward
from zone_cp.health import brought_again
from zone_cp.identities import Identities, Terms
from zone_cp.insights import Habits, Insights
from zone_cp.inspection import Inspection
from zone_cp.kds import Here, KdsClient
from zone_cp.meshes import Meshes
from zone_cp.metrics import HealthMetrics, Metrics, watch
from zone_cp.propagation import Propagation
from zone_cp.proxies import Materials, Proxies
from zone_cp.references import KINDS_SEEN, References
from zone_cp.session import Speech
from zone_cp.trust import Trusts

COLLECTION = timedelta(minutes=1)
EVERYWHERE = "[::]"
SHORTEST = 1.0  # seconds between two looks at a name


def zone_control_plane(plane: Plane) -> MultiService:
    """All services of one instance, in the order in which they start."""
    settings, local = plane.settings, Local(plane.settings.multizone.zone.name, plane.settings.environment)
    # a name that is not to be remembered at all would be looked up without a pause
    again = settings.general.dns_cache_ttl.total_seconds() or SHORTEST
    meshes = Meshes(plane.store, local.zone, plane.clock, Addresses(plane.clock, again=again))
    proxies, identities = _proxies(plane, meshes, local)
    ads, parts = _ads(plane, meshes, proxies, local)
    instance = Instance(plane.instance_id, KdsMetrics(plane.registry), json.dumps(show_redacted(settings)))
    envoys = ZoneEnvoys(plane.store, AdminCertificates(plane.store).authority, plane.reactor)
    inspection = Inspection(meshes, plane.store, lambda: proxies.workshop)
    deliveries = ZoneDeliveries(inspection, envoys, ads.refused)
    led = _Led(plane, local, instance, _propagation(plane), Looking(envoys, deliveries))
    root = Ordered()
    for part in (
        *((plane.store,) if isinstance(plane.store, MultiService) else ()),
        plane.leading(led.service),
        meshes,
        identities,
        proxies,
        *parts,
        ads,
        _bootstrap(plane),
        plane.front(
            lambda: () if meshes.ready else ("store",),
            dataplane_config=inspection.config,
            envoys=envoys,
            deliveries=deliveries,
        ),
    ):
        part.setServiceParent(root)
    return root


def _proxies(plane: Plane, meshes: Meshes, local: Local) -> tuple[Proxies, Identities]:
    def renewed(key: Key) -> None:
        proxies.stir(key)

    identities = Identities(plane.store, _terms(plane, local), plane.clock, renewed)
    admin = AdminCertificates(plane.store)
    workshop = Workshop(internal=plane.settings.ipam.known_internal_cidrs)
    materials = Materials(identities.certificate, admin.certificate, workshop)
    proxies = Proxies(meshes, materials, Metrics(plane.registry), plane.clock)
    return proxies, identities


def _terms(plane: Plane, local: Local) -> Terms:
    general = plane.settings.general
    first, most = general.cert_generation_base_backoff, general.cert_generation_max_backoff
    breaker = Breaker(general.cert_generation_circuit_breaker_min_proxies)
    watch(breaker, plane.registry)
    return Terms(local, Backoff(first.total_seconds(), most.total_seconds()), breaker=breaker)


def _ads(plane: Plane, meshes: Meshes, proxies: Proxies, local: Local) -> tuple[Ads, tuple[Service, ...]]:
    settings, xds = plane.settings, plane.settings.xds_server
    leaving = Leaving(plane.instance_id, xds.dataplane_deregistration_delay, proxies.connected)
    again = brought_again if settings.dp_server.hds.enabled else as_brought
    dataplanes = Dataplanes(plane.resources, leaving, plane.clock, again)
    metrics = settings.metrics.dataplane
    habits = Habits(
        plane.instance_id, xds.dataplane_status_flush_interval, metrics.idle_timeout, metrics.subscription_limit
    )
    insights = Insights(plane.resources, habits, plane.calls.living)
    speech = Speech(plane.instance_id, xds.nack_backoff.total_seconds(), plane.clock, proxies.metrics)
    server = settings.dp_server
    door = Door(EVERYWHERE, server.grpc_port, Path(server.tls_cert_file), Path(server.tls_key_file))
    gate = Gate(meshes, _keys(plane), local)
    house = House(gate, proxies, dataplanes, insights, speech)
    return Ads(door, house, _hds(plane, gate, proxies)), (insights, dataplanes)


def _hds(plane: Plane, gate: Gate, proxies: Proxies) -> tuple[Any, ...]:
    """Health discovery, where it is wanted."""
    hds = plane.settings.dp_server.hds
    if not hds.enabled:
        return ()
    ward = Ward(gate, plane.resources, HealthMetrics(plane.registry), proxies.rehearsed)
    return (Hds(ward, hds).handler,)


def _keys(plane: Plane) -> SigningKeys | None:
    """What proxies' tokens are verified with; None where they need none."""
    proxy = plane.settings.dp_server.authn.dp_proxy
    if proxy.type == "none":
        return None
    validator = proxy.dp_token.validator
    return SigningKeys(plane.store, plane.clock, static_keys(validator.public_keys), validator.use_secrets)


def _bootstrap(plane: Plane) -> PlainServer:
    server, params = plane.settings.dp_server, plane.settings.bootstrap_server.params
    shown = certificate(server)
    told = Params(
        xds_port=params.xds_port,
        xds_host=params.xds_host,
        admin_address=params.admin_address,
        admin_port=params.admin_port,
        admin_socket=params.envoy_admin_unix_socket,
        admin_access_log_path=params.admin_access_log_path,
        connect_timeout=params.xds_connect_timeout.total_seconds(),
        max_receive_bytes=params.xds_grpc_max_receive_message_bytes,
        reloadable_tokens=server.authn.enable_reloadable_tokens,
        health_discovery=server.hds.enabled,
    )
    token_required = server.authn.dp_proxy.type != "none"
    bootstraps = Bootstraps(plane.store, told, token_required, lambda: shown.current().certificate)
    where = Listening(server.port, tls=plane.tls(server), patience=Patience(server.read_header_timeout))
    return PlainServer("bootstrap", bootstraps.answer, where, plane.reactor)


@frozen
class Looking:
    """Whoever looks at proxies, for the global control plane too."""

    envoys: ZoneEnvoys
    deliveries: ZoneDeliveries


@frozen
class _Led:
    """Makes what one instance does for the whole zone."""

    plane: Plane
    local: Local
    instance: Instance
    propagation: Propagation
    looking: Looking

    def service(self) -> MultiService:
        led, settings = MultiService(), self.plane.settings
        resources, store, clock = self.plane.resources, self.plane.store, self.plane.clock
        parts: list[Any] = [Defaults(resources, settings, clock), Trusts(store, self.local, clock)]
        if settings.federated:
            parts.append(
                KdsClient(Here(store, clock, self.looking.envoys, self.looking.deliveries), settings, self.instance)
            )
        else:
            parts.append(MeshInsights(resources, clock, settings.metrics.mesh.min_resync_interval))
        for part in (*parts, *self.generators(), *self.cleaners()):
            part.setServiceParent(led)
        return led

    def generators(self) -> list[Any]:
        plane, settings = self.plane, self.plane.settings
        mirror = Mirror(plane.store, dict.fromkeys((*SEEN, *ADDRESSING, *KINDS_SEEN)), plane.clock)
        writing = Writing(plane.resources, plane.clock, settings.mesh_service.generation_interval)
        grace = settings.mesh_service.deletion_grace_period
        makers = Generators(mirror, writing, self.local, grace, self.propagation)
        intervals = settings.core_resources.status
        statuses = (
            makers.status(intervals.mesh_service_interval),
            makers.multizones(intervals.mesh_multi_zone_service_interval),
            References(mirror).service(evolve(writing, interval=intervals.mesh_open_telemetry_backend_interval)),
        )
        made = [makers.services()] if settings.mesh_service.generation_interval else []
        workloads = makers.workloads(settings.runtime.universal.workload.generation_interval)
        addressing = Addressing(mirror, self.local.zone, Ledger(pools_of(settings)))
        named = addressing.service(evolve(writing, interval=settings.ipam.allocation_interval))
        return [mirror, *made, workloads, *statuses, named]

    def cleaners(self) -> list[Any]:
        plane, settings = self.plane, self.plane.settings
        ages = Ages(
            settings.runtime.universal.dataplane_cleanup_age, settings.xds_server.dataplane_deregistration_delay
        )
        idle = settings.metrics.dataplane.idle_timeout
        return [
            Collector(plane.resources, ages, min(COLLECTION, idle), plane.clock),
            Finalizer(plane.resources, "DataplaneInsight", idle, plane.calls.living),
        ]


def _propagation(plane: Plane) -> Propagation:
    said = plane.settings.mesh_service.label_propagation
    dropped = Tally(
        "component_meshservice_generator_dropped_labels_total",
        "Labels of Dataplanes that their service could not take over, each time it looked at them.",
        ("reason",),
        plane.registry,
    )
    return Propagation(said.enabled, said.allowed_label_keys, lambda reason, count: dropped.add(reason, count=count))
