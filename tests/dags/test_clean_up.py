"""Airflow's own rows are cleaned by the installed version, in a real database, by a process that may not reach it by itself."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from tests.dags.conftest import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

DAGS = """
from airflow.sdk import dag, task


def make(name):
    @dag(dag_id=name, schedule=None)
    def counts():
        @task
        def count():
            return 1

        count()

    return counts()


counts = make("counts")
"""
NOW = dt.datetime.now(dt.UTC)
LONG_AGO = NOW - dt.timedelta(days=400)
BEFORE = NOW - dt.timedelta(days=180)
# As Airflow sets it in the process of a task.
BLOCKED = "airflow-db-not-allowed:///"


def airflow(url: str, home: Path, *words: str) -> None:
    environment = os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url.replace("postgresql://", "postgresql+psycopg2://"),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "airflow", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3_000:]


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Airflow's database with a DAG that ran long ago, and now."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags").mkdir()
    (home / "dags" / "counts.py").write_text(DAGS, encoding="utf-8")
    with EmbeddedPostgres(tmp_path_factory.mktemp("metadata") / "server") as server:
        server.create_database("airflow")
        url = server.url("airflow")
        airflow(url, home, "db", "migrate")
        airflow(url, home, "dags", "test", "counts", "2025-01-01")
        with psycopg.connect(url) as connection:
            for statement in (
                "update dag_run set start_date = %s, run_after = %s",
                "update task_instance set start_date = %s, end_date = %s",
                "update dag set last_parsed_time = %s, last_expired = %s, is_paused = true",
            ):
                connection.execute(statement, [LONG_AGO, LONG_AGO])
            connection.execute("update xcom set timestamp = %s", [LONG_AGO])
        # A trial run starts, in the database, on its date.
        airflow(url, home, "dags", "test", "counts", (NOW - dt.timedelta(days=1)).date().isoformat())
        yield url
    server.remove()


def counted(url: str, table: str, dag_id: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(f"select count(*) from {table} where dag_id = %s", [dag_id]).fetchone()
    assert row is not None
    return int(row[0])


def test_old_runs_go_with_all_that_is_theirs_and_the_rest_stays(metadata: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import clean_up

    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", BLOCKED)
    tables = ("dag_run", "task_instance", "xcom")
    assert [counted(metadata, table, "counts") for table in tables] == [2, 2, 2]
    # A copy that a killed run left behind.
    with psycopg.connect(metadata) as connection:
        connection.execute("create table _airflow_deleted__xcom__20250101000000 as select * from xcom")
    url = metadata.replace("postgresql://", "postgres://")
    clean_up.clean_airflow_database(url, BEFORE)
    assert [counted(metadata, table, "counts") for table in tables] == [1, 1, 1]
    with psycopg.connect(metadata) as connection:
        assert connection.execute("select count(*) from dag where is_paused").fetchone() == (1,), "long not parsed, and kept"
        query = "select count(*) from pg_class where relname like %s"
        assert connection.execute(query, ["\\_airflow\\_deleted%"]).fetchone() == (0,)


def test_a_table_that_cannot_be_cleaned_fails_the_run(metadata: str) -> None:
    import clean_up

    with psycopg.connect(metadata) as connection:
        connection.execute("alter table log rename column dttm to moved")
    try:
        with pytest.raises(RuntimeError, match=r"did not clean them: \['log'\]"):
            clean_up.clean_airflow_database(metadata, BEFORE)
    finally:
        with psycopg.connect(metadata) as connection:
            connection.execute("alter table log rename column moved to dttm")


def test_its_tables_are_those_that_the_installed_version_cleans() -> None:
    import clean_up
    from airflow.utils.db_cleanup import config_dict

    chosen, left_out = set(clean_up.TABLES.split(",")), {"dag", "trigger", "task_state_store"}
    not_everywhere = {"session", "_xcom_archive", "connection_test_request"}
    assert chosen - not_everywhere <= config_dict.keys()
    unknown = config_dict.keys() - chosen - left_out - not_everywhere
    assert unknown <= {"task_instance_history"}, f"{unknown}: cleaned with which table, or not at all? say so in dags/clean_up.py"
