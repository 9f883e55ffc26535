"""The words of a line: what is told of whom, and the placeholders that are filled in before Envoy sees them."""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen

from kuma.envoy.draft import Caller
from kuma.names import is_ipv6
from kuma.policies.meshaccesslog.spec import Format

TCP_LINE = (
    "[%START_TIME%] %RESPONSE_FLAGS% %KUMA_MESH% %KUMA_SOURCE_ADDRESS_WITHOUT_PORT%(%KUMA_SOURCE_SERVICE%)"
    "->%UPSTREAM_HOST%(%KUMA_DESTINATION_SERVICE%) took %DURATION%ms, sent %BYTES_SENT% bytes, "
    "received: %BYTES_RECEIVED% bytes"
)
HTTP_LINE = (
    '[%START_TIME%] %KUMA_MESH% "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% '
    "%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "
    '"%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-B3-TRACEID?X-DATADOG-TRACEID)%" "%REQ(X-REQUEST-ID)%" '
    '"%REQ(:AUTHORITY)%" "%KUMA_SOURCE_SERVICE%" "%KUMA_DESTINATION_SERVICE%" '
    '"%KUMA_SOURCE_ADDRESS_WITHOUT_PORT%" "%UPSTREAM_HOST%"'
)
PLACEHOLDER = re.compile(r"%(KUMA_[A-Z_]+)%")
UNKNOWN = "unknown"


@frozen
class Talk:
    """Who talks to whom at one place of a proxy, as far as the control plane knows."""

    caller: Caller
    source: str
    destination: str
    direction: str
    line: str
    """What is told where nobody has said otherwise."""

    def filled(self, text: str) -> str:
        """A text with what is known here put in; the placeholders that are left are Envoy's."""
        known = self._known()
        return PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), text)

    def filled_in(self, value: Any) -> Any:
        """A JSON value with all of its texts filled."""
        if isinstance(value, str):
            return self.filled(value)
        if isinstance(value, list):
            return [self.filled_in(one) for one in value]
        return {key: self.filled_in(one) for key, one in value.items()} if isinstance(value, dict) else value

    def said(self, told: Format | None) -> str | dict[str, str]:
        """A line of text, or the fields of a JSON object."""
        if told is not None and told.plain is not None:
            return self.filled(told.plain)
        if told is not None and told.json is not None:
            return {one.key: self.filled(one.value) for one in told.json}
        return self.filled(self.line)

    def _known(self) -> dict[str, str]:
        address = self.caller.address
        return {
            "KUMA_SOURCE_ADDRESS": f"[{address}]:0" if is_ipv6(address) else f"{address}:0",
            "KUMA_SOURCE_ADDRESS_WITHOUT_PORT": address,
            "KUMA_SOURCE_SERVICE": self.source,
            "KUMA_DESTINATION_SERVICE": self.destination,
            "KUMA_MESH": self.caller.mesh,
            "KUMA_TRAFFIC_DIRECTION": self.direction,
            "KUMA_ZONE": self.caller.zone,
            "KUMA_WORKLOAD": self.caller.workload_kri,
        }


def outbound(caller: Caller, destination: str, http: bool = False) -> Talk:
    """The workload talks to a destination."""
    return Talk(caller, caller.workload or UNKNOWN, destination, "OUTBOUND", HTTP_LINE if http else TCP_LINE)


def inbound(caller: Caller, destination: str, http: bool) -> Talk:
    """Somebody talks to the workload."""
    return Talk(caller, UNKNOWN, destination, "INBOUND", HTTP_LINE if http else TCP_LINE)


def between_others(caller: Caller) -> Talk:
    """A zone proxy stands between two who talk."""
    return Talk(caller, UNKNOWN, UNKNOWN, "UNSPECIFIED", TCP_LINE)
