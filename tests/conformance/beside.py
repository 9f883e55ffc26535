"""What kuma-dp is started with, and what it asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from kuma.cli.dp import bootstrap, envoy
from kuma.cli.dp.commands import options, run
from kuma.cli.dp.dataplane import Proxy, proxy
from kuma.cli.dp.options import ControlPlane, Options, UsageError
from tests.conformance.case import Case, Outcome

FIELDS = {
    ".Backoff": ("retry-backoff", ("controlPlane", "retry", "backoff")),
    ".ProxyType": ("proxy-type", ("dataplane", "proxyType")),
    ".Mesh": ("mesh", ("dataplane", "mesh")),
    ".Name": ("name", ("dataplane", "name")),
    ".DrainTime": ("drain-time", ("dataplane", "drainTime")),
    ".ReadinessPort": ("readiness-port", ("dataplane", "readinessPort")),
    ".BinaryPath": ("binary-path", ("dataplaneRuntime", "binaryPath")),
}
"""What a file says elsewhere, and the flags that say it here."""


def settings(case: Case) -> Outcome:
    """Which settings are refused; ours in words of flags, and one after the other."""
    said, told = case.input, case.text("expected.txt")
    expected = {field for field in FIELDS if f"{field} " in told}
    return Outcome(expected, {field for field, (flag, path) in FIELDS.items() if _refused(flag, _at(said, path))})


def _at(said: Any, path: tuple[str, ...]) -> str:
    for key in path:
        said = said[key]
    return "" if said is None else str(said)


def _refused(flag: str, value: str) -> bool:
    """Whether a flag is refused by its name, when all others are good."""
    flags = {"mesh": "default", "name": "web"} | {flag: value}
    try:
        context = run.make_context("run", [f"--{name}={one}" for name, one in flags.items()])
        told = options(context.params, "info")
        proxy(told)
        envoy.binary(told.binary)
    except (click.UsageError, UsageError) as error:
        said = error.format_message() if isinstance(error, click.UsageError) else str(error)
        return f"--{flag}" in said
    return False


def request(case: Case) -> Outcome:
    """The body that is posted for a bootstrap; of our own version only the fields count."""
    expected = json.loads(case.text("expected.json"))
    actual = bootstrap.request(_options(expected), _proxy(expected), _surroundings(expected))
    version, wanted = actual["version"], expected["version"]
    if set(version["kumaDp"]) == set(wanted["kumaDp"]):
        version["kumaDp"] = wanted["kumaDp"]
    if not expected["resources"]["maxHeapSizeBytes"]:
        actual.pop("resources")  # that of this machine
    return Outcome(_said(expected), _said(actual))


def _options(asked: Mapping[str, Any]) -> Options:
    same = {"dns_port": "dnsPort", "readiness_port": "readinessPort", "proxy_type": "proxyType", "ipv6": "ipv6Enabled"}
    files = {"metrics_cert_path": "certPath", "metrics_key_path": "keyPath"}
    return Options(
        ControlPlane("https://localhost:5678"),
        strict_inbound_ports=False,
        reuse_port=False,
        system_ca_path=asked["systemCaPath"],
        **{name: asked[key] for name, key in same.items()},
        **{name: asked["metricsResources"][key] for name, key in files.items()},
    )


def _proxy(asked: Mapping[str, Any]) -> Proxy:
    return Proxy(asked["mesh"], asked["name"], asked["dataplaneResource"])


def _surroundings(asked: Mapping[str, Any]) -> bootstrap.Surroundings:
    token, path = asked["dataplaneToken"], asked.get("dataplaneTokenPath", "")
    metadata = asked["dynamicMetadata"] or {}
    return bootstrap.Surroundings(asked["workdir"], token, path, asked["caCert"], asked["version"]["envoy"], metadata)


def _said(found: Any) -> Any:
    """Without what says nothing."""
    if not isinstance(found, Mapping):
        return found
    told = {key: _said(one) for key, one in found.items()}
    return {key: one for key, one in told.items() if one not in (None, "", 0, {}) or one is False}
