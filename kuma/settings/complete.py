"""What settings leave open and the machine answers: folders, certificates, addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from kuma.settings.tree import Settings

SERVERS = ("diagnostics", "dp_server", "api_server.https", "monitoring_assignment_server", "multizone.global_.kds")
TLS_WORDS = ("tls_min_version", "tls_max_version", "tls_cipher_suites")

CERTIFICATE, KEY = "kuma-cp.crt", "kuma-cp.key"


@frozen
class Machine:
    """What settings need to know of where they apply: the user's home, and an address other instances can reach."""

    home: Path
    address: str = ""


def completed(settings: Settings, machine: Machine) -> Settings:
    """The settings with every gap filled, as the servers use them."""
    settings = _with_certificates(settings, machine)
    settings = _with_tls_words(settings)
    kubernetes = settings.environment == "kubernetes"
    return _filled(
        settings,
        {
            "dp_server.authn.dp_proxy.type": "serviceAccountToken" if kubernetes else "dpToken",
            "dp_server.authn.zone_proxy.type": "serviceAccountToken" if kubernetes else "zoneToken",
            "bootstrap_server.params.xds_port": settings.dp_server.grpc_port,
            "inter_cp.catalog.instance_address": machine.address,
        },
    )


def _with_certificates(settings: Settings, machine: Machine) -> Settings:
    """Servers without a certificate share one; where nobody brought one, it is in the work folder."""
    settings = _filled(settings, {"general.work_dir": str(machine.home / ".kuma")})
    folder = Path(settings.general.work_dir)
    if not settings.general.tls_cert_file:
        settings = _put(settings, "general.tls_cert_file", str(folder / CERTIFICATE))
        settings = _put(settings, "general.tls_key_file", str(folder / KEY))
    for server in SERVERS:
        if not _get(settings, f"{server}.tls_cert_file"):
            settings = _put(settings, f"{server}.tls_cert_file", settings.general.tls_cert_file)
            settings = _put(settings, f"{server}.tls_key_file", settings.general.tls_key_file)
    return settings


def _with_tls_words(settings: Settings) -> Settings:
    """What is said in general about TLS holds for every server."""
    for word in TLS_WORDS:
        if not (value := getattr(settings.general, word)):
            continue
        for server in (*SERVERS, "inter_cp.server"):
            settings = _put(settings, f"{server}.{word}", value)
    return settings


def _filled(settings: Settings, answers: dict[str, Any]) -> Settings:
    for path, answer in answers.items():
        if not _get(settings, path):
            settings = _put(settings, path, answer)
    return settings


def _get(settings: Any, path: str) -> Any:
    for name in path.split("."):
        settings = getattr(settings, name)
    return settings


def _put(settings: Any, path: str, value: Any) -> Any:
    name, _, rest = path.partition(".")
    inner = _put(getattr(settings, name), rest, value) if rest else value
    return evolve(settings, **{name: inner})
