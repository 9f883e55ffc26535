"""Settings of the REST API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from attrs import frozen

from kuma.schema import Violation, field
from kuma.settings.words import Port, PublicKey, TlsVersion, not_negative, said, tls


@frozen
class Http:
    """The REST API in plain HTTP."""

    enabled: bool = True
    interface: str = "0.0.0.0"
    port: Port = 5681

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from said(self, "interface")


@frozen
class Https:
    """The REST API over TLS."""

    enabled: bool = True
    interface: str = "0.0.0.0"
    port: Port = 5682
    tls_cert_file: str = ""
    tls_key_file: str = ""
    tls_min_version: TlsVersion = "TLSv1_2"
    tls_max_version: TlsVersion = ""
    tls_cipher_suites: tuple[str, ...] = ()
    require_client_cert: bool = False
    tls_ca_file: str = ""

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from said(self, "interface")
        yield from tls(self)


@frozen
class TokenValidator:
    """Which keys are believed."""

    use_secrets: bool = True
    public_keys: tuple[PublicKey, ...] = ()


@frozen
class UserTokens:
    """User tokens: issued here, and believed."""

    bootstrap_admin_token: bool = True
    enable_issuer: bool = True
    validator: TokenValidator = field(factory=TokenValidator)


@frozen
class ApiAuthn:
    """Who is asking the REST API."""

    type: str = "tokens"
    localhost_is_admin: bool = True
    tokens: UserTokens = field(factory=UserTokens)


@frozen
class Gui:
    """The web interface."""

    enabled: bool = True
    root_url: str = ""
    base_path: str = "/gui"


@frozen
class ApiServer:
    """The REST API."""

    read_only: bool = False
    cors_allowed_domains: tuple[str, ...] = ()
    http: Http = field(factory=Http)
    https: Https = field(factory=Https)
    authn: ApiAuthn = field(factory=ApiAuthn)
    base_path: str = "/"
    root_url: str = ""
    gui: Gui = field(factory=Gui)
    read_header_timeout: timedelta = timedelta(seconds=1)
    read_timeout: timedelta = timedelta(seconds=10)
    write_timeout: timedelta = timedelta(seconds=30)
    idle_timeout: timedelta = timedelta(minutes=2)

    def violations(self) -> Iterator[Violation]:
        """What the settings of this part contradict."""
        yield from not_negative(self, "read_header_timeout", "read_timeout", "write_timeout", "idle_timeout")
        if self.root_url and not urlsplit(self.root_url).scheme:
            yield Violation("rootUrl", "must be a URL")
        if self.gui.root_url and not urlsplit(self.gui.root_url).scheme:
            yield Violation("gui.rootUrl", "must be a URL")
