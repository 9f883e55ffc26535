"""What one control plane process is to its peers, and how the sync's gRPC is tuned on both ends."""

from __future__ import annotations

from attrs import field, frozen

from kuma.kds.metrics import Metrics

SYNC = "kuma.mesh.v1alpha1.KDSSyncService"
GLOBAL = "kuma.mesh.v1alpha1.GlobalKDSService"

# gRPC metadata that a zone sends with each call
CLIENT_ID = "client-id"
FEATURES = "features"
PINGS = "zone-ping-health"
KDS_VERSION = "v3"


@frozen
class Instance:
    """One process: `<hostname>-<4 hex digits>`, what it counts, and its settings as JSON for the peer's eyes."""

    id: str
    metrics: Metrics = field(factory=Metrics)
    config: str = ""


def tuning(max_message: int) -> list[tuple[str, int]]:
    """gRPC arguments: dead connections are found out, and no message is bigger than agreed."""
    return [
        ("grpc.max_receive_message_length", max_message),
        ("grpc.max_send_message_length", max_message),
        ("grpc.keepalive_time_ms", 15_000),
        ("grpc.keepalive_timeout_ms", 15_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        # the client's pings may come a moment early
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.so_reuseport", 0),  # two control planes on one port are a mistake
    ]
