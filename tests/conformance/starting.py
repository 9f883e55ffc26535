"""What parts start with: settings of the control plane, and proxies' bootstraps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from frozendict import frozendict
from psycopg2.extensions import parse_dsn

from kuma.kinds import parse_document
from kuma.rest.calls import Call
from kuma.schema import violations
from kuma.settings import BadSettings, Settings, load
from kuma.settings.database import database_of
from kuma.settings.layers import UNSAID, shown
from kuma.settings.store import Postgres, PostgresTls
from kuma.store.memory import MemoryStore
from tests.conformance import beside, compare
from tests.conformance.case import Case, Missing, Outcome, by_run
from zone_cp.bootstrap import Params
from zone_cp.bootstraps import Bootstraps


def defaults(case: Case) -> Outcome:
    """A file of all defaults changes nothing, and every key in it is known."""
    known, changed = _lowered(shown(Settings())), load(str(case.folder / "expected.yaml"), {})
    unknown = sorted(".".join(path) for path in _paths(_lowered(case.expected)) if not _leads_to(known, path))
    expected: dict[str, Any] = {"settings": compare.durations(shown(load(None, {}))), "unknown": []}
    return Outcome(expected, {"settings": compare.durations(shown(changed)), "unknown": unknown})


def _lowered(found: Any) -> Any:
    return {key.lower(): _lowered(one) for key, one in found.items()} if isinstance(found, Mapping) else found


def _paths(found: Mapping[str, Any], *around: str) -> Iterator[tuple[str, ...]]:
    for key, one in found.items():
        yield from _paths(one, *around, key) if isinstance(one, Mapping) and one else ((*around, key),)


def _leads_to(known: Any, path: tuple[str, ...]) -> bool:
    """Whether there is such a key; lists that are empty are not shown."""
    for key in path:
        if not isinstance(known, Mapping) or (key not in known and key not in HIDDEN):
            return False
        known = known.get(key)
    return True


HIDDEN = {one.lower() for one in UNSAID}


def section(case: Case) -> Outcome:
    """The defaults of one section."""
    found: Any = shown(Settings())
    for name in case.fixed["section"].split("."):
        found = (found or {}).get(name)
    return Outcome(compare.durations(case.expected), compare.durations(found))


def read(case: Case) -> Outcome:
    """Settings from a file or from the environment."""
    environ = case.yaml("input.env.yaml") if case.has("input.env.yaml") else {}
    with TemporaryDirectory() as folder:
        file = Path(folder, "settings.yaml")
        if case.has("input.yaml"):
            file.write_text(case.text("input.yaml"))
        try:
            settings = load(str(file) if file.exists() else None, {key: str(one) for key, one in environ.items()})
        except BadSettings as bad:
            return Outcome(case.expected, str(bad))
    return Outcome(compare.durations(case.expected), compare.durations(shown(settings)))


def connection(case: Case) -> Outcome:
    """How the database is reached; ours says more of its own."""
    said, tls = dict(case.fixed["config"]), case.fixed["config"].get("TLS") or {}
    where = {"port": said.get("Port") or 0, "connection_timeout": said.get("ConnectionTimeout") or 0}
    database = Postgres(said["Host"], user=said["User"], password=said["Password"], db_name=said["DbName"],
                        tls=_tls(tls), **where)  # fmt: skip
    expected, actual = parse_dsn(case.expected["expected"]), parse_dsn(database_of(database).dsn)
    return Outcome(expected, {key: actual.get(key) for key in expected})


def postgres(case: Case) -> Outcome:
    """Whether settings of TLS to Postgres are good; the field's name stands beside our words."""
    said: Mapping[str, str] = case.fixed["config"]
    tls = _tls(said)
    wrong = "; ".join(f"{one.field} {one.message}" for one in violations(tls, ""))
    expected = case.expected
    if expected.get("valid"):
        return Outcome("", wrong)
    return Outcome(expected["error"], expected["error"] if expected["error"].lower() in wrong.lower() else wrong)


def _tls(said: Mapping[str, Any]) -> PostgresTls:
    files = {"cert_path": "CertPath", "key_path": "KeyPath", "ca_path": "CAPath"}
    told = {name: str(said.get(key) or "") for name, key in files.items()}
    return PostgresTls(said["Mode"], **told, disable_sslsni=bool(said.get("DisableSSLSNI")))


PARAMS = {
    "xdsHost": "xds_host", "xdsPort": "xds_port", "adminAddress": "admin_address", "adminPort": "admin_port",
    "adminAccessLogPath": "admin_access_log_path", "xdsGrpcMaxReceiveMessageBytes": "max_receive_bytes",
}  # fmt: skip


async def bootstrap(case: Case) -> Outcome:
    """The bootstrap that a proxy gets, or why it gets none."""
    store = MemoryStore()
    for file in ("input.mesh.yaml", "input.dataplane.yaml"):
        for document in case.documents(file):
            await store.create(parse_document(document))
    wanted = case.about.get("expectError")
    certificate = case.fixed.get("tlsCertFile", "_fixtures/bootstrap/dp-server.crt")
    chain = (case.fixtures.parent / certificate).read_bytes()
    asked = json.loads(case.text("input.request.json"))
    host = case.fixed.get("hostHeader") or asked.get("host") or "localhost"
    serving = Bootstraps(store, _params(case), case.fixed.get("dpAuth", False), lambda: chain)
    call = Call("POST", "/bootstrap", body=json.dumps(asked).encode(), headers=frozendict({"host": host}))
    answer = await serving.answer(call)
    said = answer.body.decode()
    if wanted:
        return Outcome(wanted["equals"], said)
    return Outcome(case.expected, compare.parse(said) if answer.status == 200 else f"{answer.status} {said}")


def _params(case: Case) -> Params:
    said = dict(case.fixed.get("params") or {})
    more = {"connect_timeout": _seconds(said.pop("xdsConnectTimeout"))} if "xdsConnectTimeout" in said else {}
    if unknown := set(said) - set(PARAMS):
        raise Missing(f"bootstrap parameters {', '.join(sorted(unknown))}")
    more |= {"admin_socket": False, "health_discovery": bool(case.fixed.get("hdsEnabled"))}
    return Params(**{"xds_port": 5678} | {PARAMS[key]: one for key, one in said.items()} | more)


def _seconds(text: str) -> float:
    found = compare.durations(text)
    return float(found["duration"]) if isinstance(found, dict) else timedelta().total_seconds()


SUITES = {
    "config": by_run(
        {
            "cp-config-defaults": defaults,
            "cp-config-section-defaults": section,
            "cp-config-load": read,
            "dp-config-load": beside.settings,
            "postgres-converts-to-postgres-connection-string": connection,
            "postgres-should-validate-invalid-config": postgres,
            "postgres-should-validate-valid-config": postgres,
        }
    ),
    "bootstrap": by_run(
        {
            "bootstrap-generate": bootstrap,
            "bootstrap-http": bootstrap,
            "kuma-dp-bootstrap-request": beside.request,
        }
    ),
}
