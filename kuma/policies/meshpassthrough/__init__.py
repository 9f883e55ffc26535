"""MeshPassthrough: which places outside the mesh an application may call by address, through its proxy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kuma.envoy import names
from kuma.envoy.draft import System
from kuma.envoy.listeners import inspect_http, inspect_tls, keep_destination
from kuma.policies.meshpassthrough.chains import Exit, exits
from kuma.policies.meshpassthrough.chosen import FAMILIES, Way, ways
from kuma.policies.meshpassthrough.spec import Conf, Match, MeshPassthrough
from kuma.policy import Policy, Said, policy_kind

if TYPE_CHECKING:
    from kuma.envoy.api import Listener

__all__ = ["KIND", "POLICY", "Conf", "Match", "MeshPassthrough", "edit_system"]

SILENT_SERVERS = "mysql"  # whose servers speak first: waiting for what a client says would be for ever


def edit_system(part: System, said: Said) -> None:
    """Shut the way to anywhere, and open those that are matched. Without a policy all is open."""
    conf: Conf | None = said.whole
    if conf is None or conf.passthrough_mode == "All":
        return
    anywhere = {version: names.passthrough("outbound", version) for version in FAMILIES}
    part.clusters[:] = [one for one in part.clusters if one.name not in anywhere.values()]
    if conf.passthrough_mode == "None" or not conf.append_match:
        return
    found = ways(conf.append_match)
    by_name = {one.name: one for one in part.listeners}
    made: dict[str, Exit] = {}
    for version, name in anywhere.items():
        if name in by_name:
            mine = [way for way in found if way.kind in FAMILIES[version]]
            made |= _open(by_name[name], mine, part)
    part.clusters += [cluster for one in made.values() for cluster in one.clusters]


def _open(listener: Listener, found: Iterable[Way], part: System) -> dict[str, Exit]:
    """Let a listener take these ways, if there are any of its family."""
    made = {one.chain.name: one for one in exits(found, part.internal)}
    if not made:
        return {}
    del listener.filter_chains[:]
    listener.filter_chains.extend(one.chain for one in made.values())
    keep_destination(listener)
    unheard = sorted({way.port for way in found if way.protocol == SILENT_SERVERS})
    inspect_tls(listener, unheard)
    inspect_http(listener, unheard)
    return made


KIND = policy_kind("MeshPassthrough", MeshPassthrough, "mp")

POLICY = Policy(KIND, order=500, conf=Conf, system=edit_system, single=True)
