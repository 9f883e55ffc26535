"""Envoy's words for small things: a client, an endpoint, a bandwidth, who may call, how a server outside is called."""

from __future__ import annotations

from typing import Any

from frozendict import frozendict

from ingress.egress import Machine, outside
from kuma.envoy import api, clusters, listeners, tls
from kuma.envoy.accesslog import condition
from kuma.envoy.draft import Identity, Inbound
from kuma.envoy.headers import tags
from kuma.external import exit_of
from kuma.kinds import parse_document
from kuma.match import InboundRules
from kuma.model import NAMESPACE, ZONE, Key, Resource
from kuma.policies import BY_KIND
from kuma.policies.meshfaultinjection import ResponseBandwidth
from kuma.rules import InboundRule, Origin
from kuma.schema import parse
from kuma.targetref import Match
from kuma.telemetry import host_and_port
from tests.conformance.case import Case, Outcome, by_run, value
from tests.conformance.compare import numbers
from tests.conformance.compare import parse as document

PERMISSION = "MeshTrafficPermission"
NOWHERE = {"pipe": {"path": "/"}}


def client(found: Any) -> str:
    """A match, its fields spelled as a Go program does, as an expression."""
    return condition(parse(Match, _match(found["match"])))


def _match(found: Any) -> Any:
    said = {key.lower(): {name.lower(): text for name, text in one.items()} for key, one in found.items()}
    return {"spiffeID": said.get("spiffeid"), "sni": said.get("sni")}


def kbps(found: Any) -> Any:
    """A bandwidth as a filter takes it."""
    return ResponseBandwidth(found["input"], 0).fault()["response_rate_limit"]["fixed_limit"]["limit_kbps"]


def endpoint(found: Any) -> str:
    """Where a collector is, as one text."""
    return host_and_port(found["endpoint"]["Target"], found["endpoint"]["Port"])


def permitted(case: Case) -> Outcome:
    """The filters that decide who may call."""
    listener = listeners.listener(case.input["stats"], "127.0.0.1", 80, "INBOUND")
    identity = Identity("identity", ())
    tls.secure(listener.filter_chains.add(), tls.downstream(identity))
    cluster = clusters.static("inbound", NOWHERE)
    rules = InboundRules(tuple(_rule(one) for one in case.input["inboundRules"]))
    edit = BY_KIND[PERMISSION].inbound
    assert edit is not None
    edit(Inbound("80", "127.0.0.1", 80, "tcp", identity, listener, cluster), rules)
    return Outcome(document(case.expected["expected"])["filters"], api.document(listener.filter_chains[0])["filters"])


def _rule(found: Any) -> InboundRule:
    lists = {name[:1].lower() + name[1:]: [_match(one) for one in every] for name, every in found["Conf"].items()}
    said = found["Origin"]["policy"]
    labels = frozendict({ZONE: said["zone"], NAMESPACE: said["namespace"]})
    policy = Resource(Key(PERMISSION, said["mesh"], said["name"]), None, labels)
    return InboundRule(None, parse(BY_KIND[PERMISSION].conf, lists), Origin(policy, 0))


def told(case: Case) -> Outcome:
    """What requests tell of who sends them; a tag with several values as one text."""
    labels = {name: ",".join(every) for name, every in (case.input.get("tags") or {}).items()}
    made = api.RouteConfiguration(name=case.fixed["name"], request_headers_to_add=tags(labels))
    return Outcome(document(case.expected["expected"]), api.document(made))


def outward(case: Case) -> Outcome:
    """How TLS is spoken to a server outside. The rest of its cluster is another one: its endpoints stand in it."""
    expected = document(case.expected["expected"])
    service = parse_document({"type": "MeshExternalService", "mesh": "default", "name": "it", "spec": _spec(case)})
    made = api.document(outside(exit_of(service, {}), case.input["clusterName"], Machine()))
    return Outcome(*(_sockets(one) for one in (expected, made)))


def _sockets(cluster: Any) -> Any:
    """A match that asks for nothing may be missing."""
    found = cluster.get("transportSocketMatches") or ()
    return numbers([{key: said for key, said in one.items() if said} for one in found])


def _spec(case: Case) -> Any:
    every = case.input["endpoints"]
    said = every[0]["ExternalService"]
    contents = {name: said.get(name[:1].upper() + name[1:]) for name in ("caCert", "clientCert", "clientKey")}
    verified = {
        name: {"type": "InsecureInline", "insecureInline": {"value": text}} for name, text in contents.items() if text
    }
    mode = "SkipSAN" if said.get("SkipHostnameVerification") else "Secured" if "caCert" in verified else "SkipAll"
    verification = {"mode": mode, **verified, **({"serverName": said["ServerName"]} if said.get("ServerName") else {})}
    return {
        "match": {"type": "HostnameGenerator", "port": 80, "protocol": "tcp"},
        "endpoints": [{"address": one["Target"], "port": one["Port"]} for one in every],
        "tls": {
            "enabled": said["TLSEnabled"],
            "allowRenegotiation": said.get("AllowRenegotiation", False),
            "verification": verification,
        },
    }


SUITES = {
    "unit-envoy": by_run(
        {
            "bandwidth-to-kbps": value(kbps),
            "client-side-tls": outward,
            "match-to-cel": value(client),
            "otel-endpoint-format": value(endpoint),
            "rbac": permitted,
            "tags-header": told,
        }
    ),
}
