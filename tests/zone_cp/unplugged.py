"""A network of its own, in which the host of a connected proxy goes without a word.

`unshare --net python -m tests.zone_cp.unplugged FOLDER` prints after how many seconds that was noticed. It is a program
because a network namespace belongs to a process, and the tests' own must stay where it is.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from kuma.model import Key
from tests.certificates import server_pair
from tests.plugin import LOOP, eventually
from tests.zone_cp.peer import Peer, dialled
from tests.zone_cp.redirected import up
from tests.zone_cp.runtime import runtime
from zone_cp.session import LISTENERS

PROXY = Key("Dataplane", "shop", "backend-01")
WITHIN = 60  # seconds
RULES = """
table ip unplugged {
  chain input { type filter hook input priority 0; tcp dport %d drop; tcp sport %d drop; }
}
"""
MESH = """
type: Mesh
name: shop
---
type: Dataplane
mesh: shop
name: backend-01
networking: {address: 127.0.0.1, inbound: [{port: 8080}]}
"""


def unplug(port: int) -> None:
    """Lose what is sent to this port and from it."""
    subprocess.run(["nft", "-f", "-"], input=RULES % (port, port), text=True, check=True)


async def main(folder: Path) -> None:
    """Connect, unplug, and wait."""
    up()
    pair = server_pair()
    zone = runtime(folder, pair)
    zone.start()
    await zone.apply(MESH)
    async with dialled(zone.port, pair.cert) as channel:
        peer = Peer(channel, "shop.backend-01")
        await peer.subscribe()
        await eventually(lambda: peer.names(LISTENERS))
        assert zone.proxies.connected(PROXY)
        unplug(zone.port)
        began = time.monotonic()
        await eventually(lambda: not zone.proxies.connected(PROXY), within=WITHIN)
        sys.stdout.write(f"\n{time.monotonic() - began}\n")
    await zone.stop()


if __name__ == "__main__":
    LOOP.run_until_complete(main(Path(sys.argv[1])))
