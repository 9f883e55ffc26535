"""Ask the real Envoy about whole configs of cases: `python -m tests.conformance.validate --cases DIR`.

What we make of each case is put together as a bootstrap, with real certificates where cases have none, and Envoy says
whether it would take it: it checks all that its API declares of fields, and more.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import evolve

from certs.admin import load_ca, new_ca
from certs.identity import issue
from kuma.mesh import AdminTls, Certificate
from tests.certificates import server_pair
from tests.conformance.case import Case
from tests.conformance.envoy import SUITES, seen_in
from tests.envoys import complaint
from tests.zone_cp.static import bootstrap
from zone_cp.generate import Workshop, generate
from zone_cp.inspection import in_effect

AT_ONCE = 2
AUTHORITY = load_ca(new_ca())


def main() -> int:
    """Exit status 0 when Envoy takes every config."""
    parser = argparse.ArgumentParser(prog="validate", description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="the folder with one folder for each suite")
    folder = parser.parse_args().cases
    made = [one for suite in SUITES for case in sorted((folder / suite).iterdir()) for one in _configs(Case(case))]
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(AT_ONCE) as pool:
        complaints = list(pool.map(lambda one: _complaint(Path(place), *one), made))
    for (name, _), said in zip(made, complaints, strict=True):
        if said:
            sys.stdout.write(f"REFUSED {name}\n{said}\n")
    sys.stdout.write(f"Envoy takes {complaints.count('')}/{len(made)} configs\n")
    return 0 if made and not any(complaints) else 1


def _configs(case: Case) -> Iterator[tuple[str, Any]]:
    """A bootstrap for each proxy of a case."""
    found = seen_in(case)
    mesh = in_effect(found.mesh)
    for name in case.about["dataplanes"]:
        dataplane = mesh.get("Dataplane", name)
        assert dataplane is not None
        config = generate(mesh, _certified(found.proxy(dataplane)), Workshop())
        yield f"{case.suite}/{case.name} {name}", _with_authorities(bootstrap(config))


def _certified(proxy: Any) -> Any:
    """The proxy with real material under the names that its case gives it."""
    pair, now = server_pair(), datetime.now(UTC)
    leaf = issue(AUTHORITY, "spiffe://mesh/workload", timedelta(hours=1), now)
    known = proxy.certificate
    return evolve(
        proxy,
        certificate=None if known is None else Certificate(known.secret, leaf.certificate, leaf.key),
        admin=AdminTls(pair.cert, pair.key, AUTHORITY.pem),
    )


def _with_authorities(found: Any) -> Any:
    """A real authority wherever a case has only a word for one."""
    if isinstance(found, list):
        return [_with_authorities(one) for one in found]
    if not isinstance(found, dict):
        return found
    kept = {name: _with_authorities(one) for name, one in found.items()}
    return kept | {
        name: {"inlineString": AUTHORITY.pem.decode()} for name in kept.keys() & {"trustedCa", "trustBundle"}
    }


def _complaint(place: Path, name: str, document: Any) -> str:
    file = place / f"{abs(hash(name))}.json"
    file.write_text(json.dumps(document))
    return complaint(file)


if __name__ == "__main__":
    sys.exit(main())
