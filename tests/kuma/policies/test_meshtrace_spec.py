"""What a MeshTrace may say."""

from __future__ import annotations

import pytest

from tests.kuma.policies.parts import said


def wrong(**default):
    """What is wrong with a conf."""
    conf = {"backends": [], **default}
    return [(field.removeprefix("spec.default."), message) for field, message in said("MeshTrace", default=conf)]


def datadog(url):
    return wrong(backends=[{"type": "Datadog", "datadog": {"url": url}}])


def zipkin(url):
    return wrong(backends=[{"type": "Zipkin", "zipkin": {"url": url}}])


def test_there_may_be_no_backend_but_not_two():
    assert wrong() == []
    assert said("MeshTrace", default={}) == [("spec.default.backends", "must be defined")]
    one = {"type": "Zipkin", "zipkin": {"url": "http://jaeger:9411/api/v2/spans"}}
    assert wrong(backends=[one]) == []
    assert wrong(backends=[one, one]) == [("backends", "must have zero or one backend defined")]


@pytest.mark.parametrize("kind", ["Zipkin", "Datadog", "OpenTelemetry"])
def test_a_backend_says_where_it_is(kind):
    assert wrong(backends=[{"type": kind}]) == [(f"backends[0].{kind[0].lower()}{kind[1:]}", "must be defined")]


def test_backends_that_nobody_knows():
    known = '"type" must be one of ["Zipkin", "Datadog", "OpenTelemetry"]'
    assert wrong(backends=[{"type": "Jaeger"}]) == wrong(backends=[{}]) == [("backends[0].type", known)]
    assert wrong(backends=[{"datadog": {"url": "http://agent:8126"}}]) == []
    version = {"url": "http://jaeger", "apiVersion": "httpXml"}
    assert wrong(backends=[{"type": "Zipkin", "zipkin": version}]) == [
        ("backends[0].zipkin.apiVersion", '"apiVersion" must be one of ["httpJson", "httpProto"]')
    ]


def test_the_whole_proxy_is_meant():
    target = {"kind": "Dataplane", "sectionName": "http"}
    assert said("MeshTrace", targetRef=target, default={"backends": []}) == [
        ("spec.targetRef.sectionName", "can only be used with inbound policies")
    ]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://agent:8126", None),
        ("http://[::1]:8126", None),
        ("https://agent:8126", "scheme must be http"),
        ("http://agent", "port must be defined"),
        ("http://[::1]", "port must be defined"),
        ("http://agent:0", "port must be a valid (1-65535)"),
        ("http://agent:70000", "port must be a valid (1-65535)"),
        ("http://me@agent:80", "user must not be defined"),
        ("http://agent:80/v1", "path must not be defined"),
        ("http://agent:80?a=b", "query must not be defined"),
        ("http://agent:80#a", "fragment must not be defined"),
        ("agent", "must be a valid url"),
        ("http://[::1:80", "must be a valid url"),
        ("", "must not be empty"),
    ],
)
def test_where_a_datadog_agent_is(url, message):
    assert datadog(url) == ([] if message is None else [("backends[0].datadog.url", message)])


@pytest.mark.parametrize(("url", "message"), [("not_valid", "must be a valid url"), ("", "must not be empty")])
def test_where_no_zipkin_is(url, message):
    assert zipkin(url) == [("backends[0].zipkin.url", message)]


def test_shares_of_requests():
    assert wrong(sampling={"overall": 100, "client": "0", "random": "60.1"}) == []
    assert wrong(sampling={"overall": 101, "client": -1, "random": "some"}) == [
        ("sampling.overall", "must be between 0 and 100"),
        ("sampling.client", "must be between 0 and 100"),
        ("sampling.random", "string is not a number"),
    ]


def test_a_tag_has_a_name_and_one_value():
    assert wrong(tags=[{"name": "a", "literal": "b"}, {"name": "c", "header": {"name": "x-c"}}]) == []
    assert wrong(tags=[{"literal": "b"}, {"name": "a"}, {"name": "c", "header": {}}]) == [
        ("tags[0].name", "must not be empty"),
        ("tags[1]", "tag must have only one type defined: header, literal"),
        ("tags[2].header.name", "must not be empty"),
    ]
