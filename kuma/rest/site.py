"""The REST API as a service: listens in HTTP and HTTPS, and ends cleanly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from twisted.application.service import Service
from twisted.internet.defer import Deferred

from certs.server import ServerCertificate, TlsContext, TlsWords
from kuma.loop import deferred
from kuma.rest.access import Identifying
from kuma.rest.api import Api
from kuma.rest.app import Door, root
from kuma.rest.http import Patience, PatientSite, Where, end, listen, port_of
from kuma.settings.api import ApiServer, Https

log = structlog.get_logger()


class RestApi(Service):
    """Serves the API from start to stop. A port of 0 takes a free one: `http_port` and `https_port` say which."""

    def __init__(self, api: Api, identifying: Identifying, settings: ApiServer, reactor: Any) -> None:
        self.setName("rest api")
        self._settings = settings
        self._reactor = reactor
        door = Door(identifying, settings.cors_allowed_domains, settings.base_path)
        patience = Patience(
            settings.read_header_timeout, settings.read_timeout, settings.idle_timeout, settings.write_timeout
        )
        self._site = PatientSite(root(api, door), patience)
        self._http: Any = None  # Twisted's interfaces tell mypy nothing
        self._https: Any = None

    @property
    def http_port(self) -> int | None:
        """The TCP port that HTTP is served on; None where it is not."""
        return port_of(self._http)

    @property
    def https_port(self) -> int | None:
        """The TCP port that HTTPS is served on; None where it is not."""
        return port_of(self._https)

    def startService(self) -> None:
        """Listen. Raises CannotListenError where a port is taken."""
        http, https = self._settings.http, self._settings.https
        if http.enabled:
            self._http = listen(self._reactor, self._site, Where(http.port, http.interface))
        if https.enabled and https.tls_cert_file:
            self._https = listen(self._reactor, self._site, Where(https.port, https.interface, _tls(https)))
        super().startService()
        log.info("rest api listening", http=self.http_port, https=self.https_port)

    def stopService(self) -> Deferred[None]:
        """Take no more connections, let running requests end, and close."""
        super().stopService()
        return deferred(end(self._site, self._http, self._https))


def _tls(https: Https) -> TlsContext:
    """What the settings say of TLS, with the certificate in their files."""
    client_ca = Path(https.tls_ca_file).read_bytes() if https.require_client_cert else b""
    words = TlsWords(https.tls_min_version, https.tls_max_version, https.tls_cipher_suites, client_ca)
    return TlsContext(ServerCertificate(Path(https.tls_cert_file), Path(https.tls_key_file)), words)
