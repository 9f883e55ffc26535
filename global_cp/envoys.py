"""Asking the Envoys of zones about themselves: each zone asks its own, on the streams that it holds open for us."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from attrs import frozen

from global_cp.admin_streams import RPCS, AdminStreams, NotAsked, Rpc
from kuma.model import Key, Resource
from kuma.protos import kds_pb2
from kuma.resources.zoneinsight import ZoneInsight
from kuma.rest.deliveries import Delivery, Stamps
from kuma.rest.envoys import Look, NotTold
from kuma.store.api import NotFound, Reader

PATIENCE = timedelta(seconds=10)


@frozen
class Asking:
    """How one page is asked for: on which stream, under which name, and with which message beyond whose it is."""

    rpc: Rpc
    name: str
    said: Callable[[Look], dict[str, Any]]


def _format(look: Look) -> Any:
    return kds_pb2.JSON if look.as_json else kds_pb2.TEXT


ASKING: Mapping[str, Asking] = {
    "config_dump": Asking(RPCS["StreamXDSConfigs"], "XDS Config Dump", lambda look: {"include_eds": look.include_eds}),
    "stats": Asking(RPCS["StreamStats"], "Stats", lambda look: {"format": _format(look), "used_only": look.used_only}),
    "clusters": Asking(RPCS["StreamClusters"], "Clusters", lambda look: {"format": _format(look)}),
}

BY_RPC: Mapping[str, Asking] = {asking.rpc.method: asking for asking in ASKING.values()}

Forward = Callable[[str, Rpc, Any], Awaitable[bytes]]
"""Asks another instance; it raises NotTold."""


@frozen
class GlobalEnvoys:
    """Asks zones about Dataplanes that came from them; those that are connected to another instance through that."""

    store: Reader
    streams: AdminStreams
    instance: str
    forward: Forward

    async def look(self, dataplane: Resource, look: Look) -> bytes:
        """A page of the admin interface. Raises NotTold."""
        asking = ASKING[look.page]
        return await self._asked(asking, dataplane, asking.said(look))

    async def delivered(self, dataplane: Resource, stamps: Stamps) -> Delivery:
        """How far a proxy is, as its zone says; one of another make tells what the proxy holds, and no more."""
        try:
            told = json.loads(await self._asked(ASKING["config_dump"], dataplane, {"delivered": stamps}))
            return Delivery(told["state"], tuple(told["reasons"]))
        except (NotTold, ValueError) as reason:
            return Delivery("unknown", (str(reason),))
        except KeyError:
            return Delivery("unknown", (f"the control plane of zone {dataplane.zone} can't tell",))

    async def told(self, rpc: Rpc, request: Any) -> bytes:
        """What another instance forwarded, which names the Dataplane as global does. Raises NotTold."""
        try:
            dataplane = await self.store.get(Key("Dataplane", request.resource_mesh, request.resource_name))
        except NotFound:
            raise NotTold(f"there is no Dataplane {request.resource_name} in mesh {request.resource_mesh}") from None
        return await self._zone_asked(BY_RPC[rpc.method], dataplane, request)

    async def _asked(self, asking: Asking, dataplane: Resource, said: Mapping[str, Any]) -> bytes:
        holder = _holder(asking.rpc.stream, await self._online(asking, dataplane.zone))
        if not holder:
            raise NotTold(f"stream to execute {asking.name} operations is not yet connected")
        where = {"resource_type": dataplane.kind, "resource_mesh": dataplane.mesh, "resource_name": dataplane.name}
        request: Any = asking.rpc.request(**where, **said)
        if holder != self.instance:
            return await self.forward(holder, asking.rpc, request)
        return await self._zone_asked(asking, dataplane, request)

    async def _zone_asked(self, asking: Asking, dataplane: Resource, request: Any) -> bytes:
        zone = dataplane.zone
        request.resource_name = name_in_zone(dataplane, await self._online(asking, zone))
        try:
            return await self.streams.ask(asking.rpc, zone, request, PATIENCE)
        except NotAsked as reason:
            raise NotTold(str(reason)) from None
        except TimeoutError:
            raise NotTold(f"zone {zone} did not answer within {PATIENCE.total_seconds():g} s") from None

    async def _online(self, asking: Asking, zone: str) -> ZoneInsight:
        """What is known of a zone that is connected. Raises NotTold of any other."""
        try:
            found: ZoneInsight = (await self.store.get(Key("ZoneInsight", "", zone))).spec
        except NotFound:
            found = ZoneInsight()
        if not found.online:
            raise NotTold(f"couldn't execute {asking.name} operation, zone is offline")
        return found


def _holder(stream: str, insight: ZoneInsight) -> str:
    """The instance that a zone's stream was last connected to."""
    known = getattr(insight.kds_streams, stream, None)
    if known is not None and known.global_instance_id:
        return str(known.global_instance_id)
    return str(getattr(insight.envoy_admin_streams, f"{stream}_global_instance_id", "") or "")


def name_in_zone(dataplane: Resource, insight: ZoneInsight) -> str:
    """What a Dataplane is called where it comes from; on Kubernetes its namespace is part of that. Raises NotTold."""
    if _store_type(insight) == "kubernetes":
        return f"{dataplane.display_name}.{dataplane.namespace}"
    return dataplane.display_name


def _store_type(insight: ZoneInsight) -> str:
    """Where the zone keeps its resources, as its control plane's settings say that it sent along."""
    config = insight.subscriptions[-1].config if insight.subscriptions else ""
    try:
        return str(json.loads(config or "{}")["store"]["type"])
    except (ValueError, KeyError, TypeError):
        return ""
