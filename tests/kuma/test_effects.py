"""Whether a policy makes a difference, and where it does not, who or what is the reason."""

from __future__ import annotations

from frozendict import frozendict
from hypothesis import given
from hypothesis import strategies as st

from kuma.effects import CHANGES_NOTHING, IN_EFFECT, MATCHES_NOTHING, OVERRIDDEN, SHADOW, standing
from kuma.mesh import mesh_of
from kuma.model import EFFECT
from tests.kuma.policies.parts import EAST, dataplane, policy, to_backend, to_mesh

WEB = dataplane({"app": "web"}, "web")
BACKEND = dataplane({"app": "backend"}, "backend", address="10.0.0.2")
PROXIES = (WEB, BACKEND)
ONLY_WEB = {"kind": "Dataplane", "labels": {"app": "web"}}
SHADOWS = frozendict({EFFECT: "shadow"})


def stands(one, *others, proxies=PROXIES):
    """State, how many are selected, for how many it matters, and who overrides it."""
    found = standing(one, mesh_of("default", "east", (*EAST.resources, one, *others)), proxies)
    return found.state, found.selected, found.effective, [other.name for other in found.by]


def timeout(name, *to, target=None, marks=frozendict()):
    said = {"targetRef": target} if target else {}
    return policy("MeshTimeout", name, marks, to=list(to), **said)


def allow(name, who, target=None):
    said = {"targetRef": target} if target else {}
    conf = {"allow": [{"spiffeID": {"type": "Exact", "value": f"spiffe://east.mesh/{who}"}}]}
    return policy("MeshTrafficPermission", name, rules=[{"default": conf}], **said)


def test_a_policy_alone_is_in_effect():
    assert stands(timeout("t", to_mesh(idleTimeout="1s"))) == (IN_EFFECT, 2, 2, [])


def test_a_policy_that_selects_no_proxy_matches_nothing():
    nobody = {"kind": "Dataplane", "labels": {"app": "gone"}}
    assert stands(timeout("t", to_mesh(idleTimeout="1s"), target=nobody)) == (MATCHES_NOTHING, 0, 0, [])


def test_a_policy_for_a_destination_that_does_not_exist_changes_nothing():
    gone = to_backend(idleTimeout="1s")
    gone["targetRef"]["labels"] = {"kuma.io/display-name": "gone"}
    assert stands(timeout("t", gone)) == (CHANGES_NOTHING, 2, 0, [])


def test_who_overrides_a_policy_is_named():
    weak, strong = (
        timeout("weak", to_mesh(idleTimeout="1s")),
        timeout("strong", to_mesh(idleTimeout="2s"), target=ONLY_WEB),
    )
    assert stands(weak, strong, proxies=(WEB,)) == (OVERRIDDEN, 1, 0, ["strong"])
    assert stands(weak, strong) == (IN_EFFECT, 2, 1, ["strong"])
    assert stands(strong, weak) == (IN_EFFECT, 1, 1, [])


def test_a_field_that_nobody_else_says_is_an_effect():
    weak = timeout("weak", to_mesh(idleTimeout="1s", connectionTimeout="9s"))
    assert stands(weak, timeout("strong", to_mesh(idleTimeout="2s"), target=ONLY_WEB)) == (IN_EFFECT, 2, 2, [])


def test_what_others_say_anyway_changes_nothing():
    same = to_mesh(idleTimeout="1s")
    assert stands(timeout("a", same), timeout("b", same)) == (CHANGES_NOTHING, 2, 0, [])


def test_a_shadow_policy_says_what_it_would_do_and_overrides_nobody():
    shadow = timeout("strong", to_mesh(idleTimeout="2s"), marks=SHADOWS, target=ONLY_WEB)
    weak = timeout("weak", to_mesh(idleTimeout="1s"))
    assert stands(shadow, weak) == (SHADOW, 1, 1, [])
    assert stands(weak, shadow) == (IN_EFFECT, 2, 2, [])


def test_inbound_rules_override_each_other():
    weak = policy("MeshTimeout", "weak", rules=[{"default": {"idleTimeout": "1s"}}])
    strong = policy("MeshTimeout", "strong", targetRef=ONLY_WEB, rules=[{"default": {"idleTimeout": "2s"}}])
    assert stands(weak, strong, proxies=(WEB,)) == (OVERRIDDEN, 1, 0, ["strong"])


def test_permissions_add_up():
    assert stands(allow("a", "one"), allow("b", "two", target=ONLY_WEB)) == (IN_EFFECT, 2, 2, [])
    assert stands(allow("a", "one"), allow("b", "one")) == (CHANGES_NOTHING, 2, 0, [])


def test_a_policy_of_the_proxy_as_a_whole():
    weak = policy("MeshTrace", "weak", default={"sampling": {"overall": 10}})
    strong = policy("MeshTrace", "strong", targetRef=ONLY_WEB, default={"sampling": {"overall": 20}})
    assert stands(weak, strong, proxies=(WEB,)) == (OVERRIDDEN, 1, 0, ["strong"])
    assert stands(weak, strong) == (IN_EFFECT, 2, 1, ["strong"])


confs = st.fixed_dictionaries(
    {}, optional={"idleTimeout": st.sampled_from(("1s", "2s")), "connectionTimeout": st.just("3s")}
)
said = st.tuples(st.sampled_from((None, ONLY_WEB)), st.sampled_from((to_mesh, to_backend)), confs)


@given(st.lists(said, min_size=1, max_size=4))
def test_a_policy_that_matters_to_nobody_could_go(every):
    policies = [timeout(f"t{at}", to(**conf), target=target) for at, (target, to, conf) in enumerate(every)]
    one, *others = policies
    state, selected, effective, by = stands(one, *others)
    assert selected == (1 if every[0][0] else 2)
    assert (state == IN_EFFECT) == (effective > 0)
    assert set(by) <= {other.name for other in others}
