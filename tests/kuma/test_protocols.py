"""What is spoken at a port."""

from __future__ import annotations

import pytest

from kuma.protocols import forwarded, protocol


@pytest.mark.parametrize(
    ("said", "meant", "sent"),
    [
        ("HTTP", "http", "http"),
        ("http2", "http2", "http2"),
        ("gRPC", "grpc", "grpc"),
        ("tcp", "tcp", "tcp"),
        ("mysql", "mysql", "tcp"),
        ("tls", "tls", "tcp"),
        ("kafka", "", "tcp"),
        ("", "", "tcp"),
    ],
)
def test_protocols(said: str, meant: str, sent: str):
    assert protocol(said) == meant
    assert forwarded(said) == sent


def test_who_says_nothing_speaks_tcp():
    assert forwarded(None) == "tcp"
