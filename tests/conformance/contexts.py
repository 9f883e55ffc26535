"""Whom a change concerns: nobody, where the reference keeps what it knows of a mesh; all, where it keeps no base."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kuma.kinds import parse_document
from kuma.mesh import mesh_of
from tests.conformance.case import Case, Missing, Outcome
from zone_cp.generate.concern import Concern, concern

CHANGED: Mapping[str, Callable[[Concern], bool]] = {
    "basemeshcontext": lambda found: found.everybody or bool(found.policies),
    "meshcontext": lambda found: found != Concern(),
}


def changed(case: Case) -> Outcome:
    """Whether a change concerns somebody; what all meshes have in common is kept nowhere."""
    context = case.fixed["context"]
    if context not in CHANGED:
        raise Missing(f"{context}: every mesh is a value of its own")
    before = mesh_of(case.fixed["mesh"], case.fixed["zone"], map(parse_document, case.documents("input.before.yaml")))
    after = before.changed(map(parse_document, case.documents("input.change.yaml")))
    return Outcome(case.expected["changed"], CHANGED[context](concern(before, after)))


SUITES = {"mesh-context-hash": changed}
