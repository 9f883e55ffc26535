"""What kuma-dp is told: templates, tokens, durations."""

import base64
import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kuma.cli.dp.commands import kuma_dp, options, run
from kuma.cli.dp.dataplane import Proxy, proxy, render
from kuma.cli.dp.options import ControlPlane, Options, UsageError, memory_limit, seconds
from kuma.cli.dp.token import token_path

CP = ControlPlane("https://localhost:5678")
DATAPLANE = """
type: Dataplane
mesh: default
name: {{ name }}
networking:
  address: {{ net.addr }}
"""


def jwt(**claims):
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "c2ln"])


def test_a_template_is_filled_in():
    told = Options(CP, definition=DATAPLANE, variables={"name": "web-1", "net.addr": "127.0.0.1"})
    found = proxy(told)
    assert (found.mesh, found.name) == ("default", "web-1")
    assert json.loads(found.definition)["networking"] == {"address": "127.0.0.1"}


def test_a_variable_that_was_not_given_is_named():
    with pytest.raises(UsageError, match=r"net\.addr"):
        render(DATAPLANE, {"name": "x"})


@given(st.text())
def test_any_template_is_filled_in_or_refused(text):
    try:
        render(text, {})
    except UsageError:
        assert "{{" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "object"),
        ("type: Mesh", "'Mesh'"),
        ("type: Dataplane\nmesh: m", "name"),
        ("type: Dataplane\nmesh: 7\nname: x", "mesh"),
        ("a: [", "YAML"),
    ],
)
def test_a_definition_that_is_none(text, says):
    with pytest.raises(UsageError, match=says):
        proxy(Options(CP, definition=text))


def test_a_stored_dataplane_is_named_by_flags():
    assert proxy(Options(CP, mesh="m", name="n")) == Proxy("m", "n")
    with pytest.raises(UsageError, match="--name"):
        proxy(Options(CP, mesh="m"))


def test_a_definition_and_a_name_exclude_each_other():
    with pytest.raises(UsageError, match="--name"):
        proxy(Options(CP, name="x", definition="type: Dataplane\nmesh: m\nname: n"))


def test_an_inline_token_is_for_its_owner_only(tmp_path):
    path = token_path(Options(CP, token=jwt(Name="n") + "\n"), tmp_path, "n")
    assert path.read_text() == jwt(Name="n")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("token", "says"), [("", "empty"), ("a\nb", "one line"), ("abc", "JWT"), ("a.b.c", "JWT")])
def test_a_token_that_is_none(tmp_path, token, says):
    file = tmp_path / "token"
    file.write_text(token)
    with pytest.raises(UsageError, match=says):
        token_path(Options(CP, token_file=file), tmp_path, "n")


def test_a_token_file_that_is_missing(tmp_path):
    with pytest.raises(UsageError, match="no-token"):
        token_path(Options(CP, token_file=tmp_path / "no-token"), tmp_path, "n")


@pytest.mark.parametrize(
    ("text", "wanted"), [("30s", 30), ("1m30s", 90), ("500ms", 0.5), ("1.5h", 5400), ("0", 0), ("10us", 1e-5)]
)
def test_durations(text, wanted):
    assert seconds(text) == pytest.approx(wanted)


@pytest.mark.parametrize("text", ["", "5", "s", "1x", "1s 2s", "-1s"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="duration"):
        seconds(text)


@pytest.mark.parametrize(("text", "limit"), [("max", None), ("1048576", 1048576), (str(2**63 - 1), None)])
def test_the_memory_limit_of_a_control_group(tmp_path, text, limit):
    (tmp_path / "memory.max").write_text(text + "\n")
    assert memory_limit(tmp_path) == limit


@pytest.mark.parametrize("template", ["{a: {{ x }}}", "{a: {{x}}}", "{a: {{{ x }}}}"])
def test_braces_around_a_variable_stay(template):
    assert render(template, {"x": "1"}) == "{a: 1}"


def test_a_file_of_authorities_that_is_not_there_is_named():
    answer = CliRunner().invoke(kuma_dp, ["run", "--system-ca-path", "/no/such.pem"])
    assert answer.exit_code == 2
    assert "/no/such.pem" in answer.output


def told(*flags, **environment):
    """What `kuma-dp run` makes of flags and environment."""
    with CliRunner().isolation(env=environment):
        return options(run.make_context("run", list(flags)).params, "info")


@pytest.mark.parametrize("name", ["", "$(POD_NAME).$(POD_NAMESPACE)"])
def test_on_kubernetes_a_proxy_has_the_name_of_its_pod(name):
    pod = {"POD_NAME": "web-1", "POD_NAMESPACE": "shop"}
    assert told(KUMA_DATAPLANE_NAME=name, **pod).name == "web-1.shop"
    assert told("--name", "own", **pod).name == "own"
    assert told("--name", name).name == name
    assert told("--dataplane", "type: Dataplane", **pod).name == ""


def test_a_certificate_for_metrics_needs_its_key():
    found = told("--metrics-cert-path", "/a.pem", KUMA_DATAPLANE_RUNTIME_METRICS_KEY_PATH="/b.pem")
    assert (found.metrics_cert_path, found.metrics_key_path) == ("/a.pem", "/b.pem")
    with pytest.raises(UsageError, match="--metrics-key-path"):
        told("--metrics-cert-path", "/a.pem")


def test_what_is_tried_again_is_not_tried_at_once():
    with pytest.raises(UsageError, match="--retry-backoff"):
        told("--retry-backoff", "0s")
