"""`kuma-dp run`: from the options to a running Envoy, and to its end."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field
from frozendict import frozendict
from twisted.application.service import MultiService
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.server import Site

from kuma import sockets
from kuma.cli.dp import admin, bootstrap, envoy
from kuma.cli.dp.accesslog import AccessLogs
from kuma.cli.dp.beside import LOOPBACK, Here, beside
from kuma.cli.dp.bootstrap import Surroundings
from kuma.cli.dp.dataplane import Proxy, proxy
from kuma.cli.dp.options import Options, UsageError
from kuma.cli.dp.readiness import Ready, State
from kuma.cli.dp.token import token_path

log = Logger()
TOLD = ("HOST_IP",)  # of the environment, which Envoy knows of then
reactor: Any = _reactor  # typed as the module it pretends to be


@contextmanager
def work_folder(wanted: Path | None) -> Iterator[Path]:
    """The folder to work in: the one wanted, kept; or a temporary one, gone at the end. Others may not list it."""
    if wanted is not None:
        wanted.mkdir(parents=True, exist_ok=True, mode=0o711)
        yield wanted.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="kuma-dp-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(options: Options, environment: Mapping[str, str]) -> int:
    """Run to the end, and answer the exit code. Raises UsageError."""
    ends: list[int | Failure] = []

    def began() -> None:
        ensureDeferred(run(reactor, options, environment)).addBoth(ends.append).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(began)
    reactor.run()
    (end,) = ends
    if isinstance(end, int):
        return end
    if end.check(bootstrap.Refused):
        raise UsageError(str(end.value))
    end.raiseException()
    return 1


async def run(reactor: Any, options: Options, environment: Mapping[str, str]) -> int:
    """Run Envoy until it ends, and answer the exit code for this process. Raises UsageError, bootstrap.Refused."""
    with work_folder(options.work_dir) as folder:
        asking, program = proxy(options), envoy.binary(options.binary)
        found = await _surroundings(options, asking, environment, folder)
        answer = await _bootstrap(reactor, options, asking, found)
        config = _kept(folder / "bootstrap.yaml", answer.envoy)
        running = _Run(reactor, Here(options, folder, asking, answer.address or LOOPBACK), envoy.Envoy(reactor))
        running.listen()
        running.start(program, config, environment)
        try:
            return await running.ended()
        finally:
            await running.services.stopService()


async def _bootstrap(reactor: Any, options: Options, asking: Proxy, found: Surroundings) -> bootstrap.Bootstrap:
    """Envoy's bootstrap, and the proxy's address, from the control plane."""
    body = json.dumps(bootstrap.request(options, asking, found)).encode()
    answer = await bootstrap.fetch(
        options.control_plane,
        body,
        lambda pause: deferLater(reactor, pause),
        lambda reason: log.warn("no bootstrap yet: {reason}", reason=reason, proxy=f"{asking.mesh}.{asking.name}"),
    )
    log.info("bootstrap fetched for {proxy}", proxy=f"{asking.mesh}.{asking.name}", address=answer.address)
    return answer


def _kept(config: Path, content: bytes) -> Path:
    """The file for Envoy, and for nobody else to read."""
    config.touch(mode=0o600)
    config.write_bytes(content)
    return config


async def _surroundings(options: Options, asking: Proxy, environment: Mapping[str, str], folder: Path) -> Surroundings:
    path = token_path(options, folder, asking.name)
    version = await deferToThread(envoy.version, envoy.binary(options.binary))
    return Surroundings(
        work_dir=str(folder),
        token=path.read_text().strip() if path else "",
        token_path=str(path) if path else "",
        ca_pem=bootstrap.ca_pem(options.control_plane),
        envoy_version=version,
        metadata=frozendict({name: environment[name] for name in TOLD if name in environment}),
    )


@define(eq=False)
class _Run:
    """One Envoy and its readiness port, from start to end."""

    reactor: Any
    here: Here
    envoy: envoy.Envoy
    state: State = field(factory=State)
    services: MultiService = field(factory=MultiService)
    _impatient: Deferred[None] = field(factory=Deferred)

    def listen(self) -> None:
        proxy, options = self.here.proxy, self.here.options
        access_logs = self.here.socket(sockets.access_logs(proxy.name, proxy.mesh))
        self.services.addService(AccessLogs(self.reactor, access_logs))
        self.services.addService(beside(self.reactor, self.here, self.state))
        self.state.nameless = options.dns_enabled and proxy.is_transparent
        site = Site(Ready(self.state, lambda: self._admin("GET", "/ready")))
        site.displayTracebacks = False
        try:
            self.services.startService()
            self.reactor.listenTCP(options.readiness_port, site, interface="127.0.0.1")
        except CannotListenError as error:
            raise UsageError(f"a port is taken (KUMA_READINESS_PORT, KUMA_DNS_PROXY_PORT): {error}") from None

    def start(self, program: str, config: Path, environment: Mapping[str, str]) -> None:
        self.envoy.start(envoy.arguments(program, config, self.here.options), environment)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.reactor.callFromThread(self._asked_to_stop))
        log.info("envoy started: {program}", program=program)

    async def ended(self) -> int:
        """Wait for Envoy's end. An end that was asked for is a success; any other passes its exit code on."""
        end = await self.envoy.ended
        log.info("envoy ended with code {code}", code=end.code)
        return 0 if self.state.draining else end.code

    def _asked_to_stop(self) -> None:
        if not self.state.draining:
            self.state.draining = True
            ensureDeferred(self._drain())
        elif not self._impatient.called:
            self._impatient.callback(None)

    async def _drain(self) -> None:
        """Tell everyone to go elsewhere, give them time, then stop."""
        log.info("draining for {seconds} s", seconds=self.here.options.drain_time)
        try:
            await self._admin("POST", "/healthcheck/fail")
        except (OSError, http.client.HTTPException) as error:
            log.warn("envoy was not told to drain: {error}", error=error)
        late = self.reactor.callLater(self.here.options.drain_time, self._asked_to_stop)
        await self._impatient
        if late.active():
            late.cancel()
        self.envoy.stop()

    async def _admin(self, method: str, target: str) -> admin.Answer:
        return await admin.ask(self.here.admin, method, target)
