"""Reading what clients send: JSON, of a bounded size, and a clear word about anything else."""

from __future__ import annotations

from typing import Any

from kuma.documents import Malformed, load_json
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
        value = load_json(call.body)
    except Malformed as malformed:
        raise bad_request(f'invalid {what} object: "{malformed}"') from None
    if not isinstance(value, dict):
        raise bad_request(f'invalid {what} object: "must be a JSON object"')
    return value
