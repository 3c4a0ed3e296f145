"""A warehouse with home visits of two counties: taken in, with a rejected row, refused, missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.settings import Settings
from tests.integration.conftest import fresh_database
from tests.support.warehouse.file_drop import load, put, visits


@pytest.fixture(scope="module")
def loaded(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A loaded warehouse; the tests of a module share it and change nothing that others look at."""
    folder: Path = tmp_path_factory.mktemp("monitoring")
    (folder / "drop" / "home_visit").mkdir(parents=True)
    settings = Settings(
        home=folder / "home",
        warehouse_url=postgres.url(fresh_database(postgres)),
        pii_key=b"k" * 48,
        connections={"social_work_sftp": f"file://{folder / 'drop'}"},
    )
    whole = visits(range(9))
    put(settings, "home_visit/2023-04/441302_记录.csv", visits(range(100, 109), day="2023-04-04"))
    put(settings, "home_visit/2023-05/441302_记录.csv", whole.replace(b"TF1,2023-05-04", b"TF1,2023-15-04"))
    put(settings, "home_visit/2023-05/441303_记录.csv", whole.replace(b",2,", b",-2,"))
    load("home_visit", settings)
    return settings
