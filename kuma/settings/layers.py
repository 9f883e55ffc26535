"""Settings from layers: what is built in, then a file, then the environment; the later wins, setting by setting."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import yaml
from attrs import evolve
from cryptography import x509
from frozendict import frozendict

from kuma.schema import Invalid, Violation, go_duration, parse, violations
from kuma.schema.shape import bare, slots
from kuma.settings.environment import from_environment
from kuma.settings.public_keys import unreadable_keys
from kuma.settings.tree import Settings

REDACTED = "*****"
UNSAID = {"allowedUsers", "skipPrefixes"}
"""Lists that are not shown where they are empty."""


class BadSettings(Exception):
    """The control plane can't start with these settings; every problem is listed."""

    def __init__(self, problems: Iterable[Violation]) -> None:
        self.problems = tuple(problems)
        super().__init__("invalid settings:\n" + "\n".join(f"  {problem}" for problem in self.problems))


def load(file: str | None, environ: Mapping[str, str]) -> Settings:
    """The settings of a file (YAML) and of `KUMA_*` variables, checked. Raises BadSettings with every problem."""
    document = shown(Settings())
    if file is not None:
        document = laid_over(document, canonical(Settings, _document(file)))
    said, problems = from_environment(Settings, environ)
    for path, value in said.items():
        _set(document, path, value)
    settings, unparsed = _parsed(document)
    if problems := [
        *problems,
        *unparsed,
        *violations(settings, path=""),
        *_unreadable(settings),
        *unreadable_keys(settings),
    ]:
        raise BadSettings(problems)
    return _processed(settings)


def shown(value: Any) -> Any:
    """Settings as a document that says everything, empty values too; durations as `1h0m0s`."""
    if isinstance(value, timedelta):
        return go_duration(value)
    if isinstance(value, tuple):
        return [shown(one) for one in value]
    if isinstance(value, frozendict):
        return dict(value)
    if attrs.has(type(value)):
        documents = {slot.json: shown(getattr(value, slot.name)) for slot in slots(type(value))}
        return {name: document for name, document in documents.items() if document != [] or name not in UNSAID}
    return value


def show_redacted(settings: Settings) -> dict[str, Any]:
    """The settings for eyes other than our own: without the database's password."""
    document: dict[str, Any] = shown(settings)
    _set(document, ("store", "postgres", "password"), REDACTED)
    return document


def canonical(cls: Any, document: Any) -> Any:
    """A document with the names that its class gives them, however they were capitalised; durations as text.

    What the class does not know is left out, and so is what says nothing.
    """
    if not isinstance(document, Mapping):
        return document
    known = {slot.json.lower(): slot for slot in slots(cls)}
    found = {}
    for key, value in document.items():
        slot = known.get(str(key).lower())
        if slot is not None and value is not None:
            found[slot.json] = _canonical_value(slot.type, value)
    return found


def laid_over(below: Mapping[str, Any], above: Any) -> Any:
    """The upper document, and what it leaves out from the lower one."""
    if not isinstance(above, Mapping):
        return above
    merged = dict(below)
    for key, value in above.items():
        under = below.get(key)
        merged[key] = laid_over(under, value) if isinstance(under, Mapping) else value
    return merged


def _canonical_value(hint: Any, value: Any) -> Any:
    kind, _ = bare(hint)
    if attrs.has(kind):
        return canonical(kind, value)
    if kind is timedelta and isinstance(value, int) and not isinstance(value, bool):
        return f"{value}ns"
    if typing.get_origin(kind) is tuple and isinstance(value, list):
        return [_canonical_value(typing.get_args(kind)[0], one) for one in value]
    return value


def _document(file: str) -> Any:
    try:
        document = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except OSError:
        message = f"unable to access configuration file '{file}', please check if the file exists"
        raise BadSettings([Violation(file, f"{message} and has the correct permissions")]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise BadSettings([Violation(file, f"not YAML: {' '.join(str(problem).split())}")]) from None
    if not isinstance(document, Mapping | None):
        raise BadSettings([Violation(file, "must be an object")])
    return document or {}


def _set(document: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *around, last = path
    for key in around:
        if not isinstance(document.get(key), dict):
            return  # what stands here is wrong already, and will be reported
        document = document[key]
    document[last] = value


def _parsed(document: dict[str, Any]) -> tuple[Settings, list[Violation]]:
    """The settings, and what could not be read of them; there stands the default, so that the rest can be checked."""
    try:
        return parse(Settings, document, path=""), []
    except Invalid as invalid:
        problems = [_plain(violation) for violation in invalid.violations]
    defaults = shown(Settings())
    for problem in problems:
        path = tuple(problem.field.partition("[")[0].split("."))
        default = defaults
        for key in path:
            default = default.get(key, [])
        _set(document, path, default)
    return parse(Settings, document, path=""), problems


def _processed(settings: Settings) -> Settings:
    """Reloadable tokens go with Kubernetes, where the tokens of service accounts are renewed all the time."""
    if settings.store.type != "kubernetes":
        return settings
    authn = evolve(settings.dp_server.authn, enable_reloadable_tokens=True)
    return evolve(settings, dp_server=evolve(settings.dp_server, authn=authn))


def _plain(violation: Violation) -> Violation:
    return evolve(violation, message=violation.message.removeprefix("in body "))


def _unreadable(settings: Settings) -> Iterator[Violation]:
    file = settings.multizone.zone.kds.root_ca_file
    if not file or settings.mode == "global":
        return
    try:
        x509.load_pem_x509_certificates(Path(file).read_bytes())
    except OSError as problem:
        yield Violation("multizone.zone.kds.rootCaFile", f"can't read {file}: {problem.strerror}")
    except ValueError:
        yield Violation("multizone.zone.kds.rootCaFile", f"{file} holds no certificates in PEM")
