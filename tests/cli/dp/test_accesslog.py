"""Access logs for servers: from a pipe to TCP."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol

from kuma.cli.dp.accesslog import SERVERS, AccessLogs, Told, Unreadable, make_pipe, place, told
from kuma.cli.dp.lines import LONGEST, Lines
from kuma.loop import future
from tests.plugin import eventually


@pytest.mark.parametrize(
    ("line", "address", "message"),
    [
        (b'{"address":"logs:514","message":"hello\\n"}', "logs:514", b"hello\n"),
        (b'{"address":"logs:514","message":"hello"}', "logs:514", b"hello"),
        (b'{"address":"logs:514","message":{"a":{"b":1}}}', "logs:514", b'{"a":{"b":1}}\n'),
        (b"logs:514;as it was once; yes", "logs:514", b"as it was once; yes\n"),
    ],
)
def test_what_a_line_says(line, address, message):
    assert told(line) == Told(address, message)


@pytest.mark.parametrize("line", [b"", b"{}", b"{", b'{"address":"a"}', b"nothing"])
def test_what_says_nothing(line):
    with pytest.raises(Unreadable):
        told(line)


@given(st.binary(max_size=50))
def test_any_bytes_can_be_judged(line):
    with suppress(Unreadable):
        assert isinstance(told(line), Told)


@pytest.mark.parametrize(
    ("address", "found"),
    [("logs:514", ("logs", 514)), ("tcp://logs:514", ("logs", 514)), ("[::1]:80", ("::1", 80))],
)
def test_where_a_server_is(address, found):
    assert place(address) == found


@pytest.mark.parametrize("address", ["logs", "http://logs", ":80", "logs:http", "[::1"])
def test_where_nobody_is(address):
    with pytest.raises(ValueError, match=r"."):
        place(address)


@given(st.lists(st.binary(max_size=20).filter(lambda one: one and b"\n" not in one), max_size=10), st.data())
def test_lines_come_out_however_they_are_cut(lines, data):
    sent, found, reading = b"".join(line + b"\n" for line in lines), [], Lines()
    while sent:
        cut = data.draw(st.integers(1, len(sent)))
        found += reading.feed(sent[:cut])
        sent = sent[cut:]
    assert found == lines


def test_a_line_without_an_end_is_dropped():
    reading = Lines()
    assert [reading.feed(b"x" * LONGEST), reading.feed(b"y"), reading.feed(b"z\nnext\n")] == [[], [], [b"next"]]


class Listening(Factory):
    """A server, and what it was sent."""

    def __init__(self):
        self.received, self.connections = b"", []

    def buildProtocol(self, _):
        server = self

        class Taking(Protocol):
            def connectionMade(self):
                server.connections.append(self)

            def dataReceived(self, data):
                server.received += data

        return Taking()


@pytest.fixture
def server():
    made = Listening()
    made.port = reactor.listenTCP(0, made, interface="127.0.0.1")
    made.address = f"127.0.0.1:{made.port.getHost().port}"
    yield made
    made.port.stopListening()
    for connection in made.connections:
        connection.transport.abortConnection()


@pytest.fixture
async def logs(tmp_path):
    service = AccessLogs(reactor, str(tmp_path / "pipe"))
    service.startService()
    yield service
    if service.running:
        await future(service.stopService())


def tell(logs, address, message):
    """As Envoy does, which opens the pipe only to write."""
    with open(logs.path, "ab", buffering=0) as pipe:
        pipe.write(json.dumps({"address": address, "message": message}).encode() + b"\n")


async def test_a_server_is_told_over_one_connection(logs, server):
    for number in range(100):
        tell(logs, server.address, f"line {number}\n")
    await eventually(lambda: server.received.endswith(b"line 99\n"))
    assert server.received.count(b"\n") == 100
    assert len(server.connections) == 1


async def test_a_server_that_comes_back_is_told_again(logs, server):
    tell(logs, server.address, "one\n")
    await eventually(lambda: server.received == b"one\n")
    server.connections[0].transport.loseConnection()
    (known,) = logs._servers.values()
    await eventually(lambda: known._connection is None)
    tell(logs, server.address, "two\n")
    await eventually(lambda: server.received == b"one\ntwo\n")


async def test_a_server_that_is_away_costs_only_its_own_lines(logs, server):
    tell(logs, "127.0.0.1:1", "lost\n")
    tell(logs, "no address", "lost\n")
    tell(logs, server.address, "found\n")
    await eventually(lambda: server.received == b"found\n")


async def test_a_server_that_does_not_read_is_not_waited_for(logs, server):
    tell(logs, server.address, "first\n")
    await eventually(lambda: bool(server.connections))
    server.connections[0].transport.pauseProducing()
    (known,) = logs._servers.values()
    line = "x" * 50_000 + "\n"

    def full():
        tell(logs, server.address, line)
        return not known._connection._writable

    await eventually(full)
    server.connections[0].transport.resumeProducing()
    await eventually(lambda: known._connection._writable)


async def test_who_makes_up_servers_fills_no_memory(logs, server):
    tell(logs, server.address, "first\n")
    for number in range(2 * SERVERS):
        tell(logs, f"nobody {number}", "lost\n")
    tell(logs, server.address, "last\n")
    await eventually(lambda: server.received == b"first\nlast\n")
    assert len(logs._servers) == SERVERS


async def test_the_last_words_are_passed_on(logs, server):
    tell(logs, server.address, "first\n")
    await eventually(lambda: server.received == b"first\n")
    tell(logs, server.address, "last\n")
    await future(logs.stopService())
    await eventually(lambda: server.received == b"first\nlast\n")


def test_the_pipe_is_for_whoever_envoy_runs_as(tmp_path):
    path = tmp_path / "pipe"
    path.write_text("something else")
    for _ in range(2):
        make_pipe(str(path))
        mode = os.stat(path).st_mode
        assert stat.S_ISFIFO(mode)
        assert stat.S_IMODE(mode) == 0o666
