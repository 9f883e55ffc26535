"""MeshTCPRoute: where connections to a destination go."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kuma.backends import Backend, Split, resolve
from kuma.destinations import Destination, Destinations
from kuma.match import ToRules
from kuma.policy import Policy, policy_kind
from kuma.schema import Violation, field
from kuma.targetref import (
    MUST_BE_DEFINED,
    SERVICES,
    BackendRef,
    OutboundTargetRef,
    TopLevelTargetRef,
    backend,
    target,
    top_target,
    under,
)

PROTOCOLS = frozenset({"tcp", "http", "http2", "grpc"})


@frozen
class Conf:
    """Where connections go."""

    backend_refs: tuple[BackendRef, ...] | None = field(default=None, doc="Where they go.")


@frozen
class Rule:
    """What happens to connections."""

    default: Conf = field(default=Conf(), doc="Where they go.")


@frozen
class To:
    """Routes of connections to destinations."""

    target_ref: OutboundTargetRef = field(default=OutboundTargetRef(), doc="The destinations.")
    rules: tuple[Rule, ...] | None = field(
        default=None, doc="What happens to connections; without any they go to the destination itself.", max_items=1
    )

    @property
    def default(self) -> Conf:
        """What the item says of where connections go."""
        ref = self.target_ref
        itself = BackendRef(kind=ref.kind, labels=ref.labels, section_name=ref.section_name)
        return self.rules[0].default if self.rules else Conf((itself,))

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from under("targetRef", target(self.target_ref, SERVICES))
        for index, rule in enumerate(self.rules or ()):
            path = f"rules[{index}].default.backendRefs"
            if not rule.default.backend_refs:
                yield Violation(path, MUST_BE_DEFINED)
            for place, ref in enumerate(rule.default.backend_refs or ()):
                yield from under(f"{path}[{place}]", backend(ref))


@frozen
class MeshTCPRoute:
    """Where connections to destinations go."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    to: tuple[To, ...] = field(default=(), doc="Routes of connections to destinations.", min_items=1)

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref)
        for index, item in enumerate(self.to):
            yield from under(f"to[{index}]", item.problems())


def split(destination: Destination, rules: ToRules, destinations: Destinations) -> Split | None:
    """Where connections go; None where what is named does not exist, so that nothing can listen for it.

    An empty split is a listener that leads nowhere: all that is named exists, but takes none of the connections.
    """
    conf: Conf | None = rules.conf(destination.kri)
    if conf is None:
        return (Backend(destination, 100),)
    namespace = rules.origins(destination.kri)[-1].policy.namespace
    found = [(resolve(ref, namespace, destinations), ref.weight) for ref in conf.backend_refs or ()]
    existing = [Backend(one, weight) for one, weight in found if one is not None]
    if not existing:
        return None
    return tuple(one for one in existing if one.weight and one.destination.protocol in PROTOCOLS)


KIND = policy_kind("MeshTCPRoute", MeshTCPRoute, "mtcpr")

# edits nothing: listeners are built from its routes, and from a default where there are none
POLICY = Policy(KIND, order=200, conf=Conf)
