"""`kumactl render`: what a zone would make of resource files for one proxy, without a control plane."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from attrs import frozen

from kuma import inspection
from kuma.cli.dp.options import ControlPlane, Options
from kuma.cli.kumactl.files import read_resources
from kuma.cli.kumactl.output import show
from kuma.mesh import Mesh
from kuma.model import ZONE, Resource
from kuma.rest.difference import patch
from kuma.settings import BadSettings, Settings, load
from zone_cp.generate import Workshop, generate
from zone_cp.inspection import in_effect, shown
from zone_cp.offline import Offline, seen

STANDALONE = "default"
TYPES = ("config", "rules", "policies")
FORMATS = ("json", "yaml")
FEATURES = Options(ControlPlane("")).features()
"""What kuma-dp can do, unless it is told not to."""


@frozen
class Asked:
    """Which proxy, and what of it."""

    mesh: str
    dataplane: str
    zone: str
    shadow: bool
    diff: bool


@click.command("render", short_help="Show what resource files make of a proxy, without a control plane")
@click.option("-f", "--file", "sources", required=True, multiple=True, help="A file, a folder, a URL, or -.")
@click.option("-v", "--var", "pairs", multiple=True, help="Replace {{ name }} in the files: name=value.")
@click.option("-m", "--mesh", default="default", help="The mesh of the proxy.")
@click.option("--dataplane", required=True, help="The name of the proxy's Dataplane.")
@click.option("--zone", default="", help="The zone; without it that of --config, or of the Dataplane's label.")
@click.option("--config", "settings_file", default="", help="The configuration of the zone's control plane.")
@click.option("--type", "what", default="config", help=f"What to show: {', '.join(TYPES)}.")
@click.option("--shadow", is_flag=True, help="As if shadow policies were in effect.")
@click.option("--include", "more", multiple=True, help="What else to show: diff (config with --shadow).")
@click.option("-o", "--output", default="json", help=f"One of {', '.join(FORMATS)}.")
def render(sources: Sequence[str], pairs: Sequence[str], what: str, output: str, **options: Any) -> None:
    """Show what a zone's control plane would make of files for one proxy: its Envoy config, or the policies behind it.

    Files may hold statuses and DataplaneInsights, as a control plane shows them; what they do not say is worked out.
    """
    _check(what, output, options["more"])
    settings = _settings(options["settings_file"])
    resources = read_resources(sources, pairs)
    zone = options["zone"] or settings.multizone.zone.name or _zone(resources, options["dataplane"])
    asked = Asked(options["mesh"], options["dataplane"], zone, options["shadow"], bool(options["more"]))
    offline = seen(asked.mesh, zone, resources, settings)
    click.echo(show(VIEWS[what](offline, asked, settings), output), nl=False)


def _check(what: str, output: str, more: Sequence[str]) -> None:
    if what not in TYPES:
        raise click.ClickException(f"unknown type {what!r}: it can be one of {', '.join(TYPES)}")
    if output not in FORMATS:
        raise click.ClickException(f"unknown output format {output!r}: it can be one of {', '.join(FORMATS)}")
    if set(more) - {"diff"}:
        raise click.ClickException("--include can only be diff")


def _settings(file: str) -> Settings:
    try:
        return load(file or None, {})
    except (BadSettings, OSError) as error:
        raise click.ClickException(f"can't use {file}: {error}") from None


def _zone(resources: Sequence[Resource], dataplane: str) -> str:
    zones = (one.labels.get(ZONE, "") for one in resources if one.kind == "Dataplane" and one.name == dataplane)
    return next(zones, "") or STANDALONE


def _dataplane(mesh: Mesh, name: str) -> Resource:
    found = mesh.get("Dataplane", name)
    if found is None:
        there = ", ".join(sorted(mesh.of("Dataplane"))) or "none"
        raise click.ClickException(f"no Dataplane {name!r} of mesh {mesh.name!r} in the files; there: {there}")
    return found


def _config(offline: Offline, asked: Asked, settings: Settings) -> Any:
    real = _envoy(offline, offline.mesh, asked, settings)
    wanted = _envoy(offline, in_effect(offline.mesh), asked, settings) if asked.shadow else real
    return {"xds": wanted} | ({"diff": patch(real, wanted)} if asked.diff else {})


def _envoy(offline: Offline, mesh: Mesh, asked: Asked, settings: Settings) -> Any:
    proxy = offline.proxy(_dataplane(mesh, asked.dataplane), FEATURES)
    try:
        return shown(generate(mesh, proxy, Workshop(internal=settings.ipam.known_internal_cidrs)))
    except ValueError as error:
        raise click.ClickException(f"no config can be made for {asked.dataplane}: {error}") from error


def _rules(offline: Offline, asked: Asked, _settings: Settings) -> Any:
    mesh = in_effect(offline.mesh) if asked.shadow else offline.mesh
    return inspection.rules(mesh, _dataplane(mesh, asked.dataplane))


def _policies(offline: Offline, asked: Asked, _settings: Settings) -> Any:
    mesh = in_effect(offline.mesh) if asked.shadow else offline.mesh
    return {"policies": inspection.proxy_policies(mesh, _dataplane(mesh, asked.dataplane))}


VIEWS: Mapping[str, Callable[[Offline, Asked, Settings], Any]] = {
    "config": _config, "rules": _rules, "policies": _policies,
}  # fmt: skip

COMMAND = render
