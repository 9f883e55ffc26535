"""Tables whose rows are loaded when somebody asks for them."""

import subprocess
import sys

import pytest

from kuma.kinds import ALL, BY_PATH, BY_SHORT, KINDS
from kuma.policies import BY_KIND, POLICIES

ONE = """
import sys
from kuma.kinds import KINDS
assert "MeshRetry" in KINDS and len(KINDS) > 30
KINDS["MeshTimeout"]
print([name for name in sys.modules if name.startswith(("kuma.policies.", "kuma.resources.mesh"))])
"""


def test_every_row_is_what_it_is_called():
    assert {name: kind.name for name, kind in KINDS.items()} == {name: name for name in KINDS}
    assert [policy.kind.name for policy in POLICIES] == list(BY_KIND)
    assert [kind.name for kind in ALL] == sorted(KINDS)
    assert {policy.kind for policy in POLICIES} <= set(ALL)


def test_kinds_are_found_by_other_words():
    assert BY_PATH["meshtimeouts"] is BY_SHORT["mt"] is KINDS["MeshTimeout"]
    assert BY_PATH["global-secrets"] is BY_PATH["globalsecrets"]
    assert len(BY_PATH) == len(set(BY_PATH))


def test_what_is_not_there():
    assert "Nonsense" not in KINDS
    assert KINDS.get("Nonsense") is None
    with pytest.raises(KeyError):
        KINDS["Nonsense"]


def test_only_what_is_asked_for_is_loaded():
    done = subprocess.run([sys.executable, "-c", ONE], capture_output=True, text=True, check=True)
    loaded = done.stdout
    assert "kuma.policies.meshtimeout" in loaded
    assert "kuma.policies.meshretry" not in loaded
    assert "kuma.resources.meshservice" not in loaded
