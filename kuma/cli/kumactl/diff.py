"""`kumactl diff`: what files would change for whom, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click
from attrs import evolve, frozen

from kuma.cli.kumactl.client import ControlPlane, path
from kuma.cli.kumactl.files import read_resources
from kuma.cli.kumactl.kinds import list_path
from kuma.cli.kumactl.output import FORMATS, show
from kuma.cli.kumactl.progress import progress
from kuma.cli.kumactl.session import Session, checked
from kuma.kinds import KINDS, parse_document
from kuma.mesh import Proxy
from kuma.model import ZONE, Labels, Resource
from kuma.settings import Settings
from zone_cp.generate import Workshop, generate
from zone_cp.impact import Effect, impact
from zone_cp.offline import Offline, seen


@frozen
class Affected:
    """A proxy, and what would change for it."""

    mesh: str
    name: str
    effects: tuple[Effect, ...]

    def document(self) -> Any:
        """The same as a document."""
        changes = [
            {"what": one.what, "name": one.name, "change": one.change, "detail": one.detail} for one in self.effects
        ]
        return {"mesh": self.mesh, "dataplane": self.name, "changes": changes}


@click.command("diff", short_help="Show what files would change, and for whom, before they are applied")
@click.option("-f", "--file", "sources", required=True, multiple=True, help="A file, a folder, a URL, or -.")
@click.option("-v", "--var", "pairs", multiple=True, help="Replace {{ name }} in the files: name=value.")
@click.option("--delete", is_flag=True, help="What would change if the files' resources were deleted.")
@click.option("-o", "--output", default="table", help=f"One of {', '.join(FORMATS)}; table is for people.")
@click.pass_obj
def diff(session: Session, sources: Sequence[str], pairs: Sequence[str], delete: bool, output: str) -> None:
    """Show which proxies of a zone would change, and how, if files were applied: nothing is written.

    Ask the control plane of a zone: each zone has proxies of its own.
    """
    if output not in FORMATS:
        raise click.ClickException(f"unknown output format {output!r}: it can be one of {', '.join(FORMATS)}")
    given = read_resources(sources, pairs)
    client = checked(session)
    meshes = sorted({one.mesh if KINDS[one.kind].mesh_scoped else one.name for one in given if _in_a_mesh(one)})
    affected = [one for mesh in meshes for one in _affected(client, mesh, given, delete)]
    _print(affected, output)


def _in_a_mesh(resource: Resource) -> bool:
    return KINDS[resource.kind].mesh_scoped or resource.kind == "Mesh"


def _print(affected: Sequence[Affected], output: str) -> None:
    if output != "table":
        click.echo(show({"items": [one.document() for one in affected]}, output), nl=False)
        return
    for one in affected:
        click.echo(f"dataplane {one.name} of mesh {one.mesh}")
        for effect in one.effects:
            click.echo(f"  {effect}")
    click.echo(f"{len(affected)} proxies would change" if len(affected) != 1 else "1 proxy would change")


def _affected(client: ControlPlane, mesh: str, given: Iterable[Resource], delete: bool) -> Iterator[Affected]:
    stored = {one.key: one for one in _stored(client, mesh)}
    wanted = dict(stored)
    for one in given:
        if delete:
            wanted.pop(one.key, None)
        else:
            wanted[one.key] = _as_stored(one, stored.get(one.key))
    zone = _zone(stored.values(), mesh)
    before, after = (seen(mesh, zone, every.values(), Settings()) for every in (stored, wanted))
    yield from _compared(before, after)


def _as_stored(given: Resource, stored: Resource | None) -> Resource:
    """What applying makes of it: who was first stays first, and what was found out stays known."""
    if stored is None:
        return given
    return evolve(given, labels=Labels({**stored.labels, **given.labels}), status=stored.status, created=stored.created)


def _stored(client: ControlPlane, mesh: str) -> Iterator[Resource]:
    """All that the control plane knows of a mesh, and of whom it gives names to."""
    kinds = [kind for kind in KINDS.values() if kind.path and kind.mesh_scoped and not kind.admin_only]
    with progress(len(kinds), "asking") as advance:
        for kind in kinds:
            yield from map(parse_document, client.items(list_path(kind, mesh)))
            advance()
    yield parse_document(client.get(path("meshes", mesh)).or_refused().json())
    for one in client.items(path("meshes", mesh, "dataplanes", "_overview")):
        if one.get("dataplaneInsight"):
            yield parse_document(
                {"type": "DataplaneInsight", "mesh": mesh, "name": one["name"], **one["dataplaneInsight"]}
            )


def _zone(stored: Iterable[Resource], mesh: str) -> str:
    zones = {one.labels.get(ZONE, "") for one in stored if one.kind == "Dataplane"} - {""}
    if len(zones) > 1:
        reason = f"mesh {mesh} has proxies in several zones here: {', '.join(sorted(zones))}"
        raise click.ClickException(f"{reason}. Ask the control plane of one zone.")
    return next(iter(zones), "default")


def _compared(before: Offline, after: Offline) -> Iterator[Affected]:
    """Proxies that come or go are not compared: they are in the files themselves."""
    old, new = Workshop(), Workshop()
    for name in sorted(before.mesh.of("Dataplane").keys() & after.mesh.of("Dataplane").keys()):
        effects = impact(_config(before, name, old), _config(after, name, new))
        if effects:
            yield Affected(before.mesh.name, name, effects)


def _config(offline: Offline, name: str, workshop: Workshop) -> Any:
    proxy: Proxy = offline.proxy(offline.mesh.of("Dataplane")[name])
    try:
        return generate(offline.mesh, proxy, workshop)
    except ValueError as error:
        raise click.ClickException(f"no config can be made for {name}: {error}") from error


COMMAND = diff
