"""The Dataplane that kuma-dp brings along: a template, filled in and read."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import frozen

from kuma.cli.dp.options import Options, UsageError

TAG = re.compile(r"\{\{(\{)?\s*(?P<name>[^}]*?)\s*(?(1)\}\}\}|\}\})")
REDIRECTS = ("redirectPortInbound", "redirectPortOutbound")
VARIABLE = re.compile(r"[\w-]+(\.[\w-]+)*")


@frozen
class Proxy:
    """Which proxy this is, and the definition it brings, as JSON text; empty when an operator has stored one."""

    mesh: str
    name: str
    definition: str = ""

    @property
    def is_transparent(self) -> bool:
        """Whether the workload's traffic comes here by itself, so that the workload needs our names to call anybody."""
        if not self.definition:
            return False
        networking = json.loads(self.definition).get("networking")
        said = networking.get("transparentProxying") if isinstance(networking, dict) else None
        return isinstance(said, dict) and any(said.get(port) for port in REDIRECTS)


def proxy(options: Options) -> Proxy:
    """The proxy that the options name, or whose definition they give. Raises UsageError."""
    if not (options.definition or options.definition_file):
        return Proxy(*_named(options))
    if options.name or options.mesh:
        raise UsageError("--name and --mesh can't be given together with a Dataplane definition: it has its own")
    return _defined(render(_text(options), options.variables))


def _named(options: Options) -> tuple[str, str]:
    for flag, value in (("--mesh", options.mesh), ("--name", options.name)):
        if not value:
            raise UsageError(f"{flag} is required when no Dataplane definition is given (--dataplane-file)")
    return options.mesh, options.name


def _text(options: Options) -> str:
    if options.definition:
        return options.definition
    if options.definition_file == "-":
        return sys.stdin.read()
    try:
        return Path(options.definition_file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--dataplane-file {options.definition_file}: {error}") from None


def render(template: str, variables: Mapping[str, str]) -> str:
    """Fill in a template's `{{ variables }}`; a name may have dots. Raises UsageError for one that was not given."""

    def value(tag: re.Match[str]) -> str:
        name = tag["name"]
        if not VARIABLE.fullmatch(name):
            raise UsageError(f"the Dataplane template has {tag.group(0)!r}: only plain variables are filled in")
        if name not in variables:
            raise UsageError(f"the Dataplane template needs variable {name!r}: give it with --dataplane-var {name}=…")
        return variables[name]

    return TAG.sub(value, template)


def _defined(text: str) -> Proxy:
    document = _document(text)
    if document.get("type") != "Dataplane":
        raise UsageError(f"the Dataplane definition has type {document.get('type')!r}, it must be 'Dataplane'")
    for field in ("mesh", "name"):
        if not isinstance(document.get(field), str) or not document[field]:
            raise UsageError(f"the Dataplane definition needs a {field}, a text that is not empty")
    return Proxy(document["mesh"], document["name"], json.dumps(document, separators=(",", ":")))


def _document(text: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"the Dataplane definition is not YAML: {error}") from None
    if not isinstance(document, dict):
        raise UsageError("the Dataplane definition must be an object with type, mesh, name and networking")
    return document
