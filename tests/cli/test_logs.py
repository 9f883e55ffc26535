"""The log of a control plane, as a process writes it."""

import json
import subprocess
import sys

SPEAKER = """
import sys, types
from kuma.cli import logs
import structlog

speaker = types.ModuleType("zone_cp.speaker")
speaks = "import structlog; log = structlog.get_logger(); say = lambda level: getattr(log, level)(level, number=1)"
exec(speaks, speaker.__dict__)
levels = logs.start("info")
speaker.say("debug"); speaker.say("info")
levels.set("zone_cp", "debug"); speaker.say("debug")
levels.set("zone_cp.speaker", "off"); speaker.say("error")
levels.reset(); speaker.say("warning"); speaker.say("debug")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger().exception("failed")
"""


def test_each_line_says_who_speaks_and_levels_change_while_it_runs():
    done = subprocess.run([sys.executable, "-c", SPEAKER], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    said = [(line["logger"], line["level"], line["event"]) for line in lines]
    of = "zone_cp.speaker"
    assert said == [
        (of, "info", "info"),
        (of, "debug", "debug"),
        (of, "warning", "warning"),
        ("__main__", "error", "failed"),
    ]
    assert lines[0]["number"] == 1
    assert "ZeroDivisionError" in lines[-1]["exception"]
