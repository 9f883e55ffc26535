"""What a MeshPassthrough may say, and what is wrong to say."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from ipaddress import ip_network

from attrs import Factory, frozen

from kuma.names import is_domain, is_ip, is_port
from kuma.schema import UInt32, Violation, field
from kuma.targetref import TopLevelTargetRef, one_of, top_target, under

Violations = Iterator[Violation]

MODES = ("All", "Matched", "None")
TYPES = ("Domain", "IP", "CIDR")
PROTOCOLS = ("tcp", "tls", "grpc", "http", "http2", "mysql")
HTTP = ("grpc", "http", "http2")
NAMELESS = ("tcp", "mysql")  # protocols in which a client does not say whom it calls
WRONG_DNS = "provided DNS has incorrect value"
ONE_PROTOCOL = (
    f"using the same port in multiple matches requires the same protocol for the following protocols: "
    f"[{' '.join(HTTP)}]"
)


@frozen
class Match:
    """A place outside the mesh that may be called."""

    type: str = field(default="", doc="What the value is.", one_of=TYPES)
    value: str = field(default="", doc="A name, which may begin with `*.`; an address; or a network.")
    port: UInt32 | None = field(default=None, doc="Its port; any, if unsaid.")
    protocol: str = field(default="tcp", doc="What is spoken there.", one_of=PROTOCOLS)

    @property
    def wildcard(self) -> bool:
        """Whether it is a name that stands for several."""
        return self.value.startswith("*")

    @property
    def http(self) -> bool:
        """Whether requests are told apart."""
        return self.protocol in HTTP

    def place_problems(self) -> Violations:
        """What is wrong with its port and protocol."""
        if self.port is not None and not is_port(self.port):
            yield Violation("port", "port must be a valid (1-65535)")
        yield from under("protocol", one_of("protocol", self.protocol, PROTOCOLS))
        if self.protocol == "mysql" and self.port is None:
            yield Violation("port", "port must be defined for Mysql protocol")

    def value_problems(self) -> Violations:
        """What is wrong with its value, and with what is spoken to such a thing."""
        if self.type == "Domain":
            yield from self._domain()
        elif self.type not in TYPES:
            yield Violation(
                "type", f"provided type {self.type} is not supported, one of Domain, IP, or CIDR is supported"
            )
        elif not (is_ip if self.type == "IP" else is_network)(self.value):
            yield Violation("value", f"provided {self.type} has incorrect value")

    def _domain(self) -> Violations:
        if self.protocol in NAMELESS:
            yield Violation("protocol", f"protocol {self.protocol} is not supported for a domain")
        if self.wildcard and self.http and self.port is None:
            yield Violation("port", "wildcard domains doesn't work for all ports and layer 7 protocol")
        if self.wildcard and self.value != "*" and not self.value.startswith("*."):
            yield Violation("value", f"{WRONG_DNS}, partial wildcard is currently not supported")
        elif self.value != "*" and not is_domain(self.value.removeprefix("*.")):
            yield Violation("value", WRONG_DNS)


def is_network(text: str) -> bool:
    """Whether this is a network: an address and the length of its prefix."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return text.rpartition("/")[2].isdecimal() and "/" in text


@frozen
class Conf:
    """What an application may call that is not of the mesh."""

    passthrough_mode: str | None = field(
        default=None, doc="All: anything. None: nothing. Matched, also if unsaid: what is matched.", one_of=MODES
    )
    append_match: tuple[Match, ...] | None = field(default=None, doc="What may be called; all policies' together.")

    def problems(self) -> Violations:
        """What is wrong with it."""
        if self.passthrough_mode is not None:
            yield from under("passthroughMode", one_of("passthroughMode", self.passthrough_mode, MODES))
        known = _Known()
        for index, one in enumerate(self.append_match or ()):
            found = (*one.place_problems(), *known.problems(one), *one.value_problems())
            yield from under(f"appendMatch[{index}]", found)


@frozen
class _Known:
    """The matches before one: Envoy can't tell two HTTP protocols of one port apart, nor two of the same."""

    protocols: dict[int, str] = Factory(dict)
    values: set[Hashable] = Factory(set)

    def problems(self, one: Match) -> Violations:
        """What is wrong with a match after these; from here on it is one of them."""
        if one.port is not None and self.protocols.setdefault(one.port, one.protocol) != one.protocol and one.http:
            yield Violation("port", ONE_PROTOCOL)
        said = (one.port, one.protocol, one.value)
        if said in self.values:
            yield Violation("value", f"value {one.value} is already defiend for this port and protocol")
        self.values.add(said)


@frozen
class MeshPassthrough:
    """Which places outside the mesh an application may call by address."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    default: Conf = field(default=Conf(), doc="What may be called.")

    def violations(self) -> Violations:
        """What is wrong with it."""
        yield from top_target(self.target_ref)
        yield from under("default", self.default.problems())
