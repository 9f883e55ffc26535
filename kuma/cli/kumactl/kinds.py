"""The kinds by the names that people type."""

from __future__ import annotations

from collections.abc import Iterator

import click

from kuma.cli.kumactl.client import path
from kuma.kinds import KINDS
from kuma.model import Kind, plural
from kuma.names import allowed_values


def named(name: str) -> tuple[Kind, bool]:
    """The kind that people call so, and whether they mean many (`meshes`) or one (`mesh`). Raises ClickException."""
    wanted = name.lower()
    for kind in likely_first(wanted):
        if kind.path and wanted in {kind.path, *kind.aliases}:
            return kind, True
        if kind.path and wanted in _singulars(kind):
            return kind, False
    allowed = allowed_values(sorted(_singulars(kind)[0] for kind in KINDS.values() if _singulars(kind)))
    raise click.ClickException(f"unknown TYPE: {name}. {allowed}")


def likely_first(wanted: str) -> Iterator[Kind]:
    """All kinds; those whose names sound like what is wanted come first, so that no other need be loaded."""
    sound = wanted.replace("-", "")
    for kind in sorted(KINDS, key=lambda kind: sound not in (kind.lower(), plural(kind).lower())):
        yield KINDS[kind]


def _singulars(kind: Kind) -> tuple[str, ...]:
    if not kind.singular:
        return ()
    return (kind.singular, *(alias.removesuffix("s") for alias in kind.aliases))


def item_path(kind: Kind, mesh: str, name: str) -> str:
    """The API's path of one resource."""
    return path("meshes", mesh, kind.path, name) if kind.mesh_scoped else path(kind.path, name)


def list_path(kind: Kind, mesh: str | None) -> str:
    """The API's path of the resources of a kind, in one mesh or (None) in all."""
    return path("meshes", mesh, kind.path) if kind.mesh_scoped and mesh is not None else path(kind.path)
