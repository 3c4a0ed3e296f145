"""The demo's warehouse: a database of the embedded PostgreSQL server, or one that the user names."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from demo.embedded_postgres import EmbeddedPostgres
from demo.secrets import DemoSecrets
from loaders.connection_urls import is_same_database
from loaders.contract import load_deployment
from loaders.settings import DEPLOYMENT_FILE, deployment_from_environment, warehouse_variable
from loaders.warehouse import ensure_roles, migrate
from loaders.warehouse.schema.reader_limits import revoke_public_connect
from loaders.warehouse.schema.roles import LOADER, READER, TRANSFORMER, county_role

WAREHOUSE, METADATA = "warehouse", "airflow"


@dataclass(frozen=True, slots=True)
class WarehouseUrls:
    """The URLs of the three roles. `reader` is None for a warehouse of the user's own, as its password is not known."""

    loader: str = field(repr=False)
    transformer: str = field(repr=False)
    reader: str | None = field(default=None, repr=False)


def user_warehouse_url(server: EmbeddedPostgres) -> str | None:
    """Returns the URL of the warehouse that the user names by a variable; None for none, and for that of the embedded server."""
    named = warehouse_variable(os.environ)
    try:
        is_embedded = named is not None and is_same_database(named, server.url(WAREHOUSE))
    except FileNotFoundError:
        # No server was created yet.
        return named
    return None if is_embedded else named


def open_warehouse(
    server: EmbeddedPostgres, secrets: DemoSecrets, echo: Callable[[str], None], *, today: str | None = None
) -> WarehouseUrls:
    """Creates or upgrades the warehouse: the user's own when one is named, else a database of the embedded server.

    `today` is the day at which the clock of the embedded one stands, for documents that end years ago; None: it runs.
    """
    own = user_warehouse_url(server)
    if own is not None:
        for statement in migrate(own, _county_readers()):
            echo(f"  warehouse: the database administrator must run: {statement};")
        return WarehouseUrls(own, os.environ.get("HUIMIN_TRANSFORMER_URL") or own)
    urls = open_embedded_warehouse(server, secrets)
    if today is not None:
        echo(f"  warehouse: what is missing is told as of {today}, when the last documents of the city had come")
        _set_clock(server, today)
    return urls


def _set_clock(server: EmbeddedPostgres, today: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        statement = sql.SQL("alter database {} set huimin.today = {}")
        connection.execute(statement.format(sql.Identifier(WAREHOUSE), sql.Literal(today)))


def open_embedded_warehouse(server: EmbeddedPostgres, secrets: DemoSecrets) -> WarehouseUrls:
    """Creates or upgrades the warehouse of the embedded server with its three roles."""
    server.create_database(WAREHOUSE)
    passwords = {
        LOADER: secrets.loader_password,
        TRANSFORMER: secrets.transformer_password,
        READER: secrets.reader_password,
    }
    counties = _county_readers()
    ensure_roles(server.url(WAREHOUSE), passwords | dict.fromkeys(map(county_role, counties), secrets.reader_password))
    migrate(server.url(WAREHOUSE), counties)
    revoke_public_connect(server.url(WAREHOUSE), READER)
    return WarehouseUrls(*(server.url(WAREHOUSE, role, password) for role, password in passwords.items()))


def _county_readers() -> tuple[str, ...]:
    return load_deployment(deployment_from_environment() / DEPLOYMENT_FILE).county_readers


def open_metadata(server: EmbeddedPostgres, secrets: DemoSecrets) -> str:
    """Creates Airflow's own database, closed to the warehouse's roles; returns its URL for Airflow's driver."""
    role, password = sql.Identifier(METADATA), sql.Literal(secrets.metadata_password)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        known = connection.execute("select 1 from pg_roles where rolname = %s", [METADATA]).fetchone()
        verb = sql.SQL("alter" if known else "create")
        connection.execute(sql.SQL("{} role {} login password {}").format(verb, role, password))
        server.create_database(METADATA, owner=METADATA)
        connection.execute(sql.SQL("revoke all on database {} from public").format(role))
    return server.url(METADATA, METADATA, secrets.metadata_password).replace("postgresql://", "postgresql+psycopg2://", 1)


def embedded_server(home: Path) -> EmbeddedPostgres:
    """Returns the server of the warehouse, of Airflow's metadata and of the sample city's front-end database."""
    return EmbeddedPostgres(home / "postgres")
