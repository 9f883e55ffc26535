"""Dataplanes: what they say, where they listen, what is spoken there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kuma.cli.dp.envoy import release_of
from kuma.kinds import KINDS
from kuma.mesh import Metadata
from kuma.names import is_ipv6
from kuma.protocols import protocol
from kuma.resources.dataplane import Dataplane, Interface, Networking
from kuma.schema import parse, show
from tests.conformance.case import Case, Outcome, by_run, value
from tests.conformance.compare import parse as yaml
from tests.conformance.compare import pruned

UNKNOWN = "<unknown>"


def dataplane(text: str) -> Dataplane:
    """A Dataplane's spec."""
    return parse(KINDS["Dataplane"].spec, yaml(text) or {}, "")


def networking(found: Any) -> Networking:
    """What the Dataplane of a case listens on."""
    said = dataplane(found["dataplane"]) if found.get("dataplane") else Dataplane()
    return said.networking or Networking()


def address(found: Any) -> str:
    """Where a proxy is."""
    return networking(found).address


def at_ipv6(found: Any) -> bool:
    """Whether a proxy is at an IPv6 address."""
    return is_ipv6(address(found))


def metadata(case: Case) -> Outcome:
    """What a proxy says of itself."""
    fields = ((case.input.get("node") or {}).get("Fields")) or {}
    found = Metadata.of({name: _struct(one) for name, one in fields.items()})
    known = {"AdminPort": found.admin_port, "DNSPort": found.dns_port, "SystemCaPath": found.system_ca_path,
             "ReadinessPort": found.readiness_port, "IPv6Enabled": found.ipv6}  # fmt: skip
    expected = {key: one for key, one in case.expected["expected"].items() if key in known}
    return Outcome(expected, {key: one for key, one in known.items() if one})


def _struct(found: Any) -> Any:
    kind = found["Kind"]
    if "StructValue" in kind:
        return {name: _struct(one) for name, one in (kind["StructValue"].get("Fields") or {}).items()}
    if "ListValue" in kind:
        return [_struct(one) for one in kind["ListValue"].get("Values") or ()]
    return next(iter(kind.values()), None)


def told(case: Case) -> Outcome:
    """A Dataplane as JSON text, its fields in their customary order."""
    return Outcome(case.expected["expected"], json.dumps(show(dataplane(case.input["input"])), indent=2))


def _listening(said: Any) -> Networking:
    """What stands in a case with the names of a protobuf's fields."""
    return parse(Networking, _uncapitalized(said or {}), "")


def _uncapitalized(found: Any) -> Any:
    if isinstance(found, dict):
        return {key[:1].lower() + key[1:]: _uncapitalized(one) for key, one in found.items()}
    return [_uncapitalized(one) for one in found] if isinstance(found, list) else found


def inbounds(case: Case) -> Outcome:
    """Both ends of every inbound."""
    return _compared(case, map(_ends, _listening(case.input["input"]).interfaces()))


def sections(case: Case) -> Outcome:
    """Both ends of the inbounds of one section."""
    section = (case.input or {}).get("sectionName") or ""
    return _compared(case, map(_ends, _listening(case.fixed["networking"]).interfaces(section)))


def outbounds(case: Case) -> Outcome:
    """Where every outbound listens."""
    found = (one.listens for one in _listening(case.input["input"]).outbound)
    return _compared(case, ({"DataplaneIP": host, "DataplanePort": port} for host, port in found))


def _ends(one: Interface) -> dict[str, Any]:
    (host, port), (workload, workload_port) = one.listens, one.serves
    return {"DataplaneIP": host, "DataplanePort": port, "WorkloadIP": workload, "WorkloadPort": workload_port,
            "InboundName": one.section}  # fmt: skip


def _compared(case: Case, found: Iterable[dict[str, Any]]) -> Outcome:
    return Outcome(_in_order(case.expected.get("expected") or ()), _in_order(found))


def _in_order(found: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(pruned(one), sort_keys=True) for one in found)


def taken(found: Any) -> bool:
    """Whether an inbound or an outbound is in the way."""
    place, listening = (found["address"], found["port"]), networking(found)
    return listening.takes_inbound(place) or listening.takes_outbound(place)


def release(case: Case) -> Outcome:
    """The numbers of a version, and its label."""
    numbers, label = release_of(case.input["inputVersion"])
    return Outcome(pruned(case.expected), pruned({"expectedVersion": numbers, "expectedLabel": label}))


SUITES = {
    "unit-dataplane": by_run(
        {
            "dataplane-address": value(address),
            "dataplane-is-ipv6": value(at_ipv6),
            "dataplane-json": told,
            "envoy-version": release,
            "inbound-interfaces": inbounds,
            "inbounds-by-section-name": sections,
            "node-metadata": metadata,
            "outbound-interfaces": outbounds,
            "parse-protocol": value(lambda found: protocol(found["tag"]) or UNKNOWN),
            "uses-interface": value(taken),
            "uses-transparent-proxy": value(lambda found: dataplane(found["dataplane"]).is_transparent),
        }
    ),
}
