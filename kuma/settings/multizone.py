"""Settings of the sync between zones and a global control plane."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from attrs import frozen

from kuma.schema import UInt32, Violation, field
from kuma.settings.words import Port, TlsVersion, not_negative, positive, tls


@frozen
class Watchdog:
    """When changes travel."""

    flush_interval: timedelta = timedelta(seconds=1)
    full_resync_interval: timedelta = timedelta(seconds=1)
    delay_full_resync: bool = False

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "flush_interval", "full_resync_interval")


@frozen
class ZoneHealthCheck:
    """When a silent zone counts as gone."""

    poll_interval: timedelta = timedelta()
    timeout: timedelta = timedelta()
    close_stale_conn: bool = False

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        if bool(self.timeout) != bool(self.poll_interval):
            yield Violation("timeout", "timeout and pollInterval must both be set, or none of them")
        yield from not_negative(self, "timeout", "poll_interval")


@frozen
class KdsTracing:
    """Traces of the sync."""

    enabled: bool = True


@frozen
class SyncedLabels:
    """Labels that do not travel."""

    skip_prefixes: tuple[str, ...] = ()


@frozen
class KdsServer:
    """The server that zones connect to."""

    grpc_port: Port = 5685
    zone_insight_flush_interval: timedelta = timedelta(seconds=10)
    tls_enabled: bool = True
    tls_cert_file: str = ""
    tls_key_file: str = ""
    tls_min_version: TlsVersion = "TLSv1_2"
    tls_max_version: TlsVersion = ""
    tls_cipher_suites: tuple[str, ...] = ()
    max_msg_size: UInt32 = 10485760
    msg_send_timeout: timedelta = timedelta(seconds=60)
    nack_backoff: timedelta = timedelta(seconds=5)
    response_backoff: timedelta = timedelta()
    log_payloads: bool = False
    event_based_watchdog: Watchdog = field(factory=Watchdog)
    zone_health_check: ZoneHealthCheck = field(factory=ZoneHealthCheck)
    tracing: KdsTracing = field(factory=KdsTracing)
    labels: SyncedLabels = field(factory=SyncedLabels)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from tls(self)
        yield from positive(self, "zone_insight_flush_interval", "msg_send_timeout")
        yield from not_negative(self, "nack_backoff", "response_backoff")


@frozen
class Global:
    """The global control plane."""

    kds: KdsServer = field(factory=KdsServer)


@frozen
class KdsClient:
    """The connection to the global control plane."""

    tls_skip_verify: bool = False
    root_ca_file: str = ""
    max_msg_size: UInt32 = 10485760
    msg_send_timeout: timedelta = timedelta(seconds=60)
    nack_backoff: timedelta = timedelta(seconds=5)
    response_backoff: timedelta = timedelta()
    log_payloads: bool = False
    event_based_watchdog: Watchdog = field(factory=Watchdog)
    labels: SyncedLabels = field(factory=SyncedLabels)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from positive(self, "msg_send_timeout")
        yield from not_negative(self, "nack_backoff", "response_backoff")


@frozen
class Zone:
    """This zone."""

    name: str = "default"
    global_address: str = ""
    kds: KdsClient = field(factory=KdsClient)
    disable_origin_label_validation: bool = False

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        if not re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", self.name):
            yield Violation("name", f'Zone name "{self.name}" has to be a valid RFC1035 DNS label')
        if self.global_address and urlsplit(self.global_address).scheme not in ("grpc", "grpcs"):
            yield Violation("globalAddress", "must be a URL with the scheme grpc or grpcs")


@frozen
class Multizone:
    """Zones under a global control plane."""

    global_: Global = field(factory=Global, json="global")
    zone: Zone = field(factory=Zone)
