"""Asking: the control planes' API, the services, and Envoys' admin interfaces."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from attrs import field, frozen

from kuma.cli.demo.processes import Failed
from kuma.cli.dp.unix import UnixConnection

PATIENCE = 10.0  # seconds for an answer


@frozen
class Answer:
    """A status, a body, and headers by their names in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(url: str, method: str = "GET", body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
    """One request on a new connection; a body is sent as JSON. Raises OSError."""
    where = urlsplit(url)
    return _ask(http.client.HTTPConnection(where.netloc, timeout=PATIENCE), method, url, (body, headers or {}))


def _ask(
    connection: http.client.HTTPConnection, method: str, url: str, content: tuple[object, Mapping[str, str]]
) -> Answer:
    body, headers = content
    where = urlsplit(url)
    target = where.path + (f"?{where.query}" if where.query else "")
    data = None if body is None else json.dumps(body).encode()
    try:
        connection.request(method, target or "/", data, {"content-type": "application/json", **headers})
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, response.read(), told)
    except http.client.HTTPException as error:
        raise OSError(f"{url}: {error!r}") from error
    finally:
        connection.close()


@frozen
class Admin:
    """The admin interface of one Envoy, on its Unix socket."""

    socket: Path

    def get(self, target: str) -> Answer:
        """`GET` one of its pages. Raises OSError."""
        return _ask(UnixConnection(str(self.socket), PATIENCE), "GET", target, (None, {}))

    def stats(self, like: str = "") -> dict[str, int]:
        """Its counters and gauges whose names match a regular expression."""
        found = self.get(f"/stats?format=json&filter={like}").json["stats"]
        return {stat["name"]: stat["value"] for stat in found if "value" in stat}

    def configured(self, kind: str) -> list[Any]:
        """The dynamic resources of a kind as in the config dump, e.g. `dynamic_listeners`."""
        answer = self.get(f"/config_dump?resource={kind}").json
        return list(answer.get("configs", []))


@frozen
class Api:
    """One control plane's REST API. Calls from this machine are an administrator's."""

    url: str

    def get(self, path: str) -> Any:
        """The JSON at a path; None where there is nothing. Raises Failed for any other answer."""
        answer = ask(self.url + path)
        if answer.status == 404:
            return None
        return self._good(path, answer).json

    def post(self, path: str, body: object) -> Answer:
        """`POST` and answer as it is."""
        return self._good(path, ask(self.url + path, "POST", body))

    def apply(self, text: str) -> None:
        """Write every resource of a YAML text."""
        for document in yaml.safe_load_all(text):
            if document:
                self.put(document)

    def put(self, document: Mapping[str, Any]) -> None:
        """Write one resource. Raises Failed with what the control plane says."""
        path = self.path(document["type"], document["name"], document.get("mesh"))
        self._good(path, ask(self.url + path, "PUT", document))

    def delete(self, kind: str, name: str, mesh: str | None = None) -> None:
        """Remove one resource."""
        path = self.path(kind, name, mesh)
        self._good(path, ask(self.url + path, "DELETE"))

    def path(self, kind: str, name: str, mesh: str | None = None) -> str:
        """Where a resource lies."""
        from kuma.kinds import KINDS  # noqa: PLC0415 - only those who write resources pay for the schema

        return (f"/meshes/{mesh}" if mesh else "") + f"/{KINDS[kind].path}/{name}"

    @staticmethod
    def _good(path: str, answer: Answer) -> Answer:
        if answer.status >= 300:
            raise Failed(f"{path}: status {answer.status}: {answer.body[:2000].decode(errors='replace')}")
        return answer
