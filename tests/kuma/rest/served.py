"""A REST API served on a free port, and a client that sends what it is told, byte for byte."""

from __future__ import annotations

import asyncio
import http.client
import json
from base64 import b64encode
from contextlib import asynccontextmanager
from datetime import timedelta

from attrs import frozen
from twisted.internet import reactor

from certs import tokens
from certs.secrets import SigningKeys
from certs.tokens import UserClaims
from kuma.admission import Resources
from kuma.clock import SystemClock
from kuma.kinds import parse_document
from kuma.labels import Where
from kuma.loop import future
from kuma.rest.access import Identifying
from kuma.rest.api import About, Api
from kuma.rest.site import RestApi
from kuma.rest.users import UserTokens
from kuma.settings.access import StaticAccess
from kuma.settings.api import ApiServer, Http, Https
from kuma.store.memory import MemoryStore

SETTINGS = ApiServer(http=Http(interface="127.0.0.1", port=0), https=Https(enabled=False))
SIGNING_KEYS = {}


@frozen
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@frozen
class Served:
    """A served API and what stands behind it."""

    service: RestApi
    store: MemoryStore
    api: Api
    identifying: Identifying

    @property
    def resources(self) -> Resources:
        return self.api.resources

    @property
    def keys(self) -> SigningKeys:
        return self.api.keys

    @property
    def port(self) -> int:
        return self.service.http_port

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    async def call(self, method, path, body=None, headers=None, tls=None) -> Reply:
        """One request; a body that is no bytes is sent as JSON."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kinds = {"Content-Type": "application/json"} if sent is not None else {}
        return await asyncio.to_thread(self._call, method, path, sent, {**kinds, **(headers or {})}, tls)

    def _call(self, method, path, sent, headers, tls) -> Reply:
        if tls is None:
            connection = http.client.HTTPConnection("localhost", self.port, timeout=20)
        else:
            connection = http.client.HTTPSConnection("localhost", self.service.https_port, timeout=20, context=tls)
        try:
            connection.putrequest(method, path, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name, value)
            if sent is not None:
                connection.putheader("Content-Length", str(len(sent)))
            connection.endheaders(sent)
            response = connection.getresponse()
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    async def get(self, path, **options) -> Reply:
        return await self.call("GET", path, **options)

    async def put(self, path, body, **options) -> Reply:
        return await self.call("PUT", path, body, **options)

    async def delete(self, path, **options) -> Reply:
        return await self.call("DELETE", path, **options)

    async def store_document(self, document) -> None:
        """Write straight into the store."""
        await self.store.create(parse_document(document))

    async def mesh(self, name="default") -> None:
        await self.store_document({"type": "Mesh", "name": name})

    async def bearer(self, name, *groups) -> dict[str, str]:
        """Headers of a remote user with a token."""
        token = await self.keys.issue(tokens.USERS, UserClaims(name, groups), timedelta(hours=1))
        return {**REMOTE, "Authorization": f"Bearer {token}"}


REMOTE = {"X-Forwarded-For": "203.0.113.7"}
"""Headers that make a caller from this machine one from elsewhere."""


async def signing_key(ring) -> dict:
    """A signing key's secret."""
    key = ring.secret(1)
    mesh = {"mesh": key.mesh} if key.mesh else {}
    return {"type": key.kind, "name": key.name, **mesh, "data": b64encode(await known_key()).decode()}


async def known_key() -> bytes:
    """A signing key; one for the whole run, they are slow to make."""
    if not SIGNING_KEYS:
        SIGNING_KEYS["pem"] = tokens.new_signing_key()
    return SIGNING_KEYS["pem"]


def resources_over(store, about):
    """The rules over a store, as they are for users."""
    where = Where(about.mode, about.zone, federated=about.federated)
    return Resources(store, where, SystemClock(), by_users=True, new_key=known_key)


@asynccontextmanager
async def served(settings=SETTINGS, about=About(mode="zone", zone="east"), access=StaticAccess(), **parts):  # noqa: B008
    """A running API over an empty memory store; stopped at the end."""
    store = MemoryStore()
    resources = resources_over(store, about)
    keys = SigningKeys(store, SystemClock())
    api = Api(resources, about, access, keys, **parts)
    identifying = Identifying(UserTokens(keys), settings.authn.localhost_is_admin)
    service = RestApi(api, identifying, settings, reactor)
    service.startService()
    try:
        yield Served(service, store, api, identifying)
    finally:
        await future(service.stopService())
