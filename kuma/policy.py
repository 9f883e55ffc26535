"""What a policy is: a kind, a place in the order, and one function for each part of a proxy it may edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from kuma.envoy.draft import Endpoints, Inbound, Outbound, Upstream, ZoneListener
from kuma.match import InboundRules, ToRules
from kuma.model import Kind

InboundEdit = Callable[[Inbound, InboundRules], None]
ZoneListenerEdit = Callable[[ZoneListener, InboundRules], None]
OutboundEdit = Callable[[Outbound, ToRules], None]
UpstreamEdit = Callable[[Upstream, ToRules], None]
EndpointsEdit = Callable[[Endpoints, ToRules], None]


@frozen
class Policy:
    """One policy kind. Every edit runs for every part, matched or not: some policies have an effect by their absence.

    An edit sees only its part and the rules that matched; what else it needs is put on the part before.
    """

    kind: Kind
    order: int
    conf: type[Any]
    inbound: InboundEdit | None = None
    zone_listener: ZoneListenerEdit | None = None
    outbound: OutboundEdit | None = None
    upstream: UpstreamEdit | None = None
    endpoints: EndpointsEdit | None = None
