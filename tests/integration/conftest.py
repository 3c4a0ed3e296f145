"""One PostgreSQL server for the whole session, and a fresh migrated database for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from demo.embedded_postgres import EmbeddedPostgres
from loaders.settings import Settings
from loaders.warehouse import ensure_roles, migrate

_TEMPLATE = "warehouse_template"
_numbers = itertools.count(1)
PASSWORDS = {"huimin_loader": "loader-secret", "huimin_transformer": "transformer-secret", "bi_reader": "reader-secret"}


def migrated_template(server: EmbeddedPostgres) -> None:
    """Migrate one database, to be copied for each test."""
    ensure_roles(server.url(), PASSWORDS)
    server.create_database(_TEMPLATE)
    migrate(server.url(_TEMPLATE))


def fresh_database(server: EmbeddedPostgres) -> str:
    """A copy of the migrated database; its name."""
    name = f"warehouse_{next(_numbers)}"
    statement = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(_TEMPLATE))
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(statement)
    return name


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A running server with the warehouse's roles; ask `fresh_database` for a warehouse, or use `warehouse_url`."""
    server = EmbeddedPostgres(Path(tmp_path_factory.mktemp("postgres")) / "server")
    server.start()
    try:
        migrated_template(server)
        yield server
    finally:
        server.remove()


@pytest.fixture
def warehouse_url(postgres: EmbeddedPostgres) -> str:
    """A fresh migrated warehouse; the URL is its owner's, a superuser. Grants within it are as in production."""
    return postgres.url(fresh_database(postgres))


@pytest.fixture
def settings(tmp_path: Path, warehouse_url: str) -> Settings:
    """A warehouse, and a folder in the place of the stations' SFTP server."""
    drop = tmp_path / "drop"
    (drop / "station").mkdir(parents=True)
    (drop / "home_visit").mkdir()
    connections = {"social_work_sftp": f"file://{drop}"}
    return Settings(home=tmp_path / "home", warehouse_url=warehouse_url, pii_key=b"k" * 48, connections=connections)
