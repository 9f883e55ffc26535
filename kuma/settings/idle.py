"""Settings that others act on and this control plane has no use for: who changes one is told why nothing happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kuma.schema import Violation
from kuma.settings.layers import shown
from kuma.settings.tree import Settings

FOLLOWED = "what depends on a change is done when it happens, and nothing is done again in intervals"
NO_CACHE = "instances hear of every change, so nothing is read from a cache that may be old"
NO_QUEUE = "changes wait in no queue of a limited size"
SECRETS = "what control planes send each other holds secrets, and is never logged"
NO_GUI = "there is no GUI that would have to find the API"
NAMES = "services are called as HostnameGenerators say, and each of its ports is reached at its own number"
EVERY_KIND = "every kind is there, and has its effect"

IDLE: Mapping[str, str] = {
    "store.postgres.driverName": "there is one driver",
    "store.postgres.maxListQueryElements": "lists are read once, as a whole, and then followed",
    "store.postgres.readReplica.host": "each change is read once, as soon as it is there; a replica may lack it",
    "store.cache.enabled": NO_CACHE,
    "store.cache.expirationTime": NO_CACHE,
    "xdsServer.dataplaneConfigurationRefreshInterval": FOLLOWED,
    "xdsServer.policyMatchingCacheSize": "what policies say of a proxy is kept as long as the proxy is there",
    "metrics.mesh.bufferSize": NO_QUEUE,
    "metrics.mesh.fullResyncInterval": FOLLOWED,
    "metrics.mesh.eventProcessors": NO_QUEUE,
    "apiServer.rootUrl": NO_GUI,
    "apiServer.gui.rootUrl": NO_GUI,
    "diagnostics.debugEndpoints": "there is no profiler to talk to",
    "dnsServer.domain": NAMES,
    "dnsServer.serviceVipPort": NAMES,
    "reports.enabled": "nothing is reported to anybody",
    "multizone.global.kds.logPayloads": SECRETS,
    "multizone.zone.kds.logPayloads": SECRETS,
    "multizone.global.kds.eventBasedWatchdog.fullResyncInterval": FOLLOWED,
    "multizone.zone.kds.eventBasedWatchdog.fullResyncInterval": FOLLOWED,
    "multizone.global.kds.eventBasedWatchdog.delayFullResync": FOLLOWED,
    "multizone.zone.kds.eventBasedWatchdog.delayFullResync": FOLLOWED,
    "eventBus.bufferSize": NO_QUEUE,
    "policies.pluginPoliciesEnabled": EVERY_KIND,
    "coreResources.enabled": EVERY_KIND,
    "coreResources.status.meshIdentityInterval": FOLLOWED,
    "coreResources.status.workloadInterval": FOLLOWED,
    "coreResources.status.meshOpenTelemetryBackendInterval": FOLLOWED,
}


def idle(settings: Settings) -> Iterator[Violation]:
    """The settings that somebody has changed to no effect, and why there is none."""
    said, built_in = shown(settings), shown(Settings())
    for name, why in IDLE.items():
        if at(said, name) != at(built_in, name):
            yield Violation(name, why)


def at(document: Any, name: str) -> Any:
    """What stands in a document under a name with dots."""
    for key in name.split("."):
        document = document[key]
    return document
