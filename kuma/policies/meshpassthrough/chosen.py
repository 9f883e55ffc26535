"""The order of what may be called: Envoy takes the first HTTP route, and the reader the first chain, that is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network

from attrs import evolve, frozen

from kuma.policies.meshpassthrough.spec import Match

ANY_PORT = 0
RANKS = {"tls": 0, "mysql": 0, "tcp": 1, "http": 2, "http2": 3, "grpc": 4}
WILDCARD, DOMAIN, CIDR, CIDR_V6, IP, IP_V6 = range(1, 7)  # the more special, the greater
NAMES = frozenset({WILDCARD, DOMAIN})
FAMILIES = {4: NAMES | {CIDR, IP}, 6: NAMES | {CIDR_V6, IP_V6}}
ADDRESSES = frozenset({IP, IP_V6})

Name = tuple[int, str]


@frozen
class Way:
    """One way out: connections to a place, or (with `names`) HTTP requests to any of these names."""

    protocol: str
    port: int
    kind: int
    value: str = ""
    names: tuple[Name, ...] = ()

    @property
    def network(self) -> str:
        """The addresses that are meant, as a network."""
        return str(ip_network(self.value, strict=False))

    @property
    def of_names(self) -> bool:
        """Whether HTTP requests take it, by the names that they ask for."""
        return self.kind == DOMAIN and not self.value


def ways(matches: Iterable[Match]) -> tuple[Way, ...]:
    """The ways out, most special first, each with its names in the same order."""
    found: dict[Way, set[Name]] = {}
    for match in matches:
        way, names = _way(match)
        found.setdefault(way, set()).update(names)
    for way, more in _on_each_port(found):
        found.setdefault(way, set()).update(more)
    made = (evolve(way, names=tuple(sorted(names, key=_name_order))) for way, names in found.items())
    return tuple(sorted(made, key=_order))


def _way(match: Match) -> tuple[Way, tuple[Name, ...]]:
    kind, port = _kind(match), match.port or ANY_PORT
    if match.http and kind in NAMES:
        return Way(match.protocol, port, DOMAIN), ((kind, match.value),)
    return Way(match.protocol, port, kind, match.value), ()


def _kind(match: Match) -> int:
    if match.type == "Domain":
        return WILDCARD if match.wildcard else DOMAIN
    if match.type == "IP":
        return IP_V6 if ip_address(match.value).version == 6 else IP
    return CIDR_V6 if ip_network(match.value, strict=False).version == 6 else CIDR


def _on_each_port(found: dict[Way, set[Name]]) -> Iterator[tuple[Way, set[Name]]]:
    """What holds for any port holds also where chains of one port hide those of any; but one port speaks one HTTP."""
    ports = sorted({way.port for way in found if way.port != ANY_PORT})
    speaks = {way.port: way.protocol for way in found if way.of_names}
    for way, names in list(found.items()):
        if way.port == ANY_PORT:
            for port in ports:
                if not (way.of_names and speaks.get(port, way.protocol) != way.protocol):
                    yield evolve(way, port=port), names


def _order(way: Way) -> tuple[object, ...]:
    return RANKS.get(way.protocol, 0), -way.kind, -way.port, _value_order(way.kind, way.value), -len(way.names)


def _name_order(name: Name) -> tuple[object, ...]:
    kind, value = name
    return -kind, _value_order(kind, value)


def _value_order(kind: int, value: str) -> tuple[object, ...]:
    """Names with more labels first, then by letter; longer prefixes first, then addresses backwards."""
    if kind in NAMES:
        return -value.count("."), value
    if kind in ADDRESSES:
        return 0, _backwards(value)
    network = ip_network(value, strict=False)
    return -network.prefixlen, _backwards(str(network.network_address))


def _backwards(text: str) -> tuple[int, ...]:
    """Sorts texts from last to first."""
    return (*(-ord(letter) for letter in text), 1)
