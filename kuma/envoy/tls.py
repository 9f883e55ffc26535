"""TLS: who a proxy says it is, whom it believes, and the secrets that hold both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kuma.envoy import api, names
from kuma.envoy.draft import Identity
from kuma.envoy.endpoints import Fields
from kuma.envoy.typed import configure
from kuma.names import is_ip

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, DownstreamTlsContext, FilterChain, Secret, UpstreamTlsContext

KUMA_ALPN = "kuma"
CONTROL_PLANE = "kuma-cp"
NOBODY = "spiffe://"  # of no trust domain, so no certificate has it


def downstream(identity: Identity) -> DownstreamTlsContext:
    """Serve as this identity, to whoever shows one of a domain that it trusts."""
    sans = [san("URI", "prefix", f"spiffe://{domain}/") for domain in identity.trust_domains]
    return api.DownstreamTlsContext(
        require_client_certificate={"value": True}, common_tls_context=_common(identity, sans)
    )


def upstream(identity: Identity, sni: str, sans: Iterable[str]) -> UpstreamTlsContext:
    """Call as this identity, under this server name, only who is one of these SPIFFE IDs: nobody, if there are none."""
    # without a matcher Envoy would take everybody whom the mesh believes for this server
    common = _common(identity, [san("URI", "exact", one) for one in sans] or [san("URI", "exact", NOBODY)])
    return api.UpstreamTlsContext(sni=sni, common_tls_context={**common, "alpn_protocols": [KUMA_ALPN]})


def admin(chain: bytes, key: bytes, ca: bytes) -> DownstreamTlsContext:
    """Serve the admin listener with this certificate, to the control plane alone."""
    return api.DownstreamTlsContext(
        require_client_certificate={"value": True},
        common_tls_context={
            "tls_certificates": [
                {"certificate_chain": {"inline_bytes": chain}, "private_key": {"inline_bytes": key}},
            ],
            "validation_context": {
                "trusted_ca": {"inline_bytes": ca},
                "match_typed_subject_alt_names": [san("DNS", "exact", CONTROL_PLANE)],
            },
        },
    )


def from_files(certificate: str, key: str) -> DownstreamTlsContext:
    """Serve with a certificate and key that lie beside the proxy."""
    pair = {"certificate_chain": {"filename": certificate}, "private_key": {"filename": key}}
    return api.DownstreamTlsContext(common_tls_context={"tls_certificates": [pair]})


def public(host: str, roots: str, renegotiate: bool = False) -> UpstreamTlsContext:
    """Call a host by its name, which the authorities in this file vouch for; without a file, nobody has to."""
    named = [san(kind, "exact", host) for kind in ("DNS", "IP_ADDRESS")]
    believed: Fields = {"trusted_ca": {"filename": roots}, "match_typed_subject_alt_names": named}
    return api.UpstreamTlsContext(
        sni="" if is_ip(host) else host,
        allow_renegotiation=renegotiate,
        common_tls_context={"validation_context": believed} if roots else {},
    )


def secure_host(target: Cluster, context: UpstreamTlsContext) -> None:
    """Make a cluster that is one host speak TLS, as a match that all of its endpoints meet."""
    match = target.transport_socket_matches.add(name=context.sni or target.name, match={})
    configure(match.transport_socket, names.TLS_SOCKET, context)


def secure(target: Cluster | FilterChain, context: UpstreamTlsContext | DownstreamTlsContext) -> None:
    """Make a cluster or a filter chain speak TLS."""
    configure(target.transport_socket, names.TLS_SOCKET, context)


def certificate(name: str, chain: bytes, key: bytes) -> Secret:
    """The secret that holds a proxy's identity."""
    return api.Secret(
        name=name,
        tls_certificate={"certificate_chain": {"inline_bytes": chain}, "private_key": {"inline_bytes": key}},
    )


def trust_bundle(bundles: Iterable[tuple[str, str]]) -> Secret:
    """The secret that holds whom to believe: PEM bundles by trust domain."""
    domains = [{"name": domain, "trust_bundle": {"inline_bytes": pem.encode()}} for domain, pem in bundles]
    secret = api.Secret(name=names.TRUST_BUNDLE)
    configure(
        secret.validation_context.custom_validator_config,
        names.SPIFFE_VALIDATOR,
        api.SPIFFECertValidatorConfig(trust_domains=domains),
    )
    return secret


def san(kind: str, how: str, value: str) -> Fields:
    """A matcher of subject alternative names, of this kind."""
    return {"san_type": kind, "matcher": {how: value}}


def _common(identity: Identity, sans: list[Fields]) -> Fields:
    return {
        "combined_validation_context": {
            "default_validation_context": {"match_typed_subject_alt_names": sans},
            "validation_context_sds_secret_config": _over_ads(names.TRUST_BUNDLE),
        },
        "tls_certificate_sds_secret_configs": [_over_ads(identity.secret)],
    }


def _over_ads(secret: str) -> Fields:
    return {"name": secret, "sds_config": {"ads": {}, "resource_api_version": "V3"}}
