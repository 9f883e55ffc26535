"""The service: ports, TLS, a base path, and its end."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta

from attrs import evolve
from twisted.internet import reactor

from kuma.loop import future
from kuma.rest.site import RestApi
from kuma.settings.api import Https
from tests.certificates import server_pair
from tests.kuma.rest.served import SETTINGS, served


async def test_https_with_the_certificate_of_the_settings(tmp_path):
    pair = server_pair()
    certificate, key = tmp_path / "cp.crt", tmp_path / "cp.key"
    certificate.write_bytes(pair.cert)
    key.write_bytes(pair.key)
    https = Https(interface="127.0.0.1", port=0, tls_cert_file=str(certificate), tls_key_file=str(key))
    trusting = ssl.create_default_context(cadata=pair.cert.decode())
    async with served(evolve(SETTINGS, https=https)) as api:
        assert api.service.https_port not in (None, api.service.http_port)
        page = await api.get("/meshes?size=1", tls=trusting)
        assert page.status == 200
        assert (await api.get("/who-am-i", tls=trusting)).json["name"] == "mesh-system:admin"


async def test_a_base_path():
    async with served(evolve(SETTINGS, base_path="/mesh/api")) as api:
        assert (await api.get("/mesh/api/meshes")).status == 200
        assert (await api.get("/mesh/api")).json["product"] == "Kuma"
        assert (await api.get("/meshes")).status == 404
        assert (await api.call("POST", "/tokens/user", {"name": "x", "validFor": "1h"})).status == 404
        title = (await api.call("POST", "/tokens/user", {"name": "x", "validFor": "1h"})).json["title"]
        assert title == "Signing Key not found"


async def test_it_ends_after_the_running_answer(monkeypatch):
    async with served() as api:
        asked, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_, kind, mesh=None):
            asked.set()
            await go_on.wait()
            return ()

        monkeypatch.setattr(type(api.resources), "list", slow)
        idle, idle_writer = await asyncio.open_connection("127.0.0.1", api.port)
        running = asyncio.ensure_future(api.get("/meshes"))
        await asked.wait()
        stopping = future(api.service.stopService())
        assert await asyncio.wait_for(idle.read(), 5) == b""
        idle_writer.close()
        go_on.set()
        assert (await running).status == 200
        await asyncio.wait_for(stopping, 5)


async def test_an_answer_that_takes_too_long_is_given_up(monkeypatch):
    async with served(evolve(SETTINGS, write_timeout=timedelta(milliseconds=50))) as api:
        go_on = asyncio.Event()

        async def slow(_, kind, mesh=None):
            await go_on.wait()
            return ()

        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        for _ in range(2):  # who is answered in time may ask again on the same connection
            writer.write(b"GET / HTTP/1.1\r\nHost: cp\r\n\r\n")
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
            await reader.readline()
        monkeypatch.setattr(type(api.resources), "list", slow)
        writer.write(b"GET /meshes HTTP/1.1\r\nHost: cp\r\n\r\n")
        async with asyncio.timeout(10):
            rest = await reader.read()
        assert b"meshes" not in rest
        writer.close()
        go_on.set()


async def test_it_starts_again_on_the_same_port():
    async with served() as api:
        port = api.port
        await future(api.service.stopService())
        again = RestApi(api.api, api.identifying, evolve(SETTINGS, http=evolve(SETTINGS.http, port=port)), reactor)
        again.startService()
        assert again.http_port == port
        await future(again.stopService())


async def test_people_who_look_for_an_interface_are_told_where_to_look():
    async with served() as api:
        for path in ("/gui", "/gui/"):
            page = await api.get(path)
            assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert b"kumactl" in page.body
