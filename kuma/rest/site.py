"""The REST API as a service: listens in HTTP and HTTPS, and ends cleanly."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import structlog
from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort, IReactorTCP
from twisted.protocols.tls import TLSMemoryBIOFactory

from certs.server import ServerCertificate, TlsContext, TlsWords
from kuma.loop import deferred, future
from kuma.rest.access import Identifying
from kuma.rest.api import Api
from kuma.rest.app import Door, root
from kuma.rest.http import Patience, PatientSite
from kuma.settings.api import ApiServer, Https

log = structlog.get_logger()
LAST_ANSWERS = 3.0
"""Seconds that running requests get to end when the service stops."""


class RestApi(Service):
    """Serves the API from start to stop. A port of 0 takes a free one: `http_port` and `https_port` say which."""

    def __init__(self, api: Api, identifying: Identifying, settings: ApiServer, reactor: IReactorTCP) -> None:
        self.setName("rest api")
        self._settings = settings
        self._reactor = reactor
        door = Door(identifying, settings.cors_allowed_domains, settings.base_path)
        patience = Patience(settings.read_header_timeout, settings.read_timeout, settings.idle_timeout)
        self._site = PatientSite(root(api, door), patience)
        self._http: IListeningPort | None = None
        self._https: IListeningPort | None = None

    @property
    def http_port(self) -> int | None:
        """The TCP port that HTTP is served on; None where it is not."""
        return self._http and self._http.getHost().port

    @property
    def https_port(self) -> int | None:
        """The TCP port that HTTPS is served on; None where it is not."""
        return self._https and self._https.getHost().port

    def startService(self) -> None:
        """Listen. Raises CannotListenError where a port is taken."""
        http, https = self._settings.http, self._settings.https
        if http.enabled:
            self._http = self._reactor.listenTCP(http.port, self._site, interface=http.interface)
        if https.enabled and https.tls_cert_file:
            secured = TLSMemoryBIOFactory(_tls(https), False, self._site)
            self._https = self._reactor.listenTCP(https.port, secured, interface=https.interface)
        super().startService()
        log.info("rest api listening", http=self.http_port, https=self.https_port)

    def stopService(self) -> Deferred[None]:
        """Take no more connections, let running requests end, and close."""
        super().stopService()
        return deferred(self._stop())

    async def _stop(self) -> None:
        for port in (self._http, self._https):
            if port is not None:
                await future(maybeDeferred(port.stopListening))
        for channel in tuple(self._site.channels):
            channel.finish()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._site.is_empty(), LAST_ANSWERS)
        for channel in tuple(self._site.channels):
            channel.forceAbortClient()


def _tls(https: Https) -> TlsContext:
    """What the settings say of TLS, with the certificate in their files."""
    client_ca = Path(https.tls_ca_file).read_bytes() if https.require_client_cert else b""
    words = TlsWords(https.tls_min_version, https.tls_max_version, https.tls_cipher_suites, client_ca)
    return TlsContext(ServerCertificate(Path(https.tls_cert_file), Path(https.tls_key_file)), words)
