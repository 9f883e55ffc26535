"""Where the database is, as settings say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg2.extensions import make_dsn

from kuma.settings.store import Postgres
from kuma.store.pool import Keeping
from kuma.store.postgres import Database

LOOK = 30.0  # seconds between looks at connections, where none are asked for

TLS_MODES = {"disable": "disable", "verifyNone": "require", "verifyCa": "verify-ca", "verifyFull": "verify-full"}


def database_of(postgres: Postgres) -> Database:
    """Where the settings say the database is."""
    tls: Mapping[str, Any] = {
        "sslmode": TLS_MODES[postgres.tls.mode],
        "sslcert": postgres.tls.cert_path,
        "sslkey": postgres.tls.key_path,
        "sslrootcert": postgres.tls.ca_path,
        "sslsni": 0 if postgres.tls.disable_sslsni else 1,
    }
    dsn = make_dsn(
        host=postgres.host,
        port=postgres.port,
        user=postgres.user,
        password=postgres.password,
        dbname=postgres.db_name,
        connect_timeout=postgres.connection_timeout,
        application_name="kuma-cp",
        # a server that is gone without a word is noticed within seconds
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        **{name: value for name, value in tls.items() if value != ""},
    )
    return Database(dsn, postgres.max_open_connections, postgres.connection_timeout, _keeping(postgres))


def _keeping(postgres: Postgres) -> Keeping:
    return Keeping(
        lifetime=postgres.max_connection_lifetime.total_seconds(),
        jitter=postgres.max_connection_lifetime_jitter.total_seconds(),
        idle=postgres.max_connection_idle_time.total_seconds(),
        least=postgres.min_open_connections,
        most_idle=postgres.max_idle_connections,
        look=postgres.health_check_interval.total_seconds() or LOOK,
    )
