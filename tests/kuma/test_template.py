"""Names written as Go templates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuma.template import Template, TemplateError

FIELDS = {"Mesh": "default", "Zone": "east", "Workload": "shop"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{{ .Mesh }}.{{.Zone}}.mesh.local", "default.east.mesh.local"),
        ('/team/{{ label "team" }}/{{ .Workload }}', "/team/a/shop"),
        ("{ .Zone|2 }", "{ .Zone|2 }"),
        ("}}", "}}"),
    ],
)
def test_places_are_filled(text: str, said: str):
    assert Template.parse(text).render(FIELDS, {"team": "a"}) == said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ .Mesh|1 }}", "template: :1: non executable command in pipeline stage 2"),
        ("a\n{{ nope }}", 'template: :2: function "nope" not defined'),
        ("{{ .Mesh", "template: :1: unclosed action"),
        ("{{}}", "template: :1: missing value for command"),
        ("{{ .Mesh[4 }}", "template: :1: bad character U+005B '['"),
        ("{{ label@ }}", "template: :1: bad character U+0040 '@'"),
        ("{{ label team }}", "template: :1: only fields"),
        ("{{ .A.B }}", "template: :1: only fields"),
        ('{{ label "a" | upper }}', "template: :1: only fields"),
    ],
)
def test_what_is_no_template(text: str, reason: str):
    with pytest.raises(TemplateError) as caught:
        Template.parse(text)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    ("text", "reason"), [("{{ .Nope }}", "can't evaluate field Nope"), ('{{ label "x" }}', 'label "x" not found')]
)
def test_what_is_missing_is_named(text: str, reason: str):
    with pytest.raises(TemplateError, match=reason):
        Template.parse(text).render(FIELDS, {})


@given(st.text(alphabet='{}. |"labelMesh\n1-'))
def test_any_text_is_a_template_or_not(text: str):
    try:
        Template.parse(text)
    except TemplateError:
        return
