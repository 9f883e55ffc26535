"""What happened to one request, hop by hop, as the Envoys on its way counted it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from kuma.cli.demo.http import Admin, Answer
from kuma.cli.demo.processes import Failed


@frozen
class Hop:
    """One station: what it is, and what it saw."""

    name: str
    saw: Mapping[str, str]


@frozen
class Way:
    """The Envoys on the way of a request to another zone: the client's, the ingress of that zone, the server's."""

    client: Admin
    ingress: Admin
    server: Admin
    destination: str  # the KRI of the service's port
    inbound: str = "self_inbound_dp_http"


@frozen
class Count:
    """What the Envoys of a way had counted at one moment."""

    outbound: Mapping[str, int]
    passed: int
    allowed: int
    served: int


def count(way: Way) -> Count:
    """Look at all three."""
    cluster = way.destination
    rbac = way.server.stats(r"rbac\.allowed$")
    return Count(
        outbound=_by_endpoint(way.client, cluster),
        passed=_stat(way.ingress, f"cluster.{cluster}.upstream_cx_total"),
        allowed=sum(rbac.values()),
        served=_stat(way.server, f"cluster.{way.inbound}.upstream_rq_total"),
    )


def _stat(admin: Admin, name: str) -> int:
    return admin.stats(f"^{name}$").get(name, 0)


def _by_endpoint(admin: Admin, cluster: str) -> dict[str, int]:
    clusters = admin.get("/clusters?format=json").json["cluster_statuses"]
    hosts = next((one.get("host_statuses", ()) for one in clusters if one["name"] == cluster), ())
    return {_address(host["address"]): _requests(host) for host in hosts}


def _address(address: Any) -> str:
    where = address["socket_address"]
    return f"{where['address']}:{where['port_value']}"


def _requests(host: Any) -> int:
    return sum(int(stat.get("value", 0)) for stat in host["stats"] if stat["name"] == "rq_total")


def sni_of(admin: Admin, cluster: str) -> str:
    """The server name by which an ingress knows the destination of one of its clusters."""
    for listener in admin.configured("dynamic_listeners"):
        chains = listener.get("active_state", {}).get("listener", {}).get("filter_chains", ())
        for chain in chains:
            if any(one["typed_config"].get("cluster") == cluster for one in chain["filters"]):
                return str(chain["filter_chain_match"]["server_names"][0])
    raise Failed(f"the ingress has no filter chain for {cluster}")


def identities(answer: Answer) -> tuple[str, str]:
    """Who called and who was called, as the server's sidecar verified it and told the server (x-forwarded-client-cert).

    `By` is the certificate that the server's side showed, which the client's side had verified to go on at all.
    """
    header = answer.json["headers"].get("x-forwarded-client-cert", "")
    told = dict(part.partition("=")[::2] for part in header.split(";"))
    if not {"By", "URI"} <= told.keys():
        raise Failed(f"the server was told no identities: x-forwarded-client-cert is {header!r}")
    return told["URI"], told["By"]


def hops(way: Way, answer: Answer, before: Count, after: Count) -> Iterator[Hop]:
    """The stations in order. Raises Failed when one of them has not seen the request."""
    caller, called = identities(answer)
    used = [where for where, requests in after.outbound.items() if requests > before.outbound.get(where, 0)]
    for what, grown in (
        ("the client's sidecar sent nothing on", len(used) == 1),
        # a connection that is kept serves many requests, and an ingress counts connections
        ("the zone ingress passed nothing on", after.passed > 0),
        ("the server's sidecar allowed nothing", after.allowed > before.allowed),
        ("the server's sidecar served nothing", after.served > before.served),
    ):
        if not grown:
            raise Failed(f"{what}; before: {before}, after: {after}")
    sni = sni_of(way.ingress, way.destination)
    yield Hop("client", {"asked for": "the local address of its sidecar's outbound"})
    yield Hop("its sidecar, outbound", {"cluster": way.destination, "sent to": used[0], "saw the server as": called})
    yield Hop("zone ingress", {"server name": sni, "passed on": "TLS as it came, without opening it"})
    yield Hop(
        "server's sidecar, inbound", {"listener": way.inbound, "saw the client as": caller, "permission": "allowed"}
    )
    yield Hop("server", {"answered as": answer.json["instance"]})
