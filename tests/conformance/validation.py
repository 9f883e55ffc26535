"""What is wrong with resources and with parts of them."""

from __future__ import annotations

from typing import Any

from kuma import names
from kuma.kinds import KINDS, validate
from kuma.model import Key, Resource
from kuma.policies.meshproxypatch.spec import JsonPatch, patch_problems
from kuma.targetref import BackendRef, TopLevelTargetRef, backend, target
from tests.conformance.case import Case, Missing, Outcome, by_run
from tests.conformance.compare import parse as yaml
from tests.conformance.compare import violations
from tests.conformance.untyped import made


def shown(found: Any) -> list[tuple[str, str]]:
    """Violations as a case lists them."""
    return [(one.field, one.message) for one in found]


def compared(case: Case, expected: list[tuple[str, str]], actual: list[tuple[str, str]]) -> Outcome:
    """In the order in which they are expected, or in any where the case says so."""
    if "set" in str(case.about.get("compare", "")):
        return Outcome(sorted(expected), sorted(actual))
    return Outcome(expected, actual)


def resource(case: Case) -> Outcome:
    """Semantic validation of one resource, whatever its schema says."""
    name = case.fixed["resourceType"]
    if name not in KINDS:
        raise Missing(f"kind {name}")
    kind = KINDS[name]
    document = (case.yaml("input.spec.yaml") if case.has("input.spec.yaml") else None) or {}
    spec = made(kind.spec, document)
    written = Resource(Key(name, case.fixed.get("mesh", ""), case.fixed.get("name", "")), spec)
    found = [one for one in shown(validate(written)) if one[0] != "name" or written.name]
    return compared(case, violations(case.yaml("expected.violations.yaml")), found)


def meta(case: Case) -> Outcome:
    """Validation of a name and a mesh."""
    scoped = case.fixed["scope"] == "Mesh"
    found = names.meta_violations(case.fixed.get("name", ""), case.fixed.get("mesh", ""), scoped)
    return compared(case, violations(case.yaml("expected.violations.yaml")), shown(found))


def patch(case: Case) -> Outcome:
    """Validation of a JSON patch."""
    steps = [made(JsonPatch, yaml(one)) for one in case.yaml("input.patches.yaml") or ()]
    found = [one.under(case.fixed["fieldPrefix"]) for one in patch_problems(steps)]
    return compared(case, violations(case.yaml("expected.violations.yaml")), shown(found))


def hint(case: Case) -> Outcome:
    """What a value may be."""
    return Outcome(case.text("expected.txt").strip(), names.allowed_values(case.fixed["values"] or ()))


def _ref(said: Any) -> TopLevelTargetRef:
    return made(TopLevelTargetRef, said)


def targetref(case: Case) -> Outcome:
    """Validation of a targetRef under the options that its place sets."""
    options = case.fixed["options"]
    said, kinds = case.yaml("input.targetref.yaml") or {}, options.get("SupportedKinds") or ()
    wrong = backend(made(BackendRef, said), kinds) if options.get("IsBackendRef") else target(_ref(said), kinds)
    found = [one.under(case.fixed.get("fieldPrefix", "targetRef")) for one in wrong]
    return compared(case, violations(case.yaml("expected.violations.yaml")), shown(found))


SUITES = {
    "validators": resource,
    "validators-generic": by_run(
        {
            "validate": resource,
            "validate-meta": meta,
            "validate-targetref": targetref,
            "validate-jsonpatch": patch,
            "allowed-values-hint": hint,
        }
    ),
}
