"""Envoys check themselves and their workloads for the control plane: who is not well is asked nothing any more."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from attrs import frozen

from tests.e2e.conftest import HOST, wait_for
from tests.e2e.load import Anew, Load
from tests.e2e.probed import NOT_READY, OFTEN, READY, SERVER, Probed, place
from tests.e2e.traffic import Client, Zone, lone_zone, settled


@frozen
class Street:
    """Two instances of a workload, and a client that calls it."""

    zone: Zone
    one: Probed
    other: Probed
    client: Client

    def answering(self) -> set[str]:
        """Who answers; nobody has the empty name."""
        return set(self.client.everybody(10))

    def asks(self, instance: Probed) -> bool:
        """Whether the client's Envoy knows of an instance."""
        place = f"{instance.address}:{self.zone.ports[SERVER, 'http']}::"
        return place in self.client.proxy.admin.get("/clusters").body.decode()


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    with lone_zone(**OFTEN) as zone:
        one, other = place(zone, "one", "127.0.0.2"), place(zone, "other", "127.0.0.3")
        client = zone.client("web", {SERVER: zone.backend(SERVER)})
        zone.ready()
        try:
            yield Street(zone, one, other, client)
        finally:
            one.app.kill()
            other.app.kill()


def reports(zone: Zone) -> float:
    """How often Envoys have told what they found."""
    return zone.world.planes[zone.name].metrics().get("hds_responses_sent", 0)


def some_more_reports(zone: Zone) -> None:
    heard = reports(zone)
    wait_for("more reports of both", lambda: reports(zone) >= heard + 6)


@pytest.mark.scenario("U-health-probe-01")
def test_an_instance_without_its_application_is_not_ready(street: Street) -> None:
    some_more_reports(street.zone)
    for instance in (street.one, street.other):
        assert instance.is_(NOT_READY)
    assert street.answering() == {""}


def test_an_instance_is_asked_once_its_application_runs(street: Street) -> None:
    street.one.app.start()
    street.one.becomes(READY)
    settled("the one that runs answers", lambda: street.answering() == {"one"})
    assert street.other.is_(NOT_READY)
    street.other.app.start()
    settled("both answer", lambda: street.answering() == {"one", "other"})


def test_nothing_is_written_for_reports_that_say_what_is_known(street: Street) -> None:
    before = street.one.stored(), street.other.stored()
    some_more_reports(street.zone)
    assert (street.one.stored(), street.other.stored()) == before


def test_an_instance_whose_application_has_ended_is_not_asked_until_it_is_back(street: Street) -> None:
    street.one.app.kill()
    street.one.becomes(NOT_READY)
    settled("only the other one is asked", lambda: not street.asks(street.one))
    load = Load([Anew(HOST, street.client.outbounds[SERVER])])
    with load.running():
        load.holds(2)
        street.one.app.start()
        street.one.becomes(READY)
        wait_for("it is asked again", lambda: street.asks(street.one))
        load.holds(1)


@pytest.mark.scenario("U-health-probe-02")
def test_an_instance_that_is_drained_is_not_asked_while_it_is_still_there(street: Street) -> None:
    load = Load([Anew(HOST, street.client.outbounds[SERVER])])
    with load.running():
        street.other.proxy.process.signal(signal.SIGTERM)
        street.other.becomes(NOT_READY)
        wait_for("only the other one is asked", lambda: not street.asks(street.other))
        assert street.other.proxy.process.running
        load.holds(1)
    assert street.answering() == {"one"}
    street.other.proxy.process.signal(signal.SIGTERM)  # who asks once more has no patience
    assert street.other.proxy.process.ended() == 0
