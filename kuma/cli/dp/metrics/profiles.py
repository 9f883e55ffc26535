"""Which of Envoy's metrics are published: of thousands, dashboards need some dozens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from re import Pattern
from typing import Any

from attrs import frozen

ALL, BASIC, NONE = "All", "Basic", "None"
BROADEST = (ALL, BASIC, NONE)

CONTAINED = (
    "rq_time", "cx_length_ms", "cx_count", "_rq", "bytes", "timeout", "health_check", "lb_healthy_panic", "cx_destroy",
    "error", "fail", "reset", "eject", "overflow", "cancelled", "max_duration_reached", "no_cluster", "no_route",
    "no_filter_chain", "reject", "denied", "days_until_first_cert_expiring", "rbac", "cx_active", "cx_connect",
    "circuit_breakers", "cx_total", "ssl_handshake", "ssl_context_update_by_sds",
)  # fmt: skip
NAMES = (
    "envoy_cluster_membership_degraded", "envoy_cluster_membership_healthy", "envoy_cluster_membership_total",
    "envoy_cluster_ssl_handshake",
)  # fmt: skip
BEGINNINGS = ("envoy_server", "envoy_control_plane", "envoy_dns_filter", "envoy_dns_cares", "kuma_dp_dns")

SELECTORS: Mapping[str, Callable[[str], str]] = {
    "Regex": lambda match: match,
    "Prefix": lambda match: "^" + re.escape(match),
    "Exact": lambda match: "^" + re.escape(match) + r"\Z",
    "Contains": re.escape,
}

PROFILES: Mapping[str, Pattern[str]] = {
    ALL: re.compile(""),
    NONE: re.compile("(?!)"),
    BASIC: re.compile("|".join((*CONTAINED, *(rf"^{one}\Z" for one in NAMES), *(f"^{one}" for one in BEGINNINGS)))),
}


@frozen
class Choice:
    """A profile, what it is without, and what is published whatever else is said."""

    profile: str = BASIC
    exclude: tuple[Pattern[str], ...] = ()
    include: tuple[Pattern[str], ...] = ()

    def has(self, name: str) -> bool:
        """Whether the metrics of this name are published."""
        if _any(self.include, name):
            return True
        return PROFILES[self.profile].search(name) is not None and not _any(self.exclude, name)

    @property
    def traffic_only(self) -> bool:
        """Whether what is not the mesh's traffic is left out, such as the proxy's own talk with its control plane."""
        return self.profile == BASIC


def _any(patterns: Iterable[Pattern[str]], name: str) -> bool:
    return any(pattern.search(name) for pattern in patterns)


def choice(profiles: Mapping[str, Any] | None) -> Choice:
    """What a MeshMetric says of profiles: of several the broadest counts. Raises KeyError, TypeError, ValueError."""
    said = profiles or {}
    named = [one["name"] for one in said.get("appendProfiles") or ()]
    broadest = min(named, key=BROADEST.index, default=BASIC)
    return Choice(broadest, _patterns(said.get("exclude") or ()), _patterns(said.get("include") or ()))


def _patterns(selectors: Iterable[Mapping[str, str]]) -> tuple[Pattern[str], ...]:
    try:
        return tuple(re.compile(SELECTORS[one["type"]](one["match"])) for one in selectors)
    except re.error as error:
        raise ValueError(f"a selector is no regular expression: {error}") from None
