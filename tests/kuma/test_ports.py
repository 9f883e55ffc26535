"""Free ports: nobody else gets them, and nobody else has a use for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kuma.cli.dp.options import Options
from kuma.ports import HIGHEST, LOWEST, free_ports
from kuma.redirection import INBOUND_PORT, OUTBOUND_PORT

ASK = """
from itertools import count
from kuma import ports
ports.random.randrange = lambda lowest, highest, one=count({first}): next(one)
print(ports.free_ports(1)[0])
"""
FIRST_EPHEMERAL = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


def test_they_are_different():
    assert len(set(free_ports(20))) == 20


def test_whoever_else_asks_gets_others():
    (port,) = free_ports(1)
    told = subprocess.run(
        [sys.executable, "-c", ASK.format(first=port)], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(told.stdout) > port


def test_neither_sidecars_nor_outgoing_connections_use_them():
    own = {INBOUND_PORT, OUTBOUND_PORT, Options.__attrs_attrs__.dns_port.default}
    assert own.isdisjoint(range(LOWEST, HIGHEST))
    assert HIGHEST <= FIRST_EPHEMERAL
