"""A server of its own, as roles belong to all databases of one: nobody else's roles are in the matrix."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from demo.embedded_postgres import EmbeddedPostgres
from loaders.contract import load_contracts
from loaders.warehouse import Warehouse, ensure_roles, migrate
from loaders.warehouse.schema.roles import LOADER
from tests.integration.conftest import PASSWORDS

ROOT = Path(__file__).resolve().parents[3]
COUNTIES = ("441302",)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Place:
    """A migrated warehouse with the raw table of one report, and its URLs."""

    server: EmbeddedPostgres
    name: str

    @property
    def admin(self) -> str:
        return self.server.url(self.name)

    def url(self, role: str) -> str:
        return self.server.url(self.name, role, PASSWORDS[role])

    def run(self, statement: str, role: str | None = None) -> list[tuple[object, ...]]:
        """Runs a statement as a role, or as the superuser, and commits it."""
        with psycopg.connect(self.url(role) if role else self.admin) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("rights") / "server") as server:
        ensure_roles(server.url(), PASSWORDS)
        server.create_database("rights_template")
        assert migrate(server.url("rights_template"), COUNTIES) == ()
        report = load_contracts(ROOT / "expectations").reports["home_visit"]
        Warehouse(server.url("rights_template", LOADER, PASSWORDS[LOADER])).prepare(report)
        yield server
    server.remove()


@contextmanager
def copied(server: EmbeddedPostgres) -> Iterator[Place]:
    """A copy of the warehouse."""
    name = f"rights_{next(_numbers)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        statement = sql.SQL("create database {} template rights_template")
        connection.execute(statement.format(sql.Identifier(name)))
        # The grants of a database are not copied with it.
        assert migrate(server.url(name), COUNTIES) == ()
        yield Place(server, name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def shared(own_server: EmbeddedPostgres) -> Iterator[Place]:
    """A warehouse that no test changes: what is tried there is refused, or rolled back."""
    with copied(own_server) as place:
        yield place


@pytest.fixture
def place(own_server: EmbeddedPostgres) -> Iterator[Place]:
    """A warehouse of one test's own."""
    with copied(own_server) as place:
        yield place
