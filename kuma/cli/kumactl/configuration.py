"""kumactl's configuration: control planes it knows, and the active one. One YAML file, in the user's home."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml
from attrs import evolve, field, frozen

from kuma.cli.kumactl.output import yaml_text

BROKEN = "apparently, configuration is broken. Use `kumactl config control-planes add` to add a Control Plane again"
NONE_ACTIVE = (
    "active Control Plane is not set. Use `kumactl config control-planes add` to add a Control Plane and make it active"
)


@frozen
class ApiServer:
    """How to reach a control plane's API, and who to say one is."""

    url: str
    ca_cert_file: str = ""
    client_cert_file: str = ""
    client_key_file: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    auth_type: str = ""
    auth_conf: Mapping[str, str] = field(factory=dict, repr=False)

    def shown(self) -> dict[str, Any]:
        """The part of the file that says it."""
        said = {
            "url": self.url,
            "caCertFile": self.ca_cert_file,
            "clientCertFile": self.client_cert_file,
            "clientKeyFile": self.client_key_file,
            "headers": [{"key": key, "value": value} for key, value in self.headers.items()],
            "authType": self.auth_type,
            "authConf": dict(self.auth_conf),
        }
        return {name: value for name, value in said.items() if value}


@frozen
class Context:
    """A control plane, and the mesh that one works in."""

    name: str
    control_plane: str
    mesh: str = ""

    def shown(self) -> dict[str, Any]:
        """The part of the file that says it."""
        defaults = {"defaults": {"mesh": self.mesh}} if self.mesh else {}
        return {"name": self.name, "controlPlane": self.control_plane, **defaults}


@frozen
class Configuration:
    """What the file says."""

    control_planes: Mapping[str, ApiServer] = field(factory=dict)
    contexts: tuple[Context, ...] = ()
    current: str = ""

    def active_name(self) -> str:
        """The name of the active control plane; empty where there is none."""
        return next((context.control_plane for context in self.contexts if context.name == self.current), "")

    def active(self, name: str = "") -> ApiServer:
        """The control plane of this name, or the active one. Raises ClickException."""
        wanted = name or self.active_name()
        if not wanted:
            raise click.ClickException(NONE_ACTIVE)
        if wanted not in self.control_planes:
            raise click.ClickException(f'there is no Control Plane with name "{wanted}"' if name else BROKEN)
        return self.control_planes[wanted]

    def added(self, name: str, server: ApiServer) -> Configuration:
        """With one more control plane (or another in its place), which is active now."""
        contexts = (*(one for one in self.contexts if one.name != name), Context(name, name))
        return evolve(self, control_planes={**self.control_planes, name: server}, contexts=contexts, current=name)

    def removed(self, name: str) -> Configuration:
        """Without a control plane and the contexts that use it; another becomes active if it was."""
        kept = {one: server for one, server in self.control_planes.items() if one != name}
        contexts = tuple(one for one in self.contexts if one.control_plane != name)
        still = any(one.name == self.current for one in contexts)
        current = self.current if still else (contexts[0].name if contexts else "")
        return evolve(self, control_planes=kept, contexts=contexts, current=current)

    def switched(self, name: str) -> Configuration:
        """With another control plane active."""
        known = next((one.name for one in self.contexts if one.control_plane == name), None)
        if known is not None:
            return evolve(self, current=known)
        return evolve(self, contexts=(*self.contexts, Context(name, name)), current=name)

    def shown(self) -> dict[str, Any]:
        """The file's content."""
        planes = [
            {"name": name, "coordinates": {"apiServer": server.shown()}} for name, server in self.control_planes.items()
        ]
        said = {
            "controlPlanes": planes,
            "contexts": [context.shown() for context in self.contexts],
            "currentContext": self.current,
        }
        return {name: value for name, value in said.items() if value}


DEFAULT = Configuration().added("local", ApiServer("http://localhost:5681"))


def read(file: Path) -> Configuration:
    """The configuration in a file; one that is not there is written first. Raises ClickException."""
    if not file.exists():
        write(file, DEFAULT)
        return DEFAULT
    try:
        document = yaml.safe_load(file.read_text())
        return parse(document or {})
    except OSError as error:
        raise click.ClickException(f"can't read the configuration {file}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise click.ClickException(f"the configuration {file} is broken: {error}") from None


def write(file: Path, configuration: Configuration) -> None:
    """Keep the configuration; the file may hold tokens, so only its owner may read it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f".{file.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(yaml_text(configuration.shown()))
        fresh.replace(file)
    except OSError as error:
        raise click.ClickException(f"can't write the configuration {file}: {error.strerror}") from None


def parse(document: Mapping[str, Any]) -> Configuration:
    """The configuration in a document; names may be in camel or in snake case."""
    planes = _of(document, "controlPlanes", []) or []
    contexts = _of(document, "contexts", []) or []
    return Configuration(
        {_of(plane, "name"): _server(_of(_of(plane, "coordinates"), "apiServer")) for plane in planes},
        tuple(
            Context(_of(one, "name"), _of(one, "controlPlane"), _of(_of(one, "defaults", {}) or {}, "mesh", ""))
            for one in contexts
        ),
        _of(document, "currentContext", ""),
    )


def _server(said: Mapping[str, Any]) -> ApiServer:
    if _of(said, "skipVerify", False):
        raise ValueError("skipVerify is not supported, anyone could answer: name the certificate in caCertFile")
    return ApiServer(
        url=_of(said, "url"),
        ca_cert_file=_of(said, "caCertFile", ""),
        client_cert_file=_of(said, "clientCertFile", ""),
        client_key_file=_of(said, "clientKeyFile", ""),
        headers={one["key"]: one["value"] for one in _of(said, "headers", [])},
        auth_type=_of(said, "authType", ""),
        auth_conf=_of(said, "authConf", {}),
    )


REQUIRED: Any = object()


def _of(said: Mapping[str, Any], name: str, default: Any = REQUIRED) -> Any:
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    for spelled in (name, snake):
        if spelled in said:
            return said[spelled]
    if default is REQUIRED:
        raise ValueError(f"{name} is missing")
    return default
