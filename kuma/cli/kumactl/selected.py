"""`kumactl inspect <policy>`: which proxies a policy selects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from kuma.cli.kumactl.client import offset_of
from kuma.cli.kumactl.completion import names
from kuma.cli.kumactl.kinds import item_path
from kuma.cli.kumactl.output import FORMATS, show, table
from kuma.cli.kumactl.session import Session, checked
from kuma.model import Kind

COLUMNS = ("Type", "Mesh", "Name")


def policy_command(kind: Kind) -> click.Command:
    """The command that asks about policies of this kind."""

    @click.command(kind.singular, short_help=f"Show whom a {kind.name} selects")
    @click.argument("name", shell_complete=names(kind.singular))
    @click.option("-m", "--mesh", default="default", help="The mesh that it is in.")
    @click.option("--new-api", is_flag=True, help="Ask for resources, and show them in a table.")
    @click.option("--offset", default="", help="Where the page begins (with --new-api).")
    @click.option("-o", "--output", default="table", help="One of table, yaml, json.")
    @click.pass_obj
    def inspect(session: Session, /, name: str, mesh: str, **options: Any) -> None:
        output, new_api = options["output"], options["new_api"]
        if output not in FORMATS:
            raise click.ClickException(f'unknown output format "{output}"')
        place = f"{item_path(kind, mesh, name)}/{'_resources/dataplanes' if new_api else 'dataplanes'}"
        asked = {"offset": options["offset"] or None} if new_api else {}
        found = checked(session).get(place, **asked).or_refused().json()
        if output == "table":
            click.echo(_rows(found) if new_api else _listed(found), nl=False)
            return
        click.echo(show(found, output), nl=False)

    inspect.help = f"Show the dataplanes that the {kind.name} of this NAME selects."
    return inspect


def _rows(found: Mapping[str, Any]) -> str:
    rows = [[one["type"], one["mesh"], one["name"]] for one in found["items"]]
    offset = offset_of(found.get("next"))
    more = f"Rerun command with --offset={offset} argument to retrieve more resources\n" if offset else ""
    return f"{table(COLUMNS, rows)}Total: {found['total']}\n{more}"


def _listed(found: Mapping[str, Any]) -> str:
    proxies = "".join(f"\n{_proxy(one)}" for one in found.get("items") or ())
    return f"Affected data plane proxies:\n{proxies}"


def _proxy(one: Mapping[str, Any]) -> str:
    """A proxy, and what of it is meant unless it is all of it."""
    name, attachments = one["dataplane"]["name"], one.get("attachments") or []
    if [each["type"] for each in attachments] == ["dataplane"]:
        return f"  {name}\n"
    return f"  {name}:\n" + "".join(f"    {_attachment(each)}\n" for each in attachments)


def _attachment(one: Mapping[str, Any]) -> str:
    kind, service = one["type"], one.get("service", "")
    if kind == "dataplane":
        return "dataplane"
    return (
        f"service {service or one.get('name', '')}" if kind == "service" else f"{kind} {one.get('name', '')}({service})"
    )
