"""What every control plane stands on, whatever its mode: store, rules, certificate, instance, clock."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen
from prometheus_client import CollectorRegistry, Gauge
from twisted.application.service import MultiService, Service

from certs.server import ServerCertificate, TlsContext, TlsWords
from kuma.admission import Resources, Rules
from kuma.bringup import ClusterId
from kuma.clock import Clock, SystemClock
from kuma.kinds import KINDS
from kuma.labels import Where
from kuma.lag import Lag
from kuma.levels import Levels
from kuma.peers.calls import Calls
from kuma.peers.catalog import Peer
from kuma.peers.instances import Instances, Standing
from kuma.peers.server import Handlers
from kuma.rest.diagnostics import Diagnostics
from kuma.rest.plain import PlainServer
from kuma.rest.plain import Where as Listening
from kuma.rest.service import Parts, rest_api
from kuma.settings import Settings
from kuma.settings.database import database_of
from kuma.store.api import Store
from kuma.store.leader import AloneLock, Lock, PostgresLock
from kuma.store.memory import MemoryStore
from kuma.store.migrate import check
from kuma.store.postgres import PostgresStore
from kuma.tasks import Backoff

GLOBAL = "Global"  # what stands for a zone in series of a global control plane
LONGEST_RETRY = 10.0  # seconds between tries to write what others write too


@frozen
class Plane:
    """The common parts of one control plane process."""

    settings: Settings
    store: Store
    lock: Lock
    reactor: Any
    instance_id: str
    levels: Levels
    clock: Clock = field(factory=SystemClock)
    registry: CollectorRegistry = field(factory=CollectorRegistry)

    @property
    def resources(self) -> Resources:
        """Writing with rules, for the control plane itself."""
        metrics, zone = self.settings.metrics, self.settings.multizone.zone
        where = Where(
            self.settings.mode,
            zone.name if self.settings.mode == "zone" else "",
            self.settings.environment,
            self.settings.federated,
            not zone.disable_origin_label_validation,
        )
        upsert = self.settings.store.upsert
        rules = Rules(
            self.settings.store.unsafe_delete,
            metrics.dataplane.subscription_limit,
            metrics.zone.subscription_limit,
            upsert.conflict_retry_max_times,
        )
        base = upsert.conflict_retry_base_backoff.total_seconds()
        retries = Backoff(base, LONGEST_RETRY, upsert.conflict_retry_jitter_percent / 100)
        return Resources(self.store, where, self.clock, rules, retries=retries)

    def tls(self, server: Any) -> TlsContext:
        """The TLS of one of the servers in the settings."""
        words = TlsWords(server.tls_min_version, server.tls_max_version, server.tls_cipher_suites)
        return TlsContext(certificate(server), words)

    @property
    def calls(self) -> Calls:
        """Asking other instances."""
        return Calls(self.store, self.settings.multizone.global_.kds.max_msg_size)

    def leading(self, make: Callable[[], Service], handlers: Handlers = ()) -> Instances:
        """What runs on the leader only, and what each instance is to the others; `handlers` answer their calls."""
        settings = self.settings.inter_cp
        address, version = settings.catalog.instance_address, settings.catalog.instance_version
        own = Peer(self.instance_id, address, settings.server.port, version=version)
        standing = Standing(self.resources, self.lock, own, self.calls, settings.catalog)
        instances = Instances(standing, make, handlers)
        leads = Gauge("leader", "Whether this instance leads.", ("zone",), registry=self.registry)
        where = self.settings.multizone.zone.name if self.settings.mode == "zone" else GLOBAL
        leads.labels(where).set_function(lambda: float(instances.leading))
        return instances

    def front(self, unready: Callable[[], tuple[str, ...]], **more: Any) -> MultiService:
        """What users talk to: the REST API, and the diagnostics beside it."""
        front = MultiService()
        by_users = evolve(self.resources, by_users=True)
        cluster_id = ClusterId(self.store, self.clock)
        cluster_id.setServiceParent(front)
        Lag(self.registry, self.clock).setServiceParent(front)
        parts = Parts(by_users, self.clock, self.instance_id, cluster_id, **more)
        rest_api(self.settings, parts, self.reactor).setServiceParent(front)
        told = self.settings.diagnostics
        diagnostics = Diagnostics(unready, self.registry, self.levels, told.debug_endpoints)
        where = Listening(told.server_port, tls=self.tls(told) if told.tls_enabled else None)
        PlainServer("diagnostics", diagnostics.answer, where, self.reactor).setServiceParent(front)
        return front


def certificate(server: Any) -> ServerCertificate:
    """The certificate of one of the servers in the settings."""
    return ServerCertificate(Path(server.tls_cert_file), Path(server.tls_key_file))


def plane(settings: Settings, reactor: Any, levels: Levels) -> Plane:
    """The common parts as the settings say. Raises NotMigrated, psycopg2.Error when the database is not fit."""
    instance_id = f"{socket.gethostname()}-{secrets.token_hex(2)}"
    if settings.store.type == "memory":
        return Plane(settings, MemoryStore(), AloneLock(), reactor, instance_id, levels)
    database = database_of(settings.store.postgres)
    check(database.dsn, settings.store.postgres.tolerate_newer_db_versions)
    lock = PostgresLock(database, instance_id)
    return Plane(settings, PostgresStore(database, KINDS), lock, reactor, instance_id, levels)
