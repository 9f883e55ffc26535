"""Resources as Kubernetes manifests, whatever store they lie in."""

from __future__ import annotations

from typing import Any

from kuma.kinds import KINDS, spec_json, status_json
from kuma.model import DISPLAY_NAME, MESH, SERVICE_ACCOUNT, WORKLOAD, Resource

FORMATS = ("universal", "k8s", "kubernetes")
ANNOTATIONS = frozenset({DISPLAY_NAME, SERVICE_ACCOUNT, WORKLOAD})
CLUSTER_SCOPED = frozenset({"Mesh", "MeshInsight", "Zone", "ZoneInsight"})
SYSTEM_NAMESPACE = "kuma-system"
SECRET_TYPES = {"Secret": "system.kuma.io/secret", "GlobalSecret": "system.kuma.io/global-secret"}


def manifest(resource: Resource, namespace: str) -> dict[str, Any]:
    """The manifest of a resource; `namespace` is for those that don't say where they live."""
    if resource.kind in SECRET_TYPES:
        return _secret(resource, namespace)
    kind = KINDS[resource.kind]
    shown: dict[str, Any] = {
        "apiVersion": "kuma.io/v1alpha1",
        "kind": resource.kind,
        "metadata": _metadata(resource, namespace),
    }
    if kind.inline and resource.mesh:
        shown["mesh"] = resource.mesh
    shown["spec"] = spec_json(resource)
    if (status := status_json(resource)) is not None:
        shown["status"] = status
    return shown


def _secret(resource: Resource, namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": _metadata(resource, namespace),
        "data": {"value": spec_json(resource).get("data", "")},
        "type": SECRET_TYPES[resource.kind],
    }


def _metadata(resource: Resource, namespace: str) -> dict[str, Any]:
    where = resource.namespace or namespace or SYSTEM_NAMESPACE
    mesh = {MESH: resource.mesh} if resource.mesh else {}
    shown: dict[str, Any] = {
        "name": resource.name.removesuffix(f".{where}"),
        "namespace": where,
        "labels": {key: value for key, value in {**resource.labels, **mesh}.items() if key not in ANNOTATIONS},
        "annotations": {key: value for key, value in resource.labels.items() if key in ANNOTATIONS},
    }
    if resource.kind in CLUSTER_SCOPED:
        del shown["namespace"]
    return {name: value for name, value in shown.items() if value}
