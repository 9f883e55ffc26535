"""`kumactl version`: ours, and the control plane's."""

from __future__ import annotations

import click

from kuma.cli.kumactl.session import Session
from kuma.version import VERSION, build_info


@click.command("version", short_help="Print the version")
@click.option("-a", "--detailed", is_flag=True, help="Tell more.")
@click.pass_obj
def version(session: Session, detailed: bool) -> None:
    """Print kumactl's version, and that of the control plane."""
    if detailed:
        build = build_info()
        told = {
            "Product": "Kuma",
            "Version": build["version"],
            "Git Tag": build["gitTag"],
            "Git Commit": build["gitCommit"],
            "Build Date": build["buildDate"],
        }
        click.echo("Client:\n" + "\n".join(f"   {name}: {value}".rstrip() for name, value in told.items()))
    else:
        click.echo(f"Client: Kuma {VERSION}")
    try:
        about = session.client().get("/").or_refused()
        server = about.json()
    except click.ClickException as error:
        click.echo(f"Unable to connect to control plane: {error.format_message()}", err=True)
        return
    if detailed:
        click.echo("Server:\n" + "".join(f"   {line}\n" for line in about.text().splitlines()), nl=False)
    else:
        click.echo(f"Server: {server.get('product', '')} {server.get('version', '')}")


COMMAND = version
