"""Whatever is sent, the answer is a client's error with a reason: never 500, never a traceback."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kuma.rest.body import LARGEST
from tests.kuma.rest.served import SETTINGS, served
from tests.plugin import run

PATHS = ("/meshes/default/dataplanes/a", "/zones/a", "/meshes/default/meshtimeouts/a", "/meshes/default/secrets/a")
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KNOWN = st.sampled_from(["type", "name", "mesh", "labels", "spec", "networking", "inbound", "to", "targetRef", "data"])
DOCUMENTS = st.dictionaries(KNOWN | st.text(max_size=5), JSONS | st.sampled_from(["Dataplane", "Zone", "a", "default"]))
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"type": "Zone",\n "name": }', 'invalid Zone object: "line 2: Expecting value"'),
        (b"", 'invalid Zone object: "line 1: Expecting value"'),
        (b"\xff\xfe", 'invalid Zone object: "line 1: not UTF-8"'),
        (b"[]", 'invalid Zone object: "must be a JSON object"'),
        (b'{"a": NaN}', 'invalid Zone object: "NaN is not a JSON value"'),
        (b"[" * 200_000, 'invalid Zone object: "nested too deeply"'),
    ],
    ids=["cut", "empty", "not text", "a list", "NaN", "deep"],
)
async def test_bodies_that_are_no_documents(body, detail):
    async with served() as api:
        reply = await api.put("/zones/west", body)
        assert (reply.status, reply.json["title"], reply.json["detail"]) == (400, "Bad Request", detail)


async def test_other_content_types():
    async with served() as api:
        for sent in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            reply = await api.put("/zones/west", b"type=Zone", headers={"Content-Type": sent})
            assert reply.status == 415


def test_no_body_is_an_error_of_ours():
    @QUICK
    @given(
        path=st.sampled_from(PATHS), body=st.binary(max_size=200) | DOCUMENTS.map(lambda one: json.dumps(one).encode())
    )
    def never_500(path, body):
        reply = run(api.put(path, body))
        assert reply.status in (200, 201, 400), reply
        assert b"Traceback" not in reply.body

    context = served()
    api = run(context.__aenter__())
    run(api.mesh())
    never_500()
    run(context.__aexit__(None, None, None))


def test_no_path_or_query_is_an_error_of_ours():
    text = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30)

    @QUICK
    @given(path=text, query=text)
    def never_500(path, query):
        for start in ("/", "/meshes/default/dataplanes/", "/_kri/", "/meshes/"):
            head = f"{start}{path}?{query}&size=1"
            reply = run(_raw(api.port, f"GET {head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()))
            assert reply.split(b" ", 2)[1] in (b"200", b"400", b"404", b"405"), (head, reply)

    context = served()
    api = run(context.__aenter__())
    run(api.mesh())
    never_500()
    run(context.__aexit__(None, None, None))


def test_no_bytes_on_the_port_are_an_error_of_ours():
    @QUICK
    @given(st.binary(max_size=300))
    def survives(sent):
        reply = run(_raw(api.port, sent + b"\r\n\r\n", close=True))
        assert b" 500 " not in reply.split(b"\r\n")[0]
        assert b"Traceback" not in reply

    context = served()
    api = run(context.__aenter__())
    survives()
    assert run(api.get("/")).status == 200
    run(context.__aexit__(None, None, None))


async def test_hosts_that_are_none():
    async with served() as api:
        for host in ("[", "a b", "localhost:x", "é", "x" * 3000, "[::1", "%zz", ""):
            reply = await _raw(
                api.port, b"GET /meshes HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % host.encode()
            )
            assert reply.split(b" ", 2)[1] in (b"200", b"400"), (host, reply)


async def test_paths_that_are_no_text():
    async with served() as api:
        for path in ("/%ff", "/meshes/%fe/dataplanes", "/meshes?name=%ff"):
            reply = await api.get(path)
            assert (reply.status, reply.json["title"]) == (400, "Bad Request")
        assert (await api.get("/meshes/%00")).status == 404


async def test_bodies_over_the_limit():
    async with served() as api:
        big = b'{"type": "Zone", "name": "west", "x": "' + b"x" * LARGEST + b'"}'
        reply = await api.put("/zones/west", big)
        assert (reply.status, reply.json["title"]) == (413, "Request too large")
        chunk = b"%x\r\n%b\r\n" % (1 << 16, b"x" * (1 << 16))
        head = b"PUT /zones/west HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        assert b" 413 " in (await _raw(api.port, head + chunk * 40 + b"0\r\n\r\n")).split(b"\r\n")[0]
        assert (await api.get("/zones")).json["total"] == 0


async def test_requests_that_never_arrive_are_not_waited_for():
    async with served() as api:
        for sent in (b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"G"):
            reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
            writer.write(sent)
            if sent:
                assert await asyncio.wait_for(reader.read(), SETTINGS.read_header_timeout.total_seconds() + 5) == b""
            writer.close()


async def test_a_slow_drip_does_not_hold_a_connection():
    async with served() as api:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)

        async def drip():
            while not reader.at_eof():
                writer.write(b"x")
                await asyncio.sleep(0.1)

        dripping = asyncio.ensure_future(drip())
        assert await asyncio.wait_for(reader.read(), 6) == b""
        dripping.cancel()
        writer.close()


async def _raw(port, sent, close=False) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        await writer.drain()
        if close:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()
