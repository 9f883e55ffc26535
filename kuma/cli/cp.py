"""kuma-cp: runs a control plane."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kuma.version import VERSION

if TYPE_CHECKING:
    from kuma.settings import Settings

CONFIG = click.option(
    "--config-file", "-c", type=click.Path(exists=True, dir_okay=False), help="Settings (YAML); KUMA_… variables win."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def kuma_cp() -> None:
    """The control plane of a service mesh."""


@kuma_cp.command()
def version() -> None:
    """Say which version this is."""
    click.echo(f"kuma-cp {VERSION}")


@kuma_cp.command()
@CONFIG
@click.option("--mode", type=click.Choice(["global", "zone"]), help="Wins over the settings.")
@click.option("--log-level", type=click.Choice(["debug", "info", "error", "off"]), default="info", show_default=True)
def run(config_file: str | None, mode: str | None, log_level: str) -> None:
    """Run a control plane until it is told to stop."""
    from kuma.loop import install  # noqa: PLC0415 - the reactor is chosen before anything imports it

    install()
    from kuma.cli import logs, serve  # noqa: PLC0415

    levels = logs.start(log_level)
    settings = _settings(config_file, mode)
    try:
        serve.serve(settings, levels)
    except serve.CannotStart as problem:
        raise click.ClickException(str(problem)) from None


@kuma_cp.group()
def migrate() -> None:
    """The database's schema."""


@migrate.command()
@CONFIG
def up(config_file: str | None) -> None:
    """Bring the database to the newest schema."""
    import psycopg2  # noqa: PLC0415 - the other commands need no database

    from kuma.settings.database import database_of  # noqa: PLC0415
    from kuma.store.migrate import NotMigrated  # noqa: PLC0415
    from kuma.store.migrate import migrate as migrated  # noqa: PLC0415

    settings = _settings(config_file, None)
    if settings.store.type != "postgres":
        raise click.ClickException(
            f"migrations are not supported for {settings.store.type.capitalize()} resource store"
        )
    postgres = settings.store.postgres
    try:
        done = migrated(database_of(postgres).dsn, postgres.tolerate_newer_db_versions)
    except (NotMigrated, psycopg2.Error) as problem:
        raise click.ClickException(str(problem).strip()) from None
    click.echo(f"DB has {'' if done else 'already '}been migrated for Kuma {VERSION}")


def _settings(config_file: str | None, mode: str | None) -> Settings:
    from kuma.cli.tls import own_address  # noqa: PLC0415
    from kuma.settings import BadSettings, Machine, completed, load  # noqa: PLC0415 - `version` is quick

    environment = dict(os.environ) | ({"KUMA_MODE": mode} if mode else {})
    try:
        return completed(load(config_file, environment), Machine(Path.home(), own_address()))
    except (BadSettings, OSError) as problem:
        raise click.ClickException(str(problem)) from None


def main() -> None:
    """The entry point of the `kuma-cp` command."""
    kuma_cp(prog_name="kuma-cp")


if __name__ == "__main__":
    main()
