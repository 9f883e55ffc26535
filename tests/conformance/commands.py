"""kumactl: what it prints, and what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from attrs import frozen

from kuma import defaults
from kuma.cli.kumactl.root import run
from kuma.kinds import ALL, show_document
from kuma.model import Key, Resource
from tests.conformance import compare
from tests.conformance.case import Case, Outcome, by_run
from tests.conformance.rest import fill
from tests.kuma.rest.served import Served, served

PLACEHOLDER = "https://localhost:5681"


@frozen
class Ran:
    """How a command went."""

    code: int
    out: str
    err: str


@contextmanager
def _stdin(text: str):
    before, sys.stdin = sys.stdin, TextIOWrapper(BytesIO(text.encode()))
    try:
        yield
    finally:
        sys.stdin = before


def _run(case: Case, arguments: list[str], stdin: str) -> Ran:
    out, err = (TextIOWrapper(BytesIO(), write_through=True) for _ in range(2))
    here = Path.cwd()
    with ExitStack() as stack:
        for context in (redirect_stdout(out), redirect_stderr(err), _stdin(stdin)):
            stack.enter_context(context)
        os.chdir(case.folder)
        try:
            code = run(arguments)
        finally:
            os.chdir(here)
    return Ran(code, *(one.buffer.getvalue().decode() for one in (out, err)))


async def command(case: Case) -> Outcome:
    """A command against a server that holds what the case says."""
    if "server" in case.fixed:
        return await asyncio.to_thread(_answered, case)
    config = (case.fixtures / "kumactl" / "config.yaml").read_text()
    with TemporaryDirectory() as folder:
        async with served() as server:
            file = Path(folder, "config")
            file.write_text(config.replace(PLACEHOLDER, server.url))
            documents = case.documents("input.yaml")
            if "setup" in case.fixed:
                await fill(server, documents)
            meshes = await _meshes(server, documents)
            stdin = case.text(case.about["stdin"]) if case.about.get("stdin") else ""
            arguments = ["--config-file", str(file), *map(str, case.about["command"])]
            ran = await asyncio.to_thread(_run, case, arguments, stdin)
            stored = await _stored(server, meshes) if case.has("expected.store.yaml") else None
    return _refused(case, ran) if "expectError" in case.about else _done(case, ran, stored)


def _answered(case: Case) -> Outcome:
    """A command against a server that has one answer to everything."""
    answer = case.text("input.server-response.json").encode()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *said: object) -> None:
            return

    with TemporaryDirectory() as folder, ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        file = Path(folder, "config")
        config = (case.fixtures / "kumactl" / "config.yaml").read_text()
        file.write_text(config.replace(PLACEHOLDER, f"http://127.0.0.1:{server.server_address[1]}"))
        ran = _run(case, ["--config-file", str(file), *map(str, case.about["command"])], "")
        server.shutdown()
    return _done(case, ran, None)


async def _meshes(server: Served, documents: list[Any]) -> frozenset[Key]:
    """Let the meshes exist that the case takes for granted."""
    wanted = {one.get("mesh", "default") for one in documents if one.get("type") != "Mesh"}
    missing = sorted(wanted - {one.name for one in await server.store.list("Mesh")})
    for name in missing:
        await server.mesh(name)
    return frozenset(Key("Mesh", "", name) for name in missing)


async def _stored(server: Served, but: frozenset[Key]) -> Any:
    found = [one for kind in ALL for one in await server.store.list(kind.name)]
    brought = {key for one in found if one.kind == "Mesh" for key in _brought(one)}
    return [_plain(show_document(one)) for one in found if one.key not in but | brought]


def _brought(mesh: Resource) -> Iterator[Key]:
    """What a new mesh brings with it; here it stands alone in the cases."""
    yield from (one.key for one in defaults.policies(mesh))
    yield defaults.signing_key(mesh.name, b"").key


def _plain(document: Any) -> Any:
    times = {"creationTime": compare.NO_TIME, "modificationTime": compare.NO_TIME}
    return {key: one for key, one in document.items() if one != {}} | times


def _done(case: Case, ran: Ran, stored: Any) -> Outcome:
    expected: dict[str, Any] = {"out": _stdout(case), "code": 0}
    actual: dict[str, Any] = {"out": ran.out, "code": ran.code}
    if stored is not None:
        expected["store"], actual["store"] = (_bare(one) for one in (case.documents("expected.store.yaml"), stored))
    return Outcome(expected, actual if not ran.code else actual | {"err": ran.err})


def _bare(documents: list[Any]) -> list[Any]:
    """Without the labels that only a whole control plane computes, and without what they change."""
    return [{key: one for key, one in document.items() if key not in ("labels", "kri")} for document in documents]


def _stdout(case: Case) -> str:
    return case.text("expected.stdout.txt") if case.has("expected.stdout.txt") else ""


def _refused(case: Case, ran: Ran) -> Outcome:
    """Why a command is refused; whole where the case says so, else a part of it."""
    wanted = case.about["expectError"]
    said = ran.out + ran.err
    if "outputEquals" in wanted:
        return Outcome({"said": wanted["outputEquals"].strip(), "code": 1}, {"said": said.strip(), "code": ran.code})
    (part,) = wanted.values()
    return Outcome({"said": part, "code": 1}, {"said": part if part in said else said, "code": ran.code})


def configured(case: Case) -> Outcome:
    """A command that changes kumactl's own configuration."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "config")
        if case.has("input.config.yaml"):
            file.write_text(case.text("input.config.yaml"))
        arguments = [str(file) if one == "CONFIG" else str(one) for one in case.about["command"]]
        ran = _run(case, arguments, "")
        left = compare.parse(file.read_text()) if file.exists() else None
    expected: dict[str, Any] = {"code": 0}
    actual: dict[str, Any] = {"code": ran.code}
    if case.has("expected.config.yaml"):
        expected["config"], actual["config"] = case.yaml("expected.config.yaml"), left
    if case.has("expected.stdout.yaml"):
        expected["out"], actual["out"] = case.yaml("expected.stdout.yaml"), compare.parse(ran.out)
    if case.has("expected.stdout.txt"):
        expected["out"], actual["out"] = case.text("expected.stdout.txt"), ran.out
    return Outcome(expected, actual if not ran.code else actual | {"err": ran.err})


SUITES = {"kumactl": by_run({"kumactl": command, "kumactl-config": configured})}
