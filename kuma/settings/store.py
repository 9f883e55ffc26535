"""Settings of the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from attrs import frozen

from kuma.schema import UInt32, Violation, field
from kuma.settings.words import Port, not_negative, pair, said


@frozen
class PostgresTls:
    """How the connection to Postgres is protected."""

    mode: Literal["disable", "verifyNone", "verifyCa", "verifyFull"] = "disable"
    cert_path: str = ""
    key_path: str = ""
    ca_path: str = ""
    disable_sslsni: bool = field(default=False, json="disableSSLSNI")

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        if self.mode in ("verifyCa", "verifyFull") and not self.ca_path:
            yield Violation("caPath", f"CAPath cannot be empty when mode is {self.mode}")
        yield from pair(self.cert_path, self.key_path, "certPath", "keyPath")


@frozen
class ReadReplica:
    """A replica that takes a share of the reading; none where the host is empty."""

    host: str = ""
    port: Port = 5432
    ratio: UInt32 = field(default=100, le=100)


@frozen
class Postgres:
    """The Postgres database, and how it is reached."""

    host: str = "127.0.0.1"
    port: Port = 15432
    user: str = "kuma"
    password: str = field(default="kuma", repr=False)
    db_name: str = "kuma"
    driver_name: str = "pgx"
    connection_timeout: int = 5
    max_connection_idle_time: timedelta = timedelta(minutes=30)
    max_connection_lifetime: timedelta = timedelta(hours=1)
    max_connection_lifetime_jitter: timedelta = timedelta(minutes=1)
    health_check_interval: timedelta = timedelta(seconds=30)
    min_open_connections: int = 0
    max_open_connections: int = 50
    max_idle_connections: int = 50
    tls: PostgresTls = field(factory=PostgresTls)
    max_list_query_elements: UInt32 = 0
    read_replica: ReadReplica = field(factory=ReadReplica)
    tolerate_newer_db_versions: bool = field(default=False, json="tolerateNewerDBVersions")

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        lifetimes = ("max_connection_lifetime", "max_connection_lifetime_jitter", "max_connection_idle_time")
        yield from not_negative(self, *lifetimes, "health_check_interval", "connection_timeout")
        yield from not_negative(self, "min_open_connections", "max_open_connections")
        if 0 < self.max_open_connections < self.min_open_connections:
            yield Violation("minOpenConnections", "must not be greater than maxOpenConnections")
        if self.max_connection_lifetime_jitter > self.max_connection_lifetime:
            yield Violation("maxConnectionLifetimeJitter", "must not be greater than maxConnectionLifetime")


@frozen
class KubernetesStore:
    """The Kubernetes API server as a store."""

    system_namespace: str = "kuma-system"


@frozen
class Cache:
    """What is remembered of a store."""

    enabled: bool = True
    expiration_time: timedelta = timedelta(seconds=1)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from not_negative(self, "expiration_time")


@frozen
class Upsert:
    """How a write that met another one is tried again."""

    conflict_retry_base_backoff: timedelta = timedelta(milliseconds=200)
    conflict_retry_max_times: UInt32 = 10
    conflict_retry_jitter_percent: UInt32 = 30


@frozen
class Store:
    """Where resources are kept."""

    type: Literal["memory", "postgres", "kubernetes"] = "memory"
    postgres: Postgres = field(factory=Postgres)
    kubernetes: KubernetesStore = field(factory=KubernetesStore)
    cache: Cache = field(factory=Cache)
    upsert: Upsert = field(factory=Upsert)
    unsafe_delete: bool = False

    @property
    def system_namespace(self) -> str:
        """Where the control plane's own objects lie on Kubernetes; empty elsewhere."""
        return self.kubernetes.system_namespace if self.type == "kubernetes" else ""

    def violations(self) -> Iterator[Violation]:
        """What is missing of the store that is used."""
        if self.type == "postgres":
            for violation in said(self.postgres, "host", "user", "password", "db_name"):
                yield violation.under("postgres")
