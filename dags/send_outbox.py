"""Sends the messages that wait in the outbox. A channel that is down fails no run: its messages wait for it.

Operators who were alarmed of runs that do not end hear of it here when they have ended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task
from dag_texts import links_to
from task_settings import NO_BACKFILL, notify_operators, settings_with_people

DOC = """\
发送发件箱中等待的消息。某个渠道不通不算运行失败，消息留待下次。

Sends the messages that wait in the outbox. A channel that is down fails no run: its messages wait for the next one.

{links}
"""


@dag(
    dag_id="send_outbox",
    dag_display_name="发送消息",
    doc_md=DOC.format(links=links_to("issues")),
    description="Messages that wait, by mail and bots",
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="Asia/Shanghai"),
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
def send_outbox() -> None:
    """A run that is killed loses nothing: the next one sends what was not marked as sent."""

    @task(task_display_name="发送", execution_timeout=dt.timedelta(minutes=15))
    def send() -> int:
        from loaders import pipeline

        return pipeline.send_outbox(settings_with_people(), is_any_active=_is_any_active)

    send()


def _is_any_active(dag_id: str, run_ids: Sequence[str]) -> bool:
    """Whether any of these runs of a DAG is queued or running; one that was deleted is not."""
    instance: Any = get_current_context()["ti"]
    return bool(instance.get_dr_count(dag_id, run_ids=list(run_ids), states=["queued", "running"]))


send_outbox_dag = send_outbox()
