"""The command tree; each command's file is imported when it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from kuma.cli.kumactl.session import Session

COMMANDS = {
    "apply": "apply",
    "completion": "completion",
    "config": "settings",
    "delete": "delete",
    "diff": "diff",
    "export": "export",
    "generate": "generate",
    "get": "get",
    "inspect": "inspect",
    "render": "render",
    "version": "version",
}
HELP = {
    "apply": "Create or update resources",
    "completion": "Print a script that completes commands in a shell",
    "config": "Manage kumactl's own configuration",
    "delete": "Delete a resource",
    "diff": "Show what files would change, and for whom, before they are applied",
    "export": "Print resources such that another control plane can take them",
    "generate": "Generate tokens, keys and certificates",
    "get": "Show resources",
    "inspect": "Show how dataplanes and zones are",
    "render": "Show what resource files make of a proxy, without a control plane",
    "version": "Print the version",
}


class Lazy(click.Group):
    """A group whose commands live in files of their own, named in a table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"kuma.cli.kumactl.{COMMANDS[cmd_name]}").COMMAND
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(HELP.items()))


@click.command(cls=Lazy)
@click.option("--config-file", default="", help="Where kumactl's configuration is (default ~/.kumactl/config).")
@click.option(
    "--context", "control_plane", default="", help="The control plane to talk to, in place of the active one."
)
@click.option("--log-level", type=click.Choice(["off", "info", "debug"]), default="off", help="How much to tell.")
@click.option("--no-config", is_flag=True, help="Use a default configuration, and write none.")
@click.option("--api-timeout", default="1m0s", help="How long to wait for the control plane; 0 for ever.")
@click.pass_context
def root(context: click.Context, /, **options: Any) -> None:
    """Manage a service mesh."""
    context.obj = session_of(options)


def session_of(options: Mapping[str, Any]) -> Session:
    """The session that the options before the command ask for; what a shell completes has not said all of them."""
    home = Path.home() / ".kumactl" / "config"
    return Session(
        config_file=None if options.get("no_config") else Path(options.get("config_file") or home),
        control_plane=options.get("control_plane") or "",
        timeout=options.get("api_timeout") or "1m0s",
    )


def run(arguments: Sequence[str], settings: Mapping[str, Any] | None = None) -> int:
    """Run a command; its exit code."""
    try:
        root.main(list(arguments), prog_name="kumactl", standalone_mode=False, **(settings or {}))
    except click.exceptions.Exit as left:
        return int(left.exit_code)
    except click.Abort:
        click.echo("Aborted", err=True)
        return 1
    except click.UsageError as error:
        _usage(error)
        return 1
    except click.ClickException as error:
        click.echo(f"Error: {error.format_message()}", err=True)
        return 1
    return 0


def _usage(error: click.UsageError) -> None:
    if error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
    click.echo(f"Error: {error.format_message()}", err=True)
