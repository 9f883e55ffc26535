"""Every kind: its names and paths, which way it syncs, and who may write it."""

from __future__ import annotations

import pytest

from kuma.admission import is_read_only
from kuma.kinds import KINDS
from kuma.labels import Where
from kuma.model import Kind, plural

TABLE = """
Config                      -       G  -                             G2Z+PZ        -   -       kept
Dataplane                   dp      M  dataplanes                    Z2G           -   -       -
DataplaneInsight            -       M  dataplane-insights            Z2G           ro  -       -
GlobalSecret                -       G  globalsecrets global-secrets  G2Z+PZ        -   -       kept
HostnameGenerator           hg      G  hostnamegenerators            G2Z+Z2G       -   -       hashed
Mesh                        m       G  meshes                        G2Z           -   -       kept
MeshAccessLog               mal     M  meshaccesslogs                G2Z+Z2G+X     -   status  hashed
MeshCircuitBreaker          mcb     M  meshcircuitbreakers           G2Z+Z2G+X     -   -       hashed
MeshExternalService         extsvc  M  meshexternalservices          G2Z+Z2G       -   status  hashed
MeshFaultInjection          mfi     M  meshfaultinjections           G2Z+Z2G+X     -   -       hashed
MeshHTTPRoute               mhttpr  M  meshhttproutes                G2Z+Z2G+X     -   -       hashed
MeshHealthCheck             mhc     M  meshhealthchecks              G2Z+Z2G+X     -   -       hashed
MeshIdentity                mid     M  meshidentities                G2Z+Z2G       -   status  hashed
MeshInsight                 -       G  mesh-insights                 PG            ro  -       -
MeshLoadBalancingStrategy   mlbs    M  meshloadbalancingstrategies   G2Z+Z2G+X     -   -       hashed
MeshMetric                  mm      M  meshmetrics                   G2Z+Z2G+X     -   status  hashed
MeshMultiZoneService        mzsvc   M  meshmultizoneservices         G2Z           -   status  hashed
MeshOpenTelemetryBackend    motb    M  meshopentelemetrybackends     G2Z+Z2G       -   status  hashed
MeshPassthrough             mp      M  meshpassthroughs              G2Z+Z2G+X     -   -       hashed
MeshProxyPatch              mpp     M  meshproxypatches              G2Z+Z2G+X     -   -       hashed
MeshRateLimit               mrl     M  meshratelimits                G2Z+Z2G+X     -   -       hashed
MeshRetry                   mr      M  meshretries                   G2Z+Z2G+X     -   -       hashed
MeshService                 msvc    M  meshservices                  Z2G+X         -   status  hashed
MeshTCPRoute                mtcpr   M  meshtcproutes                 G2Z+Z2G+X     -   -       hashed
MeshTLS                     mtls    M  meshtlses                     G2Z+Z2G+X     -   -       hashed
MeshTimeout                 mt      M  meshtimeouts                  G2Z+Z2G+X     -   -       hashed
MeshTrace                   mtr     M  meshtraces                    G2Z+Z2G+X     -   status  hashed
MeshTrafficPermission       mtp     M  meshtrafficpermissions        G2Z+Z2G+X     -   -       hashed
MeshTrust                   mtrust  M  meshtrusts                    G2Z+Z2G       -   status  hashed
MeshZoneAddress             mza     M  meshzoneaddresses             Z2G+X         -   -       hashed
Secret                      -       M  secrets                       G2Z+PZ        -   -       kept
ServiceInsight              -       M  service-insights              G2Z           ro  -       hashed
Workload                    wl      M  workloads                     Z2G           -   status  -
Zone                        z       G  zones                         PG+PZ         -   -       -
ZoneInsight                 -       G  zone-insights                 PG+PZ         ro  -       -
"""
SYNCED = {"G2Z": "global_to_zone", "Z2G": "zone_to_global", "X": "across_zones"}
WRITABLE = {
    "G2Z": "provided_by_global",
    "PG": "provided_by_global",
    "Z2G": "provided_by_zone",
    "PZ": "provided_by_zone",
}
ROWS = [line.split() for line in TABLE.strip().splitlines()]
KNOWN = [row for row in ROWS if row[0] in KINDS]

GLOBAL, FEDERATED, ALONE = Where("global"), Where("zone", "east", federated=True), Where("zone", "east")


def row_of(kind: Kind) -> list[str]:
    paths = [kind.path, *kind.aliases] if kind.path else ["-"]
    return [kind.name, kind.short or "-", "M" if kind.mesh_scoped else "G", *paths]


def test_no_kind_is_missing_from_this_table():
    assert set(KINDS) <= {row[0] for row in ROWS}


@pytest.mark.parametrize("row", KNOWN, ids=lambda row: row[0])
def test_kinds(row: list[str]):
    kind = KINDS[row[0]]
    *named, flags, read_only, status, renamed = row
    said = flags.split("+")
    assert row_of(kind) == named
    assert {word for word, synced in SYNCED.items() if getattr(kind, synced)} == set(said) & SYNCED.keys()
    assert kind.read_only is (read_only == "ro")
    assert (kind.status is not None) is (status == "status")
    assert renamed == "-" or kind.renamed is (renamed == "hashed")
    for provided in ("provided_by_global", "provided_by_zone"):
        assert kind.read_only or getattr(kind, provided) is any(WRITABLE.get(word) == provided for word in said)


@pytest.mark.parametrize(
    ("where", "read_only"),
    [
        (GLOBAL, {"Dataplane", "MeshService", "MeshZoneAddress", "Workload"}),
        (FEDERATED, {"Mesh", "MeshMultiZoneService"}),
        (ALONE, set()),
    ],
)
def test_what_may_not_be_written_where(where: Where, read_only: set[str]):
    always = {"DataplaneInsight", "MeshInsight", "ServiceInsight", "ZoneInsight"}
    assert {kind.name for kind in KINDS.values() if is_read_only(kind, where)} == read_only | always


def test_who_may_see_what():
    assert {kind.name for kind in KINDS.values() if kind.admin_only} == {"GlobalSecret", "Secret"}
    assert {kind.name for kind in KINDS.values() if kind.destination} == {
        "MeshExternalService",
        "MeshMultiZoneService",
        "MeshService",
    }


@pytest.mark.parametrize(
    ("kind", "title", "titles"),
    [
        ("MeshHTTPRoute", "Mesh HTTP Route", "Mesh HTTP Routes"),
        ("MeshTLS", "Mesh TLS", "Mesh TLSes"),
        ("MeshLoadBalancingStrategy", "Mesh Load Balancing Strategy", "Mesh Load Balancing Strategies"),
        ("MeshRetry", "Mesh Retry", "Mesh Retries"),
        ("MeshProxyPatch", "Mesh Proxy Patch", "Mesh Proxy Patches"),
        ("MeshIdentity", "Mesh Identity", "Mesh Identities"),
        ("MeshOpenTelemetryBackend", "Mesh OpenTelemetry Backend", "Mesh OpenTelemetry Backends"),
        ("MeshZoneAddress", "Mesh Zone Address", "Mesh Zone Addresses"),
        ("GlobalSecret", "Global Secret", "Global Secrets"),
    ],
)
def test_names_for_people(kind: str, title: str, titles: str):
    assert (KINDS[kind].title, KINDS[kind].titles) == (title, titles)


@pytest.mark.parametrize(
    ("one", "many"),
    [("Mesh", "Meshes"), ("Patch", "Patches"), ("TLS", "TLSes"), ("POLICY", "POLICies"), ("Gateway", "Gateways"),
     ("Zone", "Zones"), ("Box", "Boxes")],
)  # fmt: skip
def test_several(one: str, many: str):
    assert plural(one) == many
