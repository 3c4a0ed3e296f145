"""Sends the messages that wait in the outbox. A channel that is down fails no run: its messages wait for it."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import CronTriggerTimetable, dag, task
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

        return pipeline.send_outbox(settings_with_people())

    send()


send_outbox_dag = send_outbox()
