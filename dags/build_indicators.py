"""Checks reports against each other and recomputes the indicators whenever the rows of any report changed."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import Asset, AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, dag, get_current_context, task
from dag_texts import links_to
from task_settings import NO_BACKFILL, notify_operators, settings_with_connections, skip_if_unsent, stuck_run_alert

from loaders.contract import load_contracts
from loaders.settings import expectations_from_environment

RAW = [Asset(f"raw_{name}", uri=f"huimin://raw/{name}") for name in load_contracts(expectations_from_environment()).reports]
# A build also begins each morning: a load that died after its rows were in could not say so. With nothing new it ends at once.
MORNING = CronTriggerTimetable("30 6 * * *", timezone="Asia/Shanghai")
INDICATORS = Asset("bi_indicators", uri="huimin://bi/indicator_value")

DOC = """\
核对各报表，再用 dbt 计算指标。任一报表的行有变化时运行，每天 6:30 也运行一次；没有变化则立即结束。

Checks reports against each other and computes the indicators with dbt: when rows of a report changed, and at 6:30. With nothing
new it ends at once.

{links}
"""


# A catalog that is down, or that nobody has, holds nothing up and fails nothing.
@task(task_display_name="发送血缘", execution_timeout=dt.timedelta(minutes=15))
def send_lineage() -> dict[str, int]:
    """Sends the lineage of what was loaded and built; how many runs of each kind were taken."""
    from loaders.lineage.sending import send_if_configured

    return send_if_configured(settings_with_connections())


@dag(
    dag_id="build_indicators",
    dag_display_name="计算指标",
    doc_md=DOC.format(links=links_to("figures", "completeness")),
    description="dbt: staging, core, evidence, indicators, bi",
    schedule=AssetOrTimeSchedule(timetable=MORNING, assets=AssetAny(*RAW)),
    catchup=False,
    max_active_runs=1,
    deadline=stuck_run_alert(),
    tags=["层：指标"],
    allowed_run_types=NO_BACKFILL,
    default_args={
        "owner": "data engineers",
        "retries": 2,
        "retry_delay": dt.timedelta(seconds=30),
        "on_failure_callback": notify_operators,
    },
)
def build_indicators() -> None:
    """Runs that queue up while one is at work become one: a build takes all that is loaded when it begins."""

    @task(task_display_name="表间核对", execution_timeout=dt.timedelta(minutes=15))
    def cross_check() -> dict[str, int]:
        from loaders import pipeline

        settings = settings_with_connections()
        pipeline.await_loads(settings)
        return pipeline.cross_check(settings)

    @task(task_display_name="告知", execution_timeout=dt.timedelta(minutes=15))
    def notify_owners(issues: dict[str, int]) -> int:
        from loaders import pipeline

        settings = settings_with_connections()
        mailer = pipeline.Mailer(settings)
        sent = sum(pipeline.notify_owners(name, settings, mailer) for name in issues)
        return skip_if_unsent(sent + pipeline.send_digests(settings, mailer), mailer)

    # Figures wait for the check, so that both speak of the same rows, but neither for a rule that is broken nor for the mail.
    @task(task_display_name="计算", outlets=[INDICATORS], execution_timeout=dt.timedelta(hours=1), trigger_rule="all_done")
    def build() -> dict[str, int]:
        from loaders import pipeline

        states = pipeline.build(settings_with_connections())
        context = get_current_context()
        context["outlet_events"][INDICATORS].extra = {"models": states, "run_id": context["run_id"]}
        return states

    # What is odd is a warning: it holds nothing up, and its owner hears of it with the next mail.
    @task(task_display_name="查找异常", execution_timeout=dt.timedelta(minutes=15))
    def detect_anomalies() -> dict[str, int]:
        from loaders import pipeline

        settings = settings_with_connections()
        found = pipeline.detect_anomalies(settings)
        mailer = pipeline.Mailer(settings)
        for name in found:
            pipeline.notify_owners(name, settings, mailer)
        return found

    issues = cross_check()
    issues >> build() >> [detect_anomalies(), send_lineage()]
    notify_owners(issues)


build_indicators_dag = build_indicators()
