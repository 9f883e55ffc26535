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
NO_ASSIGNMENTS = "nobody is told what to scrape: kuma-dp publishes metrics where a MeshMetric says"
NO_TELEMETRY = "a control plane shows metrics at /metrics, and sends neither metrics nor traces to a collector"
LIKE_OTHERS = "zone proxies are Dataplanes: what is said of Dataplanes' tokens holds for them"
OF_GRPC = "gRPC chooses: TLS 1.2 or 1.3, with its own cipher suites"
NO_CLUSTER = "this control plane watches no cluster"

IDLE: Mapping[str, str] = {  # a setting, or all below a name
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
    "apiServer.gui.enabled": "there is no GUI to be turned off",
    "apiServer.gui.basePath": NO_GUI,
    "metrics.controlPlane.reportResourcesCount": "MeshInsights say how many resources there are",
    "metrics.openTelemetry.enabled": NO_TELEMETRY,
    "tracing.openTelemetry": NO_TELEMETRY,
    "multizone.global.kds.tracing.enabled": NO_TELEMETRY,
    "monitoringAssignmentServer.enabled": NO_ASSIGNMENTS,
    "monitoringAssignmentServer.port": NO_ASSIGNMENTS,
    "monitoringAssignmentServer.defaultFetchTimeout": NO_ASSIGNMENTS,
    "monitoringAssignmentServer.apiVersions": NO_ASSIGNMENTS,
    "monitoringAssignmentServer.assignmentRefreshInterval": NO_ASSIGNMENTS,
    "monitoringAssignmentServer.tlsEnabled": NO_ASSIGNMENTS,
    "dpServer.hds.refreshInterval": FOLLOWED,
    "dpServer.authn.zoneProxy.zoneToken.validator": LIKE_OTHERS,
    "multizone.global.kds.tlsMinVersion": OF_GRPC,
    "multizone.global.kds.tlsMaxVersion": OF_GRPC,
    "multizone.global.kds.tlsCipherSuites": OF_GRPC,
    "interCp.server.tlsMinVersion": OF_GRPC,
    "interCp.server.tlsMaxVersion": OF_GRPC,
    "interCp.server.tlsCipherSuites": OF_GRPC,
    "runtime.kubernetes": NO_CLUSTER,
    "runtime.universal.spire.socketPath": "a proxy tells itself where its agent's socket is",
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
        for changed in _changed(name, at(said, name), at(built_in, name)):
            yield Violation(changed, why)


def at(document: Any, name: str) -> Any:
    """What stands in a document under a name with dots."""
    for key in name.split("."):
        document = document[key]
    return document


def _changed(name: str, said: Any, built_in: Any) -> Iterator[str]:
    """The names of what is said differently, of one setting or of all below a name."""
    if not isinstance(said, Mapping):
        yield from (name,) if said != built_in else ()
        return
    for key, value in said.items():
        yield from _changed(f"{name}.{key}", value, built_in.get(key))
