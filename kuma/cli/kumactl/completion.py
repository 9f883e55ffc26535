"""`kumactl completion`: a script that completes commands in a shell."""

from __future__ import annotations

from collections.abc import Callable

import click
from attrs import evolve
from click.shell_completion import CompletionItem, get_completion_class

VARIABLE = "_KUMACTL_COMPLETE"
PATIENCE = 2.0  # seconds that somebody waits for names after pressing a key
MANY = 100


@click.command("completion", short_help="Print a script that completes commands in a shell")
@click.argument("shell", type=click.Choice(["bash", "fish", "zsh"]))
@click.pass_context
def completion(context: click.Context, /, shell: str) -> None:
    """Print a script for SHELL; bash reads it with `source <(kumactl completion bash)`."""
    shell_class = get_completion_class(shell)
    if shell_class is None:
        raise click.ClickException(f"nothing completes commands in {shell}")
    click.echo(shell_class(context.find_root().command, {}, "kumactl", VARIABLE).source())


def kinds(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The kinds whose names begin so."""
    from kuma.kinds import KINDS  # noqa: PLC0415 - only where something is completed

    words = {word: kind.title for kind in KINDS.values() for word in (kind.path, kind.singular) if word}
    return [CompletionItem(word, help=words[word]) for word in sorted(words) if word.startswith(incomplete)]


def names(kind: str | None = None) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Completes names of the kind that the command line names, or always of this one."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            return [CompletionItem(name) for name in _names(context, kind or context.params["kind"], incomplete)]
        except (click.ClickException, KeyError):
            return []  # a shell has no place for errors while somebody is typing

    return complete


def _names(context: click.Context, kind: str, incomplete: str) -> list[str]:
    """The names that the control plane knows and that begin so."""
    from kuma.cli.kumactl.kinds import list_path, named  # noqa: PLC0415 - only where something is completed
    from kuma.cli.kumactl.root import session_of  # noqa: PLC0415 - it knows this module by name

    found, _ = named(kind)
    client = evolve(session_of(context.find_root().params).client(), timeout=PATIENCE)
    mesh = context.params.get("mesh") or "default"
    page = client.get(list_path(found, mesh), size=MANY, name=incomplete or None).or_refused().json()
    return [one["name"] for one in page["items"] if one["name"].startswith(incomplete)]


COMMAND = completion
