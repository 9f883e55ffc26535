"""Names in Envoy: injective where they must be, and only what DNS and statistics can carry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.envoy import names
from kuma.model import Kri

PART = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?", fullmatch=True)


@pytest.mark.parametrize(
    ("kri", "sni"),
    [
        (Kri("msvc", "default", "east", "app-ns", "backend", "http"), "sni.msvc.default.east.app-ns.backend.http"),
        (Kri("msvc", "envoyconfig", "kuma-3", "", "test-server", "80"), "sni.msvc.envoyconfig.kuma-3.test-server.80"),
        (Kri("mzsvc", "default", "", "ignored", "global-svc", "http"), "sni.mzsvc.default.global-svc.http"),
        (Kri("extsvc", "default", "", "", "example", "9000"), "sni.extsvc.default.example.9000"),
        (Kri("msvc", "default", "east", "", "dotted.name", "80"), ""),
        (Kri("msvc", "default", "east", "", "Upper", "80"), ""),
        (Kri("msvc", "under_score", "east", "", "backend", "80"), ""),
        (Kri("msvc", "default", "east", "", "backend", ""), ""),
        (Kri("msvc", "default", "east", "", "x" * 64, "80"), ""),
        (Kri("msvc", "m" * 63, "z" * 63, "n" * 63, "x" * 60, "80"), ""),
    ],
)
def test_a_server_name_says_the_kri_or_nothing(kri, sni):
    assert names.sni(kri) == sni


@given(st.builds(Kri, st.just("msvc"), PART, PART, PART, PART, PART), st.builds(Kri, st.just("msvc"), *[PART] * 5))
def test_two_destinations_never_share_a_server_name(one, other):
    assert (names.sni(one) == names.sni(other)) == (one == other)


@given(st.builds(Kri, st.just("msvc"), PART, PART, PART, PART, PART))
def test_zone_proxies_and_clients_agree(kri):
    assert names.sni(kri) in ("", names.server_name(kri))


def test_statistics_have_no_dots():
    assert names.stat_prefix("meshpassthrough_tcp_192.168.0.0_80") == "meshpassthrough_tcp_192_168_0_0_80"


def test_a_socket_path_fits_into_an_address():
    assert names.socket("/tmp", "kuma-envoy-admin") == "/tmp/kuma-envoy-admin.sock"
    assert len(names.socket("/" + "x" * 200, "kuma-envoy-admin")) == 103
