"""Envoy's metrics: those that were chosen, told of services rather than of the clusters that Envoy made of them."""

from __future__ import annotations

import re

from attrs import field, frozen

from kuma.cli.dp.metrics.exposition import As
from kuma.cli.dp.metrics.profiles import Choice

MESH_TRAFFIC = b'kuma_io_mesh_traffic="true"'

CLUSTER = re.compile(rb'(?:^|,)envoy_cluster_name="([^"]*)"')
PART = re.compile(rb"-[0-9a-f]{16}\Z")  # a service that routes split is several clusters, each with its hash
OWN = re.compile(rb"kuma[_:]|system_|_")  # clusters of the proxy itself

SYSTEM = re.compile(
    rb'(?:^|,)(?:envoy_cluster_name|envoy_http_conn_manager_prefix|envoy_listener_address)="'
    rb'(?:system_|_|(?:ads_cluster|access_log_sink|kuma:envoy:admin|kuma:metrics:hijacker)")'
)


@frozen
class Traffic:
    """What is told of Envoy's metrics."""

    choice: Choice
    more: As = field(factory=As)

    def keeps(self, name: bytes) -> bool:
        """Whether the family of this name was chosen."""
        return self.choice.has(name.decode())

    def labelled(self, labels: bytes) -> bytes | None:
        """None for what is hidden."""
        return None if self.hides(labels) else self.more.labelled(of_services(labels))

    def hides(self, labels: bytes) -> bool:
        """Whether this is what the proxy does on its own behalf, where only the mesh's traffic was asked for."""
        return self.choice.traffic_only and SYSTEM.search(labels) is not None


def of_services(labels: bytes) -> bytes:
    """The clusters into which a service was split become one, and what is traffic of the mesh is marked."""
    found = CLUSTER.search(labels)
    if found is None:
        return labels
    part = PART.search(found[1])
    if part is not None:
        labels = labels[: found.start(1) + part.start()] + labels[found.end(1) :]
    return labels if OWN.match(found[1]) else labels + b"," + MESH_TRAFFIC
