"""Every suite and what runs its cases, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Mapping

from tests.conformance import (
    commands,
    contexts,
    dataplanes,
    envoy,
    functions,
    generators,
    health,
    metrics,
    patches,
    policies,
    rest,
    starting,
    syncing,
    validation,
    vocabulary,
)
from tests.conformance.case import Adapter

ADAPTERS: Mapping[str, Adapter] = {
    **validation.SUITES,
    **policies.SUITES,
    **functions.SUITES,
    **dataplanes.SUITES,
    **starting.SUITES,
    **rest.SUITES,
    **syncing.SUITES,
    **commands.SUITES,
    **contexts.SUITES,
    **envoy.SUITES,
    **generators.SUITES,
    **patches.SUITES,
    **vocabulary.SUITES,
    **metrics.SUITES,
    **health.SUITES,
}
