"""Talking to a control plane's API: plain HTTP or verified TLS, and errors that say what to do."""

from __future__ import annotations

import http.client
import json
import platform
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import click
from attrs import field, frozen

from kuma.cli.kumactl.configuration import ApiServer
from kuma.version import VERSION

PRODUCT = "Kuma"
AGENT = f"kumactl/{VERSION} ({platform.system().lower()}; {platform.machine()}; {PRODUCT}/{VERSION})"
JSON = "application/json"
PAGE = 1000
"""How many items to ask for at once."""


class Unreachable(click.ClickException):
    """Nobody answers there, or nobody that can be trusted."""


class ApiError(click.ClickException):
    """The control plane refused; `status` is HTTP's, `problem` its explanation."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail") or problem.get("details") or "")
        self.parameters = _parameters(problem)
        super().__init__(self._told())

    def _told(self) -> str:
        lines = [f"{self.title} ({self.detail})", *(f"* {field}: {reason}" for field, reason in self.parameters)]
        if step := NEXT.get(self.status) or NEXT_BY_TITLE.get(self.title):
            lines.append(step)
        return "\n".join(lines)

    def brief(self) -> str:
        """All in one line."""
        return f"{self.title} ({self.detail})" + "".join(f";{field}={reason} " for field, reason in self.parameters)


NEXT = {
    401: "The token is not good (any more). Add the control plane again with `kumactl config control-planes add "
    "--overwrite --auth-type=tokens --auth-conf token=…`.",
    403: "To act as another user, add the control plane with `kumactl config control-planes add --auth-type=tokens "
    "--auth-conf token=…`; on the control plane's own machine, http://localhost:5681 makes you admin.",
    409: "Somebody else has changed it in the meantime: look at it with `kumactl get`, and try again.",
    413: "Apply fewer resources at once, or a smaller one.",
    503: "The control plane is up, but can't answer now: try again in a moment.",
}
NEXT_BY_TITLE = {
    "Failed to retrieve Mesh": "`kumactl get meshes` shows which meshes there are; `--mesh` names another one.",
    "Could not get dataplane resource": "`kumactl get dataplanes --all-meshes` shows which Dataplanes there are.",
    "Could not retrieve Dataplane": "`kumactl get dataplanes --all-meshes` shows which Dataplanes there are.",
    "Could not execute admin operation": "`kumactl inspect dataplanes` and `kumactl inspect zones` show who is online.",
    "Could not issue a token": "Tokens can be signed without the control plane: see `--signing-key-path`.",
}
"""What to do next, by the status or the title of a refusal."""


def _parameters(problem: Mapping[str, Any]) -> list[tuple[str, str]]:
    named = problem.get("invalid_parameters") or problem.get("causes") or []
    return [(str(one.get("field", "")), str(one.get("reason") or one.get("message") or "")) for one in named]


@frozen
class Reply:
    """What came back."""

    status: int
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The JSON in it. Raises ClickException."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise click.ClickException(f"the server did not answer in JSON: {self.text()[:200]}") from None

    def text(self) -> str:
        """It as text."""
        return self.body.decode(errors="replace")

    def or_refused(self) -> Reply:
        """This, if all went well. Raises ApiError or ClickException."""
        if self.status < 300:
            return self
        try:
            problem = json.loads(self.body)
        except ValueError:
            problem = None
        if isinstance(problem, dict) and problem.get("title"):
            raise ApiError(self.status, problem)
        raise click.ClickException(
            self.text().strip() if self.status == 405 else f"({self.status}): {self.text().strip()}"
        )


@frozen
class ControlPlane:
    """The API of one control plane. Each call is one connection."""

    server: ApiServer
    timeout: float | None = 60.0
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, server: ApiServer, timeout: float | None) -> ControlPlane:
        """The API at an address. Raises ClickException for what is no address, or certificates that can't be read."""
        try:
            address = urlsplit(server.url)
            usable = address.scheme in ("http", "https") and address.hostname and address.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise click.ClickException(f"API Server URL is invalid: {server.url}")
        return cls(server, timeout, _tls(server) if server.url.startswith("https:") else None)

    def get(self, path: str, **query: Any) -> Reply:
        """GET; parameters that are None are not sent."""
        said = {name: value for name, value in query.items() if value is not None}
        return self.call("GET", f"{path}?{urlencode(said, doseq=True)}" if said else path)

    def items(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Everything in a list, page by page."""
        offset: str | None = "0"
        while offset:
            page = self.get(path, size=PAGE, offset=offset, **query).or_refused().json()
            yield from page.get("items") or ()
            offset = offset_of(page.get("next"))

    def put(self, path: str, body: Any) -> Reply:
        """PUT a JSON document."""
        return self.call("PUT", path, body)

    def post(self, path: str, body: Any) -> Reply:
        """POST a JSON document."""
        return self.call("POST", path, body)

    def delete(self, path: str) -> Reply:
        """DELETE."""
        return self.call("DELETE", path)

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        """One request. Raises Unreachable."""
        sent = None if body is None else json.dumps(body).encode()
        connection = self._connection()
        try:
            connection.request(method, under(self.server.url, path), sent, self._headers())
            response = connection.getresponse()
            return Reply(response.status, response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(_unreachable(self.server, error)) from None
        finally:
            connection.close()

    def warn_of_other_version(self) -> None:
        """Say so where the control plane is of another version than this."""
        try:
            about = self.get("/").or_refused().json()
            version, product = about["version"], about["product"]
        except (click.ClickException, KeyError, TypeError) as error:
            _warn(f"Failed to retrieve server version, can't check compatibility: {_first_line(error)}")
            return
        if "preview" in version or (version, product) == (VERSION, PRODUCT):
            return
        ours = f"You are using kumactl version {VERSION} for {PRODUCT}"
        _warn(f"{ours}, but the server returned version: {version} for {product}")

    def _connection(self) -> http.client.HTTPConnection:
        address = urlsplit(self.server.url)
        host, port = address.hostname or "", address.port
        if self.tls is not None:
            return http.client.HTTPSConnection(host, port, timeout=self.timeout, context=self.tls)
        return http.client.HTTPConnection(host, port, timeout=self.timeout)

    def _headers(self) -> dict[str, str]:
        token = self.server.auth_conf.get("token", "") if self.server.auth_type == "tokens" else ""
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        return {"User-Agent": AGENT, "Accept": JSON, "Content-Type": JSON, **authorization, **self.server.headers}


def offset_of(link: str | None) -> str | None:
    """Where the page begins that a list's `next` leads to; None at the end."""
    return parse_qs(urlsplit(link).query).get("offset", [""])[0] if link else None


def under(base: str, target: str) -> str:
    """What to ask for, where the API stands under a path of its own; slashes that stand twice count once."""
    wanted, question, query = target.partition("?")
    return re.sub("/{2,}", "/", f"{urlsplit(base).path}/{wanted}") + question + query


def path(*parts: str) -> str:
    """A path of parts, whatever characters they hold."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def _tls(server: ApiServer) -> ssl.SSLContext:
    """Verifies the server: against the CA file where one is named, else against the system's authorities."""
    try:
        context = ssl.create_default_context(cafile=server.ca_cert_file or None)
        if server.client_cert_file:
            context.load_cert_chain(server.client_cert_file, server.client_key_file)
    except (OSError, ssl.SSLError) as error:
        files = [file for file in (server.ca_cert_file, server.client_cert_file, server.client_key_file) if file]
        raise click.ClickException(f"can't read the certificates in {', '.join(files)}: {error}") from None
    return context


def _unreachable(server: ApiServer, error: Exception) -> str:
    told = next((tell(error) for kind, tell in TROUBLES.items() if isinstance(error, kind)), None)
    return f"can't reach the control plane at {server.url}: {told or error or type(error).__name__}"


def _untrusted(error: Any) -> str:
    return (
        f"its certificate is not trusted ({error.verify_message}). Add the control plane with `--ca-cert-file` naming "
        "its certificate, or that of its authority. On the control plane it is kuma-cp.crt in its work directory."
    )


ADDRESSES = "`kumactl config control-planes list` shows addresses."
TROUBLES: Mapping[type[Exception], Callable[[Any], str]] = {
    ssl.SSLCertVerificationError: _untrusted,
    ssl.SSLError: lambda error: f"{error.reason or error}. Is this its HTTPS address (by default port 5682)?",
    ConnectionRefusedError: lambda _: f"connection refused. Is kuma-cp running there? {ADDRESSES}",
    socket.gaierror: lambda _: f"the host name is not known. {ADDRESSES}",
    TimeoutError: lambda _: "no answer in time. `--api-timeout` sets how long to wait.",
    # its own text may hold the token
    ValueError: lambda _: "a header or the token holds characters that can't be sent. See `kumactl config view`.",
}
"""What to tell of each kind of trouble; the first that fits."""


def _warn(text: str) -> None:
    click.echo(f"WARNING: {text}", err=True)


def _first_line(error: Exception) -> str:
    message = error.format_message() if isinstance(error, click.ClickException) else f"{error} is missing"
    return message.partition("\n")[0]
