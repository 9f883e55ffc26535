"""Identities of connected proxies: issued, held in memory, and renewed before they end."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import structlog
from attrs import define, field, frozen
from cryptography.hazmat.primitives.asymmetric import rsa
from twisted.application.service import MultiService

from certs.ca import CertificateAuthority
from certs.identity import DEFAULT_EXPIRY, RENEWED_AT, Leaf, issue
from certs.trust import fingerprints
from kuma import spiffe
from kuma.clock import Clock
from kuma.mesh import Certificate, Mesh
from kuma.mirror import Difference, Mirror
from kuma.model import Key, Resource, kri
from kuma.spiffe import BadSpiffeId, Local
from kuma.store.api import Store
from kuma.tasks import Backoff
from zone_cp.alarms import Alarms
from zone_cp.authorities import Unusable, authority, bundled, secrets_of
from zone_cp.breaker import Breaker

log = structlog.get_logger()

RETRIES = Backoff(first=5.0, most=300.0)
MANY = 10  # proxies without identity: more than one of them is to blame for
SPREAD = 0.05  # of the lifetime: proxies that came together must not all come back together


@frozen
class Terms:
    """How identities are issued here: in which zone, and after which waits again when that fails.

    `grace` is for how many seconds everybody has known a new authority before certificates of it replace good ones.
    `breaker` sees to it that all wait the longest time while many fail.
    """

    local: Local
    backoff: Backoff = RETRIES
    grace: float = 2.0
    breaker: Breaker = field(factory=lambda: Breaker(MANY))


@frozen
class _Wanted:
    """What a proxy's certificate should be; while this stays equal, a certificate that is not due is kept."""

    identity: str
    spiffe_id: str
    authority: CertificateAuthority
    expiry: timedelta
    secrets: frozenset[Key]


@define(eq=False)
class _Held:
    """A proxy's identity as it is now."""

    wanted: _Wanted | None = None
    certificate: Certificate | None = None
    renewal: datetime | None = None
    problem: str = ""
    waits: Iterator[float] | None = None

    def good(self, now: datetime) -> Certificate | None:
        """The certificate, while peers accept it."""
        return self.certificate if self.certificate is not None and now < self.certificate.expires else None


class Identities(MultiService):
    """Issues the certificates of this control plane's proxies.

    `renewed(key)` is called when a proxy should ask again: its certificate is due, or its authority has changed.
    Authorities are read from a copy of the secrets, so certificates are issued while the store is away.
    """

    def __init__(self, store: Store, terms: Terms, clock: Clock, renewed: Callable[[Key], None]) -> None:
        super().__init__()
        self._terms = terms
        self._clock = clock
        self._renewed = renewed
        self._held: dict[Key, _Held] = {}
        self._trusted: dict[CertificateAuthority, float] = {}
        self._secrets = Mirror(store, ("Secret",), clock)
        self._alarms = Alarms(clock, self._due)
        self._secrets.subscribe(self._secrets_changed)
        self._secrets.setServiceParent(self)
        self._alarms.setServiceParent(self)

    async def certificate(self, mesh: Mesh, dataplane: Resource) -> Certificate | None:
        """The proxy's certificate, a new one if it is due; None where no identity that is ready selects it."""
        await self._secrets.completed()
        identity = ready_identity(mesh, dataplane)
        if identity is None or bundled(identity) is None:
            self.forget(dataplane.key)
            return None
        held = self._held.setdefault(dataplane.key, _Held())
        try:
            wanted = self._wanted(identity, dataplane)
        except (Unusable, BadSpiffeId) as problem:
            return self._failed(dataplane.key, held, str(problem))
        self._recovered(dataplane.key, held)
        now = self._clock.now()
        if _still(held, wanted, now) or self._too_early(held, wanted, mesh, dataplane.key):
            return held.good(now)
        return await self._issue(dataplane.key, held, wanted)

    def forget(self, key: Key) -> None:
        """The proxy is gone: so is its key."""
        self._terms.breaker.forget(key)
        self._held.pop(key, None)
        self._alarms.off(key)

    def _wanted(self, identity: Resource, dataplane: Resource) -> _Wanted:
        said = bundled(identity)
        parameters = said and said.certificate_parameters
        return _Wanted(
            str(kri("mid", identity)),
            spiffe.spiffe_id(identity, dataplane, self._terms.local),
            authority(identity, self._secrets, self._clock.now()),
            # a lifetime of zero would be due at once, for ever
            (parameters and parameters.expiry) or DEFAULT_EXPIRY,
            secrets_of(identity),
        )

    def _too_early(self, held: _Held, wanted: _Wanted, mesh: Mesh, key: Key) -> bool:
        """Whether the peers may not know the authority yet, and the certificate of the one before still serves."""
        since = self._trusted_since(wanted, mesh)
        current = held.good(self._clock.now())
        if current is None or held.wanted is None or held.wanted.authority == wanted.authority:
            return False
        if since is None:
            self._alarms.set(key, _seconds(current.expires - self._clock.now()))
            return True
        if (wait := since + self._terms.grace - self._clock.monotonic()) <= 0:
            return False
        self._alarms.set(key, wait)
        return True

    def _trusted_since(self, wanted: _Wanted, mesh: Mesh) -> float | None:
        """Since when this service knows that the mesh believes an authority."""
        ours = fingerprints((wanted.authority.root or wanted.authority.pem).decode())
        if not any(ours <= fingerprints(bundle) for _, bundle in mesh.trust.bundles):
            self._trusted.pop(wanted.authority, None)
            return None
        return self._trusted.setdefault(wanted.authority, self._clock.monotonic())

    async def _issue(self, key: Key, held: _Held, wanted: _Wanted) -> Certificate:
        leaf = await self._leaf(wanted)
        held.wanted = wanted
        held.renewal = leaf.issued + (RENEWED_AT - SPREAD * _share(key)) * (leaf.expires - leaf.issued)
        held.certificate = Certificate(
            wanted.identity, leaf.certificate, leaf.key, wanted.spiffe_id, leaf.issued, leaf.expires
        )
        if self._held.get(key) is held:
            self._alarms.set(key, _seconds(held.renewal - self._clock.now()))
        log.info("identity issued", proxy=key.name, mesh=key.mesh, id=wanted.spiffe_id, expires=str(leaf.expires))
        return held.certificate

    async def _leaf(self, wanted: _Wanted) -> Leaf:
        arguments = (wanted.authority, wanted.spiffe_id, wanted.expiry, self._clock.now())
        if isinstance(wanted.authority.key, rsa.RSAPrivateKey):
            return await asyncio.to_thread(issue, *arguments)
        return issue(*arguments)

    def _failed(self, key: Key, held: _Held, problem: str) -> Certificate | None:
        """Keep what there is while it is good, and try again after a while."""
        if held.problem != problem:
            log.warning("identity not issued", proxy=key.name, mesh=key.mesh, reason=problem)
            held.problem, held.waits = problem, self._terms.backoff.waits()
        assert held.waits is not None, "set together with the problem"
        self._terms.breaker.failed(key)
        self._alarms.set(key, self._terms.backoff.most if self._terms.breaker.open else next(held.waits))
        return held.good(self._clock.now())

    def _recovered(self, key: Key, held: _Held) -> None:
        """What kept the proxy from an identity is over: so it may be for others."""
        held.problem, held.waits = "", None
        for other in self._terms.breaker.succeeded(key):
            self._renewed(other)

    def _due(self, key: Key) -> None:
        """Have it asked for again; a proxy that does not come back until its certificate ends is forgotten."""
        held = self._held.get(key)
        if held is None:
            return
        now = self._clock.now()
        if held.certificate is not None and now >= held.certificate.expires:
            self.forget(key)
        elif held.certificate is not None:
            self._alarms.set(key, _seconds(held.certificate.expires - now))
        self._renewed(key)

    def _secrets_changed(self, difference: Difference) -> None:
        changed = {*(put.key for put in difference.puts), *difference.deletes}
        for key, held in tuple(self._held.items()):
            if held.problem or (held.wanted is not None and not changed.isdisjoint(held.wanted.secrets)):
                self._renewed(key)


def ready_identity(mesh: Mesh, dataplane: Resource) -> Resource | None:
    """The best of the identities that are ready.

    One that is better but not ready yet must not take away the identity that a proxy has until then.
    """
    return spiffe.best(filter(spiffe.is_ready, mesh.identities), dataplane)


def _still(held: _Held, wanted: _Wanted, now: datetime) -> bool:
    return held.wanted == wanted and held.renewal is not None and now < held.renewal


def _share(key: Key) -> float:
    """A fraction of its own for each proxy, the same at each start."""
    return zlib.crc32(str(key).encode()) / 2**32


def _seconds(duration: timedelta) -> float:
    return max(0.0, duration.total_seconds())
