"""A control plane's log: one line of JSON for each event, on standard error, and the module that says it."""

from __future__ import annotations

import logging
import sys
from types import FrameType
from typing import Any

import structlog
from structlog.typing import EventDict
from twisted.logger import FilteringLogObserver, LogLevel, LogLevelFilterPredicate, globalLogBeginner

from kuma.levels import Levels, Threshold

NUMBERS = {"debug": 10, "info": 20, "warning": 30, "warn": 30, "error": 40, "exception": 40, "critical": 50}


class ComponentLogger(structlog.PrintLogger):
    """Writes the lines of one module; its threshold may change at any time."""

    def __init__(self, threshold: Threshold) -> None:
        super().__init__(sys.stderr)
        self.threshold = threshold


def start(level: str) -> Levels:
    """Begin to log events of this level and above, Twisted's warnings among them. Answers what sets other levels."""
    levels = Levels(level)
    structlog.configure(
        processors=[
            wanted_only,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=lambda *_: ComponentLogger(levels.of(_module())),
        cache_logger_on_first_use=True,
    )
    _listen_to_twisted()
    return levels


def wanted_only(logger: ComponentLogger, method: str, event: EventDict) -> EventDict:
    """The event, if it is to be written. Raises DropEvent, as processors do."""
    if NUMBERS[method] < logger.threshold.level:
        raise structlog.DropEvent
    return {"logger": logger.threshold.component, **event}


def _module() -> str:
    """Whose first event this is: a module's logger is made then."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name != __name__ and not name.startswith("structlog"):
            return name
        frame = frame.f_back
    return ""


def _listen_to_twisted() -> None:
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
