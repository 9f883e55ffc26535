"""The TLS server name under which a destination's port is reached across zones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kuma.model import Resource
from kuma.names import dns1123_label


def sni(short: str, resource: Resource, section: str) -> str:
    """`sni.<short>.<mesh>.[<zone>.[<namespace>.]]<name>.<section>`; the namespace only together with a zone."""
    place = [resource.zone, *([resource.namespace] if resource.namespace else [])] if resource.zone else []
    return ".".join(("sni", short, resource.mesh, *place, resource.display_name, section))


def sni_problems(short: str, resource: Resource, section: str) -> Iterator[str]:
    """What keeps this server name from being a good DNS name."""
    if not (resource.mesh and resource.display_name and section):
        yield "mesh, name and sectionName must be non-empty"
        return
    parts = {"mesh": resource.mesh, "name": resource.display_name}
    if resource.zone:
        parts["zone"] = resource.zone
        if resource.namespace:
            parts["namespace"] = resource.namespace
    for part, value in parts.items():
        if wrong := dns1123_label(value):
            yield f'{part} "{value}" does not conform to RFC 1123: {"; ".join(wrong)}'
    yield from dns1123_label(section)
    if (length := len(sni(short, resource, section))) > 253:
        yield f"computed SNI is {length} characters which exceeds the DNS hostname limit (253)"


def sni_warnings(kind: str, short: str, resource: Resource, sections: Iterable[str]) -> Iterator[str]:
    """One warning for each problem of each port."""
    for section in sections:
        for problem in sni_problems(short, resource, section):
            yield f'Invalid {kind} SNI (port "{section}"): {problem}. This is deprecated.'
