"""Mails the data engineers each fault of a contract, once: the file, its rules, its raw table, its connection."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import CronTriggerTimetable, dag, task
from dag_texts import links_to
from task_settings import NO_BACKFILL, notify_operators, settings_with_connections, skip_if_unsent

from loaders.contract import load_contracts
from loaders.settings import expectations_from_environment

DOC = """\
检查每份约定：文件、规则、原始表、连接。发现的错误只告知数据工程师一次；有错的约定只停它自己的报表。

Checks each contract: its file, rules, raw table and connection. Data engineers are told of an error once; it stops
its own report only.

{links}
"""


@dag(
    dag_id="check_contracts",
    dag_display_name="检查约定",
    doc_md=DOC.format(links=links_to("reports")),
    description="Faults of contracts, told once",
    schedule=CronTriggerTimetable("*/10 * * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    tags=["层：约定"],
    allowed_run_types=NO_BACKFILL,
    default_args={
        "owner": "data engineers",
        "retries": 2,
        "retry_delay": dt.timedelta(seconds=30),
        "on_failure_callback": notify_operators,
    },
)
def check_contracts() -> None:
    """A fault costs its own report only, so the run succeeds; the import error of `contract_errors.py` stays until it is gone."""

    @task(task_display_name="检查", execution_timeout=dt.timedelta(minutes=5))
    def check() -> int:
        from loaders import pipeline

        settings = settings_with_connections(*load_contracts(expectations_from_environment()).reports.values())
        mailer = pipeline.Mailer(settings)
        return skip_if_unsent(pipeline.check_contracts(settings, mailer), mailer)

    check()


check_contracts_dag = check_contracts()
