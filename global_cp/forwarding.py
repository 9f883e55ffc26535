"""Questions about Envoys of a zone that is connected to another instance are forwarded to that one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import grpc
from attrs import frozen
from google.protobuf.message import DecodeError

from certs.ca import BadAuthority
from global_cp.admin_streams import RPCS, Rpc
from kuma.peers.calls import Calls, Unreachable
from kuma.rest.envoys import NotTold
from kuma.store.api import StoreError

SERVICE = "kuma.mesh.v1alpha1.InterCPEnvoyAdminForwardService"
METHODS = {"StreamXDSConfigs": "XDSConfig", "StreamStats": "Stats", "StreamClusters": "Clusters"}
PATIENCE = timedelta(seconds=15)  # the other instance's own patience with the zone, and some

Told = Callable[[Rpc, Any], Awaitable[bytes]]
"""What this instance answers itself; it raises NotTold."""


@frozen
class Forwarding:
    """Forwards to other instances. Requests name a Dataplane as global does."""

    calls: Calls

    async def forward(self, instance: str, rpc: Rpc, request: Any) -> bytes:
        """The answer of another instance. Raises NotTold."""
        method = f"/{SERVICE}/{METHODS[rpc.method]}"
        try:
            peer = await self.calls.peer(instance)
            answer = await self.calls.call(peer, method, request.SerializeToString(), PATIENCE)
        except (Unreachable, StoreError, BadAuthority) as reason:
            raise NotTold(str(reason)) from None
        message: Any = rpc.response.FromString(answer)
        which = message.WhichOneof("result")
        if which == "error":
            raise NotTold(message.error)
        return b"" if which is None else bytes(getattr(message, which))


def handler(told: Told) -> grpc.GenericRpcHandler[Any, Any]:
    """What answers the questions that other instances forward."""
    unary = grpc.unary_unary_rpc_method_handler
    methods = {METHODS[name]: unary(_answering(rpc, told)) for name, rpc in RPCS.items()}
    return grpc.method_handlers_generic_handler(SERVICE, methods)


def _answering(rpc: Rpc, told: Told) -> Callable[[bytes, Any], Awaitable[bytes]]:
    (result,) = (field.name for field in rpc.response.DESCRIPTOR.oneofs_by_name["result"].fields if field.number == 3)

    async def answer(data: bytes, context: Any) -> bytes:
        try:
            request: Any = rpc.request.FromString(data)
        except DecodeError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        message: Any = rpc.response()
        message.request_id = request.request_id
        try:
            setattr(message, result, await told(rpc, request))
        except NotTold as reason:
            message.error = str(reason)
        said: bytes = message.SerializeToString()
        return said

    return answer
