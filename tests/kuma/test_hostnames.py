"""What services are called, and who gets a name that several claim."""

from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kuma.hostnames import claims, hostname, selects, with_names
from kuma.kinds import parse_document
from kuma.resources.meshservice import Status
from kuma.resources.parts import GeneratorRef, Hostname
from kuma.template import TemplateError


def day(number):
    return datetime(2030, 1, number, tzinfo=UTC)


def service(name, *, created=1, **labels):
    named = {"kuma.io/display-name": name, "kuma.io/origin": "zone", **labels}
    document = {"type": "MeshService", "mesh": "shop", "name": name, "labels": named}
    return evolve(parse_document(document | {"spec": {"ports": [{"port": 80}]}}), created=day(created))


def generator(name, template, *, created=1, origin="global", kind="meshService", **labels):
    spec = {"selector": {kind: {"matchLabels": labels}}, "template": template}
    document = {"type": "HostnameGenerator", "name": name, "labels": {"kuma.io/origin": origin}, "spec": spec}
    return evolve(parse_document(document), created=day(created))


def names(made):
    return {key.name: [claim.name for claim in found] for key, found in made.items()}


def reasons(made):
    return {key.name: [claim.condition.reason for claim in found] for key, found in made.items()}


BACKEND = service("backend", app="b")


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("{{ .Name }}.mesh", "backend-x2.mesh"),
        ("{{ .DisplayName }}.{{ .Namespace }}.svc.{{ .Mesh }}", "backend.app.svc.shop"),
        ("{{ .Zone }}.mesh", "east.mesh"),
        ('{{ label "team" }}.mesh', "blue.mesh"),
    ],
)
def test_a_template_may_use_what_is_known_of_a_service(template, made):
    labels = {"kuma.io/display-name": "backend", "k8s.kuma.io/namespace": "app", "kuma.io/zone": "east", "team": "blue"}
    assert hostname(template, service("backend-x2", **labels), "west") == made


def test_on_kubernetes_a_name_is_that_of_the_object():
    kept = service("backend.demo", **{"k8s.kuma.io/namespace": "demo"})
    assert hostname("{{ .Name }}.mesh", kept, "east") == "backend.mesh"
    assert hostname("{{ .Name }}.mesh", service("backend.demo"), "east") == "backend.demo.mesh"


def test_a_service_of_no_zone_is_of_this_one():
    assert hostname("{{ .Name }}.{{ .Zone }}.mesh", BACKEND, "west") == "backend.west.mesh"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ .Name }}..mesh", 'hostname "backend..mesh" is not a valid DNS name'),
        ("{{ .Name }}.MESH", 'hostname "backend.MESH" is not a valid DNS name'),
        ("{{ .Namespace }}", 'hostname "" is not a valid DNS name'),
        ('{{ label "team" }}.mesh', 'label "team" not found'),
    ],
)
def test_what_is_no_hostname_is_told(template, problem):
    with pytest.raises(TemplateError, match=problem):
        hostname(template, BACKEND, "west")


def test_a_generator_speaks_of_one_kind_and_of_what_has_its_labels():
    assert selects(generator("all", "x"), BACKEND)
    assert selects(generator("b", "x", app="b"), BACKEND)
    assert not selects(generator("c", "x", app="c"), BACKEND)
    assert not selects(generator("other", "x", kind="meshExternalService"), BACKEND)


def test_every_generator_that_selects_a_service_says_what_became_of_it():
    made = claims(
        [generator("b", "{{ .Name }}.b"), generator("a", '{{ label "no" }}.a'), generator("c", "c", app="c")],
        [BACKEND],
        "east",
    )
    assert names(made) == {"backend": ["", "backend.b"]}
    assert reasons(made) == {"backend": ["TemplateError", "Generated"]}


def test_a_name_is_the_older_services():
    made = claims([generator("all", "one.mesh")], [service("a", created=2), service("b", created=1)], "east")
    assert names(made) == {"a": [""], "b": ["one.mesh"]}
    (lost,) = next(found for key, found in made.items() if key.name == "a")
    assert (lost.condition.status, lost.condition.reason) == ("False", "Collision")
    assert lost.condition.message == "Hostname collision with MeshService: b"


def test_the_zones_own_generators_come_first_and_then_the_older():
    here = generator("here", "{{ .Name }}.mesh", origin="zone", created=3, app="b")
    older = generator("older", "a.mesh", created=1, app="a")
    younger = generator("younger", "backend.mesh", created=2, app="a")
    made = claims([younger, older, here], [service("a", app="a"), BACKEND], "east")
    assert names(made) == {"a": ["a.mesh", ""], "backend": ["backend.mesh"]}


def test_two_generators_may_agree_on_a_services_name():
    made = claims([generator("x", "one.mesh"), generator("y", "one.mesh")], [BACKEND], "east")
    assert names(made) == {"backend": ["one.mesh", "one.mesh"]}


LABELLED = st.lists(
    st.builds(service, st.sampled_from("abcdef"), created=st.integers(1, 3), app=st.sampled_from("xy")),
    unique_by=lambda one: one.name,
)
TEMPLATES = st.sampled_from(["{{ .Name }}.mesh", "one.mesh", '{{ label "app" }}.mesh', '{{ label "none" }}', "a.mesh"])
GENERATORS = st.lists(
    st.builds(
        generator,
        st.sampled_from("uvwxyz"),
        TEMPLATES,
        created=st.integers(1, 3),
        origin=st.sampled_from(["zone", "global"]),
    ),
    unique_by=lambda one: one.name,
)


@given(GENERATORS, LABELLED, st.randoms(use_true_random=False))
def test_a_name_has_one_holder_whatever_the_order(generators, services, chance):
    made = claims(generators, services, "east")
    holders = {claim.name: key for key, found in made.items() for claim in found if claim.name}
    for key, found in made.items():
        assert all(holders[claim.name] == key for claim in found if claim.name)
        assert [claim.generator for claim in found] == sorted(one.name for one in generators)
    chance.shuffle(generators)
    chance.shuffle(services)
    assert claims(generators, services, "east") == made


def test_a_status_tells_names_and_what_became_of_each_generator():
    kept = Hostname("backend.cluster.local", "Kubernetes")
    gone = Hostname("old.mesh", "HostnameGenerator", GeneratorRef("gone"))
    made = claims([generator("b", "{{ .Name }}.b"), generator("a", '{{ label "no" }}.a')], [BACKEND], "east")
    status = with_names(BACKEND, Status(addresses=(gone, kept)), made[BACKEND.key]).status
    assert status.addresses == (kept, Hostname("backend.b", "HostnameGenerator", GeneratorRef("b")))
    assert [one.hostname_generator_ref.core_name for one in status.hostname_generators] == ["a", "b"]
    assert with_names(BACKEND, status, made[BACKEND.key]).status == status
    assert with_names(BACKEND, status, ()).status == Status(addresses=(kept,))
