"""Two Celery workers that share no disk load a part of the sample city, and one of them is killed half-way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from demo.run import _await_dags
from loaders import pipeline
from loaders.contract import deployment_of
from loaders.operations import queries
from loaders.operations.verification import verify_all
from loaders.settings import PROJECT_ROOT, Settings, settings_from_environment, stack_environment
from loaders.warehouse import migrate
from loaders.warehouse.schema.roles import LOADER, TRANSFORMER
from tests.support.airflow.celery_machines import CeleryStack, WorkerMachine, celery_machines
from tests.support.airflow.live_deployment import until
from tests.support.debian_packages import REDIS, require_packages
from tests.support.servers.bucket import BucketServer, bucket_server

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(3000)]
MONTHS = "2022-01:2023-12"
# Files, some with a password, an API and views of a database: most of the city's documents by a quarter of its tasks.
REPORTS = (
    *("station", "station_service", "social_worker", "home_visit", "demonstration_point", "community_organization"),
    *("medical_aid", "community_fund", "fundraising", "social_organization"),
)
RUNNING = "select count(*) from task_instance where hostname = %s and task_id = 'load_batch' and state = 'running'"
PROGRESS = "select count(*) filter (where state <> 'landed'), count(*) from ops.submission"
DOCUMENTS = """
    select report, source_uri, sha256, state, rows_total, rows_loaded, rows_quarantined, rows_furniture
    from ops.submission order by 1, 2, 3
"""


@dataclass(frozen=True)
class City:
    """What was loaded by the workers, and the means to look at it."""

    stack: CeleryStack
    home: Path
    dead: WorkerMachine
    alive: WorkerMachine
    server: BucketServer
    settings: Settings

    def query(self, text: str, database: str = "warehouse", *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(EmbeddedPostgres(self.home / "postgres").url(database)) as connection:
            return connection.execute(text, parameters or None).fetchall()

    def metadata(self, text: str, *parameters: object) -> list[tuple[Any, ...]]:
        url = stack_environment(self.home)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
        return self.query(text, urlsplit(url).path.strip("/"), *parameters)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The city after a load in which a worker was killed while it loaded documents, and others were loaded already."""
    require_packages(REDIS)
    folder = tmp_path_factory.mktemp("celery")
    with bucket_server() as server:
        address = server.landing(folder / "observer", is_locking=True)
        with celery_machines(folder, address, MONTHS, ("machine-a", "machine-b")) as (stack, (dead, alive)):
            home = folder / "components"
            settings = settings_from_environment(defaults=stack_environment(home))
            settings = replace(settings, home=home, landing_address=address)
            city = City(stack, home, dead, alive, server, settings)
            _load(city)
            yield city


def _load(city: City) -> None:
    api = city.stack.api()
    dags = [f"load_{name}" for name in REPORTS]
    _await_dags(api, {*dags, "build_indicators"}, time.monotonic() + 120)
    runs = [api.trigger(dag) for dag in dags]
    until("a worker loads documents half-way", lambda: _is_half_way(city))
    city.dead.kill()
    until("all loads have ended", _ended(lambda: api.refresh_runs(runs)), 1500)
    assert {run.state for run in api.refresh_runs(runs)} == {"success"}
    # A build that was under way may have been the dead worker's too.
    until("the indicators are built", lambda: (last := api.latest_run("build_indicators")) is not None and last.is_over, 600)
    final = api.trigger("build_indicators")
    until("the last build has ended", _ended(lambda: api.refresh_runs([final])), 900)
    assert api.refresh_runs([final])[0].state == "success"


def _ended(runs: Callable[[], Any]) -> Callable[[], bool]:
    return lambda: all(run.is_over for run in runs())


def _is_half_way(city: City) -> bool:
    ((loaded, arrived),) = city.query(PROGRESS)
    ((running,),) = city.metadata(RUNNING, city.dead.name)
    return bool(running and loaded > 200 and loaded < arrived)


def test_both_loaded_and_what_the_dead_one_held_was_loaded_by_the_other(city: City) -> None:
    tasks = city.metadata("select hostname, state from task_instance_history union all select hostname, state from task_instance")
    assert {host for host, _ in tasks if host} == {city.dead.name, city.alive.name}
    lost = city.metadata("select hostname from task_instance_history where hostname = %s", city.dead.name)
    assert lost, "a task of the dead worker was tried again"


def test_every_document_is_loaded_and_every_row_counted_once(city: City) -> None:
    assert city.query("select count(*) from ops.submission where state = 'landed'") == [(0,)]
    ((documents,),) = city.query("select count(*) from ops.submission")
    assert documents > 900
    assert {row["difference"] for row in queries.account(city.settings)} == {0}
    assert city.query("select count(*) from ops.account where difference <> 0") == [(0,)]
    assert pipeline.is_built(city.settings), "another machine finds nothing left to build"


def test_the_landing_is_the_bucket_and_nothing_of_it_was_left_on_a_disk(city: City) -> None:
    assert verify_all(city.settings) == {"landing": [], "ledger": [], "releases": [], "audit": []}
    for machine in (city.dead, city.alive):
        assert not (machine.home / "landing").exists()
    assert not list((city.home / "landing").glob("*"))
    (sha256,) = city.query("select sha256 from ops.submission limit 1")[0]
    assert (
        city.server.client.get_object_legal_hold(**city.server.key(city.settings.landing, sha256))["LegalHold"]["Status"] == "ON"
    )  # type: ignore[arg-type]


def test_a_load_on_one_machine_comes_to_the_same_figures_and_documents(city: City, tmp_path: Path) -> None:
    server = EmbeddedPostgres(city.home / "postgres")
    server.create_database("alone")
    migrate(server.url("alone"), deployment_of(city.settings.expectations).county_readers)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("alter database alone set huimin.today = '2024-01-31'")
    variables = {key: value for key, value in stack_environment(city.home).items() if not key.startswith("HUIMIN_LANDING")}
    secrets = json.loads((city.home / "secrets.json").read_text(encoding="utf-8"))
    own = {
        "HUIMIN_HOME": str(tmp_path),
        "HUIMIN_WAREHOUSE_URL": server.url("alone", LOADER, secrets["loader_password"]),
        "HUIMIN_TRANSFORMER_URL": server.url("alone", TRANSFORMER, secrets["transformer_password"]),
        "PYTHONPATH": str(PROJECT_ROOT),
    }
    command = [sys.executable, "-c", "from loaders.cli import main; main()", "load", *REPORTS]
    done = subprocess.run(command, env=os.environ | variables | own, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    alone = replace(
        city.settings,
        home=tmp_path,
        landing_address=None,
        warehouse_url=own["HUIMIN_WAREHOUSE_URL"],
        transformer_url=own["HUIMIN_TRANSFORMER_URL"],
    )
    assert queries.fingerprint(city.settings) == queries.fingerprint(alone)
    assert city.query(DOCUMENTS) == city.query(DOCUMENTS, "alone")
