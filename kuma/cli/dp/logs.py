"""kuma-dp's own log: one line per event on standard error, beside Envoy's."""

from __future__ import annotations

import sys
from typing import Any

from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    textFileLogObserver,
)

LEVELS = {"off": LogLevel.critical, "critical": LogLevel.critical, "error": LogLevel.error, "warn": LogLevel.warn}
QUIETER = {"info": LogLevel.info, "debug": LogLevel.debug, "trace": LogLevel.debug}


def start(level: str) -> None:
    """Begin to log events of this level and above."""
    wanted: Any = LogLevelFilterPredicate(defaultLogLevel=(LEVELS | QUIETER)[level])
    # Twisted's own services speak of every connection at level info
    for chatty in ("twisted", "log_legacy"):
        wanted.setLogLevelForNamespace(chatty, LogLevel.warn)
    lines: Any = textFileLogObserver(sys.stderr)
    observer: Any = FilteringLogObserver(lines, [wanted])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
