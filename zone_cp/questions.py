"""What the global control plane asks about this zone's Envoys, on streams that the zone holds open for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from attrs import frozen
from google.protobuf.message import DecodeError, Message

from kuma.model import Key
from kuma.protos import kds_pb2
from kuma.rest.deliveries import Deliveries
from kuma.rest.envoys import Envoys, Look, NotTold
from kuma.store.api import NotFound, Reader, StoreError
from kuma.xds.wire import Malformed

log = structlog.get_logger()

DATAPLANE = "Dataplane"
CONFIGS = "StreamXDSConfigs"


@frozen
class Question:
    """One of the three streams: what comes on it, and in which field of which message the answer goes back."""

    method: str
    request: type[Message]
    response: type[Message]
    field: str
    look: Callable[[Any], Look]


QUESTIONS: Mapping[str, Question] = {
    one.method: one
    for one in (
        Question(
            CONFIGS,
            kds_pb2.XDSConfigRequest,
            kds_pb2.XDSConfigResponse,
            "config",
            lambda asked: Look("config_dump", include_eds=asked.include_eds, as_json=True),
        ),
        Question(
            "StreamStats",
            kds_pb2.StatsRequest,
            kds_pb2.StatsResponse,
            "stats",
            lambda asked: Look("stats", as_json=asked.format == kds_pb2.JSON, used_only=asked.used_only),
        ),
        Question(
            "StreamClusters",
            kds_pb2.ClustersRequest,
            kds_pb2.ClustersResponse,
            "clusters",
            lambda asked: Look("clusters", as_json=asked.format == kds_pb2.JSON),
        ),
    )
}


@frozen
class Answers:
    """Answers questions out of a store and the Envoys themselves."""

    store: Reader
    envoys: Envoys
    deliveries: Deliveries | None = None

    async def answer(self, question: Question, data: bytes) -> bytes:
        """The answer to one message, which may be why there is none. Raises Malformed."""
        try:
            asked: Any = question.request.FromString(data)
        except DecodeError as error:
            raise Malformed(str(error)) from error
        response: Any = question.response(request_id=asked.request_id)
        try:
            setattr(response, question.field, await self._told(question, asked))
        except (NotTold, StoreError) as reason:
            log.info("envoy not asked", rpc=question.method, dataplane=asked.resource_name, reason=str(reason))
            response.error = str(reason)
        except Exception:
            log.exception("question not answered", rpc=question.method, dataplane=asked.resource_name)
            response.error = "the zone's control plane failed: its log says why"
        return bytes(response.SerializeToString())

    async def _told(self, question: Question, asked: Any) -> bytes:
        if asked.resource_type != DATAPLANE:
            raise NotTold(f"unsupported resource type: {asked.resource_type}")
        try:
            dataplane = await self.store.get(Key(DATAPLANE, asked.resource_mesh, asked.resource_name))
        except NotFound:
            raise NotTold(f"there is no Dataplane {asked.resource_name} in mesh {asked.resource_mesh}") from None
        if self.deliveries is not None and question.method == CONFIGS and asked.delivered:
            delivery = await self.deliveries.delivered(dataplane, dict(asked.delivered))
            return json.dumps(delivery.shown()).encode()
        return await self.envoys.look(dataplane, question.look(asked))
