"""Sends the messages that wait in the outbox. A channel that is down fails no run: its messages wait for it.

Operators who were alarmed of runs that do not end hear of it here when they have ended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task
from task_settings import notify_operators, settings_with_people


@dag(
    dag_id="send_outbox",
    description="Messages that wait, by mail and bots",
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    tags=["layer:messages"],
    default_args={
        "owner": "data engineers",
        "retries": 2,
        "retry_delay": dt.timedelta(seconds=30),
        "on_failure_callback": notify_operators,
    },
)
def send_outbox() -> None:
    """A run that is killed loses nothing: the next one sends what was not marked as sent."""

    @task(execution_timeout=dt.timedelta(minutes=15))
    def send() -> int:
        from loaders import pipeline

        return pipeline.send_outbox(settings_with_people(), is_any_active=_is_any_active)

    send()


def _is_any_active(dag_id: str, run_ids: Sequence[str]) -> bool:
    """Whether any of these runs of a DAG is queued or running; one that was deleted is not."""
    instance: Any = get_current_context()["ti"]
    return bool(instance.get_dr_count(dag_id, run_ids=list(run_ids), states=["queued", "running"]))


send_outbox_dag = send_outbox()
