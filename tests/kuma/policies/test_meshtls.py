"""MeshTLS: strict, permissive, and none at all without an identity."""

from __future__ import annotations

from kuma.policies.meshtls import POLICY
from tests.kuma.policies.parts import IDENTITY, at_destination, at_listener, inbound, policy, said, shown, upstream

TLS = {"tlsVersion": {"min": "TLS12", "max": "TLS13"}, "tlsCiphers": ["ECDHE-RSA-AES128-GCM-SHA256"]}
PARAMETERS = {
    "tlsMinimumProtocolVersion": "TLSv1_2",
    "tlsMaximumProtocolVersion": "TLSv1_3",
    "cipherSuites": ["ECDHE-RSA-AES128-GCM-SHA256"],
}


def mode(name):
    return policy("MeshTLS", rules=[{"default": {"mode": name}}])


def chains(part):
    return shown(part.listener)["filterChains"]


def context(chain):
    return chain["transportSocket"]["typedConfig"]


def test_without_an_identity_there_is_plaintext():
    part = inbound("http", None)
    before = shown(part.listener)
    POLICY.inbound(part, at_listener(mode("Strict")))
    assert shown(part.listener) == before


def test_with_an_identity_and_no_policy_there_is_only_tls():
    part = inbound("http", IDENTITY)
    POLICY.inbound(part, at_listener())
    (chain,) = chains(part)
    assert context(chain)["requireClientCertificate"] is True
    assert "tlsParams" not in context(chain)["commonTlsContext"]
    sans = context(chain)["commonTlsContext"]["combinedValidationContext"]["defaultValidationContext"]
    assert [one["matcher"]["prefix"] for one in sans["matchTypedSubjectAltNames"]] == [
        "spiffe://east.mesh/",
        "spiffe://west.mesh/",
    ]


def test_permissive_takes_plaintext_foreign_tls_and_the_mesh_s_own():
    part = inbound("tcp", IDENTITY)
    POLICY.inbound(part, at_listener(mode("Permissive")))
    assert [one["name"] for one in shown(part.listener)["listenerFilters"]] == ["envoy.filters.listener.tls_inspector"]
    plain, foreign, own = chains(part)
    assert plain["filterChainMatch"] == {"transportProtocol": "raw_buffer"}
    assert foreign["filterChainMatch"] == {"transportProtocol": "tls"}
    assert own["filterChainMatch"] == {"transportProtocol": "tls", "applicationProtocols": ["kuma"]}
    assert "transportSocket" not in plain
    assert "transportSocket" not in foreign
    assert context(own)["requireClientCertificate"] is True
    assert plain["filters"] == foreign["filters"] == own["filters"]


def test_versions_and_ciphers_hold_on_both_sides():
    one = policy("MeshTLS", rules=[{"default": TLS}])
    part, cluster = inbound("http", IDENTITY), upstream("http", IDENTITY)
    POLICY.inbound(part, at_listener(one))
    POLICY.upstream(cluster, at_destination(one))
    assert context(chains(part)[0])["commonTlsContext"]["tlsParams"] == PARAMETERS
    outward = shown(cluster.cluster)["transportSocket"]["typedConfig"]
    assert outward["commonTlsContext"]["tlsParams"] == PARAMETERS
    assert outward["commonTlsContext"]["alpnProtocols"] == ["kuma"]


def test_a_mode_alone_says_nothing_of_clusters():
    assert at_destination(mode("Permissive")) == at_destination()
    cluster = upstream("http", IDENTITY)
    before = shown(cluster.cluster)
    POLICY.upstream(cluster, at_destination(mode("Strict")))
    assert shown(cluster.cluster) == before


def test_words_are_checked():
    assert said("MeshTLS", rules=[{"default": {"mode": "Loose", "tlsVersion": {"min": "TLS13", "max": "TLS12"}}}]) == [
        ("spec.rules[0].default.mode", '"mode" must be one of ["Strict", "Permissive"]'),
        ("spec.rules[0].default.tlsVersion.min", "min version must be lower than max"),
    ]
    assert said("MeshTLS", rules=[{"default": {"tlsVersion": {"min": "TLS12"}}}]) == []


def test_sections_may_be_permissive():
    target = {"kind": "Dataplane", "sectionName": "http"}
    assert said("MeshTLS", targetRef=target, rules=[{"default": {"mode": "Permissive"}}]) == []
