"""What the triggerer does about a run that does not end: it tells the operators. It needs no slot of those that runs may hold."""

from __future__ import annotations

import asyncio
from typing import Any

from airflow.sdk import BaseHook

from loaders.settings import Settings, SettingsError, settings_from_environment

ACTIVE = frozenset({"queued", "running"})


async def alarm_operators(minutes: int, context: dict[str, Any]) -> None:
    """Alarms the operators, unless the run has ended: Airflow calls this of runs that failed in time, too."""
    run = context["dag_run"]
    if run["state"] in ACTIVE:
        await asyncio.to_thread(_alarm, run["dag_id"], run["dag_run_id"], minutes)


def _alarm(dag_id: str, run_id: str, minutes: int) -> None:
    # Not by `loaders.pipeline`: the triggerer never reads or validates anything, and would keep in memory what that needs.
    from loaders.stages.notifying.stuck_runs import alarm_stuck_run

    alarm_stuck_run(_settings(), dag=dag_id, run=run_id, minutes=minutes)


def _settings() -> Settings:
    """The settings of whoever hashes nothing, with the warehouse of the environment, else that of Airflow's connections."""
    try:
        return settings_from_environment(needs_pii_key=False)
    except SettingsError:
        return settings_from_environment({"warehouse": BaseHook.get_connection("warehouse").get_uri()}, needs_pii_key=False)
