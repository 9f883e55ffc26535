"""OpenMetrics 1.0, for applications that speak nothing else; what only it can say is left out.

(https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md)
"""

from __future__ import annotations

import re

CONTENT_TYPE = "application/openmetrics-text"

EXEMPLAR = re.compile(rb' # \{(?:[^"}]|"(?:[^"\\]|\\.)*")*\} \S+(?: \S+)?\Z')
MOMENT = re.compile(rb"(?P<before>(?:.*\}|[^ {]+) \S+) (?P<seconds>[0-9.]+)\Z")


def plain(line: bytes) -> bytes:
    """The line as Prometheus' own text has it: without an exemplar, and its time in milliseconds."""
    if line.startswith(b"#"):
        return line
    said = EXEMPLAR.sub(b"", line)
    timed = MOMENT.fullmatch(said)
    return said if timed is None else b"%b %d" % (timed["before"], round(float(timed["seconds"]) * 1000))
