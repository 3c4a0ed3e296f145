"""Reminds units of what they owe, and sends the digests of warnings and the weekly summaries."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import CronTriggerTimetable, dag, task
from task_settings import notify_operators, settings_with_people


@dag(
    dag_id="chase_reports",
    description="Reminders before and after due days, working days only",
    schedule=CronTriggerTimetable("0 9 * * *", timezone="Asia/Shanghai"),
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
def chase_reports() -> None:
    """Each step is told once, however often this runs in a day."""

    @task(execution_timeout=dt.timedelta(minutes=15))
    def chase() -> int:
        from loaders import pipeline

        settings = settings_with_people()
        reminders = pipeline.chase(settings)
        pipeline.send_digests(settings)
        return len(reminders)

    chase()


chase_reports_dag = chase_reports()
