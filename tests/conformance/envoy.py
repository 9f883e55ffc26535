"""Whole configs of proxies, made by the function that makes those that are sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kuma.kinds import KINDS, parse_document
from kuma.settings import Settings
from tests.conformance.case import Case, Missing, Outcome
from tests.conformance.compare import numbers, parse
from zone_cp.generate import Workshop, generate
from zone_cp.inspection import in_effect, shown
from zone_cp.offline import Offline, seen

ADDRESS = "192.0.2.1"
FEATURES = ("feature-tcp-accesslog-via-named-pipe", "feature-otel-via-kuma-dp", "feature-strict-inbound-ports")
ADMIN = frozenset({"system_envoy_admin", "system_probe_readiness"})
LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener"
CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
IP = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\[?(?=[0-9a-fA-F:]*::|(?:[0-9a-fA-F]+:){7})[0-9a-fA-F:]*:[0-9a-fA-F:]*\]?"
)


def config(case: Case) -> Outcome:
    """The configs of the proxies of a small mesh to which shadow policies were added, with these in effect."""
    expected, actual = {}, {}
    found = seen_in(case)
    mesh = in_effect(found.mesh)
    for name in case.about["dataplanes"]:
        expected[name] = normal(parse(case.text(f"expected.{name}.json"))["xds"])
        dataplane = mesh.get("Dataplane", name)
        assert dataplane is not None
        actual[name] = normal(shown(generate(mesh, found.proxy(dataplane), Workshop())))
    return Outcome(expected, actual)


def seen_in(case: Case) -> Offline:
    """What the zone's control plane would know, were the fixture and the case applied to it."""
    folder = case.fixtures.parent / case.fixed["fixture"]
    texts = [file.read_text() for file in sorted(folder.glob("*.yaml")) if file.name != "fixture.yaml"]
    documents = [one for text in texts for one in _documents(text.replace("{{ address }}", ADDRESS))]
    documents += case.documents("input.yaml")
    if unknown := {one["type"] for one in documents} - KINDS.keys():
        raise Missing(f"kind {', '.join(sorted(unknown))}")
    documents += [_insight(one) for one in documents if one["type"] == "Dataplane"]
    return seen(case.fixed["mesh"], case.fixed["zone"], map(parse_document, documents), Settings())


def _documents(text: str) -> list[Any]:
    found = parse(text)
    return found if isinstance(found, list) else [found]


def _insight(dataplane: Any) -> Any:
    """What its kuma-dp has said of itself."""
    reuse = [] if dataplane["name"].endswith("no-reusable-ports") else ["feature-reuse-port"]
    metadata = {
        "features": [*reuse, *FEATURES],
        "workdir": "/tmp",
        "ipv6Enabled": False,
        "dataplane.admin.port": "9901",
        "dataplane.admin.address": "127.0.0.1",
        "dataplane.admin.socketPath": "/tmp/kuma-envoy-admin.sock",
        "dataplane.readinessReporter.port": "9902",
        "dataplane.dns.port": "15053",
    }
    named = {key: dataplane[key] for key in ("mesh", "name")}
    return {"type": "DataplaneInsight", **named, "metadata": metadata}


# What does not count.


def normal(xds: Any) -> Any:
    """Without addresses, certificates and what is the same for every proxy and every case."""
    found = numbers(xds)
    for name in ("system_dynamicconfig", "_kuma:dynamicconfig"):
        found.get(LISTENER, {}).pop(name, None)
    for secret in found.get(SECRET, {}).values():
        _walk(secret, _no_bundle)
    for name, cluster in found.get(CLUSTER, {}).items():
        if name in ADMIN:
            _walk(cluster.get("loadAssignment"), _no_endpoint)
    for name, listener in found.get(LISTENER, {}).items():
        if name in ADMIN:
            listener["address"] = NOWHERE
    _walk(found, _no_detail)
    return _no_ips(found)


NOWHERE = {"socketAddress": {"address": "ADMIN_REDACTED", "portValue": 0}}


def _walk(found: Any, change: Callable[[dict[str, Any]], None]) -> None:
    if isinstance(found, dict):
        change(found)
    for one in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        _walk(one, change)


def _no_bundle(found: dict[str, Any]) -> None:
    if isinstance(found.get("trustBundle"), dict):
        found["trustBundle"] = {"inlineBytes": "CERT_REDACTED"}


def _no_endpoint(found: dict[str, Any]) -> None:
    if isinstance(found.get("endpoint"), dict):
        found["endpoint"]["address"] = NOWHERE


def _no_detail(found: dict[str, Any]) -> None:
    found.pop("dnsLookupFamily", None)
    if isinstance(found.get("statPrefix"), str):
        found["statPrefix"] = "STAT_PREFIX_REDACTED"


def _no_ips(found: Any) -> Any:
    if isinstance(found, dict):
        return {_no_ips(key): _no_ips(one) for key, one in found.items()}
    if isinstance(found, list):
        return [_no_ips(one) for one in found]
    return IP.sub("IP_REDACTED", found) if isinstance(found, str) else found


SUITES = {"envoyconfig-sidecars": config, "envoyconfig-zoneproxies": config}
