"""Takes away what is older than the deployment's `retention` says: contents of the warehouse, files, and Airflow's own rows.

Airflow keeps its database from tasks: their configuration names none. So `airflow db clean` runs as a process of its own, with
the address that the connection `airflow_metadata` gives.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from airflow.sdk import BaseHook, CronTriggerTimetable, dag, get_current_context, task
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException, AirflowSkipException
from dag_texts import links_to
from task_settings import NO_BACKFILL, notify_operators, settings_with_connections

from loaders.contract import deployment_of
from loaders.settings import expectations_from_environment, run_from_environment

METADATA = "airflow_metadata"
# All that grows. Not `dag`: a DAG whose file was not parsed for so long would lose its row, and with it whether it is paused.
# Not `trigger`: one is deleted with the task that waits for it, however long that waits.
TABLES = (
    "dag_run,task_instance,task_reschedule,xcom,log,job,import_error,asset_event,partitioned_asset_key_log,callback,deadline,"
    "dag_version,celery_taskmeta,celery_tasksetmeta,revoked_token,session"
)
# A run that waits for a person is as old as its draft, and `airflow db clean` does not ask whether a run has ended. Its option to
# leave a DAG out fails for three tables that have no column of that name (3.3.2), so nothing is cleaned meanwhile.
_WAITS_FOR_PEOPLE = "publish_release"
_LAST_CHARACTERS = 2_000
DOC = """\
按部署的保留规则清理：仓库中已无指标、发布和未决问题所依据的内容，旧文件，以及 Airflow 自己的旧记录。

Takes away what is older than `retention` in deployment.yml says, and what no figure, release or open issue stands on.

{links}
"""


@dag(
    dag_id="clean_up",
    dag_display_name="按保留规则清理",
    doc_md=DOC.format(links=links_to("issues")),
    description="What is older than the rules of retention",
    schedule=CronTriggerTimetable("30 3 * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    tags=["层：运维"],
    allowed_run_types=NO_BACKFILL,
    default_args={
        "owner": "data engineers",
        "retries": 2,
        "retry_delay": dt.timedelta(minutes=5),
        "on_failure_callback": notify_operators,
    },
)
def clean_up() -> None:
    """Both may be killed and run again: each goes on where the other run was."""

    @task(task_display_name="仓库与文件", execution_timeout=dt.timedelta(hours=1))
    def clean_warehouse_and_files() -> dict[str, int]:
        from loaders.operations.lifecycle.retention import apply_retention

        logs = Path(conf.get("logging", "base_log_folder"))
        by = run_from_environment() or "clean_up"
        outcomes = apply_retention(settings_with_connections(), by=by, logs=logs if logs.is_dir() else None)
        return {outcome.rule: outcome.removed_count for outcome in outcomes}

    @task(task_display_name="Airflow 记录", execution_timeout=dt.timedelta(hours=2))
    def clean_airflow() -> None:
        days = deployment_of(expectations_from_environment()).retention.airflow_days
        if days is None:
            return
        try:
            url = BaseHook.get_connection(METADATA).get_uri()
        except AirflowNotFoundException:
            raise AirflowFailException(
                f'connection "{METADATA}" is not set: set AIRFLOW_CONN_{METADATA.upper()} to the postgresql:// URL of Airflow\'s '
                "own database, or retention.airflow_days: null in deployment.yml"
            ) from None
        instance: Any = get_current_context()["ti"]
        if instance.get_dr_count(_WAITS_FOR_PEOPLE, states=["queued", "running"]):
            raise AirflowSkipException(f"a run of {_WAITS_FOR_PEOPLE} waits for a person: nothing of Airflow's is cleaned today")
        clean_airflow_database(url, dt.datetime.now(dt.UTC) - dt.timedelta(days=days))

    clean_warehouse_and_files()
    clean_airflow()


def clean_airflow_database(url: str, before: dt.datetime) -> None:
    """Deletes Airflow's rows from before, without the copies in tables of their own that it makes of them by default.

    The last scheduled run of each DAG stays.

    Raises:
        RuntimeError: a table could not be cleaned; the others were.
    """
    _airflow(
        url,
        *("db", "clean", "--yes", "--skip-archive", "--error-on-cleanup-failure"),
        *("--tables", TABLES, "--clean-before-timestamp", before.isoformat()),
    )
    # A run that was killed leaves its copies behind.
    _airflow(url, "db", "drop-archived", "--yes")


def _airflow(url: str, *words: str) -> None:
    plain = url.partition("://")[2]
    environment = os.environ | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{plain}"}
    command = [sys.executable, "-m", "airflow", *words]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"airflow {' '.join(words[:2])} failed: {(done.stdout + done.stderr)[-_LAST_CHARACTERS:]}")


clean_up_dag = clean_up()
