"""`kumactl completion`: a script that completes commands in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

VARIABLE = "_KUMACTL_COMPLETE"


@click.command("completion", short_help="Print a script that completes commands in a shell")
@click.argument("shell", type=click.Choice(["bash", "fish", "zsh"]))
@click.pass_context
def completion(context: click.Context, /, shell: str) -> None:
    """Print a script for SHELL; bash reads it with `source <(kumactl completion bash)`."""
    shell_class = get_completion_class(shell)
    if shell_class is None:
        raise click.ClickException(f"nothing completes commands in {shell}")
    click.echo(shell_class(context.find_root().command, {}, "kumactl", VARIABLE).source())


COMMAND = completion
