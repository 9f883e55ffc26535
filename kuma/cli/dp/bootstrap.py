"""Fetching the Envoy bootstrap from the control plane."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen
from frozendict import frozendict
from twisted.internet.threads import deferToThread

from kuma.cli.dp.dataplane import Proxy
from kuma.cli.dp.options import ControlPlane, Options, UsageError, memory_limit
from kuma.version import build_info

TIMEOUT = 10.0  # seconds for one try
MOST = 16 * 1024 * 1024  # bytes of an answer that is believed
WRONG_PORT = b"404: Page Not Found"


class Refused(Exception):
    """The control plane said no, and would say it again."""


class NotYet(Exception):
    """The control plane can't answer now; another try may succeed."""


@frozen
class Bootstrap:
    """What the control plane answered: Envoy's configuration as YAML, and the proxy's own address."""

    envoy: bytes
    address: str


@frozen
class Surroundings:
    """What kuma-dp found out about where it runs."""

    work_dir: str
    token: str
    token_path: str
    ca_pem: str
    envoy_version: Mapping[str, Any]
    metadata: Mapping[str, str] = frozendict()


def request(options: Options, proxy: Proxy, found: Surroundings) -> dict[str, Any]:
    """The body of `POST /bootstrap`."""
    limit = memory_limit()
    body: dict[str, Any] = {
        "mesh": proxy.mesh,
        "name": proxy.name,
        "proxyType": options.proxy_type,
        "dataplaneToken": found.token,
        "dataplaneTokenPath": found.token_path,
        "dataplaneResource": proxy.definition,
        "version": {"kumaDp": build_info(), "envoy": dict(found.envoy_version)},
        "caCert": found.ca_pem,
        "dynamicMetadata": dict(found.metadata),
        "dnsPort": options.dns_port,
        "readinessPort": options.readiness_port,
        "operatingSystem": "linux",
        "features": list(options.features()),
        "resources": {"maxHeapSizeBytes": limit} if limit else {},
        "workdir": found.work_dir,
        "metricsResources": {"certPath": options.metrics_cert_path, "keyPath": options.metrics_key_path},
        "systemCaPath": options.system_ca_path,
        "ipv6Enabled": options.ipv6,
    }
    return {key: value for key, value in body.items() if value != ""}


def ca_pem(control_plane: ControlPlane) -> str:
    """The authorities the user pinned for the control plane; empty for the system's own. Raises UsageError."""
    if control_plane.ca_file is None:
        return control_plane.ca_pem
    try:
        return control_plane.ca_file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--ca-cert-file {control_plane.ca_file}: {error}") from None


def trust(control_plane: ControlPlane) -> ssl.SSLContext:
    """Whom to believe when connecting: the pinned authorities, else the system's; nobody unverified unless told to."""
    pinned = ca_pem(control_plane)
    try:
        context = ssl.create_default_context(cadata=pinned or None)
    except ssl.SSLError as error:
        raise UsageError(f"the CA certificate for the control plane is not PEM: {error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if control_plane.skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def post(control_plane: ControlPlane, body: bytes) -> Bootstrap:
    """One try. Raises Refused, or NotYet where trying again makes sense. Blocks."""
    try:
        status, answer = _exchange(control_plane, body)
    except ssl.SSLCertVerificationError as error:
        raise NotYet(f"its certificate is not trusted ({error.verify_message}): see --ca-cert-file") from None
    except (OSError, http.client.HTTPException) as error:
        raise NotYet(str(error) or type(error).__name__) from None
    if status == 200:
        return _read(answer)
    raise _failure(status, answer)


def _exchange(control_plane: ControlPlane, body: bytes) -> tuple[int, bytes]:
    url = urlsplit(control_plane.url)
    host, port = url.hostname or "", url.port
    if url.scheme == "http":
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    else:
        connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=trust(control_plane))
    headers = {"accept": "application/json", "content-type": "application/json"}
    try:
        connection.request("POST", "/bootstrap", body, headers)
        response = connection.getresponse()
        return response.status, response.read(MOST)
    finally:
        connection.close()


def _read(answer: bytes) -> Bootstrap:
    try:
        document = json.loads(answer)
        envoy = base64.b64decode(document["bootstrap"], validate=True)
        return Bootstrap(envoy, document.get("kumaSidecarConfiguration", {}).get("networking", {}).get("address", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"the control plane's answer is not a bootstrap: {error!r}") from None


def _failure(status: int, answer: bytes) -> Refused | NotYet:
    text = answer[:2000].decode(errors="replace").strip()
    if status == 404 and not answer:
        return NotYet("the Dataplane does not exist there (yet): create it, or give --dataplane-file")
    if status == 404 and answer.strip() == WRONG_PORT:
        return NotYet("this is not the port for data planes (5678 by default); is it the API server's?")
    if 400 <= status < 500:
        return Refused(text or f"status {status}")
    return NotYet(f"status {status}: {text}")


def tries(control_plane: ControlPlane) -> Iterator[float]:
    """Seconds to wait after each failed try."""
    count = max(1, int(control_plane.retry_for / max(control_plane.retry_backoff, 0.001)))
    for _ in range(count):
        yield control_plane.retry_backoff


async def fetch(
    control_plane: ControlPlane, body: bytes, wait: Callable[[float], Any], say: Callable[[str], None]
) -> Bootstrap:
    """The bootstrap, tried again until it is there. Raises Refused, also when the patience is at its end."""
    reason = ""
    for pause in tries(control_plane):
        try:
            return await deferToThread(post, control_plane, body)
        except NotYet as not_yet:
            reason = str(not_yet)
        say(reason)
        await wait(pause)
    raise Refused(f"no bootstrap from {control_plane.url} within {control_plane.retry_for:g} s: {reason}")
