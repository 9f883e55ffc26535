"""Reading what clients send: JSON, of a bounded size, and a clear word about anything else."""

from __future__ import annotations

import json
from typing import Any

from kuma.rest.calls import JSON, Call
from kuma.rest.errors import Problem, bad_request

LARGEST = 1 << 20
"""The most bytes that a body may have."""

TOO_LARGE = Problem(413, "Request too large", f"the body has more than {LARGEST} bytes")


def json_object(call: Call, what: str) -> dict[str, Any]:
    """The JSON object in a call's body; `what` names what it should be. Raises Problem."""
    media = call.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if media not in (JSON, ""):
        raise Problem(415, "Unsupported Media Type", f"send {JSON}, not {media}")
    try:
        value = json.loads(call.body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise bad_request(f'invalid {what} object: "{_told(error)}"') from None
    if not isinstance(value, dict):
        raise bad_request(f'invalid {what} object: "must be a JSON object"')
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _told(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}: line {error.lineno} column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    return str(error) if isinstance(error, ValueError) else "nested too deeply"
