"""A gRPC service: answers each message with its own name, and says that it is well (grpc.health.v1)."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import grpc

SAY = "/echo.Echo/Say"
CHECK = "/grpc.health.v1.Health/Check"
SERVING = b"\x08\x01"  # HealthCheckResponse{status: SERVING}


class Methods(grpc.GenericRpcHandler):
    """What there is to call; messages are bytes."""

    def __init__(self, instance: str) -> None:
        self.answers = {SAY: instance.encode(), CHECK: SERVING}

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        answer = self.answers.get(call.method)
        return None if answer is None else grpc.unary_unary_rpc_method_handler(lambda *_: answer)


def say(port: int, text: bytes = b"hello") -> bytes:
    """Call it, on a connection of its own. Raises grpc.RpcError."""
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        return channel.unary_unary(SAY)(text, timeout=10)


def main() -> None:
    """`python grpc_echo.py INSTANCE ADDRESS PORT`."""
    instance, address, port = sys.argv[1:]
    server = grpc.server(ThreadPoolExecutor(4), handlers=[Methods(instance)])
    server.add_insecure_port(f"{address}:{port}")
    server.start()
    Event().wait()


if __name__ == "__main__":
    main()
