"""Recomputes the indicators whenever the rows of any report changed."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import Asset, AssetAny, dag, task
from task_settings import tell_operators, with_connections

from loaders.contract import load_reports
from loaders.settings import PROJECT_ROOT

RAW = [Asset(f"raw_{name}", uri=f"huimin://raw/{name}") for name in load_reports(PROJECT_ROOT / "expectations")]
INDICATORS = Asset("bi_indicators", uri="huimin://bi/indicator_value")


@dag(
    dag_id="build_indicators",
    description="dbt: staging, core, evidence, indicators, bi",
    schedule=AssetAny(*RAW),
    catchup=False,
    max_active_runs=1,
    tags=["layer:model"],
    default_args={
        "owner": "data engineers",
        "retries": 2,
        "retry_delay": dt.timedelta(seconds=30),
        "on_failure_callback": tell_operators,
    },
)
def build_indicators() -> None:
    """Runs that queue up while one is at work become one: a build takes all that is loaded when it begins."""

    @task(outlets=[INDICATORS], execution_timeout=dt.timedelta(hours=1))
    def build() -> dict[str, int]:
        from loaders import pipeline

        return pipeline.build(with_connections())

    build()


build_indicators_dag = build_indicators()
