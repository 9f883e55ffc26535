"""What the modifications of a proxy make of one resource. Pure: a resource in, a changed one or None out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableSequence
from typing import Any, TypeVar

from attrs import frozen
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.message import Message

from kuma.envoy import api, names
from kuma.jsonpatch import PatchError
from kuma.jsonpatch import patched as json_patched
from kuma.policies.meshproxypatch.spec import (
    ADD,
    AFTER,
    BEFORE,
    FIRST,
    LAST,
    PATCH,
    REMOVE,
    ClusterChange,
    FilterMatch,
    HttpFilterChange,
    ListenerChange,
    Modification,
    NetworkFilterChange,
    VirtualHostChange,
    VirtualHostMatch,
    native,
)

M = TypeVar("M", bound=Message)

LEGACY = {
    f"{way}:passthrough:ipv{version}": f"self_transparentproxy_passthrough_{way}_ipv{version}"
    for way in ("inbound", "outbound")
    for version in (4, 6)
}
ADDED_CLUSTER = "proxy-template-modifications"
ADDED_LISTENER = "mesh-proxy-patch"
ROOTS = {"Cluster": "cluster", "Listener": "listener"}
DURATION = "google.protobuf.Duration"


class PatchFailed(ValueError):
    """A modification that can't be applied to what it matches; the proxy keeps the config it has."""


@frozen
class Place:
    """Where a resource comes from: its name, and for what it was generated."""

    name: str
    origin: str


Modifications = tuple[Modification, ...]


def modified(modifications: Modifications, place: Place, resource: M) -> M | None:
    """What becomes of a cluster or listener; None where it is removed, or replaced by one that is added."""
    for one in modifications:
        cluster_or_listener = one.cluster or one.listener
        if cluster_or_listener is not None and type(resource) is type(_whole(cluster_or_listener)):
            if not _change_whole(cluster_or_listener, place, resource):
                return None
        elif resource.DESCRIPTOR.name == "Listener":
            _change_within(one, place, resource)
    return resource


def added(modifications: Modifications, root: str) -> Iterator[tuple[str, Any]]:
    """The clusters or listeners that are added, by name, with what later modifications make of them."""
    for index, one in enumerate(modifications):
        change = getattr(one, ROOTS[root])
        if change is None or change.operation != ADD:
            continue
        resource = _copy(native(root, change.value))
        place = Place(resource.name, ADDED_CLUSTER if root == "Cluster" else ADDED_LISTENER)
        left = modified(modifications[index + 1 :], place, resource)
        if left is not None:
            yield place.name, left


def _whole(change: ClusterChange | ListenerChange) -> Any:
    return api.Cluster() if isinstance(change, ClusterChange) else api.Listener()


def _change_whole(change: ClusterChange | ListenerChange, place: Place, resource: Any) -> bool:
    """Whether the resource is still there."""
    if change.operation == ADD:
        return bool(native(change.root, change.value or "").name != place.name)
    if not _meant(change.match, place, resource):
        return True
    if change.operation == PATCH:
        _patch(resource, change)
    return change.operation != REMOVE


def _meant(match: Any, place: Place, resource: Any) -> bool:
    if match is None:
        return True
    if match.origin is not None and match.origin != place.origin:
        return False
    if match.name is not None and LEGACY.get(match.name, match.name) != LEGACY.get(place.name, place.name):
        return False
    return _tagged(resource, getattr(match, "tags", None))


def _tagged(listener: Any, tags: Mapping[str, str] | None) -> bool:
    if not tags:
        return True
    said = listener.metadata.filter_metadata.get(names.TAGS)
    known = {} if said is None else {key: value.string_value for key, value in said.fields.items()}
    return all(key in known and value in ("*", known[key]) for key, value in tags.items())


# Within listeners.


def _change_within(one: Modification, place: Place, listener: Any) -> None:
    network, http, hosts = one.network_filter, one.http_filter, one.virtual_host
    if network is not None and _listener_meant(network.match, place, listener):
        for chain in listener.filter_chains:
            _change_filters(chain.filters, network)
    if http is not None and _listener_meant(http.match, place, listener):
        _each_manager(listener, lambda manager: _change_filters(manager.http_filters, http))
    if hosts is not None and (hosts.match is None or hosts.match.origin in (None, place.origin)):
        _each_manager(listener, lambda manager: _change_hosts(manager, hosts))


def _listener_meant(match: FilterMatch | None, place: Place, listener: Any) -> bool:
    if match is None:
        return True
    if match.origin is not None and match.origin != place.origin:
        return False
    if match.listener_name is not None and LEGACY.get(match.listener_name, match.listener_name) != place.name:
        return False
    return _tagged(listener, match.listener_tags)


def _each_manager(listener: Any, change: Callable[[Any], None]) -> None:
    """Managers that say nothing of themselves stay as they are."""
    for chain in listener.filter_chains:
        for one in chain.filters:
            if one.name == names.HCM and one.typed_config.type_url:
                manager = api.HttpConnectionManager()
                one.typed_config.Unpack(manager)
                change(manager)
                one.typed_config.Pack(manager, deterministic=True)


def _change_filters(filters: MutableSequence[Any], change: NetworkFilterChange | HttpFilterChange) -> None:
    name = change.match.name if change.match is not None else None
    if change.operation == REMOVE:
        _keep(filters, lambda one: name is not None and one.name != name)
    elif change.operation == PATCH:
        for one in filters:
            if one.name == name:
                _patch_filter(one, change)
    else:
        found = [index for index, one in enumerate(filters) if one.name == name]
        where = {FIRST: [0], LAST: [len(filters)], BEFORE: found, AFTER: [index + 1 for index in found]}
        for index in where[change.operation][:1]:
            filters.insert(index, native(change.root, change.value or ""))


def _keep(items: Any, wanted: Callable[[Any], bool]) -> None:
    for index in reversed(range(len(items))):
        if not wanted(items[index]):
            del items[index]


def _change_hosts(manager: Any, change: VirtualHostChange) -> None:
    match, config = change.match or VirtualHostMatch(), manager.route_config
    if not manager.HasField("route_config") or match.route_configuration_name not in (None, config.name):
        return
    if change.operation == ADD:
        config.virtual_hosts.append(native(change.root, change.value or ""))
    elif change.operation == REMOVE:
        _keep(config.virtual_hosts, lambda host: match.name not in (None, host.name))
    else:
        for host in config.virtual_hosts:
            if match.name in (None, host.name):
                _patch(host, change)


# Patching.


def _patch(target: Any, change: Any) -> None:
    if change.value is not None:
        merge(target, native(change.root, change.value))
    else:
        _apply(target, change)


def _patch_filter(target: Any, change: NetworkFilterChange | HttpFilterChange) -> None:
    """A filter's config is patched, and not the filter around it."""
    if change.value is None:
        config = _unpacked(target.typed_config)
        _apply(config, change)
        target.typed_config.Pack(config, deterministic=True)
        return
    said = native(change.root, change.value)
    if not target.typed_config.type_url:
        target.typed_config.CopyFrom(said.typed_config)
    elif said.typed_config.type_url:
        _merge_packed(target, said)


def _merge_packed(target: Any, said: Any) -> None:
    if target.typed_config.type_url != said.typed_config.type_url:
        reason = f"is a {target.typed_config.type_url}, and no {said.typed_config.type_url}"
        raise PatchFailed(f"the config of filter {target.name} {reason}")
    config = _unpacked(target.typed_config)
    merge(config, _unpacked(said.typed_config))
    target.typed_config.Pack(config, deterministic=True)


def _unpacked(packed: Packed) -> Any:
    if not packed.type_url:
        raise PatchFailed("a filter without a config has nothing to patch")
    return api.message_class(packed.type_url.rpartition("/")[2]).FromString(packed.value)


def _apply(target: Any, change: Any) -> None:
    try:
        document = json_patched(api.document(target), change.steps)
        target.CopyFrom(api.message_of(target.DESCRIPTOR.full_name, document))
    except (PatchError, ValueError) as error:
        raise PatchFailed(f"a JSON patch of {change.root} {target.name}: {error}") from error


def merge(target: Any, said: Any) -> None:
    """Protobuf's own merge, but that a duration replaces the one before: their parts mean nothing on their own."""
    rest = _copy(said)
    for descriptor, value in said.ListFields():
        if descriptor.message_type is None or descriptor.is_repeated:
            continue
        rest.ClearField(descriptor.name)
        inner = getattr(target, descriptor.name)
        if descriptor.message_type.full_name == DURATION:
            inner.CopyFrom(value)
        else:
            inner.SetInParent()
            merge(inner, value)
    target.MergeFrom(rest)


def _copy(message: M) -> M:
    made = type(message)()
    made.CopyFrom(message)
    return made
