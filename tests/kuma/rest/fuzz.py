"""Requests that nobody would think of, made from the API's own description, against a served API.

`python -m tests.kuma.rest.fuzz --examples 200` asks much longer than the tests do; no answer may be our fault.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from base64 import b64encode
from re import Pattern

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.plugin import reactor, run  # before what needs the reactor

from tests.kuma.rest.served import Served, served  # isort: skip

CHECKS = (not_a_server_error, content_type_conformance, response_schema_conformance)
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
PATIENCE = 20.0
MESH = "default"
KNOWN = [
    {"type": "Mesh", "name": MESH},
    {
        "type": "Dataplane",
        "mesh": MESH,
        "name": "web-1",
        "labels": {"app": "web"},
        "networking": {"address": "10.0.0.1", "inbound": [{"port": 80, "name": "http"}]},
    },
    {
        "type": "MeshTimeout",
        "mesh": MESH,
        "name": "web-1",
        "spec": {"rules": [{"default": {"idleTimeout": "15s"}}]},
    },
    {"type": "Zone", "name": "web-1"},
    {"type": "Secret", "mesh": MESH, "name": "web-1", "data": "aGVsbG8="},
]
"""What is there when the questions begin; some of them are about it."""

schemathesis.openapi.format("byte", st.binary(max_size=40).map(lambda value: b64encode(value).decode()))


@schemathesis.hook
def map_path_parameters(_, parameters):
    """About half of the questions are about something that is there."""
    if not parameters:
        return parameters
    known = {"mesh": MESH, "name": "web-1"}
    return {name: known.get(name, value) if len(str(value)) % 2 else value for name, value in parameters.items()}


def fuzz(url: str, examples: int, chance: int, without: Pattern[str] | None = None) -> list[str]:
    """Ask operations so many questions of either kind, sense and nonsense; what was wrong with the answers."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    wrong: list[str] = []
    for found in (schema if without is None else schema.exclude(path_regex=without)).get_all_operations():
        operation = found.ok()
        for mode in MODES:
            try:
                _ask(operation, mode, examples, chance)
            except Unsatisfiable:
                continue  # there is no nonsense to send: it has no parameters, or all text is good
            except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - told, and the next operation is asked
                wrong.append(f"{operation.label} ({mode.value}): {error}")
    return wrong


def _ask(operation, mode, examples, chance) -> None:
    @seed(chance)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,) if examples < 10 else (Phase.generate, Phase.shrink),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case) -> None:
        case.call_and_validate(checks=CHECKS, timeout=PATIENCE)

    ask()


async def filled(api: Served) -> None:
    """Put there what some questions are about."""
    for document in KNOWN:
        await api.store_document(document)


async def _long(examples: int, chance: int) -> int:
    async with served() as api:
        await filled(api)
        wrong = await asyncio.to_thread(fuzz, api.url, examples, chance)
    for one in wrong:
        sys.stdout.write(f"{one}\n")
    sys.stdout.write(f"{len(wrong)} operations have answers that are wrong\n")
    return 1 if wrong else 0


def main() -> int:
    """How it went: 0 where every answer was good."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    reactor.startRunning(installSignalHandlers=False)
    return run(_long(asked.examples, asked.seed))


if __name__ == "__main__":
    sys.exit(main())
