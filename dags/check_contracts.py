"""Mails the data engineers each fault of a contract, once: the file, its rules, its raw table, its connection."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import CronTriggerTimetable, dag, task
from task_settings import notify_operators, settings_with_connections, skip_if_unsent

from loaders.contract import load_contracts
from loaders.settings import expectations_from_environment


@dag(
    dag_id="check_contracts",
    description="Faults of contracts, told once",
    schedule=CronTriggerTimetable("*/10 * * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    tags=["layer:contracts"],
    default_args={
        "owner": "data engineers",
        "retries": 2,
        "retry_delay": dt.timedelta(seconds=30),
        "on_failure_callback": notify_operators,
    },
)
def check_contracts() -> None:
    """A fault costs its own report only, so the run succeeds; the import error of `contract_errors.py` stays until it is gone."""

    @task(execution_timeout=dt.timedelta(minutes=5))
    def check() -> int:
        from loaders import pipeline

        settings = settings_with_connections(*load_contracts(expectations_from_environment()).reports.values())
        mailer = pipeline.Mailer(settings)
        return skip_if_unsent(pipeline.check_contracts(settings, mailer), mailer)

    check()


check_contracts_dag = check_contracts()
