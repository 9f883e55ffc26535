"""The real Envoy takes what an egress holds, and what its clients hold."""

from __future__ import annotations

import base64
import json

import pytest
from attrs import evolve

from certs.admin import load_ca, new_ca, server_pair
from kuma.resources.meshexternalservice import MODES
from tests.ingress.test_egress import CLIENT, EGRESS, POLICIES, api
from tests.zone_cp.static import bootstrap
from tests.zone_cp.test_generate_envoy import TRUST, certified, rejected
from tests.zone_cp.worlds import shop
from zone_cp.generate import Workshop, generate

AUTHORITY = load_ca(new_ca())
PAIR = server_pair(AUTHORITY, ["api.example.com"])
SECRETS = {"ca": AUTHORITY.pem, "certificate": PAIR.certificate, "key": PAIR.key}
NAMED = {
    field: {"type": "Secret", "secretRef": {"kind": "Secret", "name": name}}
    for field, name in (("caCert", "ca"), ("clientCert", "certificate"), ("clientKey", "key"))
}
NAMES = [{"type": "Prefix", "value": "api."}, {"value": "192.0.2.1"}]
ENDPOINTS = [{"address": "api.example.com", "port": 443}, {"address": "192.0.2.1", "port": 443, "priority": 2}]
EXTRA = {"subjectAltNames": NAMES, "serverName": "said.example.com", **NAMED}


@pytest.mark.parametrize("roots", ["ca.pem", ""], ids=["roots", "no-roots"])
@pytest.mark.parametrize("name", ["egress-1", "client"])
def test_envoy_takes_what_is_generated(name, roots, tmp_path):
    protocols = [api(f"plain-{one}", match={"protocol": one}) for one in ("tcp", "http", "http2", "grpc")]
    tls = [
        api(f"tls-{mode.lower()}", endpoints=ENDPOINTS, tls={
            "enabled": True, "allowRenegotiation": True, "version": {"min": "TLS12", "max": "TLS13"},
            "verification": {"mode": mode, **EXTRA},
        })
        for mode in MODES
    ]  # fmt: skip
    tls.append(api("tls-system", endpoints=ENDPOINTS, tls={"enabled": True}))
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem)
    secrets = [
        {"type": "Secret", "mesh": "shop", "name": one, "data": base64.b64encode(data).decode()}
        for one, data in SECRETS.items()
    ]
    documents = (json.dumps(one) for one in (*protocols, *tls, api(), *secrets))
    mesh = shop(EGRESS, CLIENT, TRUST, POLICIES, *documents)
    proxy = certified(mesh, name)
    path = str(tmp_path / roots) if roots else ""
    proxy = evolve(proxy, metadata=evolve(proxy.metadata, system_ca_path=path))
    config = generate(mesh, proxy, Workshop())
    assert rejected(bootstrap(config), tmp_path) == ""
