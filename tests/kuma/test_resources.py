"""What the other kinds may say."""

from __future__ import annotations

from typing import Any

import pytest

from kuma.kinds import parse_document, validate, warnings
from kuma.schema import Invalid

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
SELF_MADE = {"type": "Bundled", "bundled": {"autogenerate": {"enabled": True}}}


def wrong(kind: str, spec: Any = None, name: str = "one") -> list[tuple[str, str]]:
    document = {"type": kind, "mesh": "default", "name": name, "spec": {} if spec is None else spec}
    return [(violation.field, violation.message) for violation in validate(parse_document(document))]


@pytest.mark.parametrize("kind", ["Mesh", "MeshService"])
def test_names_that_become_dns_labels(kind: str):
    assert wrong(kind) == []
    assert wrong(kind, name="m" * 64) == [("name", "must be no more than 63 characters")]
    ((field, message),) = wrong(kind, name="1" * 64)
    assert field == "name"
    assert message.startswith("must be no more than 63 characters, a DNS-1035 label must consist of")


def test_names_of_zones_and_workloads():
    assert wrong("Zone", name="East_1") == []
    assert wrong("Zone", name="e" * 64) == [("name", "must be no more than 63 characters")]
    assert wrong("Workload", name="w" * 253) == []
    assert wrong("Workload", name="w" * 254) == [("name", "must not be longer than 253 characters")]


def test_services():
    both = {"dataplaneRef": {"name": "a"}, "dataplaneLabels": {"matchLabels": {"a": "b"}}}
    ports = [{"port": 1, "appProtocol": "HTTP"}, {"port": 2, "appProtocol": "kafka"}]
    assert wrong("MeshService", {"selector": both, "ports": ports}) == [
        ("spec.selector", "must specify only one of: dataplaneRef or dataplaneLabels"),
        ("spec.ports[1].appProtocol", "appProtocol must be one of: grpc, http, http2, tcp"),
    ]


def test_services_of_several_zones():
    behind = {"meshService": {"matchLabels": {"kuma.io/display-name": "backend"}}}
    good = {"selector": behind, "ports": [{"port": 80}, {"port": 81, "name": "grpc", "appProtocol": "GRPC"}]}
    assert wrong("MeshMultiZoneService", good) == []
    ports = [{"port": 1, "name": "", "appProtocol": "kafka"}]
    assert wrong("MeshMultiZoneService", {"selector": {"meshService": {}}, "ports": ports}) == [
        ("spec.selector.meshService.matchLabels", "cannot be empty"),
        ("spec.ports[0].name", "must not be empty"),
        ("spec.ports[0].appProtocol", "appProtocol must be one of: grpc, http, http2, tcp"),
    ]
    with pytest.raises(Invalid, match=r"spec\.ports: in body should have at least 1 items"):
        wrong("MeshMultiZoneService", {"selector": behind, "ports": []})
    ((field, message),) = wrong("MeshMultiZoneService", good, name="1st")
    assert field == "name"
    assert message.startswith("a DNS-1035 label must consist of")


def test_a_port_that_no_server_name_can_say_is_warned_of():
    (warning,) = warnings(
        parse_document({
            "type": "MeshMultiZoneService", "mesh": "default", "name": "backend",
            "spec": {
                "selector": {"meshService": {"matchLabels": {"a": "b"}}},
                "ports": [{"port": 80, "name": "web_port"}, {"port": 81}],
            },
        })
    )  # fmt: skip
    assert warning.startswith('Invalid MeshMultiZoneService SNI (port "web_port"): ')


def test_trusts():
    good = {"trustDomain": "a.mesh.local", "caBundles": [{"type": "Pem", "pem": {"value": PEM}}]}
    assert wrong("MeshTrust", good) == []
    key = PEM.replace("CERTIFICATE", "PRIVATE KEY")
    bundles = [{"type": "Pem", "pem": {"value": key}}, {"type": "Pem"}, {"type": "Pem", "pem": {"value": "x"}}]
    bundles.append({"type": "Jwk"})
    assert wrong("MeshTrust", {"trustDomain": "a" * 254, "caBundles": bundles}) == [
        ("spec.caBundles[0].pem.value", "provided certificate has incorrect format"),
        ("spec.caBundles[1].pem", "must be defined"),
        ("spec.caBundles[2].pem.value", "provided certificate has incorrect format"),
        ("spec.caBundles[3].type", "Jwk must be one of: Pem"),
        ("spec.trustDomain", "must not be longer than 253 characters"),
    ]
    assert wrong("MeshTrust", {"trustDomain": "", "caBundles": []}) == [
        ("spec.caBundles", "must not be empty"),
        ("spec.trustDomain", "trustDomain needs to be defined"),
    ]


@pytest.mark.parametrize(
    ("provider", "found"),
    [
        (SELF_MADE, []),
        ({"type": "Bundled"}, [("bundled", "configuration needs to be defined")]),
        ({"type": "Spire"}, [("spire", "configuration needs to be defined")]),
        ({"type": "Bundled", "bundled": {}}, [("bundled.ca", "must be defined")]),
        (
            {"type": "Bundled", "bundled": {"ca": {}}},
            [("bundled.ca.certificate", "must be defined"), ("bundled.ca.privateKey", "must be defined")],
        ),
        (
            {"type": "Bundled", "bundled": {"autogenerate": {"enabled": True}, "ca": {}, "meshTrustCreation": "No"}},
            [
                ("bundled.meshTrustCreation", '"No" must be one of ["Enabled", "Disabled"]'),
                ("bundled.ca", "shouldn't be defined once using autogenerated"),
            ],
        ),
        (
            {"type": "Spire", "spire": {"agent": {"timeout": "-1s"}}},
            [("spire.agent.timeout", "must not be negative when defined")],
        ),
        (
            {"type": "Extension", "extension": {"name": ""}},
            [("extension.name", "extension name needs to be defined")],
        ),
    ],
)
def test_providers_of_identities(provider: dict[str, Any], found: list[tuple[str, str]]):
    expected = [(f"spec.provider.{field}", message) for field, message in found]
    assert wrong("MeshIdentity", {"provider": provider}) == expected


@pytest.mark.parametrize(
    ("source", "field", "message"),
    [
        ({"type": "File"}, "file", "must be defined"),
        ({"type": "File", "file": {"path": ""}}, "file.path", "must be defined"),
        ({"type": "File", "file": {"path": "a/b"}}, "file.path", "file path must be absolute: a/b"),
        (
            {"type": "File", "file": {"path": "/a/../b"}},
            "file.path",
            "file path contains directory traversal sequence: /a/../b",
        ),
        ({"type": "EnvVar", "envVar": {"name": ""}}, "envVar.name", "must be defined"),
        ({"type": "InsecureInline"}, "insecureInline", "must be defined"),
        (
            {"type": "Secret", "secretRef": {"kind": "ConfigMap", "name": "a"}},
            "secretRef.kind",
            "ConfigMap must be one of: Secret",
        ),
    ],
)
def test_sources_of_secrets(source: dict[str, Any], field: str, message: str):
    good = {"type": "Secret", "secretRef": {"kind": "Secret", "name": "key"}}
    provider = {"type": "Bundled", "bundled": {"ca": {"certificate": source, "privateKey": good}}}
    path = "spec.provider.bundled.ca.certificate."
    assert wrong("MeshIdentity", {"provider": provider}) == [(path + field, message)]


def test_templates_of_identities():
    spiffe = {"trustDomain": "{{ .Mesh|1 }}.mesh", "path": "/{{ nope }}"}
    assert wrong("MeshIdentity", {"spiffeID": spiffe, "provider": SELF_MADE}) == [
        (
            "spec.spiffeID.trustDomain",
            "couldn't parse template: template: :1: non executable command in pipeline stage 2",
        ),
        ("spec.spiffeID.path", 'couldn\'t parse template: template: :1: function "nope" not defined'),
    ]


@pytest.mark.parametrize(
    ("address", "port", "found"),
    [
        ("10.0.0.1", 1, []),
        ("2001:db8::1", 65535, []),
        ("zone.example.com", 80, []),
        ("", 0, [("address", "must not be empty"), ("port", "port must be a valid (1-65535)")]),
        ("::", 65536, [("address", "must not be 0.0.0.0 or ::"), ("port", "port must be a valid (1-65535)")]),
        ("http://a:1", 1, [("address", "must be a valid IP address or domain name")]),
    ],
)
def test_addresses_of_zones(address: str, port: int, found: list[tuple[str, str]]):
    expected = [(f"spec.{field}", message) for field, message in found]
    assert wrong("MeshZoneAddress", {"address": address, "port": port}) == expected


OUTSIDE = {"match": {"port": 443}, "endpoints": [{"address": "api.example.com", "port": 443}]}


def secured(**verification: Any) -> dict[str, Any]:
    return OUTSIDE | {"tls": {"enabled": True, "verification": verification}}


def test_services_outside_the_mesh():
    assert wrong("MeshExternalService", OUTSIDE) == []
    assert wrong("MeshExternalService", {"match": {"type": "DNS", "protocol": "kafka"}, "endpoints": [{}]}) == [
        ("spec.match.type", "unrecognized type 'DNS' - only 'HostnameGenerator' is supported"),
        ("spec.match.port", "port must be a valid (1-65535)"),
        ("spec.match.protocol", '"protocol" must be one of ["tcp", "grpc", "http", "http2"]'),
        ("spec.endpoints[0].address", "address has to be a valid IP or hostname"),
        ("spec.endpoints[0].port", "port must be a valid (1-65535)"),
    ]
    ((field, _),) = wrong("MeshExternalService", OUTSIDE, name="1st")
    assert field == "name"
    with pytest.raises(Invalid, match=r"spec\.endpoints\[0\]\.priority"):
        wrong("MeshExternalService", OUTSIDE | {"endpoints": [{"address": "a", "port": 1, "priority": 129}]})


def test_tls_to_services_outside_the_mesh():
    names = [{"type": "Regex", "value": "a.*"}, {"value": "a.example.com"}]
    assert wrong("MeshExternalService", secured(serverName="a b", mode="Trusting", subjectAltNames=names)) == [
        ("spec.tls.verification.serverName", "must be a valid DNS name"),
        ("spec.tls.verification.mode", '"mode" must be one of ["SkipSAN", "SkipCA", "SkipAll", "Secured"]'),
        ("spec.tls.verification.subjectAltNames[0].type", '"type" must be one of ["Prefix", "Exact"]'),
    ]
    versions = {"min": "TLS13", "max": "TLS12"}
    assert wrong("MeshExternalService", OUTSIDE | {"tls": {"version": versions}}) == [
        ("spec.tls.version.min", "min version must be lower than max")
    ]
    assert [field for field, _ in wrong("MeshExternalService", OUTSIDE | {"tls": {"version": {"min": "SSL3"}}})] == [
        "spec.tls.version.min"
    ]


def test_secrets_of_services_outside_the_mesh():
    good = {"type": "Secret", "secretRef": {"kind": "Secret", "name": "ca"}}
    assert wrong("MeshExternalService", secured(caCert=good, clientCert=good, clientKey=good)) == []
    assert wrong("MeshExternalService", secured(clientCert=good)) == [
        ("spec.tls.verification.clientKey", "must be defined when clientCert is defined")
    ]
    nameless = {"type": "Secret", "secretRef": {"kind": "Secret"}}
    file = {"type": "File", "file": {"path": "/etc/passwd"}}
    assert wrong("MeshExternalService", secured(caCert=file, clientKey=nameless)) == [
        ("spec.tls.verification.clientCert", "must be defined when clientKey is defined"),
        ("spec.tls.verification.caCert.type", "File must be one of: Secret, InsecureInline"),
        ("spec.tls.verification.clientKey.secretRef.name", "must be defined"),
    ]


def test_an_extension_judges_endpoints_but_not_secrets():
    extended = {"match": {"port": 80}, "endpoints": [{"address": "a b", "port": 1}], "extension": {"type": "Lambda"}}
    assert wrong("MeshExternalService", extended) == []
    variable = {"type": "EnvVar", "envVar": {"name": "HOME"}}
    assert wrong(
        "MeshExternalService", extended | {"extension": {"type": ""}, "tls": {"verification": {"caCert": variable}}}
    ) == [
        ("spec.extension.type", "must not be empty"),
        ("spec.tls.verification.caCert.type", "EnvVar must be one of: Secret, InsecureInline"),
    ]
