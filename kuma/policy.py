"""What a policy is: a kind, a place in the order, and one function for each part of a proxy it may edit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from kuma.envoy.draft import Endpoints, Inbound, Outbound, System, Upstream, ZoneListener
from kuma.match import InboundRules, Listener, ToConfs, ToRules
from kuma.model import Kind, plural

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster


@frozen(eq=False)
class Said:
    """All that the policies of one kind say of one proxy: of what arrives, of what it reaches for, of it as a whole."""

    listeners: Mapping[Listener, InboundRules]
    outward: ToRules
    whole: Any | None = None


InboundEdit = Callable[[Inbound, InboundRules], None]
ZoneListenerEdit = Callable[[ZoneListener, InboundRules], None]
OutboundEdit = Callable[[Outbound, ToConfs], None]
UpstreamEdit = Callable[[Upstream, ToConfs], None]
EndpointsEdit = Callable[[Endpoints, ToConfs], None]
ClusterEdit = Callable[["Cluster"], None]
SystemEdit = Callable[[System, Said], None]


@frozen(eq=False)
class Policy:
    """One policy kind. Every edit runs for every part, matched or not: some policies have an effect by their absence.

    An edit sees only its part and the rules that matched: an outward part those of `ToRules.for_destination` (an
    `Outbound` with the KRIs of its routes), an inward part those of its listener. So part and rules are a part's key.
    What else an edit needs to know of the proxy stands in the part's `caller`. Outward parts are shared, so there the
    policy `asks` for it by the names of Caller's fields, and gets it where it says something.

    A policy that is `single` has one `default` for all of a proxy: it is a rule for everything, inward and outward.
    One that `accumulates` has inward rules that all count, where those of others override each other.

    `exit` edits the filter chain of an egress's listener that leads to a destination, as `outbound` does a listener's.
    `cluster` edits the clusters that are no part's and that no rule can name: admin, DNS, ingress, passthrough.
    `system` adds what no part holds, or edits what serves the proxy itself; it knows all that is said of the proxy.
    """

    kind: Kind
    order: int
    conf: type[Any]
    inbound: InboundEdit | None = None
    zone_listener: ZoneListenerEdit | None = None
    outbound: OutboundEdit | None = None
    upstream: UpstreamEdit | None = None
    endpoints: EndpointsEdit | None = None
    exit: OutboundEdit | None = None
    cluster: ClusterEdit | None = None
    system: SystemEdit | None = None
    single: bool = False
    accumulates: bool = False
    asks: frozenset[str] = frozenset()


WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{3})")  # MeshHTTPRoute: Mesh HTTP Route


def policy_kind(name: str, spec: type[Any], short: str) -> Kind:
    """A policy's kind: they all sync in the same ways."""
    return Kind(
        name,
        plural(name).lower(),
        spec,
        short=short,
        global_to_zone=True,
        zone_to_global=True,
        across_zones=True,
        policy=True,
        singular=name.lower(),
        title=WORD.sub(" ", name),
    )
