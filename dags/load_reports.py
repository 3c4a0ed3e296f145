"""One DAG per report, built from `expectations/`: extract, load in batches, notify the owner.

A run takes all that is new, of any period. A first run therefore loads the whole history, and the next run makes up for a missed
one. No task derives a period from the clock: the document states it. Tasks pass submission ids, never data.

A backfill has one run per period of the report in its range. Each asks the source for the documents of that period alone and
loads what is missing of them; with `{"again": true}`, all of them once more (docs/adr/0037-airflow-for-people.md).
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, Asset, Context, CronTriggerTimetable, Param, dag, get_current_context, get_parsing_context, task
from dag_texts import tags_of, words_of
from report_timetable import ZONE, ReportTimetable
from task_settings import NO_BACKFILL, notify_operators, settings_with_connections, skip_if_unsent, stuck_run_alert

from loaders.contract import Report, load_contracts, load_report
from loaders.period import Period, local_today
from loaders.schedule import cron_of, pool_of
from loaders.settings import expectations_from_environment

RETRY = {"retries": 3, "retry_delay": dt.timedelta(seconds=30), "retry_exponential_backoff": True}
CHOICE = {
    "periods": Param(
        [], type="array", items={"type": "string"}, description="只取这些报告期，如 2023-06、2023Q2。Only these periods"
    ),
    "units": Param([], type="array", items={"type": "string"}, description="只取这些填报单位的代码。Only these reporting units"),
    "uris": Param([], type="array", items={"type": "string"}, description="只取这些位置的文件。Only these documents"),
    "again": Param(
        False, type="boolean", description="已载入的文件再载入一次，如规则改了之后。Load documents that were loaded once more"
    ),
}


def load_dag(report: Report) -> DAG:
    """Builds the DAG of one report."""
    rows = Asset(f"raw_{report.report}", uri=f"huimin://raw/{report.report}")

    @dag(**_dag_arguments(report))
    def load() -> None:
        # Runs of a backfill may overlap others; two looks at one source of one report never do.
        @task(task_display_name="取数", pool=pool_of(report), max_active_tis_per_dag=1, execution_timeout=dt.timedelta(hours=1))
        def extract() -> list[list[int]]:
            from loaders import pipeline

            return pipeline.extract(report.report, settings_with_connections(report), **_asked(report, get_current_context()))

        @task(
            task_display_name="载入",
            outlets=[rows],
            execution_timeout=dt.timedelta(hours=1),
            map_index_template="{{ task.op_kwargs['batch'] | length }} 份文件",
        )
        def load_batch(batch: list[int]) -> dict[str, int]:
            from loaders import pipeline
            from loaders.operations.queries import batch_counts

            context, settings = get_current_context(), settings_with_connections(report)
            states = pipeline.load_batch(report.report, batch, settings)
            context["outlet_events"][rows].extra = {**batch_counts(settings, batch), "run_id": context["run_id"]}
            return states

        @task(task_display_name="告知", execution_timeout=dt.timedelta(minutes=15), trigger_rule="none_failed")
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
        "dag_display_name": f"{report.code} {report.title.zh}",
        "description": f"{report.code} {report.title.zh} / {report.title.en}",
        "doc_md": words_of(report),
        **_schedule(report),
        "catchup": False,
        "max_active_runs": 1,
        "max_active_tasks": 2,
        "tags": tags_of(report),
        "default_args": {"owner": owner.role.zh, "on_failure_callback": notify_operators, **RETRY},
        "deadline": stuck_run_alert(report),
        "params": CHOICE,
    }


def _schedule(report: Report) -> dict[str, Any]:
    """When the source is looked at, and whether a backfill is offered: only where a report has periods to ask for."""
    if report.retired:
        # What is still to come is loaded by hand.
        return {"schedule": None}
    if report.period_kind is None:
        return {"schedule": CronTriggerTimetable(cron_of(report), timezone=ZONE), "allowed_run_types": NO_BACKFILL}
    return {"schedule": ReportTimetable(cron_of(report), report.period_kind)}


def _asked(report: Report, context: Context) -> dict[str, Any]:
    """Which documents a run asks for."""
    chosen = {name: context["params"][name] for name in ("units", "uris", "again")}
    return {"periods": _asked_periods(report, context), **chosen}


def _asked_periods(report: Report, context: Context) -> list[str]:
    """The periods that a run asks for: that of a backfill's run, else those of its parameters."""
    run: Any = context["dag_run"]
    if run.run_type == "backfill" and report.period_kind is not None:
        return [str(Period.containing(run.data_interval_start.astimezone(ZoneInfo(ZONE)).date(), report.period_kind))]
    periods: list[str] = context["params"]["periods"]
    return periods


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
