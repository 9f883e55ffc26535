"""`kumactl inspect policies`: which policies of a mesh make a difference, and why others do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from kuma.cli.kumactl.client import path
from kuma.cli.kumactl.output import FORMATS, show, table
from kuma.cli.kumactl.session import Session, checked

COLUMNS = ("KIND", "NAME", "STATE", "DATAPLANES", "OVERRIDDEN BY")


@click.command("policies")
@click.option("-m", "--mesh", default="default", help="The mesh to look in.")
@click.option("-o", "--output", default="table", help="One of table, yaml, json.")
@click.pass_obj
def policies(session: Session, /, mesh: str, output: str) -> None:
    """Show which policies of a mesh make a difference.

    A policy that selects no dataplane matches nothing; one whose every word is overridden by others names them.
    DATAPLANES is for how many of those selected something would be different without the policy.
    """
    if output not in FORMATS:
        raise click.ClickException(f'unknown output format "{output}"')
    found = checked(session).get(path("meshes", mesh, "_effects")).or_refused().json()
    rows = [_row(one) for one in found["items"]]
    click.echo(table(COLUMNS, rows) if output == "table" else show(found, output), nl=False)


def _row(one: Mapping[str, Any]) -> list[str]:
    policy, counts = one["resource"], one["dataplanes"]
    by = ",".join(other["name"] for other in one["overriddenBy"])
    return [policy["type"], policy["name"], one["state"], f"{counts['effective']}/{counts['selected']}", by]
