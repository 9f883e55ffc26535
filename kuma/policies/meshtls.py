"""MeshTLS: whether a proxy still takes plaintext, and which TLS it speaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from kuma.envoy import api, names, tls
from kuma.envoy.draft import Identity, Inbound, System, Upstream
from kuma.envoy.listeners import inspect_tls, tcp_chain
from kuma.envoy.typed import edit
from kuma.match import InboundRules, ToConfs
from kuma.policy import Policy, Said, policy_kind
from kuma.resources.tls import TlsVersion
from kuma.schema import Violation, field
from kuma.targetref import (
    TLS_CIPHERS,
    OutboundTargetRef,
    TopLevelTargetRef,
    one_of,
    tls_ciphers,
    tls_version,
    top_target,
    under,
)

if TYPE_CHECKING:
    from kuma.envoy.api import DownstreamTlsContext, Listener, UpstreamTlsContext

MODES = ("Strict", "Permissive")
VERSIONS = {
    "TLSAuto": "TLS_AUTO",
    "TLS10": "TLSv1_0",
    "TLS11": "TLSv1_1",
    "TLS12": "TLSv1_2",
    "TLS13": "TLSv1_3",
}
OUT_OF_THE_MESH = "extsvc"  # whose TLS is their own
PASSTHROUGH = frozenset(names.passthrough("inbound", version) for version in (4, 6))


@frozen
class Conf:
    """Whether plaintext is taken, and which TLS is spoken."""

    tls_version: TlsVersion | None = field(default=None, doc="The versions that may be spoken.")
    tls_ciphers: tuple[str, ...] | None = field(
        default=None, doc=f"The cipher suites that may be spoken: {', '.join(TLS_CIPHERS)}."
    )
    mode: str | None = field(
        default=None, doc="Strict: only TLS with an identity of the mesh. Permissive: anything.", one_of=MODES
    )

    def problems(self) -> Iterator[Violation]:
        """What is wrong with it."""
        if self.mode is not None:
            yield from under("mode", one_of("mode", self.mode, MODES))


@frozen
class Rule:
    """The TLS of traffic that arrives."""

    default: Conf = field(default=Conf(), doc="Whether plaintext is taken, and which TLS is spoken.")


@frozen
class To:
    """The TLS of traffic that leaves."""

    target_ref: OutboundTargetRef
    default: Conf


@frozen
class MeshTLS:
    """Whether the proxies take plaintext, and which TLS they speak."""

    target_ref: TopLevelTargetRef | None = field(default=None, doc="The proxies that the policy is for.")
    rules: tuple[Rule, ...] | None = field(default=None, doc="The TLS of traffic that arrives.")

    @property
    def to(self) -> tuple[To, ...]:
        """Versions and ciphers hold for traffic that leaves, too, whichever destination it leaves for."""
        confs = (evolve(rule.default, mode=None) for rule in self.rules or ())
        return tuple(To(OutboundTargetRef("Mesh"), conf) for conf in confs if conf != Conf())

    def violations(self) -> Iterator[Violation]:
        """What is wrong with it."""
        yield from top_target(self.target_ref, inbound=bool(self.rules))
        for index, rule in enumerate(self.rules or ()):
            yield from under(f"rules[{index}].default", rule.default.problems())
            yield from under(f"rules[{index}].default", self._parameters(rule.default))

    def _parameters(self, conf: Conf) -> Iterator[Violation]:
        """Both ends must agree on versions and ciphers, so only the mesh as a whole has them."""
        whole = self.target_ref is None or self.target_ref.kind == "Mesh"
        if conf.tls_ciphers:
            yield from under("tlsCiphers", tls_ciphers(conf.tls_ciphers) if whole else _only_whole("tlsCiphers"))
        if conf.tls_version is not None:
            yield from under("tlsVersion", tls_version(conf.tls_version) if whole else _only_whole("tlsVersion"))


def _only_whole(name: str) -> Iterator[Violation]:
    yield Violation("", f"{name} can only be defined with top level targetRef kind: Mesh")


def edit_inbound(part: Inbound, rules: InboundRules) -> None:
    """A proxy with an identity asks for one, with a policy or without."""
    if part.identity is None:
        return
    conf = rules.catch_all(Conf)
    context = _downstream(part.identity, conf)
    if conf.mode == "Permissive":
        _take_both(part.listener, context)
    else:
        _take_tls(part.listener, context)


def edit_system(system: System, said: Said) -> None:
    """Where plaintext is taken, connections to any port may come in: the last inbound decides."""
    inbounds = system.networking.inbound
    if not inbounds or said.listeners[system.networking.listens(inbounds[-1])].catch_all(Conf).mode != "Permissive":
        return
    for listener in system.listeners:
        if listener.name in PASSTHROUGH:
            del listener.filter_chains[:]
            listener.filter_chains.append(tcp_chain(listener.name, ((listener.name, 1),)))


def edit_upstream(part: Upstream, confs: ToConfs) -> None:
    """Versions and ciphers of what is spoken inside the mesh."""
    conf = confs.conf(part.destination)
    socket = part.cluster.transport_socket
    if conf is None or socket.name != names.TLS_SOCKET or part.destination.short == OUT_OF_THE_MESH:
        return

    def parametrise(context: UpstreamTlsContext) -> None:
        _parametrise(context, conf)

    edit(socket.typed_config, api.UpstreamTlsContext(), parametrise)


def _downstream(identity: Identity, conf: Conf) -> DownstreamTlsContext:
    context = tls.downstream(identity)
    _parametrise(context, conf)
    return context


def _parametrise(context: DownstreamTlsContext | UpstreamTlsContext, conf: Conf) -> None:
    parameters: dict[str, object] = {}
    if conf.tls_ciphers:
        parameters["cipher_suites"] = [one for one in conf.tls_ciphers if one in TLS_CIPHERS]
    if conf.tls_version is not None:
        parameters["tls_minimum_protocol_version"] = VERSIONS.get(conf.tls_version.min, "TLS_AUTO")
        parameters["tls_maximum_protocol_version"] = VERSIONS.get(conf.tls_version.max, "TLS_AUTO")
    if parameters:
        said = api.DownstreamTlsContext(common_tls_context={"tls_params": parameters})
        context.common_tls_context.MergeFrom(said.common_tls_context)


def _take_tls(listener: Listener, context: DownstreamTlsContext) -> None:
    for chain in listener.filter_chains:
        tls.secure(chain, context)


def _take_both(listener: Listener, context: DownstreamTlsContext) -> None:
    """Plaintext, the workload's own TLS, and the mesh's, told apart by the first bytes and the ALPN."""
    inspect_tls(listener)
    plain = list(listener.filter_chains)
    del listener.filter_chains[:]
    for match in (
        {"transport_protocol": "raw_buffer"},
        {"transport_protocol": "tls"},
        {"transport_protocol": "tls", "application_protocols": [tls.KUMA_ALPN]},
    ):
        for chain in plain:
            made = listener.filter_chains.add()
            made.CopyFrom(chain)
            made.filter_chain_match.MergeFrom(api.FilterChain(filter_chain_match=match).filter_chain_match)
            if "application_protocols" in match:
                tls.secure(made, context)


KIND = policy_kind("MeshTLS", MeshTLS, "mtls")

POLICY = Policy(KIND, order=300, conf=Conf, inbound=edit_inbound, upstream=edit_upstream, system=edit_system)
