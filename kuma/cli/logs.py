"""A control plane's log: one line of JSON for each event, on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from twisted.logger import FilteringLogObserver, LogLevel, LogLevelFilterPredicate, globalLogBeginner

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "error": logging.ERROR}


def start(level: str) -> None:
    """Begin to log events of this level and above, Twisted's warnings among them."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    wanted: Any = LogLevelFilterPredicate(defaultLogLevel=LogLevel.warn)
    told: Any = _told
    observer: Any = FilteringLogObserver(told, [wanted])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)


def _told(event: dict[str, Any]) -> None:
    failure = event.get("log_failure")
    text = failure.getTraceback() if failure is not None else ""
    structlog.get_logger().warning(
        "twisted", namespace=event.get("log_namespace", ""), format=event.get("log_format"), failure=text
    )
