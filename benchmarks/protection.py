"""What goes wrong: herds, storms, slow readers, restarts; and what whoever has no part in it notices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from functools import partial
from itertools import count

from benchmarks.cases import Bench, Cost, all_know, callers, concerned, extra, timeout, told_since, until
from benchmarks.simulated import EDS, LDS, Proxy, service_of

STORM = 100  # changes
APART = 25  # endpoints that come before the first of them goes
BREATH = 0.1  # seconds between policies that come while something else happens


async def beside(bench: Bench, happens: Awaitable[Cost]) -> tuple[Cost, list[float]]:
    """What something cost, and after how many seconds policies for one workload, that come meanwhile, were there."""
    going, seconds = asyncio.ensure_future(happens), list[float]()
    while not going.done():
        done = told_since(concerned(bench.fleet), LDS, time.monotonic())
        told = asyncio.ensure_future(until(done))
        await bench.put(timeout("one", 100 + len(seconds), "s1"))
        seconds.append(await told)
        await asyncio.sleep(BREATH)
    return await going, seconds


async def herd(bench: Bench) -> Cost:
    """Half of the proxies come back at once and hold nothing, as after the end of their hosts."""
    places = range(bench.fleet.sizes.proxies // 2, bench.fleet.sizes.proxies)

    async def act() -> None:
        bench.fleet.again(places)

    return await bench.cost(act, all_know(bench.fleet))


async def storm(bench: Bench) -> Cost:
    """One endpoint moves many times, as fast as that can be written: moves are merged, and the last one counts."""
    documents = [extra(bench.fleet.sizes, True) for _ in range(STORM)]
    for place, document in enumerate(documents):
        document["networking"]["address"] = f"10.251.0.{place + 1}"
    last = [0.0]

    async def act() -> None:
        await bench.put(*documents[:-1])
        last[0] = time.monotonic()
        await bench.put(documents[-1])

    who = callers(bench.fleet)
    return await bench.cost(act, lambda: all(proxy.told[EDS] > last[0] > 0 for proxy in who))


async def restart(bench: Bench) -> Cost:
    """The control planes are killed and started again, and all proxies come back at once with what they hold."""
    for proxy in bench.fleet.proxies:
        proxy.stays = True
    for plane in bench.fleet.planes:
        plane.kill()
    for plane in bench.fleet.planes:
        plane.start()
    return await bench.cost(_nothing, told_since(bench.fleet.proxies, LDS, time.monotonic()))


async def _nothing() -> None:
    return


async def slow_readers(bench: Bench, seconds: int) -> tuple[Cost, float]:
    """Every tenth proxy stops reading while all that they hold changes ten times; then they read again.

    Answers what the last of these changes cost the others, and how many responses each of the slow ones got afterwards.
    """
    slow, others = bench.fleet.proxies[::10], [one for at, one in enumerate(bench.fleet.proxies) if at % 10]
    for proxy in slow:
        proxy.awake.clear()
    for more in range(10):
        done = told_since(others, LDS, time.monotonic())
        cost = await bench.cost(partial(bench.put, timeout("bench", seconds + more)), done)
    before = sum(proxy.responses for proxy in slow)
    for proxy in slow:
        proxy.awake.set()
    beside = bench.fleet.proxies[1::10]  # of the same services
    await until(lambda: all(_outbound(one) == _outbound(other) for one, other in zip(slow, beside, strict=True)))
    return cost, (sum(proxy.responses for proxy in slow) - before) / len(slow)


def _outbound(proxy: Proxy) -> dict[str, str]:
    return {name: version for name, version in proxy.holds[LDS].items() if service_of(name)}


async def churn(bench: Bench, rate: float, duration: float) -> tuple[list[float], float]:
    """Endpoints come and go all the time: after how many seconds each was seen, and what share of a core it took."""
    fleet, began, cpu = bench.fleet, time.monotonic(), bench.watched.cpu()
    seen: list[asyncio.Task[float]] = []
    for number in count():
        ready, service = _churned(number, fleet.sizes.services)
        proxies = callers(fleet, f"s{service}")
        if proxies:
            done = told_since(proxies, EDS, time.monotonic())
            seen.append(asyncio.ensure_future(until(done)))
            await bench.put(extra(fleet.sizes, ready, service))
        if time.monotonic() - began > duration:
            break
        await asyncio.sleep(max(0.0, began + (number + 1) / rate - time.monotonic()))
    seconds = await asyncio.gather(*seen)
    return seconds, (bench.watched.cpu() - cpu) / (time.monotonic() - began)


def _churned(number: int, services: int) -> tuple[bool, int]:
    """Whether an endpoint comes or goes, and of which service.

    It goes when others have come meanwhile: coming and going at once would be merged, and nothing told.
    """
    group, place = divmod(number, APART)
    return group % 2 == 0, (group // 2 * APART + place) % services
