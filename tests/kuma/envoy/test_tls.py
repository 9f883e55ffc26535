"""TLS contexts: whom a proxy believes."""

from __future__ import annotations

import pytest

from kuma.envoy import api, tls
from kuma.envoy.draft import Identity

IDENTITY = Identity("kri_mid_shop___identity_", ("shop.z1.mesh.local",))


@pytest.mark.parametrize(
    ("sans", "believed"),
    [
        (("spiffe://td/a", "spiffe://td/b"), ["spiffe://td/a", "spiffe://td/b"]),
        ((), ["spiffe://"]),
    ],
    ids=["known", "unknown"],
)
def test_only_a_server_that_is_known_is_believed(sans, believed):
    common = api.document(tls.upstream(IDENTITY, "sni.backend", sans))["commonTlsContext"]
    matchers = common["combinedValidationContext"]["defaultValidationContext"]["matchTypedSubjectAltNames"]
    assert matchers == [{"sanType": "URI", "matcher": {"exact": one}} for one in believed]
