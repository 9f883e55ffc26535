"""DNS beside a workload: names of the mesh, everybody else's, and messages that are neither."""

import asyncio
import json
import socket
import struct
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred
from twisted.names import dns

from kuma.cli.dp.dns import Names, Unreadable, answer, failure, is_query, nameserver, question
from kuma.cli.dp.resolver import NameServer, Resolver, Unanswered, Upstream, _Asking
from kuma.loop import future

DOCUMENT = {
    "records": [
        {"name": "backend.svc.mesh.local", "ips": ["241.0.0.1", "::ffff:f100:1"]},
        {"name": "v4.svc.mesh.local", "ips": ["241.0.0.2"]},
    ],
    "ttl": 30,
    "extraLabels": {"mesh": "shop"},
}
NAMES = Names.of(DOCUMENT)
TYPES = {"A": dns.A, "AAAA": dns.AAAA, "TXT": dns.TXT}


def query(name, kind="A", number=4711):
    message = dns.Message(id=number, recDes=True)
    message.addQuery(name.encode(), TYPES[kind])
    return message.toStr()


def read(wire):
    message = dns.Message()
    message.fromStr(wire)
    return message


def ips(wire):
    return [socket.inet_ntop(FAMILY[one.type], one.payload.address) for one in read(wire).answers]


FAMILY = {dns.A: socket.AF_INET, dns.AAAA: socket.AF_INET6}


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("backend.svc.mesh.local", "A", ["241.0.0.1"]),
        ("backend.svc.mesh.local", "AAAA", ["::ffff:241.0.0.1"]),
        ("BackEnd.svc.MESH.local", "A", ["241.0.0.1"]),
        ("v4.svc.mesh.local", "A", ["241.0.0.2"]),
        ("v4.svc.mesh.local", "AAAA", []),
    ],
)
def test_names_of_the_mesh_are_answered(name, kind, expected):
    wire = answer(NAMES, query(name, kind))
    said = read(wire)
    assert ips(wire) == expected
    assert (said.id, said.answer, said.auth, said.recDes, said.rCode) == (4711, 1, 1, 1, dns.OK)
    assert [str(one.name) for one in said.queries] == [name]
    assert all((one.ttl, str(one.name)) == (30, name) for one in said.answers)


@pytest.mark.parametrize(
    "wire",
    [
        query("example.org"),
        query("svc.mesh.local"),
        query("backend.svc.mesh.local", "TXT"),
        query("backend.svc.mesh.local")[:-1],
        query("backend.svc.mesh.local")[:12],
        query("backend.svc.mesh.local").replace(b"\7backend", b"\xc0\x0ckend.."),
    ],
    ids=["elsewhere", "above", "no address", "cut", "no question", "pointer"],
)
def test_anything_else_is_for_others(wire):
    assert answer(NAMES, wire) is None
    assert read(failure(wire)).rCode == dns.ESERVER


@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda rest: struct.pack("!6H", 1, 256, 1, 0, 0, 0) + rest))
def test_any_bytes_are_a_question_or_not(wire):
    asked = question(wire)
    assert asked is None or wire[12:].startswith(asked.sent)
    if is_query(wire):
        assert len(failure(wire)) >= 12
    assert answer(NAMES, wire) is None or asked.name in NAMES.addresses


@given(st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){0,4}", fullmatch=True))
def test_every_name_is_read_as_it_was_written(name):
    asked = question(query(name.upper(), "AAAA"))
    assert (asked.name, asked.type) == (name, dns.AAAA)


@pytest.mark.parametrize("wrong", [None, [], {}, {"records": 1, "ttl": 1}, {**DOCUMENT, "ttl": "soon"},
                                   {"records": [{"name": "a", "ips": ["nowhere"]}], "ttl": 1}])  # fmt: skip
def test_what_is_no_document_is_refused(wrong):
    with pytest.raises(Unreadable):
        Names.of(wrong)


def test_the_first_nameserver_counts():
    assert nameserver(
        "# nameserver 9.9.9.9\nsearch x\nnameserver\nnameserver here\nnameserver 10.0.0.53 # it\nnameserver 1.1.1.1"
    ) == ("10.0.0.53")
    assert nameserver("search x") is None
    assert nameserver("nameserver fe80::1%eth0") == "fe80::1%eth0"


class Other:
    """A name server on its own ports, that answers every name with one address, or not at all."""

    def __init__(self):
        self.resolver = Resolver(by_datagram=self.said, by_stream=self.said)
        self.server = NameServer(reactor, self.resolver, 0, ("127.0.0.1",))
        self.asked = []
        self.silent = False

    async def said(self, wire):
        self.asked.append(wire)
        if self.silent:
            raise Unanswered
        return answer(Names.of({"records": [{"name": question(wire).name, "ips": ["192.0.2.1"]}], "ttl": 5}), wire)


@pytest.fixture
async def other():
    other = Other()
    other.server.startService()
    yield other
    await future(other.server.stopService())


@pytest.fixture
async def served(other):
    upstream = Upstream(reactor, "127.0.0.1", other.server.port)
    server = NameServer(reactor, Resolver(upstream.by_datagram, upstream.by_stream, NAMES), 0, ("127.0.0.1", "::1"))
    server.startService()
    yield server
    await future(server.stopService())


def by_datagram(host, port, wire):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(5)
        asking.sendto(wire, (host, port))
        return asking.recv(65535)


def by_stream(host, port, wire):
    with socket.create_connection((host, port), timeout=5) as asking:
        asking.sendall(struct.pack("!H", len(wire)) + wire)
        whole = asking.makefile("rb")
        (length,) = struct.unpack("!H", whole.read(2))
        return whole.read(length)


async def asked(way, server, wire, host="127.0.0.1"):
    return await asyncio.to_thread(partial(way, host, server.port, wire))


WAYS = pytest.mark.parametrize("way", [by_datagram, by_stream])


@WAYS
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_both_ways_lead_to_the_mesh_and_beyond(served, other, way, host):
    assert ips(await asked(way, served, query("backend.svc.mesh.local"), host)) == ["241.0.0.1"]
    assert not other.asked
    wire = await asked(way, served, query("example.org", number=99), host)
    assert ips(wire) == ["192.0.2.1"]
    assert read(wire).id == 99
    assert len(other.asked) == 1


async def test_questions_upstream_can_not_be_foreseen(served, other):
    for _ in range(8):
        await asked(by_datagram, served, query("example.org", number=1))
    assert len({wire[:2] for wire in other.asked}) > 1


@WAYS
async def test_an_upstream_failure_is_told(served, other, way):
    other.silent = True
    assert read(await asked(way, served, query("example.org"))).rCode == dns.ESERVER


@WAYS
async def test_an_upstream_that_is_not_there_is_told_at_once(served, other, way):
    await future(other.server.stopService())
    other.server._listening.clear()
    assert read(await asked(way, served, query("example.org"))).rCode == dns.ESERVER


async def test_an_upstream_that_can_not_be_is_told_at_once():
    upstream = Upstream(reactor, "fe80::1%nowhere")
    resolver = Resolver(upstream.by_datagram, upstream.by_stream)
    for way in (upstream.by_datagram, upstream.by_stream):
        said = await future(ensureDeferred(resolver.answer(query("example.org"), way)))
        assert read(said).rCode == dns.ESERVER


async def test_a_network_that_says_there_is_no_way_is_believed():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        asking = _Asking(Upstream(reactor, *silent.getsockname()), query("example.org"))
        reactor.listenUDP(0, asking).stopListening()  # what Twisted does with a socket that can't be read
        with pytest.raises(Unanswered):
            await future(asking.answered)


async def test_responses_are_not_answered(served):
    response = bytearray(query("example.org"))
    response[2] |= 0x80
    resolver = Resolver(names=NAMES)
    assert await resolver.answer(bytes(response), resolver.by_datagram) is None
    assert await resolver.answer(b"short", resolver.by_datagram) is None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.sendto(bytes(response), ("127.0.0.1", served.port))
    assert ips(await asked(by_datagram, served, query("v4.svc.mesh.local"))) == ["241.0.0.2"]


async def test_too_many_open_questions_are_refused():
    waiting = asyncio.get_running_loop().create_future()
    resolver = Resolver(by_datagram=lambda _: waiting, waiting=999)
    held = asyncio.ensure_future(resolver.answer(query("example.org"), resolver.by_datagram))
    await asyncio.sleep(0)
    assert read(await resolver.answer(query("example.org"), resolver.by_datagram)).rCode == dns.ESERVER
    waiting.set_result(b"said")
    assert await held == b"said"
    assert resolver.waiting == 999


def test_a_document_is_read_as_it_is_sent():
    assert Names.of(json.loads(json.dumps(DOCUMENT))) == NAMES
