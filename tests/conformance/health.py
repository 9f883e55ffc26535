"""Health checks that Envoys make for their control plane."""

from __future__ import annotations

from typing import Any

from kuma.envoy import api
from kuma.mesh import Metadata, Proxy
from kuma.model import Key, Resource
from kuma.schema import parse
from kuma.settings.servers import Hds
from tests.conformance.case import Case, Outcome, by_run
from tests.conformance.compare import durations
from tests.conformance.dataplanes import dataplane
from zone_cp.generate.health import specifier


def snapshot(case: Case) -> Outcome:
    """What an Envoy is told to check."""
    mesh, _, name = case.fixed["node"].partition(".")
    found = Resource(Key("Dataplane", mesh, name), dataplane(case.text("input.dataplane.yaml")))
    proxy = Proxy(found, Metadata(admin_port=case.fixed["adminPort"]))
    made: Any = api.document(specifier(proxy, parse(Hds, case.fixed["hds"], "")))
    return Outcome(durations(case.expected), durations(made))


SUITES = {"hds": by_run({"hds-snapshot": snapshot})}
