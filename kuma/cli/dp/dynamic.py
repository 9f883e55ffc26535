"""What the control plane tells kuma-dp itself: documents that it has Envoy serve, on a socket in the work folder."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from twisted.application.internet import TimerService
from twisted.internet.defer import ensureDeferred
from twisted.internet.threads import deferToThread
from twisted.logger import Logger

from kuma import sockets
from kuma.cli.dp.unix import UnixConnection
from kuma.tally import Tally

log = Logger()

SOCKET = "kuma-mesh-metric-config"
MOST = 64 * 1024 * 1024  # bytes of a document that is believed

Take = Callable[[Any], None]
"""Makes use of a document; None says that there is none any more. Raises ValueError for one that is of no use."""


@frozen
class Answer:
    """What Envoy said of one document."""

    status: int
    etag: str
    body: bytes


@define(eq=False)
class Dynamic:
    """Asks again and again for every document, and passes on what has changed since it was last made use of."""

    folder: Path
    takers: Mapping[str, Take]
    taken: Tally
    _tags: dict[str, str] = field(factory=dict)
    _in_use: set[str] = field(factory=set)

    def following(self, interval: float) -> TimerService:
        """Asks now and every `interval` seconds; a round that takes longer is not overtaken by the next."""
        return TimerService(interval, lambda: ensureDeferred(self.round()))

    async def round(self) -> None:
        """Ask for every document once."""
        for path, take in self.takers.items():
            try:
                answer = await deferToThread(self._asked, path, self._tags.get(path, ""))
            except (FileNotFoundError, ConnectionRefusedError):
                continue  # Envoy has no documents for us, or not yet
            except (OSError, http.client.HTTPException) as error:
                log.warn("{path} not asked for: {error}", path=path, error=error)
                continue
            if answer.status != http.client.NOT_MODIFIED:
                self._tags[path] = answer.etag if self._taken(path, take, answer) else ""

    def _asked(self, path: str, tag: str) -> Answer:
        connection = UnixConnection(sockets.path(str(self.folder), SOCKET), timeout=1.0)
        try:
            connection.request("GET", path, headers={"If-None-Match": tag} if tag else {})
            response = connection.getresponse()
            return Answer(response.status, response.headers.get("etag", ""), response.read(MOST))
        finally:
            connection.close()

    def _taken(self, path: str, take: Take, answer: Answer) -> bool:
        if answer.status == http.client.NOT_FOUND:
            self._gone(path, take)
        if answer.status != http.client.OK:
            return False
        self.taken.add(path)
        try:
            take(json.loads(answer.body))
        except ValueError as error:
            log.warn("{path} is of no use: {error}", path=path, error=error)
            return False
        self._in_use.add(path)
        log.info("{path} taken", path=path)
        return True

    def _gone(self, path: str, take: Take) -> None:
        if path in self._in_use:
            self._in_use.discard(path)
            take(None)
            log.info("{path} is no more", path=path)
