"""Files of resources: where they come from, what stands in place of variables, and the documents in them."""

from __future__ import annotations

import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from kuma.documents import load

EXTENSIONS = frozenset({".yaml", ".yml", ".json"})
SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
TAG = re.compile(r"\{\{(\{)?\s*(?P<name>[\w.-]+)\s*(?(1)\}\}\}|\}\})")
URL_TIMEOUT = 10
LARGEST_DOWNLOAD = 32 << 20


def read(source: str) -> str:
    """The text of a file, of a folder's files, of standard input (`-`) or of a URL. Raises ClickException."""
    try:
        if source == "-":
            return sys.stdin.read()
        if source.startswith(("http://", "https://")):
            return _downloaded(source)
        place = Path(source)
        if place.is_dir():
            files = sorted(file for file in place.iterdir() if file.suffix.lower() in EXTENSIONS and file.is_file())
            return "\n---\n".join(file.read_text() for file in files)
        return place.read_text()
    except OSError as error:
        raise click.ClickException(f"can't read {source}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise click.ClickException(f"can't read {source}: it is no text ({error})") from None


def _downloaded(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=URL_TIMEOUT) as reply:
            if reply.status != 200:
                raise click.ClickException("error while retrieving URL")
            content: bytes = reply.read(LARGEST_DOWNLOAD)
            return content.decode()
    except urllib.error.URLError as error:
        raise click.ClickException(f"error while retrieving URL {url}: {error}") from None


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with `{{ name }}` replaced; what has no value becomes empty, as in mustache."""
    return TAG.sub(lambda tag: variables.get(tag["name"], ""), text) if variables else text


def split(text: str) -> list[str]:
    """The documents in a text, but those that hold nothing or comments only."""
    return [document for document in SEPARATOR.split(text) if not _is_empty(document)]


def _is_empty(document: str) -> bool:
    lines = (line.strip() for line in document.splitlines())
    return all(not line or line.startswith("#") for line in lines)


def parsed(document: str) -> Any:
    """What one document says. Raises ValueError, naming the line."""
    return next(iter(load(document)), None)


def variables(pairs: Iterable[str]) -> dict[str, str]:
    """The variables that `-v name=value` gives. Raises UsageError."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.UsageError(f'"{pair}" is not of the form name=value')
        found[name] = value
    return found
