"""What every DAG needs of Airflow: connections that are kept there, how runs may start, and whom to tell of what goes wrong.

No DAG stands here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import AsyncCallback, BaseHook, DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException, AirflowSkipException

from loaders.contract import Report, deployment_of
from loaders.contract.terms.people import load_people
from loaders.settings import (
    Settings,
    expectations_from_environment,
    landing_connection_from_environment,
    settings_from_environment,
)

if TYPE_CHECKING:
    from airflow.sdk import Context

    from loaders.pipeline import Mailer

WAREHOUSE = "warehouse"
# All ways to start a run but a backfill, which Airflow then neither offers nor takes: for DAGs to which a date means nothing.
NO_BACKFILL = ("scheduled", "manual", "asset_triggered", "asset_materialization", "operator_triggered")

# By its path: the triggerer runs it, which knows the folder of plugins and not that of the DAGs.
ALARM = "stuck_runs.alarm_operators"


def stuck_run_alert(report: Report | None = None) -> DeadlineAlert:
    """The alert that a run of a report's load, or of the build, has not ended some minutes after it was queued."""
    minutes = report.stuck_after_minutes if report is not None else None
    minutes = minutes or _minutes_of_deployment(expectations_from_environment())
    callback = AsyncCallback(ALARM, {"minutes": minutes})
    return DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, dt.timedelta(minutes=minutes), callback)


@cache
def _minutes_of_deployment(expectations: Path) -> int:
    return deployment_of(expectations).stuck_after_minutes


def settings_with_connections(*reports: Report, connections: Iterable[str] = (), needs_pii_key: bool = True) -> Settings:
    """The settings, with those connections that stand in Airflow rather than in the environment: of reports, and by name."""
    names = [WAREHOUSE, landing_connection_from_environment() or "", *connections]
    for report in reports:
        names += [report.source.connection, getattr(report.format, "password", None) or ""]
    found = {name: _uri(name) for name in dict.fromkeys(filter(None, names))}
    return settings_from_environment({name: uri for name, uri in found.items() if uri}, needs_pii_key=needs_pii_key)


def settings_with_people() -> Settings:
    """The settings, with the connections of the bots that the people table names."""
    return settings_with_connections(connections=load_people(settings_with_connections().people).connections())


def _uri(name: str) -> str | None:
    try:
        uri: str = BaseHook.get_connection(name).get_uri()
    except AirflowNotFoundException:
        return None
    return uri


def skip_if_unsent(sent: int, mailer: Mailer) -> int:
    """The number of messages sent; the task counts as skipped when the mail server did not take one.

    The rows are loaded, so the run did not fail; and what waits is told by the next one, so a retry is not worth its time.

    Raises:
        AirflowSkipException: some messages wait.
    """
    if mailer.failures:
        raise AirflowSkipException("these messages wait for the next run:\n" + "\n".join(mailer.failures))
    return sent


def notify_operators(context: Context) -> None:
    """Tells the data engineers that a task failed for good: where, what kind of error, and where its log is.

    Of a task that was killed, the dag-processor calls this. It has neither a mail server nor any key: the message is a row of
    the outbox, which another process sends.
    """
    from loaders import pipeline

    instance: Any = context["task_instance"]
    error = context.get("exception")
    # A task that must not be tried again raises Airflow's exception; what went wrong is its cause.
    if isinstance(error, AirflowFailException) and error.__cause__ is not None:
        error = error.__cause__
    pipeline.notify_operators(
        settings_with_connections(needs_pii_key=False),
        task=f"{instance.dag_id}.{instance.task_id}",
        run=instance.run_id,
        error=error if isinstance(error, BaseException) else None,
    )
