"""Files of resources, as they are written or as a control plane shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from kuma.cli.kumactl import documents
from kuma.described import parse_written
from kuma.kinds import KINDS, META, parse_document, validate
from kuma.model import Resource
from kuma.names import meta_violations
from kuma.schema import Invalid

SERVER_SAYS = frozenset({"status", *META}) - {"type", "mesh", "name", "labels"}


def read_resources(sources: Sequence[str], pairs: Sequence[str]) -> list[Resource]:
    """Every document of the sources as a resource; tells all that is wrong with any of them. Raises ClickException."""
    text = "\n---\n".join(documents.filled(documents.read(one), documents.variables(pairs)) for one in sources)
    found = documents.split(text)
    resources: list[Resource] = []
    for index, text in enumerate(found):
        try:
            resources.append(_checked(documents.parsed(text)))
        except Invalid as invalid:
            for violation in invalid.violations:
                click.echo(f"resource[{index}]: {violation}", err=True)
        except ValueError as error:
            click.echo(f"resource[{index}]: {error}", err=True)
    if len(resources) < len(found):
        raise click.ClickException("some resources are not valid")
    return resources


def _checked(document: Any) -> Resource:
    """A document as it may be written, or as a control plane shows it. Raises Invalid."""
    written = document
    if isinstance(document, Mapping):
        written = {key: value for key, value in document.items() if key not in SERVER_SAYS}
    resource = parse_written(written)
    kind = KINDS[resource.kind]
    if wrong := (*meta_violations(resource.name, resource.mesh, kind.mesh_scoped), *validate(resource)):
        raise Invalid(wrong)
    return parse_document(document)
