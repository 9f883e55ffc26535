"""What the resources of a config say of each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kuma.envoy import api, names
from kuma.xds.config import Config
from zone_cp.generate import CDS, EDS, LDS, SDS

ROOTS = {CDS: "Cluster", EDS: "ClusterLoadAssignment", LDS: "Listener", SDS: "Secret"}
CLUSTERS = ("cluster", "clusterName", "collectorCluster")  # fields of many messages, all with a cluster's name
BY_ADS = "sdsConfig"
SHUT = frozenset(names.passthrough("outbound", version) for version in (4, 6))
"""Where a MeshPassthrough lets nothing out, by taking away the cluster: Envoy closes connections that lead to none."""


def documents(config: Config, url: str) -> dict[str, Any]:
    """All resources of one type, by name."""
    message = getattr(api, ROOTS[url])
    return {name: api.document(message.FromString(packed.body)) for name, packed in config.resources(url).items()}


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object that is somewhere in a document."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from objects(one)


def clusters_named(value: Any) -> frozenset[str]:
    """The clusters that a document sends something to."""
    every = list(objects(value))
    plain = (one[key] for one in every for key in CLUSTERS if isinstance(one.get(key), str))
    weighted = (way["name"] for one in every for way in one.get("weightedClusters", {}).get("clusters", ()))
    return frozenset([*plain, *weighted])


def secrets_named(value: Any) -> frozenset[str]:
    """The secrets that a document waits for."""
    return frozenset(one["name"] for one in objects(value) if BY_ADS in one)


def problems(config: Config) -> Iterator[str]:
    """What is named and not there, and what is there and never named."""
    listeners, clusters = documents(config, LDS), documents(config, CDS)
    called = clusters_named(listeners)
    assigned = frozenset(name for name, one in clusters.items() if one.get("type") == "EDS")
    yield from (f"no cluster {name}" for name in called - clusters.keys() - SHUT)
    yield from (f"no secret {name}" for name in secrets_named([listeners, clusters]) - documents(config, SDS).keys())
    yield from (f"no assignment {name}" for name in assigned - documents(config, EDS).keys())
    yield from (f"no cluster for the assignment {name}" for name in documents(config, EDS).keys() - assigned)
    yield from (f"unused cluster {name}" for name in clusters.keys() - called if name.startswith("kri_"))


def twice(config: Config) -> list[str]:
    """The names that two layers of a type have in common."""
    names = [name for layers in config.by_type.values() for one in layers for name in one.resources]
    per_type = sum(len(config.resources(url)) for url in config.by_type)
    return [] if len(names) == per_type else sorted(name for name in set(names) if names.count(name) > 1)
