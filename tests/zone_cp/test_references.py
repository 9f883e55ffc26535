"""What statuses tell of collectors and of the policies that point at them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from twisted.application.service import MultiService

from kuma.admission import Resources
from kuma.labels import Where
from kuma.loop import future
from kuma.mirror import Mirror
from kuma.store.memory import MemoryStore
from tests.plugin import eventually
from tests.zone_cp.runtime import CLOCK
from tests.zone_cp.worlds import resources
from zone_cp.generated import Writing
from zone_cp.references import KINDS_SEEN, REFERENCED, RESOLVED, References, backends_now, policy_now

OLD, NEW = resources("""
type: MeshOpenTelemetryBackend
mesh: shop
name: old
labels: {team: a, shared: "yes"}
creationTime: 2024-01-01T00:00:00Z
spec: {}
---
type: MeshOpenTelemetryBackend
mesh: shop
name: new
labels: {team: b, shared: "yes"}
creationTime: 2024-02-01T00:00:00Z
spec: {}
""")
TRACE, LOGS, QUIET = resources("""
type: MeshTrace
mesh: shop
name: trace
spec:
  default:
    backends:
    - {type: OpenTelemetry, openTelemetry: {backendRef: {kind: MeshOpenTelemetryBackend, labels: {shared: "yes"}}}}
---
type: MeshAccessLog
mesh: shop
name: logs
spec:
  to:
  - targetRef: {kind: Mesh}
    default:
      backends:
      - {type: OpenTelemetry, openTelemetry: {backendRef: {kind: MeshOpenTelemetryBackend, labels: {team: a}}}}
      - type: OpenTelemetry
        openTelemetry: {backendRef: {kind: MeshOpenTelemetryBackend, labels: {team: z, shared: "yes"}}}
      - {type: OpenTelemetry, openTelemetry: {backendRef: {kind: MeshOpenTelemetryBackend, labels: {team: z}}}}
---
type: MeshTrace
mesh: shop
name: quiet
spec: {default: {backends: []}}
""")


def said(resource):
    """The one condition that a resource has, in short."""
    (condition,) = resource.status.conditions
    return condition.type, condition.status, condition.reason, condition.message


def test_policies_whose_collectors_are_there():
    everything = "All MeshOpenTelemetryBackend references are resolved"
    assert said(policy_now(TRACE, (NEW, OLD))) == (RESOLVED, "True", "AllBackendRefsResolved", everything)
    nothing = "No MeshOpenTelemetryBackend references configured"
    assert said(policy_now(QUIET, ())) == (RESOLVED, "True", "AllBackendRefsResolved", nothing)


def test_what_is_missing_is_named_once_and_in_order():
    message = "Unresolved MeshOpenTelemetryBackend references: labels:shared=yes,team=z, labels:team=z"
    assert said(policy_now(LOGS, (OLD, NEW))) == (RESOLVED, "False", "UnresolvedBackendRefs", message)


def test_collectors_that_are_pointed_at():
    old, new = backends_now((OLD, NEW), (TRACE, LOGS))
    assert said(old) == (REFERENCED, "True", "Referenced", "Referenced by 2 policy backend(s)")
    assert said(new) == (REFERENCED, "False", "NotReferenced", "Not referenced by any observability policy")


@pytest.mark.parametrize("policy", [TRACE, LOGS, QUIET])
def test_what_is_known_is_not_said_again(policy):
    once = policy_now(policy, (OLD,))
    assert policy_now(once, (OLD,)) == once
    again = policy_now(once, ())
    assert [one.type for one in again.status.conditions] == [RESOLVED]


async def test_statuses_follow_what_is_written():
    zone, services = Resources(MemoryStore(), Where("zone", "z1"), CLOCK), MultiService()
    for resource in (*resources("{type: Mesh, name: shop}"), TRACE):
        await zone.create(resource)
    mirror = Mirror(zone.store, ("Mesh", *KINDS_SEEN), CLOCK)
    for part in (mirror, References(mirror).service(Writing(zone, CLOCK, timedelta(seconds=0.1)))):
        part.setServiceParent(services)
    services.startService()
    try:
        await eventually(lambda: tells(zone, TRACE, "UnresolvedBackendRefs"))
        await zone.create(OLD)
        await eventually(lambda: tells(zone, TRACE, "AllBackendRefsResolved"))
        await eventually(lambda: tells(zone, OLD, "Referenced"))
    finally:
        await future(services.stopService())


async def tells(zone, resource, reason):
    status = (await zone.get(resource.key)).status
    return status is not None and [one.reason for one in status.conditions] == [reason]
