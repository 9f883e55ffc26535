"""Virtual addresses: where they come from and where they stand."""

from ipaddress import ip_network

from hypothesis import given
from hypothesis import strategies as st

from kuma.kinds import KINDS
from kuma.vips import ADDRESSED, Pool, vip_of, with_vip
from tests.kuma.strategies import resources

SMALL = Pool(ip_network("241.0.0.0/30"))


def handed_out(pool, taken):
    """Everything that a pool hands out until it has nothing more."""
    taken, found = set(taken), []
    while (following := pool.next(taken)) is not None:
        address, pool = following
        taken.add(address)
        found.append(address)
    return found


def test_every_address_is_handed_out_once_from_the_very_first_on():
    assert handed_out(SMALL, ()) == ["241.0.0.0", "241.0.0.1", "241.0.0.2", "241.0.0.3"]


def test_what_is_free_again_comes_last():
    _, after = SMALL.next(())
    assert handed_out(after, ()) == ["241.0.0.1", "241.0.0.2", "241.0.0.3", "241.0.0.0"]


@given(st.sets(st.sampled_from([str(address) for address in SMALL.network])))
def test_nothing_that_is_taken_is_handed_out(taken):
    assert set(handed_out(SMALL, taken)) | taken == {str(address) for address in SMALL.network}
    assert not set(handed_out(SMALL, taken)) & taken


def test_an_ipv6_network_has_addresses_too():
    address, _ = Pool(ip_network("fd00:fd01::/64")).next({"fd00:fd01::"})
    assert address == "fd00:fd01::1"


def test_what_a_pool_holds():
    assert SMALL.holds("241.0.0.3")
    assert not SMALL.holds("241.0.0.4")
    assert not SMALL.holds("fd00::1")
    assert not SMALL.holds("nothing like it")


@given(st.data())
def test_an_address_stands_beside_the_rest_of_a_status(data):
    service = data.draw(resources(KINDS[data.draw(st.sampled_from(ADDRESSED))]))
    after = with_vip(service, "241.2.3.4")
    assert vip_of(after) == "241.2.3.4"
    assert with_vip(after, "241.2.3.4") == after
    assert (after.spec, after.labels) == (service.spec, service.labels)
    assert service.status is None or after.status.addresses == service.status.addresses


def test_the_kinds_with_addresses_are_those_that_proxies_send_to():
    assert {"MeshService", "MeshMultiZoneService", "MeshExternalService"} >= set(ADDRESSED) >= {"MeshService"}
