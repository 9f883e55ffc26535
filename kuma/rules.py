"""What the policies that apply say together: of a listener, of a destination, of the proxy as a whole.

All of these are values; `InboundRules` and `ToConfs` are small and hashable, so that a part of a proxy's config can be
kept under them and built once for all the proxies that have it.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from attrs import field, frozen
from frozendict import frozendict

from kuma.merge import merge
from kuma.model import Kri, Labels, Resource, kri
from kuma.precedence import aim, rank

if TYPE_CHECKING:
    from kuma.match import Listener, Selection
    from kuma.targetref import Match

C = TypeVar("C")

SHORT = {
    "Mesh": "m", "MeshService": "msvc", "MeshExternalService": "extsvc", "MeshMultiZoneService": "mzsvc",
    "MeshHTTPRoute": "mhttpr",
}  # fmt: skip

EMPTY: frozendict[Kri, Any] = frozendict()


# Where a rule comes from.


def _who(policy: Resource) -> tuple[Hashable, ...]:
    return policy.key, policy.labels


@frozen(cache_hash=True)
class Origin:
    """The item of a policy's `rules` or `to` that a rule comes from. Of the policy only its name and labels count."""

    policy: Resource = field(eq=_who)
    index: int

    def kri(self, short: str, section: str = "") -> Kri:
        """The policy's KRI, given its kind's short name."""
        return kri(short, self.policy, section)


# Inbound: what policies say of what arrives at a listener.


@frozen(cache_hash=True)
class InboundRule:
    """What holds for the traffic that `match` says, or for all of it (None)."""

    match: Match | None
    conf: Any
    origin: Origin


@frozen(cache_hash=True)
class InboundRules:
    """The rules of one listener: most specific match first, then least precedence first. Fit for a part's key."""

    rules: tuple[InboundRule, ...] = ()

    def catch_all(self, conf: type[C]) -> C:
        """What holds for all traffic; says nothing where no rule does."""
        confs: list[C] = [rule.conf for rule in self.rules if rule.match is None]
        return merge(confs, conf())

    @property
    def has_catch_all(self) -> bool:
        """Whether some rule holds for all traffic."""
        return any(rule.match is None for rule in self.rules)


def inbound_rules(selection: Selection, listener: Listener) -> InboundRules:
    """What the selected policies say of one listener."""
    rules = (rule for policy in selection.inbound.get(listener, ()) for rule in _inbound_rules_of(policy))
    return InboundRules(tuple(sorted(rules, key=lambda rule: specificity(rule.match))))


def _inbound_rules_of(policy: Resource) -> Iterator[InboundRule]:
    for index, rule in enumerate(getattr(policy.spec, "rules", None) or ()):
        origin = Origin(policy, index)
        for match in getattr(rule, "matches", None) or (None,):
            yield InboundRule(match, rule.default, origin)


def inbound_everywhere(selection: Selection, listener: Listener) -> InboundRules:
    """The same of policies that say one thing of all of a proxy: it holds for whatever arrives."""
    policies = selection.inbound.get(listener, ())
    return InboundRules(tuple(InboundRule(None, policy.spec.default, Origin(policy, 0)) for policy in policies))


def specificity(match: Match | None) -> tuple[bool, bool, bool, bool]:
    """Sorts most specific first: with an identity, an exact one, with an SNI; what matches everything is last."""
    if match is None:
        return True, True, True, True
    spiffe = match.spiffe_id
    return False, spiffe is None, spiffe is not None and spiffe.type != "Exact", match.sni is None


# Outbound: what policies say of destinations.


class Destinations(Protocol):
    """What policies may point at."""

    def of_kind(self, kind: str) -> Iterable[tuple[Resource, Collection[str]]]:
        """All resources of a kind, with the names of their ports; for kind Mesh the mesh itself."""


class _Entry(NamedTuple):
    """One item of a policy's `to`. Entries are put in order by their place, which no two have in common."""

    place: int
    conf: Any
    policy: Resource
    item: int


@frozen(cache_hash=True)
class ToConfs:
    """What one destination sees of `ToRules`: a small value, fit for the key of a part that is shared."""

    confs: frozendict[Kri, Any] = EMPTY

    def conf(self, *kris: Kri) -> Any | None:
        """The conf of the first of these with a rule, most special first: a route, then the destination."""
        found = (self.confs.get(named) for one in kris for named in (one, one.at("")))
        return next((conf for conf in found if conf is not None), None)

    def named(self, name: str) -> Any | None:
        """The conf of its own that a route has, given the name of the route in Envoy: its KRI."""
        return next((conf for one, conf in self.confs.items() if str(one) == name), None)


@frozen(hash=False)
class ToRules:
    """What the selected policies of one kind say of every destination that they name.

    Compared by value. As the key of a part it is too much: a part's key takes `for_destination`.
    """

    mesh: tuple[_Entry, ...] = ()
    by_target: Mapping[Kri, tuple[_Entry, ...]] = frozendict()

    def __hash__(self) -> int:
        return hash((len(self.mesh), frozenset(self.by_target)))

    def __bool__(self) -> bool:
        return bool(self.mesh or self.by_target)

    def named(self) -> tuple[Kri, ...]:
        """Every destination, destination port or route that some policy names."""
        return tuple(sorted(self.by_target))

    def conf(self, *kris: Kri) -> Any | None:
        """What is said together of the first of these that a policy names, or else of the whole mesh; None: nothing.

        A KRI with a section falls back to the one without. For a route: `conf(route, destination)`.
        """
        relevant = self._relevant(kris)
        return self._of_mesh if relevant is self.mesh else _merged(relevant)

    @cached_property
    def _of_mesh(self) -> Any | None:
        return _merged(self.mesh)

    def entries(self, *kris: Kri) -> tuple[tuple[Any, Origin], ...]:
        """The confs that `conf` merges, least precedence first, with where they come from."""
        return tuple((entry.conf, Origin(entry.policy, entry.item)) for entry in self._relevant(kris))

    def origins(self, *kris: Kri) -> tuple[Origin, ...]:
        """Where the conf for these comes from, least precedence first."""
        return tuple(dict.fromkeys(origin for _, origin in self.entries(*kris)))

    def for_destination(self, destination: Kri, routes: Iterable[Kri] = ()) -> ToConfs:
        """What a part of this destination (its listener with these routes, its cluster) sees: hashable and small.

        The answers are those of `conf(destination)` and `conf(route, destination)`.
        """
        named = (route for route in routes if self._names(route))
        found = ((one, self.conf(one)) for one in (destination, *named))
        return ToConfs(frozendict((one, conf) for one, conf in found if conf is not None))

    def _names(self, one: Kri) -> bool:
        return one in self.by_target or one.at("") in self.by_target

    def _relevant(self, kris: Iterable[Kri]) -> Sequence[_Entry]:
        """The mesh's entries and those of the first KRI that has some: broader ones count, too."""
        for one in kris:
            if self._names(one):
                whole = self.by_target.get(one.at(""), ()) if one.section else ()
                return sorted((*self.mesh, *whole, *self.by_target.get(one, ())), key=_place)
        return self.mesh


def _place(entry: _Entry) -> int:
    return entry.place


def _merged(entries: Sequence[_Entry]) -> Any | None:
    return merge([entry.conf for entry in entries], None)


def to_rules(policies: Iterable[Resource], destinations: Destinations) -> ToRules:
    """What these policies, in the order of a `Selection`, say of the destinations they name.

    The work grows with the number of `to` items and of resources they match, not with their product.
    """
    targets = _Targets(destinations)
    for level, group in enumerate(group for _, group in groupby(policies, key=rank)):
        place = level << LEVEL
        for policy in group:
            for index, item in enumerate(getattr(policy.spec, "to", None) or ()):
                aimed, lists = targets.of(item.target_ref)
                entry = _Entry(place + aimed, item.default, policy, index)
                place += 1
                for entries in lists:
                    entries.append(entry)
    return targets.rules()


def to_everywhere(policies: Iterable[Resource]) -> ToRules:
    """The same of policies that say one thing of all of a proxy: it holds for whatever it reaches for."""
    return ToRules(tuple(_Entry(place, policy.spec.default, policy, 0) for place, policy in enumerate(policies)))


# A place is what counts, from left to right: all that orders policies but their names, what the item aims at, and the
# item's place among those of policies that only differ by name.
AIM, LEVEL = 40, 48


class _Targets:
    """What is said of each target. What a targetRef means is found once; each kind is indexed by its labels."""

    def __init__(self, destinations: Destinations) -> None:
        self._destinations = destinations
        self._kinds: dict[str, _Index] = {}
        self._refs: dict[Hashable, tuple[int, tuple[list[_Entry], ...]]] = {}
        self._mesh: list[_Entry] = []
        self._named: dict[Kri, list[_Entry]] = {}

    def of(self, ref: Any) -> tuple[int, tuple[list[_Entry], ...]]:
        """What a targetRef's aim counts in a place, and the lists of what is said of each target that it means."""
        wanted = (ref.kind, ref.labels, ref.section_name)
        found = self._refs.get(wanted)
        if found is None:
            found = self._refs[wanted] = aim(ref) << AIM, tuple(self._find(*wanted))
        return found

    def rules(self) -> ToRules:
        """All that was said."""
        named = ((one, tuple(entries)) for one, entries in self._named.items())
        return ToRules(tuple(sorted(self._mesh, key=_place)), frozendict(named))

    def _find(self, kind: str, labels: Labels | None, section: str | None) -> Iterator[list[_Entry]]:
        if kind not in SHORT:
            return
        if kind not in self._kinds:
            self._kinds[kind] = _Index(self._destinations.of_kind(kind))
        index = self._kinds[kind]
        if kind == "Mesh" and index.every:
            yield self._mesh
        if kind != "Mesh" and labels is not None:
            found = (_at(kind, resource, ports, section or "") for resource, ports in index.carrying(labels))
            yield from (self._named.setdefault(one, []) for one in found if one is not None)


def _at(kind: str, resource: Resource, ports: Collection[str], section: str) -> Kri | None:
    """A section is the name of a port; what has no ports is meant as a whole."""
    if not section or not ports:
        return kri(SHORT[kind], resource)
    return kri(SHORT[kind], resource, section) if section in ports else None


class _Index:
    """Resources of one kind by each label they carry."""

    def __init__(self, resources: Iterable[tuple[Resource, Collection[str]]]) -> None:
        self.every = tuple(resources)
        self._by_label: dict[tuple[str, str], list[tuple[Resource, Collection[str]]]] = {}
        for one in self.every:
            for label in one[0].labels.items():
                self._by_label.setdefault(label, []).append(one)

    def carrying(self, labels: Labels) -> Iterable[tuple[Resource, Collection[str]]]:
        """All resources that carry these labels, looking only at those that carry the rarest of them."""
        if not labels:
            return self.every
        rarest = min((self._by_label.get(label, []) for label in labels.items()), key=len)
        return [one for one in rarest if labels.items() <= one[0].labels.items()]


# The proxy as a whole.


@frozen(cache_hash=True)
class ProxyConf:
    """What policies say of a proxy as a whole, and where it comes from."""

    conf: Any
    origins: tuple[Origin, ...]


def proxy_conf(selection: Selection) -> ProxyConf | None:
    """What the selected policies say together; None where there are none."""
    if not selection.policies:
        return None
    conf = merge([policy.spec.default for policy in selection.policies], None)
    return ProxyConf(conf, tuple(Origin(policy, 0) for policy in selection.policies))
