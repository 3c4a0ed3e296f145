"""A small deployment whose volunteers have identity numbers, which grows from month to month."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from tests.integration.lifecycle.persons import SHIFTS, write_deployment, write_month
from tests.integration.test_backup import World
from tests.integration.test_second_deployment import QINGXI, loaded_and_built


@pytest.fixture(scope="module")
def persons_world(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The deployment with the shifts of May, loaded and built with the first key."""
    deployment = tmp_path_factory.mktemp("persons") / "qingxi"
    shutil.copytree(QINGXI, deployment)
    write_deployment(deployment)
    write_month(deployment, "2025-05", SHIFTS["2025-05"])
    return World(deployment, loaded_and_built(postgres, tmp_path_factory.mktemp("home"), deployment))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where backups are kept."""
    return tmp_path_factory.mktemp("place") / "backups"
