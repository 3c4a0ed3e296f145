"""`huimin run`: starts all services, loads all reports through Airflow, builds the indicators, compares them with print."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from demo.airflow_api import AirflowApi, DagRun
from demo.outcome import show_outcome
from demo.stack import DemoStack
from loaders import pipeline
from loaders.commands import console
from loaders.contract import load_contracts
from loaders.settings import Settings, settings_from_environment, stack_environment
from loaders.warehouse import State, Warehouse

EXIT_OK, EXIT_FAILED = 0, 1
_CONTRACT_ERRORS = "contract_errors.py"
_BUILD = "build_indicators"
_MOST_SECONDS = 1800.0
_POLL_SECONDS = 1.0
_PROGRESS_SECONDS = 5.0
# A load that brought rows queues a build within one cycle of the scheduler. After this time, none did.
_QUEUE_SECONDS = 15.0


class DemoError(RuntimeError):
    """A DAG is missing, a run failed, or the run takes too long."""


def run_demo(home: Path, *, keep: bool) -> int:
    """Starts the services, loads all reports, builds, prints the outcome, stops what it started.

    Returns:
        0 when every figure is within its qualifier and every row is accounted for, else 1.
    """
    started = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    stack = DemoStack(home)
    with stack.running(keep=keep, echo=console.echo):
        ready = time.monotonic()
        settings = settings_from_environment(defaults=stack_environment(home))
        _run_loads(stack.api(), settings)
        contract_errors = load_contracts(settings.expectations).errors
        errors = [*(f"contract {error}" for error in contract_errors), *show_outcome(settings)]
        work_seconds = time.monotonic() - ready
        if keep:
            console.echo("\nStill running; `make down` stops it:")
            console.print_up(stack.connection_info())
    console.echo(f"\n{time.monotonic() - started:.0f} s, {work_seconds:.0f} s of them with the services up")
    for error in errors:
        console.print_error(error)
    return EXIT_FAILED if errors else EXIT_OK


def _run_loads(api: AirflowApi, settings: Settings) -> None:
    """Lets the scheduler run every load DAG and the build that follows; prints the progress."""
    deadline = time.monotonic() + _MOST_SECONDS
    dags = [f"load_{name}" for name in load_contracts(settings.expectations).reports]
    _await_dags(api, {*dags, _BUILD}, deadline)
    runs = [api.trigger(dag_id) for dag_id in dags]
    console.echo(f"Loading by {len(runs)} DAGs: " + ", ".join(dags))
    progress = _Progress(Warehouse(settings.warehouse_url))
    while not all(run.is_over for run in runs):
        _pause(deadline)
        runs = api.refresh_runs(runs)
        progress.report()
    progress.report(at_once=True)
    _raise_on_failure(api, runs)
    console.echo("Building the indicators")
    _await_build(api, settings, deadline)


class _Progress:
    """Progress of the loads, printed every few seconds."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._started = time.monotonic()
        self._next = self._started + _PROGRESS_SECONDS

    def report(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if now < self._next and not at_once:
            return
        self._next = now + _PROGRESS_SECONDS
        rows = self._warehouse.status()
        documents = sum(row[state] for row in rows for state in State)
        waiting = sum(row[State.LANDED] for row in rows)
        console.echo(
            f"  {now - self._started:4.0f} s  {documents - waiting:,} of {documents:,} documents that arrived are loaded"
        )


def _await_dags(api: AirflowApi, wanted: set[str], deadline: float) -> None:
    while missing := wanted - api.dag_ids():
        # A contract with an error only costs its own report the DAG.
        if errors := [error for error in api.import_errors() if not error.startswith(_CONTRACT_ERRORS)]:
            raise DemoError("Airflow cannot read a DAG file:\n" + "\n".join(errors))
        if time.monotonic() > deadline:
            raise DemoError(f"Airflow does not find these DAGs: {', '.join(sorted(missing))}")
        time.sleep(_POLL_SECONDS / 2)


def _raise_on_failure(api: AirflowApi, runs: Sequence[DagRun]) -> None:
    failed = [f"{run.dag_id} ({', '.join(api.failed_tasks(run))})" for run in runs if run.state == "failed"]
    if failed:
        raise DemoError(f"these loads failed: {'; '.join(failed)}; `make up` and look at their logs in Airflow's pages")


def _await_build(api: AirflowApi, settings: Settings, deadline: float) -> None:
    idle_since = time.monotonic()
    while not pipeline.is_built(settings):
        _pause(deadline)
        run = api.latest_run(_BUILD)
        if run is None or run.is_over:
            if time.monotonic() - idle_since < _QUEUE_SECONDS:
                continue
            if run is not None and run.state == "failed":
                _raise_on_failure(api, [run])
            # An earlier run was interrupted after its load and before its build.
            api.trigger(_BUILD)
        idle_since = time.monotonic()
    # What follows the figures, the look for values unlike before, belongs to the job.
    while (run := api.latest_run(_BUILD)) is not None and not run.is_over:
        _pause(deadline)


def _pause(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise DemoError(f"not done after {_MOST_SECONDS / 60:.0f} minutes; `make up` and look at Airflow's pages")
    time.sleep(_POLL_SECONDS)
