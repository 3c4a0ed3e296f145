"""The scheduler makes the pools of sources: Airflow never starts a task whose pool is missing, and fails no run for it.

All of them when it starts, with the slots that the deployment says; one that is missing later when a run that needs it starts.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin
from airflow.sdk.execution_time.task_runner import TaskRunnerMarker

from loaders.schedule.source_pools import PREFIX, SourcePool, source_pool, source_pools

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

    from loaders.contract import Deployment

_log = logging.getLogger(__name__)


@hookimpl
def on_starting(component: Any) -> None:
    """As one of Airflow's components begins: if it is the scheduler, make the pools of the deployment.

    Airflow calls this before it knows what it starts, and in each task, which is a fork of the scheduler and has no database.
    """
    if "scheduler" in sys.argv and not isinstance(component, TaskRunnerMarker):
        from loaders.contract import load_contracts
        from loaders.settings import expectations_from_environment

        deployment = _deployment()
        if deployment is not None:
            reports = load_contracts(expectations_from_environment()).reports.values()
            keep_pools(source_pools(reports, deployment), set(deployment.source_slots))


@hookimpl
def on_dag_run_running(dag_run: DagRun, msg: str) -> None:  # noqa: ARG001 - named so by Airflow
    """As a run starts, before any of its tasks does: make what pools of sources it needs and nobody made."""
    if not dag_run.dag_id.startswith("load_"):
        return
    names = {task.pool for task in dag_run.task_instances if task.pool.startswith(PREFIX)}
    if names:
        deployment = _deployment()
        keep_pools([source_pool(name, deployment) for name in sorted(names)], set())


def keep_pools(pools: list[SourcePool], decided: set[str]) -> None:
    """Makes the pools that are missing. One that is there keeps its slots, unless the deployment says them for its connection."""
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy import select
    from sqlalchemy.exc import IntegrityError

    # A session of its own: that of the scheduler must not be committed here.
    with create_session(scoped=False) as session:
        known = {one.pool: one for one in session.scalars(select(Pool).where(Pool.pool.in_([pool.name for pool in pools])))}
        for pool in pools:
            found = known.get(pool.name)
            if found is None:
                try:
                    with session.begin_nested():
                        session.add(Pool(pool=pool.name, slots=pool.slots, description=pool.description, include_deferred=False))
                except IntegrityError:
                    _log.info("another scheduler made the pool %s", pool.name)
            elif pool.name.removeprefix(PREFIX) in decided and found.slots != pool.slots:
                found.slots = pool.slots


def _deployment() -> Deployment | None:
    """The deployment of the environment; None where each is a bundle of its own, which the scheduler does not read."""
    from loaders.contract import DeploymentError, deployment_of
    from loaders.settings import expectations_from_environment

    try:
        return deployment_of(expectations_from_environment())
    except DeploymentError:
        return None


class SourcePools(AirflowPlugin):
    """Makes the hooks above known to Airflow."""

    name = "huimin_source_pools"
    listeners = (sys.modules[__name__],)
