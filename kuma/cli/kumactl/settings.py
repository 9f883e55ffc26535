"""`kumactl config`: which control planes kumactl knows, and which one it talks to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from kuma.cli.kumactl.client import PRODUCT, ControlPlane
from kuma.cli.kumactl.configuration import ApiServer
from kuma.cli.kumactl.output import table, yaml_text
from kuma.cli.kumactl.session import Session


@click.group("config", short_help="Manage kumactl's own configuration")
def config() -> None:
    """Manage kumactl's own configuration."""


@config.command("view")
@click.pass_obj
def view(session: Session) -> None:
    """Print the configuration."""
    click.echo(yaml_text(session.configuration().shown()))


@config.group("control-planes")
def control_planes() -> None:
    """Manage the control planes that kumactl knows."""


@control_planes.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List the control planes."""
    known = session.configuration()
    active = known.active_name()
    rows = [["*" if name == active else "", name, server.url] for name, server in known.control_planes.items()]
    click.echo(table(("ACTIVE", "NAME", "ADDRESS"), rows), nl=False)


@control_planes.command("add")
@click.option("--name", required=True, help="What to call it.")
@click.option("--address", required=True, help="The address of its API, such as http://localhost:5681.")
@click.option("--overwrite", is_flag=True, help="Replace a control plane of this name.")
@click.option("--client-cert-file", default="", help="The certificate to show to it.")
@click.option("--client-key-file", default="", help="The key of that certificate.")
@click.option("--ca-cert-file", default="", help="The certificate to trust it by.")
@click.option("--headers", "headers", multiple=True, help="Headers to send: name=value,…")
@click.option("--auth-type", default="", help="How to say who you are: tokens.")
@click.option("--auth-conf", "auth_conf", multiple=True, help="What to say: token=…")
@click.option("--skip-check", is_flag=True, help="Do not try to reach it.")
@click.pass_obj
def add(session: Session, /, name: str, overwrite: bool, skip_check: bool, **options: Any) -> None:
    """Add a control plane, and make it the active one."""
    server = _server(options)
    if not skip_check:
        _check(ControlPlane.of(server, session.seconds()))
    known = session.configuration()
    if name in known.control_planes and not overwrite:
        raise click.ClickException(
            f'Control Plane with name "{name}" already exists. Use --overwrite to replace an existing one.'
        )
    session.keep(known.added(name, server))
    click.echo(f'added Control Plane "{name}"\nswitched active Control Plane to "{name}"')


@control_planes.command("remove")
@click.option("--name", required=True, help="Which one.")
@click.pass_obj
def remove(session: Session, /, name: str) -> None:
    """Forget a control plane."""
    known = session.configuration()
    known.active(name)
    left = known.removed(name)
    session.keep(left)
    click.echo(f'removed Control Plane "{name}"')
    if active := left.active_name():
        click.echo(f'switched active Control Plane to "{active}"')
        return
    click.echo(
        "there is no active Control Plane left. Use `kumactl config control-planes add` to add a Control Plane "
        "and make it active"
    )


@control_planes.command("switch")
@click.option("--name", required=True, help="Which one.")
@click.pass_obj
def switch(session: Session, /, name: str) -> None:
    """Make another control plane the active one."""
    known = session.configuration()
    known.active(name)
    session.keep(known.switched(name))
    click.echo(f'switched active Control Plane to "{name}"')


def _server(options: dict[str, Any]) -> ApiServer:
    """The control plane that the options describe. Raises ClickException."""
    address = urlsplit(options["address"])
    if address.scheme not in ("http", "https") or not address.netloc:
        raise click.ClickException("API Server URL is invalid: it must be like http://localhost:5681")
    if bool(options["client_cert_file"]) != bool(options["client_key_file"]):
        raise click.ClickException("Both --client-cert-file and --client-key-file needs to be specified")
    conf = _pairs(options["auth_conf"], "--auth-conf")
    if options["auth_type"] not in ("", "tokens"):
        raise click.ClickException(f'authentication plugin of type "{options["auth_type"]}" is not found')
    if options["auth_type"] and not conf.get("token"):
        raise click.ClickException("--auth-conf is not valid: provide token=YOUR_TOKEN")
    return ApiServer(
        url=options["address"],
        ca_cert_file=_absolute(options["ca_cert_file"]),
        client_cert_file=_absolute(options["client_cert_file"]),
        client_key_file=_absolute(options["client_key_file"]),
        headers=_pairs(options["headers"], "--headers"),
        auth_type=options["auth_type"],
        auth_conf=conf,
    )


def _check(client: ControlPlane) -> None:
    try:
        about = client.get("/").or_refused().json()
    except click.ClickException as error:
        told = f"could not connect to the Control Plane API Server: {error.format_message()}"
        raise click.ClickException(told) from None
    product = about.get("product", "") if isinstance(about, dict) else ""
    if product != PRODUCT and "preview" not in str(about):
        raise click.ClickException(
            f"this CLI is for {PRODUCT} but the control plane you're connected to is {product}. "
            "Please use the CLI for your control plane"
        )


def _absolute(file: str) -> str:
    """The file wherever kumactl is run from."""
    return str(Path(file).absolute()) if file else ""


def _pairs(texts: Sequence[str], flag: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in (one for text in texts for one in text.split(",")):
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f'{flag}: "{pair}" is not of the form name=value')
        found[name.strip()] = value
    return found


COMMAND = config
