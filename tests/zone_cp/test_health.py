"""What Envoys are told to check, and what their reports make of Dataplanes."""

import pytest
import yaml
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kuma.envoy import api
from kuma.kinds import parse_document
from kuma.mesh import Metadata, Proxy
from kuma.resources.dataplane import Health, Inbound, ServiceProbe, TransparentProxying
from kuma.settings.servers import Hds
from kuma.xds.wire import Malformed
from zone_cp.generate.admin import WrongAdmin
from zone_cp.generate.health import specifier
from zone_cp.health import Report, brought_again, measured, report_of

PLAIN = {"port": 80, "servicePort": 8080, "serviceAddress": "127.0.0.1"}
PROBED = {"port": 81, "servicePort": 8081, "serviceAddress": "10.0.0.2", "serviceProbe": {"tcp": {}}}
ADMIN = Metadata(admin_port=9901)
NOT_READY = ("NotReady", Health(ready=False))
READY = ("Ready", Health(ready=True))
NEVER_MEASURED = ("Ready", None)


def dataplane(*inbounds):
    return parse_document(
        {
            "type": "Dataplane",
            "mesh": "shop",
            "name": "web",
            "labels": {"kuma.io/workload": "web"},
            "networking": {"address": "10.0.0.1", "inbound": list(inbounds)},
        }
    )


def told(*inbounds, metadata=ADMIN, transparent=False):
    found = dataplane(*inbounds)
    if transparent:
        redirected = TransparentProxying(redirect_port_inbound=15006, redirect_port_outbound=15001)
        networking = evolve(found.spec.networking, transparent_proxying=redirected)
        found = evolve(found, spec=evolve(found.spec, networking=networking))
    return api.document(specifier(Proxy(found, metadata), Hds()))


def states(found):
    return [(one.state, one.health) for one in found.spec.networking.inbound]


def report(**statuses):
    """A message with a status for each cluster; `p80` stands for the workload at port 80."""
    clusters = [
        {
            "cluster_name": name if not name.startswith("p") else f"localhost:{name[1:]}",
            "locality_endpoints_health": [{"endpoints_health": [{"health_status": status}]}],
        }
        for name, status in statuses.items()
    ]
    return api.HealthMessage(endpoint_health_response={"cluster_endpoints_health": clusters})


def test_envoy_checks_itself_and_what_is_to_be_probed():
    assert told(PLAIN, PROBED) == yaml.safe_load(
        """
        interval: 5s
        clusterHealthChecks:
        - clusterName: system_envoy_admin
          localityEndpoints: [{endpoints: [{address: {socketAddress: {address: 127.0.0.1, portValue: 9901}}}]}]
          healthChecks:
          - {timeout: 2s, interval: 1s, noTrafficInterval: 1s, healthyThreshold: 1, unhealthyThreshold: 1,
             httpHealthCheck: {path: /ready}}
        - clusterName: localhost:8081
          localityEndpoints: [{endpoints: [{address: {socketAddress: {address: 10.0.0.2, portValue: 8081}}}]}]
          healthChecks:
          - {timeout: 2s, interval: 1s, noTrafficInterval: 1s, healthyThreshold: 1, unhealthyThreshold: 1,
             tcpHealthCheck: {}}
        """
    )


def test_an_inbound_may_say_how_patiently_it_is_probed():
    probe = {"interval": "10s", "timeout": "4s", "healthyThreshold": 3, "unhealthyThreshold": 2, "tcp": {}}
    (check,) = told({**PLAIN, "serviceProbe": probe}, metadata=Metadata())["clusterHealthChecks"]
    assert check["healthChecks"] == [
        {
            "interval": "10s",
            "timeout": "4s",
            "noTrafficInterval": "1s",
            "healthyThreshold": 3,
            "unhealthyThreshold": 2,
            "tcpHealthCheck": {},
        }
    ]


def test_envoys_admin_interface_may_be_at_a_socket_or_missing():
    at_socket = told(metadata=Metadata(admin_port=9901, admin_socket="/run/admin.sock"))
    (check,) = at_socket["clusterHealthChecks"]
    assert check["localityEndpoints"] == [{"endpoints": [{"address": {"pipe": {"path": "/run/admin.sock"}}}]}]
    assert told(metadata=Metadata()) == {"interval": "5s"}
    with pytest.raises(WrongAdmin):
        told(metadata=Metadata(admin_port=9901, admin_address="10.0.0.9"))


@pytest.mark.parametrize(
    ("address", "source"),
    [("10.0.0.2", "127.0.0.6"), ("fd00::2", "::6"), ("127.0.0.1", None), ("::1", None)],
)
def test_probes_are_not_redirected_to_the_proxy(address, source):
    probed = {**PROBED, "serviceAddress": address}
    (check,) = told(probed, metadata=Metadata(), transparent=True)["clusterHealthChecks"]
    bound = check.get("upstreamBindConfig", {}).get("sourceAddress", {}).get("address")
    assert bound == source
    assert "upstreamBindConfig" not in told(probed, metadata=Metadata())["clusterHealthChecks"][0]


def test_a_port_is_probed_once():
    again = {**PROBED, "port": 82, "serviceAddress": "10.0.0.3"}
    assert len(told(PROBED, again, metadata=Metadata())["clusterHealthChecks"]) == 1


def test_reports_are_read():
    found = report_of(report(system_envoy_admin="HEALTHY", p8080="UNKNOWN", p8081="TIMEOUT"))
    assert found == Report(True, {8080: True, 8081: False})
    assert report_of(report(**{"kuma:envoy:admin": "UNHEALTHY"})) == Report(False)
    nothing = api.HealthMessage(
        endpoint_health_response={"cluster_endpoints_health": [{"cluster_name": "localhost:1"}]}
    )
    assert report_of(nothing) == Report()


@pytest.mark.parametrize("name", ["other", "localhost:", "localhost:a", "localhost:-1", "localhost:١"])
def test_a_report_on_what_nobody_asked_for_is_malformed(name):
    with pytest.raises(Malformed):
        report_of(report(**{name: "HEALTHY"}))


def test_an_inbound_is_ready_when_envoy_and_workload_are_well():
    unready = measured(dataplane(PLAIN, PROBED), Report(False))
    assert states(unready) == [NOT_READY, NOT_READY]
    half = measured(unready, Report(True, {8081: False}))
    assert states(half) == [READY, NOT_READY]
    assert states(measured(half, Report(True, {8081: True}))) == [READY, READY]
    assert half.labels == unready.labels


def test_what_is_not_known_yet_stays_as_it_is():
    found = dataplane({**PROBED, "state": "NotReady"})
    assert measured(found, Report(True)) is None
    assert measured(dataplane(PROBED), Report(True)) is None


def test_who_was_never_measured_and_is_well_stays_so():
    found = dataplane(PLAIN)
    assert measured(found, Report(True)) is None
    assert states(found) == [NEVER_MEASURED]


def test_a_dataplane_that_is_brought_again_keeps_what_was_measured():
    brought = dataplane(PLAIN, PROBED)
    stored = measured(brought, Report(False))
    assert states(brought_again(brought, stored)) == [NOT_READY, NOT_READY]
    stored = measured(stored, Report(True, {8081: False}))
    assert brought_again(brought, stored) == stored


@pytest.mark.parametrize(
    ("stored", "brought", "state"),
    [
        (PLAIN, PROBED, NOT_READY),
        (PROBED, {**PROBED, "servicePort": 9090}, NOT_READY),
        (PLAIN, {**PLAIN, "serviceProbe": {"tcp": {}}}, NOT_READY),
        ({**PROBED, "state": "NotReady"}, {**PROBED, "serviceProbe": None}, NEVER_MEASURED),
        ({**PLAIN, "state": "Ignored"}, PLAIN, NEVER_MEASURED),
        ({**PLAIN, "state": "NotReady"}, {**PLAIN, "state": "Ignored"}, ("Ignored", None)),
    ],
)
def test_what_is_new_was_not_measured(stored, brought, state):
    brought = {name: said for name, said in brought.items() if said is not None}
    assert states(brought_again(dataplane(brought), dataplane(stored))) == [state]


inbounds = st.builds(
    Inbound,
    port=st.sampled_from((1, 2, 3)),
    service_port=st.sampled_from((8080, 8081)),
    state=st.sampled_from(("Ready", "NotReady", "Ignored")),
    health=st.sampled_from((None, Health(ready=False), Health(ready=True))),
    service_probe=st.sampled_from((None, ServiceProbe())),
)
reports = st.builds(Report, st.booleans(), st.dictionaries(st.sampled_from((8080, 8081)), st.booleans()))
EMPTY = dataplane(PLAIN)


@st.composite
def dataplanes(draw):
    networking = evolve(EMPTY.spec.networking, inbound=tuple(draw(st.lists(inbounds, max_size=4))))
    return evolve(EMPTY, spec=evolve(EMPTY.spec, networking=networking))


@given(dataplanes(), reports)
def test_a_report_has_its_effect_once(found, said):
    after = measured(found, said)
    assert after is None or measured(after, said) is None


@given(dataplanes(), reports)
def test_only_states_and_health_change_and_ignored_inbounds_never(found, said):
    after = measured(found, said) or found
    for one, other in zip(found.spec.networking.inbound, after.spec.networking.inbound, strict=True):
        assert evolve(other, state=one.state, health=one.health) == one
        if one.state in ("Ignored", other.state):
            assert other == one
        else:
            assert other.health == Health(ready=other.state == "Ready")
    assert evolve(after, spec=found.spec) == found


@given(dataplanes())
def test_what_is_brought_unchanged_changes_nothing(found):
    distinct = {one.port: one for one in found.spec.networking.inbound}
    networking = evolve(found.spec.networking, inbound=tuple(distinct.values()))
    found = evolve(found, spec=evolve(found.spec, networking=networking))
    assert brought_again(found, found) == found
