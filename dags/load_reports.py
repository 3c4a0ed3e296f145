"""One DAG per report, built from `expectations/`: extract, load in batches, notify the owner.

A run takes all that is new, of any period. A first run therefore loads the whole history, and the next run makes up for a missed
one. No task derives a period from the clock: the document states it. Tasks pass submission ids, never data.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import DAG, Asset, CronTriggerTimetable, Param, dag, get_current_context, get_parsing_context, task
from task_settings import notify_operators, settings_with_connections, skip_if_unsent, stuck_run_alert

from loaders.contract import Report, load_contracts, load_report
from loaders.period import local_today
from loaders.schedule import cron_of
from loaders.settings import expectations_from_environment

RETRY = {"retries": 3, "retry_delay": dt.timedelta(seconds=30), "retry_exponential_backoff": True}
CHOICE = {
    "periods": Param([], type="array", items={"type": "string"}, description="Only these periods, e.g. 2023-06 or 2023Q2"),
    "units": Param([], type="array", items={"type": "string"}, description="Only these reporting units, by code"),
    "uris": Param([], type="array", items={"type": "string"}, description="Only these documents, by their place"),
    "again": Param(False, type="boolean", description="Load landed documents once more, e.g. after a rule changed"),
}


def load_dag(report: Report) -> DAG:
    """Builds the DAG of one report."""
    rows = Asset(f"raw_{report.report}", uri=f"huimin://raw/{report.report}")

    @dag(**_dag_arguments(report))
    def load() -> None:
        @task(execution_timeout=dt.timedelta(hours=1))
        def extract() -> list[list[int]]:
            from loaders import pipeline

            params = get_current_context()["params"]
            return pipeline.extract(
                report.report,
                settings_with_connections(report),
                periods=params["periods"],
                units=params["units"],
                uris=params["uris"],
                again=params["again"],
            )

        @task(
            outlets=[rows],
            execution_timeout=dt.timedelta(hours=1),
            map_index_template="{{ task.op_kwargs['batch'] | length }} documents",
        )
        def load_batch(batch: list[int]) -> dict[str, int]:
            from loaders import pipeline

            return pipeline.load_batch(report.report, batch, settings_with_connections(report))

        @task(execution_timeout=dt.timedelta(minutes=15), trigger_rule="none_failed")
        def notify_owners() -> int:
            from loaders import pipeline

            settings = settings_with_connections(report)
            mailer = pipeline.Mailer(settings)
            return skip_if_unsent(pipeline.notify_owners(report.report, settings, mailer), mailer)

        load_batch.expand(batch=extract()) >> notify_owners()

    made: DAG = load()
    return made


def _dag_arguments(report: Report) -> dict[str, Any]:
    owner = report.owner_on(local_today())
    return {
        "dag_id": f"load_{report.report}",
        "description": f"{report.code} {report.title.zh} / {report.title.en}",
        "doc_md": _doc(report),
        # What is still to come of a retired report is loaded by hand.
        "schedule": None if report.retired else CronTriggerTimetable(cron_of(report), timezone="Asia/Shanghai"),
        "catchup": False,
        "max_active_runs": 1,
        "max_active_tasks": 2,
        "tags": [f"system:{report.system}", f"cadence:{report.cadence}", f"owner:{owner.role.en}"],
        "default_args": {"owner": owner.role.en, "on_failure_callback": notify_operators, **RETRY},
        "deadline": stuck_run_alert(report),
        "params": CHOICE,
    }


def _doc(report: Report) -> str:
    return (
        f"**{report.title.zh}** ({report.title.en}): {report.grain.en}. Owner: {report.owner_on(local_today()).role.zh}. "
        f"Contract: `expectations/{report.system}/{report.report}.yml`."
    )


def _register() -> dict[str, Any]:
    """Returns a DAG per valid contract; in a task's process, only the task's own DAG, which starts half a second sooner.

    An invalid contract gets none. Its errors are raised by `contract_errors.py`: an import error of this file would stop the DAGs
    of all reports.
    """
    wanted = get_parsing_context().dag_id or ""
    folder = expectations_from_environment()
    own = sorted(folder.glob(f"*/{wanted.removeprefix('load_')}.yml")) if wanted else []
    reports = [load_report(own[0])] if len(own) == 1 else load_contracts(folder).reports.values()
    return {f"load_{report.report}": load_dag(report) for report in reports}


LOAD_DAGS = _register()
globals().update(LOAD_DAGS)
