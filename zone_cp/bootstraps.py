"""`POST /bootstrap`: answers proxies that want to start. Plain HTTP semantics; gRPC has its own port."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
import yaml
from attrs import frozen
from cryptography import x509
from cryptography.x509.oid import ExtensionOID
from frozendict import frozendict

from kuma import kinds
from kuma.documents import Malformed, load
from kuma.model import Key, Resource
from kuma.rest.calls import Answer, Call, text
from kuma.schema import Invalid, Violation
from kuma.store.api import NotFound, Reader, Unavailable
from zone_cp.bootstrap import Asked, BadRequest, Params, Target, bootstrap, check_definition, is_ip, read
from zone_cp.brought import BROUGHT

log = structlog.get_logger()

JSON = "application/json"
NOT_COVERED = (
    'A data plane proxy is trying to connect to the control plane using "{host}" address, but the certificate in the '
    "control plane has the following SANs [{names}]. Either change the --cp-address in kuma-dp to one of those or "
    "execute the following steps:\n"
    "1) Generate a new certificate with the address you are trying to use. It is recommended to use trusted "
    "Certificate Authority, but you can also generate self-signed certificates using "
    "'kumactl generate tls-certificate --type=server --hostname={host}'\n"
    "2) Set KUMA_GENERAL_TLS_CERT_FILE and KUMA_GENERAL_TLS_KEY_FILE or the equivalent in Kuma CP config file to the "
    "new certificate.\n"
    "3) Start kuma-dp, the control plane picks up the new certificate on its own."
)
NO_CA = (
    "A data plane proxy is trying to verify the control plane using the certificate which is not a certificate "
    "authority (basic constraint 'CA' is set to 'false').\n"
    "Provide CA that was used to sign a certificate used in the control plane by using "
    "'kuma-dp run --ca-cert-file=file' or via KUMA_CONTROL_PLANE_CA_CERT_FILE"
)


class NotOurs(Exception):
    """The certificate does not fit the way in which the proxy wants to reach us; the message says what to do."""


@frozen
class Bootstraps:
    """Answers bootstrap requests from what the store holds.

    `chain` gives the PEM of the server's certificate chain as it is now; `resolve` the addresses of a host name.
    """

    store: Reader
    params: Params
    token_required: bool
    chain: Callable[[], bytes]

    async def answer(self, call: Call) -> Answer:
        """The answer to one call. A missing Dataplane is 404 with an empty body; kuma-dp asks again then."""
        if call.path != "/bootstrap":
            return text("404: not found; proxies ask for /bootstrap here", 404)
        try:
            return await self._answer(read(call.body), host_of(call), call.headers.get("accept", ""))
        except (BadRequest, NotOurs) as error:
            return text(str(error), 400)
        except NotFound:
            return Answer(404)
        except Invalid as error:
            return text("; ".join(f"{violation.field}: {violation.message}" for violation in error.violations), 422)
        except Unavailable as error:
            return text(error.reason, 503)

    async def _answer(self, asked: Asked, host: str, accept: str) -> Answer:
        if asked.proxy_type != "dataplane":
            raise BadRequest(f'proxyType: "{asked.proxy_type}" is not supported, it must be "dataplane"')
        if self.token_required and not (asked.token or asked.token_path):
            raise Invalid((Violation("dataplaneToken", "a token is required: see `kumactl generate dataplane-token`"),))
        target = await self._target(asked, host)
        dataplane = await self._dataplane(asked)
        document = bootstrap(asked, dataplane, self.params, target)
        log.info("bootstrap answered", proxy=f"{asked.mesh}.{asked.name}", xds=f"{target.host}:{self.params.xds_port}")
        return _shown(document, dataplane, accept)

    async def _dataplane(self, asked: Asked) -> Resource:
        if not asked.definition:
            dataplane = await self.store.get(Key("Dataplane", asked.mesh, asked.name))
            await self.store.get(Key("Mesh", "", asked.mesh))
            return dataplane
        dataplane = defined(asked)
        check_definition(asked, dataplane)
        try:
            await self.store.get(Key("Mesh", "", asked.mesh))
        except NotFound:
            raise Invalid((Violation("mesh", f'mesh "{asked.mesh}" does not exist'),)) from None
        return dataplane

    async def _target(self, asked: Asked, host: str) -> Target:
        chain = self.chain()
        wanted = self.params.xds_host or host
        if not self.params.xds_host and not covers(chain, host):
            listed = " ".join(f'"{name}"' for name in sorted(names(chain)))
            raise NotOurs(NOT_COVERED.format(host=host, names=listed))
        ca = asked.ca_pem or chain.decode()
        if not is_ca(ca.encode()):
            raise NotOurs(NO_CA)
        return Target(wanted, ca, ipv4_only=await _ipv4_only(wanted))


def defined(asked: Asked) -> Resource:
    """The Dataplane that the proxy brought, parsed and validated. Raises Invalid."""
    try:
        documents = load(asked.definition)
    except Malformed as error:
        raise Invalid((Violation("dataplaneResource", f"is not JSON or YAML: {error}"),)) from None
    if len(documents) != 1:
        raise Invalid((Violation("dataplaneResource", f"must be one document, not {len(documents)}"),))
    dataplane = kinds.parse_document(documents[0])
    if dataplane.kind != "Dataplane":
        raise Invalid((Violation("dataplaneResource.type", f'must be "Dataplane", not "{dataplane.kind}"'),))
    if problems := kinds.validate(dataplane):
        raise Invalid(problems)
    BROUGHT.remember(asked.definition, dataplane)
    return dataplane


def _shown(document: dict[str, Any], dataplane: Resource, accept: str) -> Answer:
    shown = yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False).encode()
    if accept != JSON:
        return Answer(200, shown, frozendict({"Content-Type": "text/x-yaml"}))
    address = dataplane.spec.networking.address or ""
    sidecar = {"networking": {"address": address}, "metrics": {"aggregate": None}}
    answer = {"bootstrap": base64.b64encode(shown).decode(), "kumaSidecarConfiguration": sidecar}
    return Answer(200, json.dumps(answer).encode())


def host_of(call: Call) -> str:
    """The host by which we were reached: the Host header without its port."""
    return urlsplit(f"//{call.headers.get('host', '')}").hostname or ""


def names(chain: bytes) -> list[str]:
    """The host names and addresses that a server's certificate is for."""
    leaf = x509.load_pem_x509_certificates(chain)[0]
    try:
        san = leaf.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        return []
    assert isinstance(san, x509.SubjectAlternativeName)
    return [*san.get_values_for_type(x509.DNSName), *map(str, san.get_values_for_type(x509.IPAddress))]


def covers(chain: bytes, host: str) -> bool:
    """Whether a server's certificate is for this host; a name may match one with a star for its first label."""
    offered = names(chain)
    star = "*." + host.partition(".")[2]
    return host in offered or (not is_ip(host) and star in offered)


def is_ca(pem: bytes) -> bool:
    """Whether the first certificate may sign others, as far as it says anything about that."""
    try:
        first = x509.load_pem_x509_certificates(pem)[0]
    except ValueError:
        raise BadRequest("caCert: is not a PEM certificate") from None
    try:
        constraints = first.extensions.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS).value
    except x509.ExtensionNotFound:
        return True
    assert isinstance(constraints, x509.BasicConstraints)
    return constraints.ca


async def _ipv4_only(host: str) -> bool:
    """Whether a name leads to IPv4 addresses alone, so that Envoy need not wait for an IPv6 answer."""
    if is_ip(host) or host == "localhost":
        return False
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except OSError:
        return False
    return bool(found) and all(":" not in address[4][0] for address in found if isinstance(address[4][0], str))
