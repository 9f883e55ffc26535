"""The connections of proxies: the kernel asks whether their hosts are still there."""

import os
import shutil
import socket
import stat
import subprocess
import sys
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from tests.certificates import server_pair
from tests.plugin import eventually
from tests.zone_cp import unplugged
from tests.zone_cp.peer import Peer, dialled
from tests.zone_cp.runtime import runtime
from zone_cp.keepalive import keep_alive
from zone_cp.session import LISTENERS

PAIR = server_pair()


def accepted(port):
    """How long the connections that were made to a port of ours may be silent until the kernel asks; 0 is for ever."""
    found = []
    for descriptor in map(int, os.listdir("/dev/fd")):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                with socket.socket(fileno=os.dup(descriptor)) as one:
                    one.getpeername()  # an OSError for who listens
                    is_internet = one.family in (socket.AF_INET, socket.AF_INET6)
                    if is_internet and one.getsockname()[1] == port:
                        asked = one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
                        found.append(asked and one.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE))
    return found


async def test_the_kernel_asks_a_silent_proxy_whether_it_is_there(tmp_path):
    zone = runtime(tmp_path, PAIR)
    zone.start()
    try:
        await zone.apply("type: Mesh\nname: shop\n")
        async with dialled(zone.port, PAIR.cert) as channel:
            await Peer(channel, "shop.backend-01").ask(LISTENERS)  # of whom nothing is known: it is refused and stays
            await eventually(lambda: accepted(zone.port))
            assert set(accepted(zone.port)) == {15}
    finally:
        await zone.stop()


def test_a_host_that_goes_without_a_word_is_noticed(tmp_path):
    if os.geteuid() or subprocess.run(["unshare", "--net", "true"], check=False).returncode:
        pytest.skip("a network namespace, in which packets can be lost, needs root")
    if not shutil.which("nft"):
        pytest.skip("nft loses packets, and is not there: deploy/setup installs it")
    command = ["unshare", "--net", sys.executable, "-m", "tests.zone_cp.unplugged", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.splitlines()[-1]) < unplugged.WITHIN


def test_it_is_told_where_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as other, capture_logs() as lines:
        keep_alive(other.getsockname()[1])
        assert not lines
        assert other.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        keep_alive(1)
        assert [line["port"] for line in lines] == [1]
