"""Where the resource lies that a KRI names."""

from __future__ import annotations

import pytest

from kuma.model import Key, Kri, hashed_name
from kuma.rest.api import About
from kuma.rest.kri import key_of

GLOBAL, EAST = About("global"), About("zone", zone="east")
ON_KUBERNETES = About("zone", zone="east", system_namespace="kuma-system")


@pytest.mark.parametrize(
    ("kri", "about", "key"),
    [
        ("kri_mt_m___t_", GLOBAL, ("MeshTimeout", "m", "t")),
        ("kri_mt_m___t_", EAST, ("MeshTimeout", "m", hashed_name("m", "t"))),
        ("kri_mt_m_east__t_", EAST, ("MeshTimeout", "m", "t")),
        ("kri_mt_m_east_demo_t_", GLOBAL, ("MeshTimeout", "m", hashed_name("m", "t", "east", "demo"))),
        ("kri_mt_m_west_demo_t_", EAST, ("MeshTimeout", "m", hashed_name("m", "t", "west", "demo"))),
        ("kri_m____m_", EAST, ("Mesh", "", "m")),
        ("kri_mt_m_east_demo_t_", ON_KUBERNETES, ("MeshTimeout", "m", "t.demo")),
        ("kri_hg__east__h_", ON_KUBERNETES, ("HostnameGenerator", "", "h.kuma-system")),
        ("kri_mt_m___t_", ON_KUBERNETES, ("MeshTimeout", "m", hashed_name("m", "t") + ".kuma-system")),
        ("kri_m____m_", ON_KUBERNETES, ("Mesh", "", "m")),
    ],
)
def test_keys(kri: str, about: About, key: tuple[str, str, str]):
    assert key_of(Kri.parse(kri), about) == Key(*key)
