"""The REST API of a control plane, as its settings describe it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

from certs.secrets import SigningKeys
from kuma.admission import Resources
from kuma.clock import Clock
from kuma.rest.access import Identifying
from kuma.rest.api import About, Api, DataplaneConfig
from kuma.rest.deliveries import Deliveries
from kuma.rest.envoys import Envoys
from kuma.rest.site import RestApi
from kuma.rest.users import UserTokens
from kuma.settings import Settings, show_redacted, static_keys


@frozen
class Parts:
    """What the API stands on; `resources` are those with the rules for users."""

    resources: Resources
    clock: Clock
    instance_id: str
    cluster_id: Callable[[], str] = lambda: ""
    dataplane_config: DataplaneConfig | None = None
    envoys: Envoys | None = None
    deliveries: Deliveries | None = None


def rest_api(settings: Settings, parts: Parts, reactor: Any) -> RestApi:
    """The service; it takes the settings as `kuma.settings.completed` filled them. Raises OSError, Refused for keys."""
    api = Api(
        resources=parts.resources,
        about=_about(settings, parts),
        access=settings.access.static,
        keys=SigningKeys(parts.resources, parts.clock),
        issues=frozenset(_issued(settings)),
        config=show_redacted(settings),
        dataplane_config=parts.dataplane_config,
        envoys=parts.envoys,
        deliveries=parts.deliveries,
    )
    return RestApi(api, _identifying(settings, parts), settings.api_server, reactor)


def _about(settings: Settings, parts: Parts) -> About:
    return About(
        mode=settings.mode,
        instance_id=parts.instance_id,
        cluster_id=parts.cluster_id,
        hostname=socket.gethostname(),
        zone=settings.multizone.zone.name if settings.mode == "zone" else "",
        federated=settings.federated,
        read_only=settings.api_server.read_only,
        system_namespace=settings.store.system_namespace,
    )


def _identifying(settings: Settings, parts: Parts) -> Identifying:
    authn = settings.api_server.authn
    if authn.type != "tokens":
        return Identifying(None, authn.localhost_is_admin)
    validator = authn.tokens.validator
    keys = SigningKeys(parts.resources, parts.clock, static_keys(validator.public_keys), validator.use_secrets)
    return Identifying(UserTokens(keys), authn.localhost_is_admin)


def _issued(settings: Settings) -> Iterable[str]:
    """The kinds of tokens that are issued here."""
    authn = settings.dp_server.authn
    if authn.dp_proxy.dp_token.enable_issuer:
        yield "dataplane"
    if authn.zone_proxy.zone_token.enable_issuer:
        yield "zone"
    if settings.api_server.authn.type == "tokens" and settings.api_server.authn.tokens.enable_issuer:
        yield "user"
