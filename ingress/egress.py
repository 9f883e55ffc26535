"""Zone egress: where traffic leaves the mesh. The mesh's TLS ends here, and what the service outside speaks begins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from kuma.envoy import api, clusters, names, routes, tls
from kuma.envoy.draft import Identity
from kuma.envoy.endpoints import Endpoint, Fields, by_priority
from kuma.envoy.listeners import http_chain, inspect_tls, listener, tcp_chain
from kuma.envoy.typed import configure
from kuma.external import Exit, Talk
from kuma.names import is_ip
from kuma.protocols import HTTP

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, FilterChain, Listener, UpstreamTlsContext

VERSIONS = {"TLS10": "TLSv1_0", "TLS11": "TLSv1_1", "TLS12": "TLSv1_2", "TLS13": "TLSv1_3"}
SANS = ("DNS", "IP_ADDRESS")
NO_CERTIFICATE = "00" * 32  # the SHA-256 hash of none that there is


@frozen(cache_hash=True)
class Machine:
    """What an egress's machine is like: whether it has an IPv6 address, and in what file whom it believes."""

    ipv6: bool = False
    ca_path: str = ""


def egress(section: str, address: str, port: int) -> Listener:
    """The egress listener, without filter chains; each of them leads to one service."""
    made = listener(names.zone_egress(section), address, port, "INBOUND")
    inspect_tls(made)
    return made


def way_out(found: Exit, cluster: str, identity: Identity, internal: Iterable[str]) -> FilterChain:
    """The filter chain, named by the KRI, through this cluster to a service, for whoever the mesh believes."""
    made = _forwarding(found, cluster, internal)
    made.name = found.name
    match = api.FilterChainMatch(transport_protocol="tls", server_names=[names.server_name(found.kri)])
    made.filter_chain_match.CopyFrom(match)
    tls.secure(made, tls.downstream(evolve(identity, trust_domains=())))  # of which domain clients are, policies ask
    return made


def _forwarding(found: Exit, cluster: str, internal: Iterable[str]) -> FilterChain:
    if found.protocol not in HTTP:
        return tcp_chain(found.name, ((cluster, 1),))
    route = routes.everything(cluster)
    route.route.auto_host_rewrite.value = True
    return http_chain(found.name, routes.configuration(found.name, (route,)), internal)


def outside(found: Exit, name: str, machine: Machine) -> Cluster:
    """The cluster of a service, under this name."""
    made = api.Cluster(
        name=name,
        alt_stat_name=clusters.alt_stat_name(name),
        type="STATIC",
        connect_timeout=clusters.CONNECT_TIMEOUT,
        load_assignment=by_priority(name, _endpoints(found)),
    )
    if not all(is_ip(origin.address) for origin in found.origins):
        made.type = api.Cluster.STRICT_DNS
        made.dns_lookup_family = api.Cluster.AUTO if machine.ipv6 else api.Cluster.V4_ONLY
    clusters.speak(made, found.protocol)
    if found.talk is not None:
        first = found.origins[0].address
        matched = made.transport_socket_matches.add(name=first)  # that asks for nothing, so it is for all endpoints
        configure(matched.transport_socket, names.TLS_SOCKET, _context(found.talk, first, machine))
    return made


def _endpoints(found: Exit) -> Iterable[tuple[int, Endpoint]]:
    return ((one.priority or 0, Endpoint(one.address, one.port, labels=found.labels)) for one in found.origins)


def _context(talk: Talk, first: str, machine: Machine) -> UpstreamTlsContext:
    said = {**_shown(talk), **_believed(talk, first, machine), **_versions(talk)}
    common: Fields = {"common_tls_context": said} if said else {}
    return api.UpstreamTlsContext(sni=talk.server_name, allow_renegotiation=talk.renegotiates, **common)


def _shown(talk: Talk) -> Fields:
    if talk.certificate is None or talk.key is None:
        return {}
    pair = {"certificate_chain": {"inline_bytes": talk.certificate}, "private_key": {"inline_bytes": talk.key}}
    return {"tls_certificates": [pair]}


def _believed(talk: Talk, first: str, machine: Machine) -> Fields:
    """Whose certificate will do: anybody's only where that is said, and nobody's where nobody can vouch for it."""
    if talk.ca is None and not talk.or_system:
        return {}
    if talk.ca is None and not machine.ca_path:
        # without an authority in its context Envoy would verify nothing
        return {"validation_context": {"verify_certificate_hash": [NO_CERTIFICATE]}}
    authority = {"inline_bytes": talk.ca} if talk.ca is not None else {"filename": machine.ca_path}
    context = {"trusted_ca": authority, "match_typed_subject_alt_names": _names(talk, first)}
    return {"validation_context": context}


def _names(talk: Talk, first: str) -> list[Fields]:
    """Names without a text say nothing; Envoy takes no empty beginning."""
    if talk.names is None:
        return []
    asked = [tls.san(kind, "exact", talk.server_name or first) for kind in SANS]
    said = [tls.san(kind, one.type.lower(), one.value) for kind in SANS for one in talk.names if one.value]
    return asked + said


def _versions(talk: Talk) -> Fields:
    if talk.version is None:
        return {}
    ends = {"tls_minimum_protocol_version": talk.version.min, "tls_maximum_protocol_version": talk.version.max}
    return {"tls_params": {field: VERSIONS[said] for field, said in ends.items() if said in VERSIONS}}
