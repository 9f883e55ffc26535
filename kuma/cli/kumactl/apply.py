"""`kumactl apply`: create or update what files say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from kuma.cli.kumactl import documents
from kuma.cli.kumactl.client import ApiError, ControlPlane
from kuma.cli.kumactl.kinds import item_path
from kuma.cli.kumactl.output import yaml_text
from kuma.cli.kumactl.progress import progress
from kuma.cli.kumactl.session import Session, checked, duration
from kuma.described import parse_written
from kuma.kinds import KINDS, show_document, validate
from kuma.model import Resource
from kuma.names import meta_violations
from kuma.schema import Invalid

SERVER_SAYS = ("creationTime", "modificationTime", "kri", "snis", "status")


@click.command("apply", short_help="Create or update resources")
@click.option("-f", "--file", "source", required=True, help="A file, a folder, a URL, or - for standard input.")
@click.option("-v", "--var", "pairs", multiple=True, help="Replace {{ name }} in the file: name=value.")
@click.option("--dry-run", is_flag=True, help="Print what would be applied.")
@click.option("--wait", is_flag=True, help="Return when every proxy that is affected has acknowledged.")
@click.option("--wait-timeout", default="1m", help="How long to wait for them.")
@click.pass_obj
def apply(session: Session, /, source: str, pairs: Sequence[str], dry_run: bool, **waiting: Any) -> None:
    """Create or update the resources that files describe."""
    found = documents.split(documents.filled(documents.read(source), documents.variables(pairs)))
    if not found:
        raise click.ClickException("no resource(s) passed to apply")
    resources = _parsed(found)
    if dry_run:
        click.echo("---\n".join(yaml_text(_body(resource)) for resource in resources), nl=False)
        return
    patience = duration(waiting["wait_timeout"], "--wait-timeout")
    client = checked(session)
    with progress(len(resources), "applying") as advance:
        for resource in resources:
            _apply(client, resource)
            advance()
    if waiting["wait"]:
        _wait(client, resources, patience)


def _wait(client: ControlPlane, resources: Sequence[Resource], seconds: float) -> None:
    from kuma.cli.kumactl.wait import delivered, tell, until  # noqa: PLC0415 - only for those who wait

    tell(delivered(client, resources, until(seconds)))


def _parsed(found: Sequence[str]) -> list[Resource]:
    """Every document as a resource, or all that is wrong with them. Raises ClickException."""
    resources: list[Resource] = []
    for index, text in enumerate(found):
        try:
            resources.append(_checked(documents.parsed(text)))
        except ValueError as error:
            click.echo(f"resource[{index}]: failed to parse resource: {error}", err=True)
    if len(resources) < len(found):
        raise click.ClickException("failed to validate some resources")
    return resources


def _checked(document: Any) -> Resource:
    if isinstance(document, dict):
        document = {key: value for key, value in document.items() if key not in SERVER_SAYS}
    resource = parse_written(document)
    kind = KINDS[resource.kind]
    mesh = "" if kind.inline and "mesh" not in document else resource.mesh
    if wrong := (*meta_violations(resource.name, mesh, kind.mesh_scoped), *validate(resource)):
        raise Invalid(wrong)
    return resource


def _apply(client: ControlPlane, resource: Resource) -> None:
    told = f'resource type="{resource.kind}" mesh="{resource.mesh}" name="{resource.name}"'
    try:
        path = item_path(KINDS[resource.kind], resource.mesh, resource.name)
        reply = client.put(path, _body(resource)).or_refused()
    except ApiError as error:
        raise click.ClickException(f"{told}: failed server side: {error.brief()}") from None
    click.echo(f"{told} {'Created' if reply.status == 201 else 'Updated'}")
    answer = reply.json() if reply.body.strip() else {}
    for warning in answer.get("warnings") or ():
        click.echo(f"Warning: {warning}", err=True)


def _body(resource: Resource) -> dict[str, Any]:
    return {key: value for key, value in show_document(resource).items() if key not in SERVER_SAYS}


COMMAND = apply
