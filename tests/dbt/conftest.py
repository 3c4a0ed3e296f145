"""Warehouses of the tests' own: one server for all, a database for each module that asks, raw tables made from the contracts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import TupleRow

from demo.embedded_postgres import EmbeddedPostgres
from loaders.contract import load_reports
from loaders.dbt.runner import dbt_environment
from loaders.settings import PROJECT_ROOT, Settings
from loaders.warehouse import Warehouse, ensure_roles, migrate
from loaders.warehouse.schema.roles import LOADER, READER, TRANSFORMER

PASSWORD = "only-on-loopback"


@dataclass(frozen=True)
class Place:
    """A warehouse and what is needed to reach it as each role."""

    admin_url: str
    reader_url: str
    settings: Settings

    def query(self, text: str, *parameters: object) -> list[TupleRow]:
        with psycopg.connect(self.admin_url) as connection:
            return connection.execute(text, parameters or None).fetchall()

    def query_as_reader(self, text: str) -> list[TupleRow]:
        with psycopg.connect(self.reader_url) as connection:
            return connection.execute(text).fetchall()

    def execute(self, text: str, *parameters: object) -> None:
        with psycopg.connect(self.admin_url) as connection:
            connection.execute(text, parameters or None)


def run_dbt(place: Place, *words: str) -> Path:
    """Runs a command of dbt as `huimin` would, and returns the folder of its results."""
    settings = place.settings
    target = settings.home / "dbt" / words[0]
    folders = ["--project-dir", settings.dbt_project, "--profiles-dir", settings.dbt_project, "--target-path", target]
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", *words, *map(str, folders), "--log-path", str(target)]
    environment = os.environ | dbt_environment(settings.transformer_url, settings.dbt_project)
    subprocess.run(command, env=environment, check=True, timeout=600)
    return target


MakePlace = Callable[[str, Path], Place]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    embedded = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "server")
    embedded.start()
    yield embedded
    embedded.remove()


@pytest.fixture(scope="session")
def make_place(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> MakePlace:
    def make(name: str, project: Path) -> Place:
        server.create_database(name)
        url = server.url(name)
        ensure_roles(url, dict.fromkeys((LOADER, TRANSFORMER, READER), PASSWORD))
        assert migrate(url) == ()
        loader = server.url(name, LOADER, PASSWORD)
        for report in load_reports(PROJECT_ROOT / "expectations").values():
            Warehouse(loader).prepare(report)
        settings = Settings(
            home=tmp_path_factory.mktemp(name),
            warehouse_url=loader,
            pii_key=b"k" * 32,
            transformer_url=server.url(name, TRANSFORMER, PASSWORD),
            dbt_project=project,
        )
        return Place(url, server.url(name, READER, PASSWORD), settings)

    return make
