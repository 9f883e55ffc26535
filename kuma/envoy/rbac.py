"""Permission: a matcher that says who may call, as a filter before all others.

The matcher is xDS's generic one (`xds.type.matcher.v3.Matcher`) with `envoy.config.rbac.v3.Action` as its answers: the
first list entry whose predicate holds decides, so what denies stands first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from kuma.envoy import api, names
from kuma.envoy.clients import Client
from kuma.envoy.listeners import network_filter
from kuma.envoy.typed import configs, configure, edit_http, extension

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from kuma.envoy.api import FilterChain, HttpConnectionManager, Listener, Matcher

ACTION = "envoy.filters.rbac.action"
URI_SAN = "envoy.matching.inputs.uri_san"
SERVER_NAME = "envoy.matching.inputs.server_name"
NOBODY = "default"


@frozen
class Clause:
    """One policy's word on some clients; there is at least one."""

    policy: str
    clients: Sequence[Client]


@frozen
class Permission:
    """Who is denied, who is allowed, and who is reported as if denied."""

    deny: tuple[Clause, ...]
    allow: tuple[Clause, ...]
    shadow_deny: tuple[Clause, ...]

    @property
    def asks_for_server_name(self) -> bool:
        """Whether somebody is meant by the server name they ask for."""
        every = (client for clause in (*self.deny, *self.allow) for client in clause.clients)
        return any(client.sni is not None for client in every)


def permit(listener: Listener, permission: Permission) -> bool:
    """Let through only who is allowed and not denied, where clients are known: in chains with TLS. Are there any?"""
    known = [chain for chain in listener.filter_chains if chain.transport_socket.name == names.TLS_SOCKET]
    for chain in known:
        _permit(chain, permission, f"{names.stat_prefix(listener.name)}.")
    return bool(known)


def _permit(chain: FilterChain, permission: Permission, stat_prefix: str) -> None:
    matchers = _matchers(permission)
    if any(True for _ in configs(chain, names.HCM)):
        edit_http(chain, lambda manager: _first_http_filter(manager, api.HttpRbac(**matchers)))
    else:
        _first_network_filter(chain, api.NetworkRbac(stat_prefix=stat_prefix, **matchers))


def _matchers(permission: Permission) -> dict[str, Any]:
    allowed = [(clause, "ALLOW") for clause in permission.allow]
    matchers = {"matcher": _matcher([*((clause, "DENY") for clause in permission.deny), *allowed])}
    if permission.shadow_deny:
        matchers["shadow_matcher"] = _matcher((clause, "DENY") for clause in permission.shadow_deny)
    return matchers


def _first_http_filter(manager: HttpConnectionManager, config: Message) -> None:
    first = api.HttpFilter()
    configure(first, names.HTTP_RBAC, config)
    manager.http_filters.insert(0, first)


def _first_network_filter(chain: FilterChain, config: Message) -> None:
    others = [one for one in chain.filters if one.name != names.NETWORK_RBAC]
    del chain.filters[:]
    chain.filters.extend([network_filter(names.NETWORK_RBAC, config), *others])


def _matcher(answers: Iterable[tuple[Clause, str]]) -> Matcher:
    fields = [
        {"predicate": _any_of(clause.clients), "on_match": _action(clause.policy, answer)} for clause, answer in answers
    ]
    lists = {"matcher_list": {"matchers": fields}} if fields else {}
    return api.Matcher(on_no_match=_action(NOBODY, "DENY"), **lists)


def _action(name: str, answer: str) -> dict[str, Any]:
    return {"action": extension(ACTION, api.RbacAction(name=name, action=answer))}


def _any_of(clients: Sequence[Client]) -> dict[str, Any]:
    every = [all_of(predicates(client)) for client in clients]
    return every[0] if len(every) == 1 else {"or_matcher": {"predicate": every}}


def all_of(every: list[dict[str, Any]]) -> dict[str, Any]:
    """The predicate that all of these hold; there is at least one."""
    return every[0] if len(every) == 1 else {"and_matcher": {"predicate": every}}


def predicates(client: Client) -> list[dict[str, Any]]:
    """What must hold for a client to be this one."""
    every = []
    if client.spiffe_id is not None:
        how = "prefix" if client.spiffe_id.type == "Prefix" else "exact"
        every.append(_single(URI_SAN, api.UriSanInput(), {how: client.spiffe_id.value}))
    if client.sni is not None:
        every.append(_single(SERVER_NAME, api.ServerNameInput(), {"exact": client.sni.value}))
    return every


def _single(name: str, source: Message, value: dict[str, str]) -> dict[str, Any]:
    return {"single_predicate": {"input": extension(name, source), "value_match": value}}
