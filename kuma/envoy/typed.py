"""Extensions: messages that Envoy takes as a name and an Any, packed so that equal ones have equal bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message

from kuma.envoy import api, names

if TYPE_CHECKING:
    from kuma.envoy.api import Cluster, FilterChain, HttpConnectionManager, HttpProtocolOptions, TcpProxy

M = TypeVar("M", bound=Message)


class Extension(Protocol):
    """What has a name and a typed config: a filter, a transport socket, an extension."""

    name: str

    @property
    def typed_config(self) -> Any: ...


def configure(extension: Extension, name: str, message: Message) -> None:
    """Make it the extension of this name, configured so."""
    extension.name = name
    extension.typed_config.Pack(message, deterministic=True)


def edit(packed: Any, message: M, change: Callable[[M], None]) -> None:
    """Change what is packed; what is not there yet starts out empty."""
    if packed.type_url:
        packed.Unpack(message)
    change(message)
    packed.Pack(message, deterministic=True)


def configs(chain: FilterChain, name: str) -> Iterator[Any]:
    """The configs of all filters of this name in a chain."""
    return (one.typed_config for one in chain.filters if one.name == name)


def edit_http(chain: FilterChain, change: Callable[[HttpConnectionManager], None]) -> None:
    """Change every HTTP connection manager of a chain; there may be none."""
    for packed in configs(chain, names.HCM):
        edit(packed, api.HttpConnectionManager(), change)


def edit_tcp(chain: FilterChain, change: Callable[[TcpProxy], None]) -> None:
    """Change every TCP proxy of a chain; there may be none."""
    for packed in configs(chain, names.TCP_PROXY):
        edit(packed, api.TcpProxy(), change)


def edit_http_options(cluster: Cluster, change: Callable[[HttpProtocolOptions], None]) -> None:
    """Change how a cluster speaks HTTP."""
    edit(cluster.typed_extension_protocol_options[names.HTTP_OPTIONS], api.HttpProtocolOptions(), change)


def extension(name: str, config: Message) -> dict[str, object]:
    """An extension as an argument of another message: `Matcher(…, input=extension(name, config))`."""
    packed = {
        "type_url": f"type.googleapis.com/{config.DESCRIPTOR.full_name}",
        "value": config.SerializeToString(deterministic=True),
    }
    return {"name": name, "typed_config": packed}
