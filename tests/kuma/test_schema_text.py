"""Durations, moments and bytes as documents write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.schema import go_duration, parse_go_duration
from kuma.schema.text import base64_text, moment_text, parse_base64, parse_moment, proto_duration

HUNDRED_YEARS = timedelta(days=36500)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("0", "0s"),
        ("0s", "0s"),
        ("90s", "1m30s"),
        ("1h", "1h0m0s"),
        ("1.5s", "1.5s"),
        (".5s", "500ms"),
        ("1.h", "1h0m0s"),
        ("25ms", "25ms"),
        ("1500us", "1.5ms"),
        ("1500µs", "1.5ms"),
        ("7us", "7µs"),
        ("-1m", "-1m0s"),
        ("+1m", "1m0s"),
        ("1h1ms", "1h0m0.001s"),
        ("1999ns", "1µs"),
        ("100h", "100h0m0s"),
    ],
)
def test_durations_are_read_and_shown_as_go_does(said: str, shown: str):
    assert go_duration(parse_go_duration(said)) == shown


@pytest.mark.parametrize(
    "text", ["", "5", "-", "1x", ".s", "1 s", "s", "1s ", "9" * 19 + "h", "1h" * 100, "１s", "1e3s"]
)
def test_what_is_no_duration_is_refused(text: str):
    with pytest.raises(ValueError, match="invalid duration"):
        parse_go_duration(text)


@given(st.timedeltas(-HUNDRED_YEARS, HUNDRED_YEARS))
def test_a_shown_duration_reads_the_same(value: timedelta):
    assert parse_go_duration(go_duration(value)) == value
    assert parse_go_duration(proto_duration(value)) == value


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))
def test_a_shown_moment_reads_the_same(value: datetime):
    assert parse_moment(moment_text(value)) == value


def test_moments_are_shown_in_utc():
    assert moment_text(parse_moment("2024-05-01T14:00:00.123456789+02:00")) == "2024-05-01T12:00:00.123456Z"
    assert moment_text(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "text", ["", "2024-05-01", "2024-13-01T00:00:00Z", "2024-05-01T00:00:00", "0001-01-01T00:00:00+23:00"]
)
def test_what_is_no_moment_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - many reasons, one answer
        parse_moment(text)


@given(st.binary())
def test_bytes_survive_base64(value: bytes):
    assert parse_base64(base64_text(value)) == parse_base64(base64_text(value).rstrip("=")) == value


@pytest.mark.parametrize("text", ["a", "????", "é", "aGk= aGk="])
def test_what_is_no_base64_is_refused(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - many reasons, one answer
        parse_base64(text)
