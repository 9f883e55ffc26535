"""Small texts: addresses, URLs, bandwidths, attribute names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from attrs import evolve

from kuma.cli.kumactl.client import under
from kuma.dns import mapped
from kuma.names import is_ipv6
from kuma.policies.meshaccesslog.spec import attribute_name
from kuma.policies.meshfaultinjection import ResponseBandwidth
from kuma.schema import Violation
from tests.conformance.case import Adapter, Case, Outcome, value
from tests.conformance.compare import violations


def wrong(problems: Callable[[str], Iterable[Violation]]) -> Adapter:
    """An adapter for what is wrong with a text that stands at `path`."""

    def adapter(case: Case) -> Outcome:
        expected = violations(case.expected.get("expected") or {"violations": []})
        return Outcome(expected, [(one.field, one.message) for one in problems(case.input["input"])])

    return adapter


def bandwidth(text: str) -> Iterable[Violation]:
    """What is wrong with a limit of a fault."""
    return (evolve(one, field="path") for one in ResponseBandwidth(text, 0).problems("path"))


def attribute(text: str) -> Iterable[Violation]:
    """What is wrong with the name of an attribute."""
    return (one.under("path") for one in attribute_name(text))


def url(found: Any) -> str:
    """What is asked for at a base URL."""
    base = urlsplit(found["baseURL"])
    return f"{base.scheme}://{base.netloc}{under(found['baseURL'], found['requestURL'])}"


RUNS = {
    "bandwidth-format": wrong(bandwidth),
    "client-url": value(url, "expectedURL"),
    "ip-to-v6": value(lambda found: mapped(found["input"])),
    "is-ipv6": value(lambda found: is_ipv6(found["input"])),
    "otel-attribute-name": wrong(attribute),
}
