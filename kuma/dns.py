"""What proxies resolve by themselves: the hostnames of the services they reach, as the document that kuma-dp is told.

{"records":[{"name":"backend.svc.mesh.local","ips":["241.0.0.1","::ffff:f100:1"]}],"ttl":30,
 "extraLabels":{"mesh":"shop"}}
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from ipaddress import IPv4Address, ip_address
from typing import Any

from attrs import frozen

from kuma.mesh import Mesh
from kuma.model import NAMESPACE, WORKLOAD, ZONE, Resource
from kuma.vips import ADDRESSED, vip_of

TTL = 30  # seconds
LABELS = {"kuma_workload": WORKLOAD, "k8s_kuma_io_namespace": NAMESPACE, "kuma_io_zone": ZONE}


@frozen(order=True)
class Hostname:
    """A name, and the virtual address that it stands for."""

    name: str
    vip: str


def hostnames(mesh: Mesh) -> tuple[Hostname, ...]:
    """Every name of the mesh's services, sorted. A service without an address has none."""
    return tuple(sorted({one for kind in ADDRESSED for one in _named(mesh, kind)}))


def _named(mesh: Mesh, kind: str) -> Iterator[Hostname]:
    for service in mesh.of(kind).values():
        if vip := vip_of(service):
            yield from (Hostname(address.hostname, vip) for address in service.status.addresses)


def dns_records(names: tuple[Hostname, ...], vips: Container[str], ipv6: bool) -> str:
    """The records of the names that stand for one of these addresses, as compact JSON.

    `vips` are the addresses of a proxy's outbounds; `ipv6` says whether it has IPv6, so that names resolve in both
    families. All proxies that look outward alike share this text.
    """
    return _json([{"name": one.name, "ips": ips(one.vip, ipv6)} for one in names if one.vip in vips])


def dns_document(records: str, dataplane: Resource) -> str:
    """The whole document for one proxy: the records, and the labels that its DNS metrics carry."""
    found = {key: dataplane.labels[label] for key, label in LABELS.items() if dataplane.labels.get(label)}
    labels = dict(sorted({"mesh": dataplane.mesh, **found}.items()))
    return f'{{"records":{records},"ttl":{TTL},"extraLabels":{_json(labels)}}}'


def ips(vip: str, ipv6: bool) -> list[str]:
    """The addresses that a name resolves to."""
    return list(dict.fromkeys((vip, mapped(vip)))) if ipv6 else [vip]


def mapped(vip: str) -> str:
    """An address among the IPv6 addresses (RFC 4291, 2.5.5.2), in two groups of digits: `::ffff:f000:1`."""
    address = ip_address(vip)
    if not isinstance(address, IPv4Address):
        return vip
    return f"::ffff:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
