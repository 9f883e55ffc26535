"""Who a caller is taken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.rest.access import (
    ADMIN,
    ANONYMOUS,
    AccessDenied,
    Identifying,
    User,
    allowed_origin,
    is_local,
    permits,
    require,
)
from kuma.settings.access import Allowed

LOCAL = {"host": "localhost:5681"}


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("127.0.0.1", LOCAL),
        ("::1", {"host": "[::1]:5681"}),
        ("::ffff:127.0.0.1", LOCAL),
        ("127.0.0.1", {"host": "LOCALHOST."}),
        ("127.0.0.1", {"host": "127.0.0.2:5681"}),
        ("127.0.0.1", {"host": "localhost:80", "origin": "http://localhost"}),
        ("127.0.0.1", {"host": "localhost", "origin": "https://localhost:443"}),
        ("127.0.0.1", {**LOCAL, "origin": "http://localhost:5681", "sec-fetch-site": "same-origin"}),
    ],
)
def test_the_user_of_this_machine_is_admin(peer, headers):
    assert is_local(peer, headers)


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("10.0.0.1", LOCAL),
        ("127.0.0.1", {}),
        ("127.0.0.1", {"host": "evil.example"}),
        ("127.0.0.1", {"host": "localhost.evil.example:5681"}),
        ("127.0.0.1", {"host": "127.0.0.1.nip.io"}),
        ("127.0.0.1", {"host": "localhost:0"}),
        ("127.0.0.1", {"host": "localhost:65536"}),
        ("127.0.0.1", {"host": "localhost:5681:1"}),
        ("127.0.0.1", {"host": "user@localhost"}),
        ("127.0.0.1", {**LOCAL, "x-forwarded-for": "1.2.3.4"}),
        ("127.0.0.1", {**LOCAL, "x-real-ip": "1.2.3.4"}),
        ("127.0.0.1", {**LOCAL, "forwarded": "for=1.2.3.4"}),
        ("127.0.0.1", {**LOCAL, "sec-fetch-site": "cross-site"}),
        ("127.0.0.1", {**LOCAL, "sec-fetch-site": "same-site"}),
        ("127.0.0.1", {**LOCAL, "origin": "http://127.0.0.1:3000"}),
        ("127.0.0.1", {**LOCAL, "origin": "http://localhost:5681/path"}),
        ("127.0.0.1", {**LOCAL, "origin": "http://localhost:5681?x"}),
        ("127.0.0.1", {**LOCAL, "origin": "null"}),
        ("127.0.0.1", {**LOCAL, "origin": ""}),
        ("127.0.0.1", {**LOCAL, "origin": "file://localhost:5681"}),
        ("127.0.0.1", {**LOCAL, "origin": "http://evil.example"}),
    ],
)
def test_nobody_else_is(peer, headers):
    assert not is_local(peer, headers)


@given(st.text(), st.text())
def test_no_header_breaks_the_look(host, origin):
    assert is_local("127.0.0.1", {"host": host, "origin": origin}) in (True, False)


async def test_localhost_is_admin_only_if_so_set():
    assert await Identifying().user("127.0.0.1", LOCAL) == ADMIN
    assert await Identifying(localhost_is_admin=False).user("127.0.0.1", LOCAL) == ANONYMOUS


def test_a_permission_is_by_name_or_group():
    allowed = Allowed(("ann",), ("ops",))
    assert permits(allowed, User("ann"))
    assert permits(allowed, User("bob", ("ops",)))
    with pytest.raises(AccessDenied, match='user "bob/dev,qa" cannot access the barn'):
        require(allowed, User("bob", ("dev", "qa")), "the barn")


@pytest.mark.parametrize(
    ("origin", "told"),
    [("https://ui.example", "https://ui.example"), ("https://evil.example", None), (None, None), ("http://[", None)],
)
def test_cross_origin_answers_name_only_configured_domains(origin, told):
    assert allowed_origin(origin, ("ui.example",)) == told
    assert allowed_origin(origin, ()) is None
