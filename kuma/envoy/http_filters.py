"""Where an HTTP filter goes: before the router, which is last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import Message

from kuma.envoy import api, names
from kuma.envoy.typed import configure

if TYPE_CHECKING:
    from kuma.envoy.api import HttpConnectionManager


def insert_before_router(manager: HttpConnectionManager, name: str, config: Message) -> None:
    """Put a filter in, whether or not there is one of its name."""
    made = api.HttpFilter()
    configure(made, name, config)
    places = (place for place, one in enumerate(manager.http_filters) if one.name == names.ROUTER)
    manager.http_filters.insert(next(places, len(manager.http_filters)), made)


def put_before_router(manager: HttpConnectionManager, name: str, config: Message) -> None:
    """Put a filter in, or replace the one of its name."""
    for one in manager.http_filters:
        if one.name == name:
            configure(one, name, config)
            return
    insert_before_router(manager, name, config)
