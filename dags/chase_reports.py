"""Reminds units of what they owe, and sends the digests of warnings and the weekly summaries."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import CronTriggerTimetable, dag, task
from dag_texts import links_to
from task_settings import NO_BACKFILL, notify_operators, settings_with_people

DOC = """\
在截止日前后的工作日催报，发送警告摘要和每周小结。每一步只告知一次。

Reminds units before and after due days, on working days, and sends digests of warnings and weekly summaries. Each step is told
once.

{links}
"""


@dag(
    dag_id="chase_reports",
    dag_display_name="催报与摘要",
    doc_md=DOC.format(links=links_to("completeness")),
    description="Reminders before and after due days, working days only",
    schedule=CronTriggerTimetable("0 9 * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    tags=["层：消息"],
    allowed_run_types=NO_BACKFILL,
    default_args={
        "owner": "data engineers",
        "retries": 2,
        "retry_delay": dt.timedelta(seconds=30),
        "on_failure_callback": notify_operators,
    },
)
def chase_reports() -> None:
    """Each step is told once, however often this runs in a day."""

    @task(task_display_name="催报", execution_timeout=dt.timedelta(minutes=15))
    def chase() -> int:
        from loaders import pipeline

        settings = settings_with_people()
        reminders = pipeline.chase(settings)
        pipeline.send_digests(settings)
        return len(reminders)

    chase()


chase_reports_dag = chase_reports()
