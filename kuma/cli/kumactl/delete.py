"""`kumactl delete`: remove a resource."""

from __future__ import annotations

import click

from kuma.cli.kumactl.client import ApiError
from kuma.cli.kumactl.completion import kinds, names
from kuma.cli.kumactl.kinds import item_path, named
from kuma.cli.kumactl.session import Session, checked


@click.command("delete", short_help="Delete a resource")
@click.argument("kind", shell_complete=kinds)
@click.argument("name", shell_complete=names())
@click.option("-m", "--mesh", default="default", help="The mesh that it is in.")
@click.pass_obj
def delete(session: Session, kind: str, name: str, mesh: str) -> None:
    """Delete the resource of a KIND with this NAME."""
    found, _ = named(kind)
    if found.read_only:
        raise click.ClickException(f"TYPE: {kind} is readOnly, can't use it for write action")
    try:
        checked(session).delete(item_path(found, mesh, name)).or_refused()
    except ApiError as error:
        if error.status == 404:
            raise click.ClickException(f'there is no {found.name} with name "{name}"') from None
        told = f'failed to delete {found.name} with the name "{name}": {error.format_message()}'
        raise click.ClickException(told) from None
    click.echo(f'deleted {found.name} "{name}"')


COMMAND = delete
