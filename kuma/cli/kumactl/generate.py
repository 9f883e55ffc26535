"""`kumactl generate`: tokens from the control plane, or signed here with a key; keys and certificates."""

from __future__ import annotations

import csv
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from kuma.cli.kumactl.session import Session, checked
from kuma.schema.text import go_duration, parse_go_duration

KEY_OPTIONS = (
    click.option("--signing-key-path", default="", help="Sign with this key, without the control plane."),
    click.option("--kid", default="", help="The id of that key."),
)


@click.group("generate", short_help="Generate tokens, keys and certificates")
def generate() -> None:
    """Generate tokens, keys and certificates."""


@generate.command("dataplane-token")
@click.option("--name", default="", help="Only for the dataplane of this name.")
@click.option("-m", "--mesh", default="default", help="The mesh.")
@click.option("--proxy-type", default="", help="Empty, or dataplane.")
@click.option("--tag", "tags", multiple=True, help="Only for dataplanes with this label: key=value1,value2.")
@click.option("--workload", default="", help="Only for dataplanes of this workload.")
@click.option("--valid-for", required=True, help="How long it is good: 24h.")
@KEY_OPTIONS[0]
@KEY_OPTIONS[1]
@click.pass_obj
def dataplane_token(session: Session, /, valid_for: str, signing_key_path: str, kid: str, **options: Any) -> None:
    """A token that dataplanes show to their control plane."""
    duration = _duration(valid_for)
    if not duration:
        raise click.ClickException("You must set a token validFor value")
    request = {
        "name": options["name"],
        "mesh": options["mesh"],
        "tags": _tags(options["tags"]),
        "type": options["proxy_type"],
        "workload": options["workload"],
        "validFor": go_duration(duration),
    }
    if _is_offline(signing_key_path, kid):
        from certs.tokens import DataplaneClaims  # noqa: PLC0415 - cryptography only where something is signed

        tags = {key: tuple(values) for key, values in request["tags"].items()}
        claims = DataplaneClaims(request["name"], request["mesh"], tags, request["type"], request["workload"])
        _print(_signed(claims, duration, (signing_key_path, kid)))
        return
    _print(checked(session).post("/tokens/dataplane", request).or_refused().text())


@generate.command("zone-token")
@click.option("--zone", required=True, help="The zone.")
@click.option("--scope", "scopes", multiple=True, help="No scopes are known.")
@click.option("--valid-for", required=True, help="How long it is good: 24h.")
@KEY_OPTIONS[0]
@KEY_OPTIONS[1]
@click.pass_obj
def zone_token(session: Session, /, zone: str, scopes: Sequence[str], **options: str) -> None:
    """A token that a zone control plane shows to the global one."""
    if scopes:
        raise click.ClickException(f"invalid --scope values: [{' '.join(scopes)}] (supported scopes: [])")
    duration = _duration(options["valid_for"])
    if _is_offline(options["signing_key_path"], options["kid"]):
        from certs.tokens import ZoneClaims  # noqa: PLC0415 - cryptography only where something is signed

        _print(_signed(ZoneClaims(zone), duration, (options["signing_key_path"], options["kid"])))
        return
    request = {"zone": zone, "scope": [], "validFor": go_duration(duration)}
    _print(checked(session).post("/tokens/zone", request).or_refused().text())


@generate.command("user-token")
@click.option("--name", required=True, help="The user.")
@click.option("--group", "groups", multiple=True, help="A group that the user belongs to.")
@click.option("--valid-for", required=True, help="How long it is good: 24h.")
@KEY_OPTIONS[0]
@KEY_OPTIONS[1]
@click.pass_obj
def user_token(session: Session, /, name: str, groups: Sequence[str], **options: str) -> None:
    """A token that a user shows to the API."""
    duration = _duration(options["valid_for"])
    members = [one for group in groups for one in group.split(",")]
    if _is_offline(options["signing_key_path"], options["kid"]):
        from certs.tokens import UserClaims  # noqa: PLC0415 - cryptography only where something is signed

        _print(_signed(UserClaims(name, tuple(members)), duration, (options["signing_key_path"], options["kid"])))
        return
    request = {"name": name, "groups": members, "validFor": go_duration(duration)}
    _print(checked(session).post("/tokens/user", request).or_refused().text())


@generate.command("signing-key")
@click.option(
    "--format", "form", type=click.Choice(["pem-base64", "pem"]), default="pem-base64", help="How to print it."
)
def signing_key(form: str) -> None:
    """A key that signs tokens, to be kept in a secret."""
    from certs.tokens import new_signing_key  # noqa: PLC0415 - cryptography only where something is signed

    pem = new_signing_key()
    _print(pem.decode() if form == "pem" else b64encode(pem).decode())


@generate.command("public-key")
@click.option("--signing-key-path", required=True, help="The key that signs.")
def public_key(signing_key_path: str) -> None:
    """The public half of a signing key."""
    from certs.tokens import Refused, public_pem  # noqa: PLC0415 - cryptography only where something is signed

    try:
        _print(public_pem(_content(signing_key_path)).decode())
    except Refused as error:
        raise click.ClickException(f"{signing_key_path}: {error}") from None


@generate.command("tls-certificate")
@click.option("--type", "kind", type=click.Choice(["client", "server"]), required=True, help="Who is to show it.")
@click.option("--hostname", "hostnames", multiple=True, required=True, help="A name or address in it.")
@click.option("--key-file", default="key.pem", help="Where the private key goes; - prints it.")
@click.option("--cert-file", default="cert.pem", help="Where the certificate goes; - prints it.")
@click.option("--key-type", type=click.Choice(["rsa", "ecdsa"]), default="rsa", help="What kind of key.")
def tls_certificate(kind: str, hostnames: Sequence[str], key_file: str, cert_file: str, key_type: str) -> None:
    """A self-signed certificate for TLS."""
    from kuma.cli.kumactl.certificate import new_pair  # noqa: PLC0415 - cryptography only where something is signed

    names = [one for hostname in hostnames for one in hostname.split(",")]
    certificate, key = new_pair(kind, names, key_type, datetime.now(UTC))
    _keep(key_file, key, 0o400)
    _keep(cert_file, certificate, 0o600)
    if "-" not in (key_file, cert_file):
        click.echo(f"Private key saved in {key_file}\nCertificate saved in {cert_file}")


def _keep(file: str, content: bytes, mode: int) -> None:
    if file == "-":
        click.echo(content.decode(), nl=False)
        return
    place = Path(file)
    try:
        place.unlink(missing_ok=True)
        place.touch(mode=0o600, exist_ok=False)
        place.write_bytes(content)
        place.chmod(mode)
    except OSError as error:
        raise click.ClickException(f"can't write {file}: {error.strerror}") from None


def _is_offline(signing_key_path: str, kid: str) -> bool:
    """Whether the token is signed here. Raises ClickException for half of what that needs."""
    if signing_key_path and not kid:
        raise click.ClickException("--kid is required when --signing-key-path is used")
    if kid and not signing_key_path:
        raise click.ClickException("--kid cannot be used when --signing-key-path is used")
    return bool(signing_key_path)


def _signed(claims: Any, valid_for: timedelta, key: tuple[str, str]) -> str:
    from certs import tokens  # noqa: PLC0415 - cryptography only where something is signed

    file, kid = key
    try:
        return tokens.issue(claims, tokens.signing_key(kid, _content(file)), datetime.now(UTC), valid_for)
    except (tokens.Refused, OverflowError) as error:
        raise click.ClickException(f"{file}: {error}") from None


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise click.ClickException(f"can't read {file}: {error.strerror}") from None


def _duration(text: str) -> timedelta:
    try:
        return parse_go_duration(text)
    except ValueError:
        raise click.UsageError(f'--valid-for "{text}" is no duration such as 24h or 30m') from None


def _tags(texts: Sequence[str]) -> dict[str, list[str]]:
    """`k=v1,v2` is one pair; with several `=`, pairs are separated by commas."""
    found: dict[str, list[str]] = {}
    for text in texts:
        pairs = [text] if text.count("=") == 1 else next(csv.reader([text]), [])
        for pair in pairs:
            key, equals, values = pair.partition("=")
            if not equals:
                raise click.UsageError(f'--tag "{text}" must be formatted as key=value')
            found.setdefault(key, []).extend(values.split(","))
    return found


def _print(text: str) -> None:
    click.echo(text, nl=False)


COMMAND = generate
