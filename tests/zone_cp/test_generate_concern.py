"""Whom a change concerns: who is not looked at again would get the very config that it has."""

import json

from hypothesis import given
from hypothesis import strategies as st

from kuma.mesh import Metadata, Proxy
from kuma.model import Key
from tests.zone_cp.worlds import ADMIN, CERTIFICATE, METADATA, resources, shop
from zone_cp.generate import Workshop, generate
from zone_cp.generate.concern import concern, outlook


def text(kind, name, spec, **labels):
    labels = {"kuma.io/display-name": name, "kuma.io/origin": "zone", "kuma.io/zone": "z1", **labels}
    return json.dumps({"type": kind, "mesh": "shop", "name": name, "labels": labels, **spec})


def dataplane(name, workload, **networking):
    return text("Dataplane", name, {"networking": networking}, **{"kuma.io/workload": workload})


def backend(name, **inbound):
    inbounds = [{"name": "http", "port": 80, "servicePort": 8080, "protocol": "http", **inbound}]
    return dataplane(name, "backend", address="10.0.0.9", inbound=inbounds)


def policy(kind, name, default, **where):
    target = {"targetRef": {"kind": "Dataplane", "labels": where}} if where else {}
    return text(kind, name, {"spec": {**target, "to": [{"targetRef": {"kind": "Mesh"}, "default": default}]}})


def service(name, **more):
    spec = {"ports": [{"port": 80, "name": "http", "targetPort": "http", "appProtocol": "http"}], **more}
    return text("MeshService", name, {"spec": spec, "status": {"tls": {"status": "Ready"}, "dataplaneProxies": {}}})


def named(hostname):
    """The backend with an address and a name."""
    addresses = [{"hostname": hostname, "status": "Available", "hostnameGeneratorRef": {"coreName": "g"}}]
    one = json.loads(service("backend", **selecting("backend")))
    return json.dumps(one | {"status": {"vips": [{"ip": "241.0.0.1"}], "addresses": addresses, **one["status"]}})


def selecting(workload):
    return {"selector": {"dataplaneLabels": {"matchLabels": {"kuma.io/workload": workload}}}}


REDIRECTED = {"redirectPortInbound": 15006, "redirectPortOutbound": 15001}
OTHERS = "\n---\n".join((
    dataplane("alone", "alone", address="10.0.0.3", inbound=[{"port": 90, "protocol": "tcp"}]),
    dataplane("redirected", "redirected", address="10.0.0.4", inbound=[{"port": 91, "protocol": "tcp"}],
              transparentProxying={**REDIRECTED, "directAccessServices": ["*"]}),
    dataplane("ingress", "ingress", address="10.0.0.5", listeners=[{"type": "ZoneIngress", "port": 10001}]),
))  # fmt: skip
NAMES = ("frontend-01", "backend-01", "alone", "redirected", "ingress")

CHANGES = tuple(
    resources(one)[0]
    for one in (
        backend("backend-02"),
        backend("backend-02", state="NotReady"),
        backend("backend-02", port=81),
        dataplane("alone", "other", address="10.0.0.3", inbound=[{"port": 90, "protocol": "http"}]),
        dataplane("later", "later", address="10.0.0.7", inbound=[{"port": 92}]),
        policy("MeshTimeout", "all", {"http": {"requestTimeout": "3s"}}),
        policy("MeshTimeout", "one", {"http": {"requestTimeout": "4s"}}, **{"kuma.io/workload": "frontend"}),
        policy("MeshTimeout", "one", {"http": {"requestTimeout": "4s"}}, **{"kuma.io/workload": "alone"}),
        policy("MeshRetry", "r", {"http": {"numRetries": 3}}, version="v2"),
        text("MeshFaultInjection", "f", {"spec": {"targetRef": {"kind": "Dataplane", "labels": {"version": "v2"}},
             "rules": [{"default": {"http": [{"abort": {"httpStatus": 500, "percentage": 1}}]}}]}}),
        text("MeshHTTPRoute", "route", {"spec": {"targetRef": {"kind": "Dataplane", "labels": {"version": "v2"}},
             "to": [{"targetRef": {"kind": "MeshService", "labels": {"kuma.io/display-name": "backend"}},
                     "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/a"}}], "default": {}}]}]}}),
        service("later", **selecting("later")),
        service("backend", **selecting("backend"), state="Available"),
        service("backend", **selecting("other")),
        named("backend.mesh"),
        named("other.mesh"),
        text("Workload", "backend", {"spec": {}}),
        service("backend", **selecting("backend"), identities=[{"type": "SpiffeID", "value": "spiffe://other/x"}]),
        service("backend", **(selecting("backend") | {"ports": [{"port": 81, "name": "http", "targetPort": "http"}]})),
        text("MeshMultiZoneService", "every", {"spec": {
            "selector": {"meshService": {"matchLabels": {"kuma.io/display-name": "backend"}}},
            "ports": [{"port": 80, "name": "http", "appProtocol": "http"}]}}),
        text("MeshExternalService", "outside", {"spec": {
            "match": {"type": "HostnameGenerator", "port": 90, "protocol": "http"},
            "endpoints": [{"address": "192.0.2.7", "port": 90}]}}),
        text("MeshTrust", "other", {"spec": {"trustDomain": "other", "caBundles": [
            {"type": "Pem", "pem": {"value": "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----"}}]}}),
        text("MeshIdentity", "second", {"spec": {"selector": {"dataplane": {"matchLabels": {"version": "v2"}}},
             "provider": {"type": "Bundled", "bundled": {"autogenerate": {"enabled": True}}}}}),
    )
)  # fmt: skip
ASKING = Metadata.of({"features": [], "dataplane.dns.port": "15053", "workdir": "/run/kdp"})


def proxies(mesh):
    found = (mesh.get("Dataplane", name) for name in NAMES)
    return [
        Proxy(one, ASKING if one.name == "redirected" else METADATA, CERTIFICATE, ADMIN)
        for one in found
        if one is not None
    ]


def versions(config):
    return {url: {name: one.version for name, one in config.resources(url).items()} for url in config.by_type}


steps = st.sampled_from(CHANGES).flatmap(lambda one: st.sampled_from((one, one.key)))


@given(st.lists(steps, max_size=6))
def test_who_is_not_concerned_would_get_what_it_has(changes):
    before, workshop = shop(OTHERS), Workshop()
    for change in changes:
        gone = isinstance(change, Key)
        after = before.changed((), (change,)) if gone else before.changed((change,))
        changed = concern(before, after)
        for proxy in proxies(before):
            config = generate(before, proxy, workshop)
            if not changed.of(outlook(proxy, config)):
                assert versions(generate(after, proxy, Workshop())) == versions(config)
        before = after


def concerned(mesh, change):
    changed, workshop = concern(mesh, mesh.changed((change,))), Workshop()
    found = ((one, generate(mesh, one, workshop)) for one in proxies(mesh))
    return {one.dataplane.name for one, config in found if changed.of(outlook(one, config))}


def change(name, kind):
    return next(one for one in CHANGES if (one.name, one.kind) == (name, kind))


def test_an_endpoint_concerns_its_service_s_callers_and_those_who_may_call_all():
    assert concerned(shop(OTHERS), change("backend-02", "Dataplane")) == {"frontend-01", "redirected", "ingress"}


def test_a_policy_concerns_those_that_it_selects():
    one = resources(policy("MeshTimeout", "t", {"http": {}}, **{"kuma.io/workload": "frontend"}))[0]
    assert concerned(shop(OTHERS), one) == {"frontend-01"}


def test_a_name_concerns_those_who_ask_for_names():
    mesh = shop(OTHERS, named("backend.mesh"))
    assert concerned(mesh, resources(named("other.mesh"))[0]) == {"redirected"}


def test_what_is_in_no_config_concerns_nobody():
    assert concerned(shop(OTHERS), change("backend", "Workload")) == set()
