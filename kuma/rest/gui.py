"""What stands where other control planes have a graphical interface: where to look in place of one."""

from __future__ import annotations

from frozendict import frozendict

from kuma.rest.api import Api
from kuma.rest.calls import Answer, Call, Route

TITLE = "Could not show the interface"
HEADERS = frozendict({"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'"})
PAGE = """<!doctype html>
<html lang="en">
<title>Kuma control plane</title>
<h1>This control plane has no graphical interface</h1>
<p><code>kumactl</code> shows and changes what it knows, and so does its API:
<code>/openapi.json</code> describes it.
</html>
"""


async def gui(_: Api, __: Call) -> Answer:
    """A page for people who look for a graphical interface."""
    return Answer(200, PAGE.encode(), HEADERS)


ROUTES = (Route("GET", "/gui", gui, TITLE),)
