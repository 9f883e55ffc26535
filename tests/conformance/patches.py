"""Changes to generated configs: what modifications make of resources of Envoy's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kuma.envoy import api
from kuma.policies.meshproxypatch import Conf, PatchFailed, Place, added, modified
from kuma.schema import parse
from kuma.xds.config import URL
from tests.conformance.case import Case, Outcome
from tests.conformance.compare import numbers
from tests.conformance.compare import parse as document

ROOTS = {"Cluster": "Cluster", "Listener": "Listener"}


def patched(case: Case) -> Outcome:
    """All resources after all modifications, as the control plane would send them."""
    said = {"appendModifications": document(case.text("input.modifications.yaml"))}
    modifications = parse(Conf, said).append_modifications or ()
    resources = document(case.text("input.resources.yaml")) or []
    expected = _named((document(case.text("expected.yaml")) or {}).get("resources") or [])
    try:
        actual = _named(_after(modifications, resources if isinstance(resources, list) else [resources]))
    except PatchFailed as failed:
        actual = {"failed": str(failed)}
    return Outcome(expected, actual)


def _after(modifications: Any, resources: list[Any]) -> Iterator[Any]:
    for one in resources:
        root = one["resource"]["@type"].rpartition(".")[2]
        message = api.parsed(root, {key: value for key, value in one["resource"].items() if key != "@type"})
        left = modified(modifications, Place(message.name, one["origin"]), message)
        if left is not None:
            yield {"name": message.name, "resource": _shown(left)}
    for root in ROOTS:
        for name, message in added(modifications, root):
            yield {"name": name, "resource": _shown(message)}


def _shown(message: Any) -> Any:
    return {"@type": URL + message.DESCRIPTOR.full_name, **api.document(message)}


def _named(resources: Any) -> Any:
    """Under their names; every one the way protobuf shows it."""
    return {one["name"]: numbers(_canonical(one["resource"])) for one in resources}


def _canonical(resource: Any) -> Any:
    root = resource["@type"].rpartition(".")[2]
    return _shown(api.parsed(root, {key: value for key, value in resource.items() if key != "@type"}))


SUITES = {"proxypatch": patched}
