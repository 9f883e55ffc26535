"""What kuma-dp was told: flags and environment as one frozen value, and what is wrong with it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen
from frozendict import frozendict


class UsageError(Exception):
    """What the user asked for can't be done; the message says what to change."""


@frozen
class ControlPlane:
    """Where the bootstrap comes from, and whom to believe there. Times in seconds."""

    url: str
    ca_file: Path | None = None
    ca_pem: str = ""
    skip_verify: bool = False
    retry_backoff: float = 3.0
    retry_for: float = 300.0


@frozen
class Options:
    """Everything `kuma-dp run` was told. Times in seconds, ports may be 0 where the operating system shall choose."""

    control_plane: ControlPlane
    mesh: str = ""
    name: str = ""
    proxy_type: str = "dataplane"
    definition: str = ""
    definition_file: str = ""
    variables: Mapping[str, str] = frozendict()
    token: str = ""
    token_file: Path | None = None
    binary: str = "envoy"
    work_dir: Path | None = None
    concurrency: int = 0
    log_level: str = "info"
    envoy_log_level: str = ""
    envoy_component_log_level: str = ""
    drain_time: float = 30.0
    bind_outbounds: bool = False
    readiness_port: int = 9902
    dns_enabled: bool = True
    dns_port: int = 15053
    refresh_interval: float = 1.0
    system_ca_path: str = ""
    metrics_cert_path: str = ""
    metrics_key_path: str = ""
    ipv6: bool = True
    strict_inbound_ports: bool = True
    reuse_port: bool = True

    def features(self) -> tuple[str, ...]:
        """What this kuma-dp can do, in the control plane's words."""
        told = (
            ("feature-tcp-accesslog-via-named-pipe", True),
            ("feature-bind-outbounds", self.bind_outbounds),
            ("feature-strict-inbound-ports", self.strict_inbound_ports),
            ("feature-reuse-port", self.reuse_port),
        )
        return tuple(feature for feature, wanted in told if wanted)


DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """The seconds of a duration such as `30s`, `1m30s` or `0`. Raises ValueError."""
    if text == "0":
        return 0.0
    parts = DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is not a duration such as 30s or 1m30s")
    return sum(float(number) * SECONDS[unit] for number, unit in parts)


def memory_limit(root: Path = Path("/sys/fs/cgroup")) -> int | None:
    """The bytes this container may use, by its control group (version 2, then 1); None where there is no limit."""
    for file in (root / "memory.max", root / "memory" / "memory.limit_in_bytes"):
        try:
            text = file.read_text().strip()
        except OSError:
            continue
        # version 1 says "no limit" with a number of about 2^63
        if text.isdigit() and int(text) < 2**60:
            return int(text)
    return None


SYSTEM_ROOTS = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def system_roots() -> str:
    """The file with this system's certificate authorities; empty where none of the usual ones exists."""
    return next((path for path in SYSTEM_ROOTS if os.path.exists(path)), "")


def has_ipv6() -> bool:
    """Whether this host has a local IPv6 address at all."""
    try:
        return "00000000000000000000000000000001" in Path("/proc/net/if_inet6").read_text()
    except OSError:
        return False
