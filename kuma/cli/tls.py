"""The control plane's TLS at start: a certificate made where there is none."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import structlog

from certs.server import new_server_pair
from kuma.clock import Clock
from kuma.settings import Settings
from kuma.settings.complete import CERTIFICATE, KEY

log = structlog.get_logger()

GET_ADDRESS = 0x8915  # SIOCGIFADDR, netdevice(7)
IPV6_ADDRESSES = Path("/proc/net/if_inet6")


def ensure_certificate(settings: Settings, clock: Clock) -> None:
    """Write a self-signed certificate into the work folder, unless one is there or the settings name another.

    Takes the settings as `kuma.settings.completed` filled them.
    """
    folder = Path(settings.general.work_dir)
    certificate, key = folder / CERTIFICATE, folder / KEY
    if settings.general.tls_cert_file != str(certificate) or _filled(certificate, key):
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = sorted({*hosts()})
    pair = new_server_pair(names, clock.now())
    _write(key, pair.key)
    _write(certificate, pair.certificate)
    log.info("server certificate created", file=str(certificate), hosts=names)


def hosts() -> Iterator[str]:
    """The names and addresses by which this machine can be reached."""
    yield from ("localhost", "127.0.0.1", "::1", socket.gethostname())
    yield from _ipv4_addresses()
    yield from _ipv6_addresses()


def own_address() -> str:
    """An address by which other machines may reach this one; its own alone where it has no other."""
    found = [ip_address(one) for one in (*_ipv4_addresses(), *_ipv6_addresses())]
    reachable = (str(one) for one in found if not one.is_loopback and not one.is_link_local)
    return next(reachable, "127.0.0.1")


def _filled(*files: Path) -> bool:
    return all(file.is_file() and file.stat().st_size for file in files)


def _write(file: Path, content: bytes) -> None:
    """Through a file beside it, so that nobody ever reads half of it."""
    beside = file.with_suffix(f".{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
    beside.replace(file)


def _ipv4_addresses() -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, interface in socket.if_nameindex():
            request = struct.pack("256s", interface.encode()[:15])
            try:
                answer = fcntl.ioctl(asking.fileno(), GET_ADDRESS, request)
            except OSError:
                continue  # an interface without an IPv4 address
            yield socket.inet_ntoa(answer[20:24])


def _ipv6_addresses() -> Iterator[str]:
    if not IPV6_ADDRESSES.exists():
        return
    for line in IPV6_ADDRESSES.read_text().splitlines():
        yield str(IPv6Address(int(line.split()[0], 16)))
