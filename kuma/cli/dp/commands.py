"""kuma-dp's commands and flags."""

from __future__ import annotations

import http.client
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click
from frozendict import frozendict

from kuma.cli.dp.options import ControlPlane, Options, UsageError, has_ipv6, seconds, system_roots
from kuma.version import VERSION


class Duration(click.ParamType[float]):
    """A flag's value such as `30s` or `1m30s`, as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return value if isinstance(value, float) else seconds(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Assignment(click.ParamType[tuple[str, str]]):
    """A flag's value such as `name=value`, as a pair."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, text = value.partition("=")
        if not (name and equals):
            self.fail(f"{value!r} is not of the form name=value", param, ctx)
        return name, text


F = TypeVar("F", bound=Callable[..., Any])

DURATION, ASSIGNMENT = Duration(), Assignment()
ROOTS = click.Path(exists=True, dir_okay=False, resolve_path=True)  # Envoy need not run where kuma-dp was started
LEVELS = click.Choice(["off", "critical", "error", "warn", "info", "debug", "trace"])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--log-level", type=LEVELS, default="info", show_default=True, help="How much to log.")
@click.pass_context
def kuma_dp(context: click.Context, log_level: str) -> None:
    """Runs one Envoy beside one workload."""
    context.obj = log_level


def _setting(flag: str, variable: str, **more: Any) -> Any:
    return click.option(flag, envvar=variable, show_default=more.get("default") is not None, **more)


FLAGS = (
    _setting("--cp-address", "KUMA_CONTROL_PLANE_URL", default="https://localhost:5678", help="The control plane."),
    _setting("--ca-cert-file", "KUMA_CONTROL_PLANE_CA_CERT_FILE", type=Path, help="Whom to believe there (PEM)."),
    _setting("--ca-cert", "KUMA_CONTROL_PLANE_CA_CERT", hidden=True, default=""),
    _setting("--skip-verify", "KUMA_CONTROL_PLANE_TLS_SKIP_VERIFY", is_flag=True, help="Believe anybody."),
    _setting("--retry-backoff", "KUMA_CONTROL_PLANE_RETRY_BACKOFF", type=DURATION, default="3s", hidden=True),
    _setting("--retry-for", "KUMA_CONTROL_PLANE_RETRY_MAX_DURATION", type=DURATION, default="5m", hidden=True),
    _setting("--mesh", "KUMA_DATAPLANE_MESH", default="", help="Mesh of the Dataplane, unless a definition says it."),
    _setting("--name", "KUMA_DATAPLANE_NAME", default="", help="Name of the Dataplane, unless a definition says it."),
    _setting("--proxy-type", "KUMA_DATAPLANE_PROXY_TYPE", type=click.Choice(["dataplane"]), default="dataplane"),
    _setting("--drain-time", "KUMA_DATAPLANE_DRAIN_TIME", type=DURATION, default="30s", help="To finish requests."),
    _setting("--dataplane", "KUMA_DATAPLANE_RUNTIME_RESOURCE", default="", help="The Dataplane definition itself."),
    _setting("--dataplane-file", "KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH", default="", help="Its file; - is the input."),
    click.option("--dataplane-var", "-v", "variables", type=ASSIGNMENT, multiple=True, help="Fills in {{ name }}."),
    _setting("--dataplane-token-file", "KUMA_DATAPLANE_RUNTIME_TOKEN_PATH", type=Path, help="File with the token."),
    _setting("--dataplane-token", "KUMA_DATAPLANE_RUNTIME_TOKEN", default="", help="The token itself."),
    _setting("--binary-path", "KUMA_DATAPLANE_RUNTIME_BINARY_PATH", default="envoy", help="Which Envoy to run."),
    _setting("--work-dir", "KUMA_DATAPLANE_RUNTIME_WORK_DIR", type=Path, help="Folder for sockets and the bootstrap."),
    _setting("--concurrency", "KUMA_DATAPLANE_RUNTIME_CONCURRENCY", type=click.IntRange(0), default=0, help="Threads."),
    _setting("--envoy-log-level", "KUMA_DATAPLANE_RUNTIME_ENVOY_LOG_LEVEL", default="", help="Envoy's own log level."),
    _setting("--envoy-component-log-level", "KUMA_DATAPLANE_RUNTIME_ENVOY_COMPONENT_LOG_LEVEL", default=""),
    _setting("--bind-outbounds", "KUMA_DATAPLANE_RUNTIME_BIND_OUTBOUNDS", type=bool, default=False, is_flag=False,
             flag_value=True, help="Listen at the addresses of services."),
    _setting("--dns-enabled", "KUMA_DNS_ENABLED", type=bool, default=True, is_flag=False, flag_value=True,
             help="Resolve the mesh's names."),
    _setting("--dns-proxy-port", "KUMA_DNS_PROXY_PORT", type=click.IntRange(0, 65535), default=15053, help="Where."),
    _setting("--refresh-interval", "KUMA_DATAPLANE_RUNTIME_DYNAMIC_CONFIGURATION_REFRESH_INTERVAL", type=DURATION,
             default="1s", hidden=True),
    _setting("--readiness-port", "KUMA_READINESS_PORT", type=click.IntRange(1, 65535), default=9902),
    _setting("--system-ca-path", "KUMA_DATAPLANE_RUNTIME_DYNAMIC_SYSTEM_CA_PATH", type=ROOTS, hidden=True),
    _setting("--metrics-cert-path", "KUMA_DATAPLANE_RUNTIME_METRICS_CERT_PATH", default="",
             help="With which certificate Envoy publishes metrics where a policy says ProvidedTLS (PEM),"),
    _setting("--metrics-key-path", "KUMA_DATAPLANE_RUNTIME_METRICS_KEY_PATH", default="", help="and its key."),
    _setting("--pod-name", "POD_NAME", default="", hidden=True),
    _setting("--pod-namespace", "POD_NAMESPACE", default="", hidden=True),
    _setting("--ipv6", "KUMA_DATAPLANE_RUNTIME_IPV6_ENABLED", type=bool, default=True, hidden=True),
    _setting("--strict-inbound-ports", "KUMA_DATAPLANE_RUNTIME_STRICT_INBOUND_PORTS_ENABLED", type=bool, default=True,
             hidden=True),
    _setting("--reuse-port", "KUMA_DATAPLANE_RUNTIME_REUSE_PORT_ENABLED", type=bool, default=True, hidden=True),
)  # fmt: skip


def _with(flags: tuple[Any, ...]) -> Callable[[F], F]:
    def decorate(command: F) -> F:
        for flag in reversed(flags):
            command = flag(command)
        return command

    return decorate


def options(told: dict[str, Any], log_level: str) -> Options:
    """The flags as a value. Raises UsageError when two of them exclude each other."""
    if told["dataplane_token"] and told["dataplane_token_file"]:
        raise UsageError("--dataplane-token and --dataplane-token-file exclude each other")
    if bool(told["metrics_cert_path"]) != bool(told["metrics_key_path"]):
        raise UsageError("--metrics-cert-path and --metrics-key-path need each other")
    for flag in ("drain_time", "refresh_interval", "retry_backoff"):
        if told[flag] <= 0:
            raise UsageError(f"--{flag.replace('_', '-')} must be greater than zero")
    if urlsplit(told["cp_address"]).scheme not in ("http", "https"):
        raise UsageError(f"--cp-address {told['cp_address']!r} is not a URL such as https://localhost:5678")
    return Options(
        control_plane=ControlPlane(
            url=told["cp_address"],
            ca_file=told["ca_cert_file"],
            ca_pem=told["ca_cert"],
            skip_verify=told["skip_verify"],
            retry_backoff=told["retry_backoff"],
            retry_for=told["retry_for"],
        ),
        name=_name(told),
        definition=told["dataplane"],
        definition_file=told["dataplane_file"],
        variables=frozendict(told["variables"]),
        token=told["dataplane_token"],
        token_file=told["dataplane_token_file"],
        binary=told["binary_path"],
        log_level=log_level,
        dns_port=told["dns_proxy_port"],
        ipv6=told["ipv6"] and has_ipv6(),
        system_ca_path=told["system_ca_path"] or system_roots(),
        **{name: told[name] for name in SAME_NAME},
    )


UNEXPANDED = re.compile(r"[$(){}]")  # Kubernetes leaves `$(POD_NAME)` as it is if that variable is not known before


def _name(told: dict[str, Any]) -> str:
    """The proxy's name: on Kubernetes that of its pod, unless another one was given."""
    name, pod = str(told["name"]), told["pod_name"]
    if not pod or (name and not UNEXPANDED.search(name)) or told["dataplane"] or told["dataplane_file"]:
        return name
    return f"{pod}.{told['pod_namespace']}"


SAME_NAME = (
    "mesh", "proxy_type", "drain_time", "work_dir", "concurrency", "envoy_log_level",
    "envoy_component_log_level", "bind_outbounds", "dns_enabled", "refresh_interval", "readiness_port",
    "strict_inbound_ports", "reuse_port", "metrics_cert_path", "metrics_key_path",
)  # fmt: skip


@kuma_dp.command()
@_with(FLAGS)
@click.pass_obj
def run(log_level: str, /, **told: Any) -> None:
    """Fetch the bootstrap from the control plane, and run Envoy with it."""
    # the other commands don't pay for Twisted
    from kuma.cli.dp import logs  # noqa: PLC0415
    from kuma.cli.dp.run import main  # noqa: PLC0415

    logs.start(log_level)
    try:
        sys.exit(main(options(told, log_level), os.environ))
    except UsageError as error:
        raise click.ClickException(str(error)) from None


@kuma_dp.command()
@click.option("--detailed", is_flag=True, help="Also Envoy's.")
def version(detailed: bool) -> None:
    """Say which version this is."""
    click.echo(f"kuma-dp {VERSION}")
    if not detailed:
        return
    from kuma.cli.dp import envoy  # noqa: PLC0415 - the plain command is quick

    said = envoy.version(envoy.binary("envoy"))
    click.echo(f"envoy {said['version']} ({said['build']})")


@kuma_dp.command()
@click.option("--url", default="http://localhost:9902/ready", show_default=True, help="What to ask; a loopback host.")
@click.option("--check-frequency", type=DURATION, default="1s", show_default=True)
@click.option("--request-timeout", type=DURATION, default="500ms", show_default=True)
@click.option("--timeout", type=DURATION, default="180s", show_default=True)
def wait(url: str, check_frequency: float, request_timeout: float, timeout: float) -> None:
    """Wait until the proxy is ready for traffic."""
    where = urlsplit(url)
    if where.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise click.UsageError(f"--url {url}: the host must be this one (localhost)")
    deadline = time.monotonic() + timeout
    while not _ready(where.hostname, where.port, where.path, request_timeout):
        if time.monotonic() > deadline:
            raise click.ClickException(f"the proxy was not ready within {timeout:g} s")
        time.sleep(check_frequency)


def _ready(host: str, port: int | None, path: str, timeout: float) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
