"""The global control plane: policies are written here, and go to every zone."""

from __future__ import annotations

import json

from twisted.application.service import MultiService

from global_cp.envoys import GlobalEnvoys
from global_cp.forwarding import Forwarding, handler
from global_cp.kds import KdsServer
from kuma.bringup import Defaults
from kuma.finalizer import Finalizer
from kuma.kds.instance import Instance
from kuma.kds.metrics import Metrics
from kuma.meshinsights import MeshInsights
from kuma.plane import Plane
from kuma.settings import show_redacted
from kuma.tasks import Ordered


def global_control_plane(plane: Plane) -> MultiService:
    """All services of one instance, in the order in which they start."""
    instance = Instance(plane.instance_id, Metrics(plane.registry), json.dumps(show_redacted(plane.settings)))
    kds = KdsServer(plane.store, plane.settings, plane.clock, instance)
    store = plane.store
    envoys = GlobalEnvoys(store, kds.admin, plane.instance_id, Forwarding(plane.calls).forward)
    root = Ordered()
    for part in (
        *((store,) if isinstance(store, MultiService) else ()),
        plane.leading(lambda: _led(plane), (handler(envoys.told),)),
        kds,
        plane.front(lambda: () if kds.ready else ("kds",), envoys=envoys, deliveries=envoys),
    ):
        part.setServiceParent(root)
    return root


def _led(plane: Plane) -> MultiService:
    """What one instance does for all."""
    led = MultiService()
    idle = plane.settings.metrics.zone.idle_timeout
    Defaults(plane.resources, plane.settings, plane.clock).setServiceParent(led)
    Finalizer(plane.resources, "ZoneInsight", idle).setServiceParent(led)
    pause = plane.settings.metrics.mesh.min_resync_interval
    MeshInsights(plane.resources, plane.clock, pause).setServiceParent(led)
    return led
