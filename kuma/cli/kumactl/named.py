"""`kumactl inspect <service>`: under which hostnames a service is reached."""

from __future__ import annotations

import click

from kuma.cli.kumactl.completion import names
from kuma.cli.kumactl.kinds import item_path
from kuma.cli.kumactl.output import FORMATS, show, table
from kuma.cli.kumactl.session import Session, checked
from kuma.model import Kind

COLUMNS = ("HOSTNAME", "ZONES")


def service_command(kind: Kind) -> click.Command:
    """The command that asks about services of this kind."""

    @click.command(kind.singular, short_help=f"Show how a {kind.name} is called")
    @click.argument("name", shell_complete=names(kind.singular))
    @click.option("-m", "--mesh", default="default", help="The mesh that it is in.")
    @click.option("-o", "--output", default="table", help="One of table, yaml, json.")
    @click.pass_obj
    def inspect(session: Session, name: str, mesh: str, output: str) -> None:
        if output not in FORMATS:
            raise click.ClickException(f'unknown output format "{output}"')
        found = checked(session).get(f"{item_path(kind, mesh, name)}/_hostnames").or_refused().json()
        rows = [[one["hostname"], ",".join(zone["name"] for zone in one["zones"])] for one in found["items"] or ()]
        click.echo(table(COLUMNS, rows) if output == "table" else show(found, output), nl=False)

    inspect.help = f"Show the hostnames of the {kind.name} of this NAME."
    return inspect
