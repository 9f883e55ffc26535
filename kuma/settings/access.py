"""Settings of access: which users and groups may do what only some may."""

from __future__ import annotations

from attrs import frozen

from kuma.schema import field


@frozen
class Allowed:
    """Users and groups that may do it."""

    users: tuple[str, ...] = ("mesh-system:admin",)
    groups: tuple[str, ...] = ("mesh-system:admin",)


KNOWN = Allowed(("mesh-system:admin",), ("mesh-system:admin", "mesh-system:authenticated"))
EVERYBODY = Allowed((), ("mesh-system:unauthenticated", "mesh-system:authenticated"))


@frozen
class StaticAccess:
    """Users and groups that may do what only some may."""

    admin_resources: Allowed = field(factory=Allowed)
    write_resources: Allowed = field(factory=lambda: KNOWN)
    """Ours alone: the reference lets everybody write all that is no secret."""

    generate_dp_token: Allowed = field(factory=Allowed)
    generate_user_token: Allowed = field(factory=Allowed)
    generate_zone_token: Allowed = field(factory=Allowed)
    view_config_dump: Allowed = field(factory=lambda: EVERYBODY)
    view_stats: Allowed = field(factory=lambda: EVERYBODY)
    view_clusters: Allowed = field(factory=lambda: EVERYBODY)
    control_plane_metadata: Allowed = field(factory=lambda: EVERYBODY)


@frozen
class Access:
    """Who may do what."""

    type: str = "static"
    static: StaticAccess = field(factory=StaticAccess)
