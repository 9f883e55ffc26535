"""Values that documents carry as text: durations as Go and as protobuf write them, moments, bytes."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta

MICROSECONDS = {
    "ns": 0.001,
    "us": 1,
    "µs": 1,
    "μs": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
}
PART = re.compile(r"([0-9]{0,20})(?:\.([0-9]{0,20}))?(ns|us|µs|μs|ms|s|m|h)")
LONGEST_TEXT = 128
LONGEST = 2**63 // 1000
"""Go counts nanoseconds in 63 bits; a longer duration can't be said."""

MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def parse_go_duration(text: str) -> timedelta:
    """`1h30m`, `-1.5s`, `0` as a duration; what is finer than a microsecond is dropped. Raises ValueError."""
    sign, digits = _signed(text)
    if digits == "0":
        return timedelta()
    total, position = 0, 0
    while position < len(digits):
        part = PART.match(digits, position)
        if part is None or not (part[1] or part[2]):
            raise ValueError(f"invalid duration {text[:LONGEST_TEXT]!r}")
        total += _microseconds(part[1] or "0", part[2] or "", part[3])
        position = part.end()
    if not digits or len(text) > LONGEST_TEXT or total > LONGEST:
        raise ValueError(f"invalid duration {text[:LONGEST_TEXT]!r}")
    return timedelta(microseconds=sign * total)


def _signed(text: str) -> tuple[int, str]:
    if text[:1] in ("-", "+"):
        return (-1 if text[0] == "-" else 1), text[1:]
    return 1, text


def _microseconds(whole: str, fraction: str, unit: str) -> int:
    if unit == "ns":
        return int(whole) // 1000
    scale = int(MICROSECONDS[unit])
    tenths: int = 10 ** len(fraction)
    return int(whole) * scale + int(fraction or "0") * scale // tenths


def go_duration(value: timedelta) -> str:
    """A duration as Go writes it: `1h30m0s`, `1.5s`, `25ms`, `0s`."""
    total = value // timedelta(microseconds=1)
    sign, total = ("-", -total) if total < 0 else ("", total)
    if total == 0:
        return "0s"
    if total < 1_000:
        return f"{sign}{total}µs"
    if total < 1_000_000:
        return f"{sign}{_decimal(total, 1_000)}ms"
    minutes, micros = divmod(total, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{_decimal(micros, 1_000_000)}s"
    if hours:
        return f"{sign}{hours}h{minutes}m{seconds}"
    return f"{sign}{minutes}m{seconds}" if minutes else f"{sign}{seconds}"


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    if not rest:
        return str(whole)
    return f"{whole}.{str(rest).zfill(len(str(unit)) - 1).rstrip('0')}"


def proto_duration(value: timedelta) -> str:
    """A duration as protobuf's JSON writes it: seconds, with no, three or six decimals."""
    total = value // timedelta(microseconds=1)
    sign, total = ("-", -total) if total < 0 else ("", total)
    seconds, micros = divmod(total, 1_000_000)
    return f"{sign}{seconds}{_fraction(micros)}s"


def _fraction(micros: int) -> str:
    if not micros:
        return ""
    return f".{micros:06d}" if micros % 1000 else f".{micros // 1000:03d}"


def parse_moment(text: str) -> datetime:
    """An RFC 3339 moment, in UTC; what is finer than a microsecond is dropped. Raises ValueError."""
    parts = MOMENT.fullmatch(text)
    if parts is None:
        raise ValueError(f"invalid time {text[:LONGEST_TEXT]!r}")
    day, hour, fraction, offset = parts.groups()
    micros = (fraction or "0")[:6].ljust(6, "0")
    try:
        moment = datetime.fromisoformat(f"{day}T{hour}.{micros}{'+00:00' if offset in 'Zz' else offset}")
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def moment_text(value: datetime) -> str:
    """A moment as RFC 3339 in UTC: `2024-05-01T12:00:00Z`, with three or six decimals where needed."""
    utc = value.astimezone(UTC)
    return f"{utc.replace(tzinfo=None, microsecond=0).isoformat()}{_fraction(utc.microsecond)}Z"


def parse_base64(text: str) -> bytes:
    """Base64 of either alphabet, padded or not. Raises ValueError."""
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from error


def base64_text(value: bytes) -> str:
    """Bytes as standard base64."""
    return base64.b64encode(value).decode("ascii")
