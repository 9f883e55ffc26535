"""Equal input gives equal bytes, whoever generates and however the input comes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from kuma.mesh import mesh_of
from tests.zone_cp.test_generate import FAR
from tests.zone_cp.worlds import SHOP, proxy, resources, shop
from zone_cp.generate import Workshop, generate

ROOT = Path(__file__).parents[2]

INGRESS = """
type: Dataplane
mesh: shop
name: ingress-1
labels: {kuma.io/workload: zone-proxy, kuma.io/zone: z1}
networking: {address: 10.0.0.9, listeners: [{type: ZoneIngress, name: ingress, address: 10.0.0.9, port: 10001}]}
"""
ALL = ("frontend-01", "backend-01", "ingress-1")


def whole(mesh, workshop) -> list[tuple[str, str, str, bytes]]:
    return [
        (url, packed.name, packed.version, packed.body)
        for name in ALL
        for config in (generate(mesh, proxy(mesh, name), workshop),)
        for url in config.by_type
        for packed in config.resources(url).values()
    ]


def test_the_workshop_only_saves_work():
    mesh, used = shop(FAR, INGRESS), Workshop()
    first = whole(mesh, used)
    assert whole(mesh, used) == first == whole(mesh, Workshop())


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_resources_is_no_matter(seed):
    every = resources(SHOP) + resources(FAR) + resources(INGRESS)
    latest = list({one.key: one for one in every}.values())
    random.Random(seed).shuffle(latest)
    assert whole(mesh_of("shop", "z1", latest), Workshop()) == whole(shop(FAR, INGRESS), Workshop())


@pytest.mark.parametrize("seed", range(5))
def test_a_mesh_that_grew_is_the_mesh_that_was_loaded(seed):
    chance = random.Random(seed)
    every = list({one.key: one for one in resources(SHOP) + resources(FAR) + resources(INGRESS)}.values())
    chance.shuffle(every)
    mesh = mesh_of("shop", "z1", [])
    for resource in every:
        mesh = mesh.changed([resource])
    for resource in chance.sample(every, 4):
        mesh = mesh.changed(deletes=[resource.key]).changed([resource])
    assert whole(mesh, Workshop()) == whole(shop(FAR, INGRESS), Workshop())


def test_another_process_makes_the_same_bytes():
    digests = {_in_another_process(seed) for seed in ("1", "2")}
    assert len(digests) == 1


def _in_another_process(hash_seed: str) -> str:
    program = (
        "import hashlib, tests.zone_cp.test_generate_determinism as t\n"
        "made = t.whole(t.shop(t.FAR, t.INGRESS), t.Workshop())\n"
        "print(hashlib.sha256(repr(made).encode()).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
