"""A config as a bootstrap that Envoy can start with: what else comes over ADS stands in the file."""

from __future__ import annotations

from typing import Any

from kuma.envoy import api
from kuma.xds.config import Config
from zone_cp.generate import CDS, EDS, LDS, SDS

Document = dict[str, Any]


def bootstrap(config: Config, admin: Document | None = None) -> Document:
    """The static bootstrap of a config."""
    assignments = _documents(config, "ClusterLoadAssignment", EDS)
    clusters = [_static(one, assignments) for one in _documents(config, "Cluster", CDS).values()]
    made = {
        "node": {"id": "shop.proxy", "cluster": "shop"},
        "static_resources": {
            "clusters": clusters,
            "listeners": list(_documents(config, "Listener", LDS).values()),
            "secrets": list(_documents(config, "Secret", SDS).values()),
        },
        **({"admin": admin} if admin else {}),
    }
    return _without_ads(made)


def _documents(config: Config, name: str, url: str) -> dict[str, Document]:
    made = config.resources(url)
    return {one: api.document(getattr(api, name).FromString(packed.body)) for one, packed in made.items()}


def _static(cluster: Document, assignments: dict[str, Document]) -> Document:
    if cluster.get("type") != "EDS":
        return cluster
    kept = {key: value for key, value in cluster.items() if key not in ("edsClusterConfig", "type")}
    return {**kept, "type": "STATIC", "loadAssignment": assignments[cluster["name"]]}


def _without_ads(value: Any) -> Any:
    """A secret that is in the bootstrap is named without saying where it comes from."""
    if isinstance(value, dict):
        return {key: _without_ads(inner) for key, inner in value.items() if key != "sdsConfig"}
    return [_without_ads(inner) for inner in value] if isinstance(value, list) else value
