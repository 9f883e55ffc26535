"""`kumactl inspect`: how dataplanes and zones are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from kuma.cli.kumactl.client import path
from kuma.cli.kumactl.completion import names
from kuma.cli.kumactl.get import dataplane_tags
from kuma.cli.kumactl.kinds import likely_first
from kuma.cli.kumactl.named import service_command
from kuma.cli.kumactl.output import FORMATS, age, moment, show, table
from kuma.cli.kumactl.selected import policy_command
from kuma.cli.kumactl.session import Session, checked
from kuma.cli.kumactl.standing import policies
from kuma.kinds import KINDS
from kuma.model import Kind

DATAPLANES = (
    *("MESH", "NAME", "TAGS", "STATUS", "LAST CONNECTED AGO", "LAST UPDATED AGO", "TOTAL UPDATES", "TOTAL ERRORS"),
    *("CERT REGENERATED AGO", "CERT EXPIRATION", "CERT REGENERATIONS", "CERT BACKEND", "SUPPORTED CERT BACKENDS"),
    *("KUMA-DP VERSION", "ENVOY VERSION", "DEPENDENCIES VERSIONS", "NOTES"),
)
ZONES = (
    *("NAME", "STATUS", "LAST CONNECTED AGO", "LAST UPDATED AGO", "TOTAL UPDATES", "TOTAL ERRORS"),
    *("ZONE-CP VERSION", "BACKEND"),
)
VIEWS = {"policies": "_policies", "config-dump": "xds", "stats": "stats", "clusters": "clusters", "config": "_config"}
"""What can be shown of one dataplane, and the last part of the path where it stands."""

OUTPUT = click.option("-o", "--output", default="table", help="One of table, yaml, json.")


class Inspecting(click.Group):
    """Besides its own commands, one for each kind of policy and of service."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *(kind.singular for kind in KINDS.values() if _is_inspected(kind))])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _of_kind(cmd_name)


def _is_inspected(kind: Kind) -> bool:
    return kind.policy or kind.destination


def _of_kind(name: str) -> click.Command | None:
    """The command for a kind that people call so, which is loaded only then."""
    kind = next((kind for kind in likely_first(name) if kind.singular == name and _is_inspected(kind)), None)
    if kind is None:
        return None
    return service_command(kind) if kind.destination else policy_command(kind)


@click.group("inspect", cls=Inspecting, short_help="Show how dataplanes and zones are")
def inspect() -> None:
    """Show how dataplanes and zones are, whom policies select, and how services are called."""


inspect.add_command(policies)


@inspect.command("dataplanes")
@click.option("-m", "--mesh", default="default", help="The mesh to look in.")
@click.option("--tag", "tags", multiple=True, help="Only those with this tag: key=value.")
@click.option("--gateway", is_flag=True, help="Only gateways.")
@click.option("--ingress", is_flag=True, help="Only zone ingresses.")
@OUTPUT
@click.pass_obj
def dataplanes(session: Session, /, mesh: str, tags: Sequence[str], output: str, **only: bool) -> None:
    """Show the dataplanes of a mesh."""
    wanted = [tag.replace("=", ":", 1) for tag in tags]
    query = {"tag": wanted or None, **{name: "true" if said else None for name, said in only.items()}}
    page = checked(session).get(path("meshes", mesh, "dataplanes", "_overview"), **query).or_refused().json()
    _print(page, output, (DATAPLANES, [_dataplane(one, datetime.now(UTC)) for one in page["items"]]))


@inspect.command("dataplane")
@click.argument("name", shell_complete=names("dataplane"))
@click.option("-m", "--mesh", default="default", help="The mesh that it is in.")
@click.option("--type", "what", default="policies", help=f"What to show: {', '.join(VIEWS)}.")
@click.option("--include-eds", is_flag=True, help="Endpoints too (config-dump).")
@click.option("--shadow", is_flag=True, help="As if shadow policies were in effect (config).")
@click.option("--include", "more", multiple=True, help="What else to show: diff (config).")
@OUTPUT
@click.pass_obj
def dataplane(session: Session, /, name: str, mesh: str, what: str, output: str, **flags: Any) -> None:
    """Show what was made for one dataplane, or what its Envoy says of itself."""
    if what not in VIEWS:
        raise click.ClickException(f"invalid inspection type: it can be one of {', '.join(VIEWS)}")
    asked = _asked(what, flags)
    answer = checked(session).get(path("meshes", mesh, "dataplanes", name, VIEWS[what]), **asked).or_refused()
    if what != "policies":
        click.echo(answer.text(), nl=False)
        return
    found = answer.json()
    rows = [[one["kind"], ",".join(each["kri"] for each in one.get("origins") or ())] for one in found["policies"]]
    _print(found, output, (("Kind", "Origins"), rows))


def _asked(what: str, flags: Mapping[str, Any]) -> dict[str, Any]:
    """The query that flags stand for. Raises ClickException for flags of another view."""
    belong = {"--shadow": ("config", flags["shadow"]), "--include": ("config", flags["more"])}
    for flag, (view, said) in (belong | {"--include-eds": ("config-dump", flags["include_eds"])}).items():
        if said and what != view:
            raise click.ClickException(f"flag '{flag}' can be used only when '--type={view}'")
    return {
        "include_eds": "true" if flags["include_eds"] else None,
        "shadow": "true" if flags["shadow"] else None,
        "include": ",".join(flags["more"]) or None,
    }


@inspect.command("zones")
@OUTPUT
@click.pass_obj
def zones(session: Session, output: str) -> None:
    """Show the zones."""
    page = checked(session).get("/zones/_overview").or_refused().json()
    _print(page, output, (ZONES, [_zone(one, datetime.now(UTC)) for one in page["items"]]))


@inspect.command("meshes")
@OUTPUT
@click.pass_obj
def meshes(session: Session, output: str) -> None:
    """Show the meshes, and how many of their dataplanes are online."""
    page = checked(session).get("/mesh-insights").or_refused().json()
    _print(page, output, (("MESH", "DATAPLANES"), [_mesh(one) for one in page["items"]]))


def _print(page: Any, output: str, shown: tuple[Sequence[str], Sequence[Sequence[str]]]) -> None:
    if output not in FORMATS:
        raise click.ClickException(f'unknown output format "{output}"')
    click.echo(table(*shown) if output == "table" else show(page, output), nl=False)


def _dataplane(overview: Mapping[str, Any], now: datetime) -> list[str]:
    insight = overview.get("dataplaneInsight") or {}
    subscriptions = insight.get("subscriptions") or []
    last = subscriptions[-1] if subscriptions else {}
    status = last.get("status") or {}
    tls = insight.get("mTLS") or {}
    version = last.get("version") or {}
    return [
        overview.get("mesh", ""),
        overview["name"],
        dataplane_tags(overview),
        dataplane_status(overview),
        age(last.get("connectTime"), now),
        age(status.get("lastUpdateTime"), now),
        *_totals(subscriptions),
        age(tls.get("lastCertificateRegeneration"), now),
        _date(tls.get("certificateExpirationTime")),
        str(tls.get("certificateRegenerations", 0)),
        tls.get("issuedBackend") or "-",
        ",".join(tls.get("supportedBackends") or ()),
        (version.get("kumaDp") or {}).get("version", ""),
        (version.get("envoy") or {}).get("version", ""),
        ", ".join(f"{name}: {one}" for name, one in sorted((version.get("dependencies") or {}).items())) or "-",
        ";".join(_notes(overview)),
    ]


def _zone(overview: Mapping[str, Any], now: datetime) -> list[str]:
    subscriptions = (overview.get("zoneInsight") or {}).get("subscriptions") or []
    last = subscriptions[-1] if subscriptions else {}
    enabled = (overview.get("zone") or {}).get("enabled", True)
    status = last.get("status") or {}
    return [
        overview["name"],
        "Online" if enabled and is_online(subscriptions) else "Offline",
        age(last.get("connectTime"), now),
        age(status.get("lastUpdateTime"), now),
        *_totals(subscriptions),
        ((last.get("version") or {}).get("kumaCp") or {}).get("version", ""),
        _backend(last.get("config")),
    ]


def _mesh(insight: Mapping[str, Any]) -> list[str]:
    known = insight.get("dataplanes") or {}
    return [insight["name"], f"{known.get('online', 0)}/{known.get('total', 0)}"]


def is_online(subscriptions: Sequence[Mapping[str, Any]]) -> bool:
    """Whether any connection still stands."""
    return any(one.get("connectTime") and not one.get("disconnectTime") for one in subscriptions)


def dataplane_status(overview: Mapping[str, Any]) -> str:
    """Online, Partially degraded, or Offline."""
    networking = (overview.get("dataplane") or {}).get("networking") or {}
    connected = is_online((overview.get("dataplaneInsight") or {}).get("subscriptions") or [])
    if networking.get("gateway"):
        return "Online" if connected else "Offline"
    inbounds, listeners = networking.get("inbound") or [], networking.get("listeners") or []
    total = len(inbounds) + len(listeners)
    ready = sum(map(_is_ready, inbounds)) + sum(map(_is_listening, listeners))
    if not connected or (ready == 0 and total > 0):
        return "Offline"
    return "Partially degraded" if ready < total else "Online"


def _is_ready(inbound: Mapping[str, Any]) -> bool:
    healthy = (inbound.get("health") or {"ready": True}).get("ready", False)
    return bool(healthy) and inbound.get("state", "Ready") != "NotReady"


def _is_listening(listener: Mapping[str, Any]) -> bool:
    return bool(listener.get("state", "Ready") == "Ready")


def _notes(overview: Mapping[str, Any]) -> Iterator[str]:
    networking = (overview.get("dataplane") or {}).get("networking") or {}
    for inbound in networking.get("inbound") or ():
        if not _is_ready(inbound):
            yield f"inbound[port={inbound.get('port')}] is not ready"
    for listener in networking.get("listeners") or ():
        if not _is_listening(listener):
            yield f"listener[port={listener.get('port')},type={listener.get('type')}] is not ready"


def _totals(subscriptions: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """How many updates were accepted and rejected; protobuf's JSON shows 64-bit numbers as text."""
    totals = [(one.get("status") or {}).get("total") or {} for one in subscriptions]
    sent = sum(int(one.get("responsesSent") or 0) for one in totals)
    rejected = sum(int(one.get("responsesRejected") or 0) for one in totals)
    return str(sent), str(rejected)


def _date(text: str | None) -> str:
    then = moment(text)
    return "-" if then is None else then.strftime("%Y-%m-%d %H:%M:%S")


def _backend(config: str | None) -> str:
    try:
        document = json.loads(config or "{}")
    except ValueError:
        return ""
    return str((document.get("store") or {}).get("type", "")) if isinstance(document, dict) else ""


COMMAND = inspect
