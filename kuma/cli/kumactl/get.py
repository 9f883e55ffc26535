"""`kumactl get`: show resources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click
from attrs import frozen

from kuma.cli.kumactl.client import ApiError, ControlPlane, offset_of
from kuma.cli.kumactl.completion import kinds, names
from kuma.cli.kumactl.kinds import item_path, list_path, named
from kuma.cli.kumactl.output import FORMATS, age, show, table, tags
from kuma.cli.kumactl.session import Session, checked, duration
from kuma.kinds import META
from kuma.model import Kind


@frozen
class Wanted:
    """Which resources, and how to show them."""

    mesh: str | None
    output: str
    size: int
    offset: str


@click.command("get", short_help="Show resources")
@click.argument("kind", shell_complete=kinds)
@click.argument("name", required=False, shell_complete=names())
@click.option("-o", "--output", default="table", help="One of table, yaml, json.")
@click.option("-m", "--mesh", default="default", help="The mesh to look in.")
@click.option("-A", "--all-meshes", is_flag=True, help="Look in every mesh (lists only).")
@click.option("--size", type=int, default=0, help="How many to show on one page.")
@click.option("--offset", default="", help="Where the page begins.")
@click.option("-w", "--watch", "watched", is_flag=True, help="Go on to show what changes, until interrupted.")
@click.option("--interval", default="1s", help="How often to look while watching.")
@click.pass_obj
def get(session: Session, /, kind: str, name: str | None, **options: Any) -> None:
    """Show the resources of a KIND (`kumactl get meshes`), or one of them (`kumactl get mesh default`)."""
    if options["output"] not in FORMATS:
        raise click.ClickException(f'unknown output format "{options["output"]}"')
    found, many = named(kind)
    mesh = None if options["all_meshes"] else options["mesh"]
    wanted = Wanted(mesh, options["output"], options["size"], options["offset"])
    if name is None and not many:
        raise click.UsageError("accepts 1 arg(s), received 0")
    client = checked(session)
    if options["watched"]:
        _watch(client, found, (wanted, name), options["interval"])
    elif name is None:
        _list(client, found, wanted)
    else:
        _item(client, found, (options["mesh"], name), wanted.output)


def _watch(client: ControlPlane, kind: Kind, what: tuple[Wanted, str | None], interval: str) -> None:
    from kuma.cli.kumactl.watch import Printer, every, watch  # noqa: PLC0415 - only for those who watch

    wanted, name = what
    pauses = every(duration(interval, "--interval"))
    if name is None:
        watch(lambda: list(client.items(list_path(kind, wanted.mesh))), Printer(kind, wanted.output).show, pauses)
        return
    path = item_path(kind, wanted.mesh or "default", name)
    watch(lambda: _found(client, path), Printer(kind, wanted.output).show, pauses)


def _found(client: ControlPlane, path: str) -> list[dict[str, Any]]:
    reply = client.get(path)
    return [] if reply.status == 404 else [reply.or_refused().json()]


def _item(client: ControlPlane, kind: Kind, named: tuple[str, str], output: str) -> None:
    mesh, name = named
    try:
        document = client.get(item_path(kind, mesh, name)).or_refused().json()
    except ApiError as error:
        if error.status != 404:
            raise
        where = f" in {mesh} mesh" if kind.mesh_scoped else ""
        raise click.ClickException(f"No resources found{where}") from None
    click.echo(_shown(kind, document, output), nl=False)


def _shown(kind: Kind, document: dict[str, Any], output: str) -> str:
    if output == "table":
        return _rows(kind, [document])
    return resource_yaml(kind, document) if output == "yaml" else show(document, output)


def resource_yaml(kind: Kind, document: Mapping[str, Any]) -> str:
    """One resource; of some kinds what is known of it stands first, and below what it says: so it has always been."""
    if not kind.inline:
        return show(document, "yaml")
    meta = {name: value for name, value in document.items() if name in META}
    said = {name: value for name, value in document.items() if name not in META}
    return show(meta, "yaml") + (show(said, "yaml") if said else "")


def _list(client: ControlPlane, kind: Kind, wanted: Wanted) -> None:
    query = {"size": wanted.size or None, "offset": wanted.offset or None}
    page = client.get(list_path(kind, wanted.mesh), **query).or_refused().json()
    if wanted.output != "table":
        click.echo(show(page, wanted.output), nl=False)
        return
    click.echo(_rows(kind, page["items"]), nl=False)
    if offset := offset_of(page.get("next")):
        click.echo(f"\nRerun command with --offset={offset} argument to retrieve more resources")


def _rows(kind: Kind, documents: list[dict[str, Any]]) -> str:
    now = datetime.now(UTC)
    return table(header(kind), [cells(kind, one, now) for one in documents])


def header(kind: Kind) -> tuple[str, ...]:
    """The columns that resources of a kind are shown in."""
    if kind.name == "Dataplane":
        return ("MESH", "NAME", "TAGS", "ADDRESS", "AGE")
    return ("MESH", "NAME", "AGE") if kind.mesh_scoped else ("NAME", "AGE")


def cells(kind: Kind, document: Mapping[str, Any], now: datetime) -> list[str]:
    """The row of one resource."""
    mesh = [document.get("mesh", "")] if kind.mesh_scoped else []
    more = [dataplane_tags(document), _address(document)] if kind.name == "Dataplane" else []
    return [*mesh, document["name"], *more, age(document.get("modificationTime"), now)]


def dataplane_tags(document: Mapping[str, Any]) -> str:
    """A Dataplane's labels and gateway tags in one cell."""
    networking = (document.get("dataplane") or document).get("networking") or {}
    gateway = (networking.get("gateway") or {}).get("tags") or {}
    return tags([*(document.get("labels") or {}).items(), *gateway.items()])


def _address(document: Mapping[str, Any]) -> str:
    address: str = (document.get("networking") or {}).get("address", "")
    return address


COMMAND = get
