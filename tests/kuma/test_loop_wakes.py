"""What gRPC's thread has to tell is heard at once, however many bytes it has written."""

import functools
import socket

import pytest

from kuma import loop


class Reader:
    """As gRPC's reader: it takes one byte, and with it all that has happened."""

    def __init__(self, wake):
        self.wake = wake
        self.calls = 0

    def heard(self, *_):
        assert self.wake.recv(1)
        self.calls += 1


Reader.__module__ = "grpc.aio.example"


@pytest.fixture
def fresh():
    made = loop._new_loop()
    yield made
    made.close()


@pytest.mark.parametrize("bound", [functools.partial, lambda reader: reader])
def test_many_bytes_wake_once(fresh, bound):
    ours, theirs = socket.socketpair()
    reader = Reader(ours)
    fresh.add_reader(ours, bound(reader.heard))
    theirs.send(b"1" * 100)
    fresh.call_later(0.02, fresh.stop)
    fresh.run_forever()
    assert reader.calls == 1
    theirs.send(b"1")
    fresh.call_later(0.02, fresh.stop)
    fresh.run_forever()
    assert reader.calls == 2
    fresh.remove_reader(ours)
    ours.close()
    theirs.close()


def test_other_readers_get_what_was_written(fresh):
    ours, theirs = socket.socketpair()
    got = []
    fresh.add_reader(ours, lambda: (got.append(ours.recv(10)), fresh.stop()))
    theirs.send(b"hello")
    fresh.run_forever()
    assert got == [b"hello"]
    fresh.remove_reader(ours)
    ours.close()
    theirs.close()
