"""Admin certificates of proxies: from a secret, the same after a restart."""

from certs.admin import new_ca
from kuma.model import Resource
from kuma.resources.secret import Secret
from kuma.store.memory import MemoryStore
from tests.certs.test_ca import verified
from tests.hands import BEGAN
from tests.zone_cp.identity_world import dataplane
from zone_cp.admin_tls import CA, AdminCertificates


async def test_none_until_there_is_an_authority_and_then_the_same_for_every_control_plane():
    store = MemoryStore()
    ours = AdminCertificates(store)
    assert await ours.certificate(dataplane()) is None
    await store.create(Resource(CA, Secret(new_ca(BEGAN))))
    made = await ours.certificate(dataplane())
    assert await ours.certificate(dataplane("another-at-the-same-address")) is made
    assert await AdminCertificates(store).certificate(dataplane()) == made
    assert verified(made.chain, made.ca, at=BEGAN)


async def test_garbage_in_the_secret_is_no_authority():
    store = MemoryStore()
    await store.create(Resource(CA, Secret(b"nonsense")))
    assert await AdminCertificates(store).certificate(dataplane()) is None
