"""`huimin run`: the whole main job on one machine, ending with our figures beside the printed ones."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from loaders import pipeline
from loaders.commands import console
from loaders.contract import load_contracts
from loaders.local_stack.airflow import AirflowApi, DagRun
from loaders.local_stack.stack import LocalStack, stack_environment
from loaders.operations import queries
from loaders.settings import Settings, settings_from_environment
from loaders.warehouse import State, Warehouse

EXIT_RIGHT, EXIT_WRONG = 0, 1
_CONTRACT_FAULTS = "contract_errors.py"
_BUILD = "build_indicators"
_LONGEST_SECONDS = 1800.0
_POLL_SECONDS = 1.0
_SAY_EVERY_SECONDS = 5.0
# An announced load queues a build within a scheduler's turn; after this long none was announced.
_PATIENCE_SECONDS = 15.0


class MainJobError(RuntimeError):
    """The main job cannot go on: a DAG is missing, a run failed, or it takes far too long."""


def run_main_job(home: Path, *, keep: bool) -> int:
    """Start everything, load all, build, show the outcome, stop what was started.

    Returns:
        0 when every figure lies inside its qualifier and every row is accounted for, else 1.
    """
    started = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    stack = LocalStack(home)
    with stack.running(keep=keep, echo=console.echo):
        settings = settings_from_environment(defaults=stack_environment(home))
        _run_loads(stack.api(), settings)
        contract_errors = load_contracts(settings.expectations).errors
        errors = [*(f"contract {error}" for error in contract_errors), *show_outcome(settings)]
        if keep:
            console.echo("\nStill running; `make down` stops it:")
            console.print_up(stack.facts())
    console.echo(f"\n{time.monotonic() - started:.0f} s")
    for error in errors:
        console.print_error(error)
    return EXIT_WRONG if errors else EXIT_RIGHT


def _run_loads(api: AirflowApi, settings: Settings) -> None:
    """Let the scheduler run every load DAG and the build that follows, telling how far it is."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    dags = [f"load_{name}" for name in load_contracts(settings.expectations).reports]
    _await_dags(api, {*dags, _BUILD}, deadline)
    runs = [api.trigger(dag_id) for dag_id in dags]
    console.echo(f"Loading by {len(runs)} DAGs: " + ", ".join(dags))
    progress = _Progress(Warehouse(settings.warehouse_url))
    while not all(run.is_over for run in runs):
        _pause(deadline)
        runs = api.as_they_are_now(runs)
        progress.tell()
    progress.tell(at_once=True)
    _refuse_failed(api, runs)
    console.echo("Building the indicators")
    _await_build(api, settings, deadline)


class _Progress:
    """Says now and then how far the loads are."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._started = time.monotonic()
        self._next = self._started + _SAY_EVERY_SECONDS

    def tell(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if now < self._next and not at_once:
            return
        self._next = now + _SAY_EVERY_SECONDS
        rows = self._warehouse.status()
        documents = sum(row[state] for row in rows for state in State)
        waiting = sum(row[State.LANDED] for row in rows)
        console.echo(
            f"  {now - self._started:4.0f} s  {documents - waiting:,} of {documents:,} documents that arrived are loaded"
        )


def _await_dags(api: AirflowApi, wanted: set[str], deadline: float) -> None:
    while missing := wanted - api.dag_ids():
        # What is wrong with contracts is no hindrance: their reports alone have no DAG.
        if errors := [error for error in api.import_errors() if not error.startswith(_CONTRACT_FAULTS)]:
            raise MainJobError("Airflow cannot read a DAG file:\n" + "\n".join(errors))
        if time.monotonic() > deadline:
            raise MainJobError(f"Airflow does not find these DAGs: {', '.join(sorted(missing))}")
        time.sleep(_POLL_SECONDS / 2)


def _refuse_failed(api: AirflowApi, runs: Sequence[DagRun]) -> None:
    failed = [f"{run.dag_id} ({', '.join(api.failed_tasks(run))})" for run in runs if run.state == "failed"]
    if failed:
        raise MainJobError(f"these loads failed: {'; '.join(failed)}; `make up` and look at their logs in Airflow's pages")


def _await_build(api: AirflowApi, settings: Settings, deadline: float) -> None:
    idle_since = time.monotonic()
    while not pipeline.is_built(settings):
        _pause(deadline)
        run = api.latest_run(_BUILD)
        if run is None or run.is_over:
            if time.monotonic() - idle_since < _PATIENCE_SECONDS:
                continue
            if run is not None and run.state == "failed":
                _refuse_failed(api, [run])
            # An earlier run was interrupted after its load and before its build.
            api.trigger(_BUILD)
        idle_since = time.monotonic()


def _pause(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise MainJobError(f"not done after {_LONGEST_SECONDS / 60:.0f} minutes; `make up` and look at Airflow's pages")
    time.sleep(_POLL_SECONDS)


def show_outcome(settings: Settings) -> list[str]:
    """Print figures, quarantine, mails and where to look next.

    Returns:
        What is wrong, one line each: figures outside their qualifier, files with unaccounted rows.
    """
    figures = queries.figures(settings)
    console.echo("")
    console.print_figures(figures)
    warehouse = Warehouse(settings.warehouse_url)
    console.print_held_back(warehouse.quarantine_summary())
    accounts = warehouse.account()
    _say_account(accounts)
    console.echo("\nWhere to look next")
    for line in (
        "make up                              the same, left running, with Airflow's pages",
        ".venv/bin/huimin figures             our figures again; --area 441302 --period 2023Q2 for others",
        ".venv/bin/huimin evidence CH-CF-02   the way back to file, sheet and row",
        ".venv/bin/huimin account             every file's rows: loaded, quarantined, furniture",
        f"{settings.home / 'city' / 'mail'!s:<36} the mails that report owners got",
    ):
        console.echo(f"  {line}")
    return [*_wrong_figures(figures), *_wrong_accounts(accounts)]


def _say_account(accounts: list[dict[str, Any]]) -> None:
    total: dict[str, int] = {}
    for row in accounts:
        for name in ("rows_total", "rows_loaded", "rows_quarantined", "rows_furniture", "difference"):
            total[name] = total.get(name, 0) + int(row[name] or 0)
    console.echo(
        f"\n{len(accounts)} files, {total.get('rows_total', 0):,} rows = {total.get('rows_loaded', 0):,} loaded"
        f" + {total.get('rows_quarantined', 0):,} quarantined + {total.get('rows_furniture', 0):,} furniture;"
        f" unaccounted for: {total.get('difference', 0):,}"
    )


def _wrong_figures(figures: list[dict[str, Any]]) -> list[str]:
    if not figures:
        return ["no figure could be compared with print: the indicators were not built"]
    return [_wrong_figure(row) for row in figures if row["verdict"] != "inside"]


def _wrong_figure(row: Mapping[str, Any]) -> str:
    return (
        f'{row["code"]} {row["name_zh"]}: expected {row["low"]} to {row["high"]} (printed "{row["published"]}"), '
        f"found {row['value']}; see `huimin evidence {row['code']}`"
    )


def _wrong_accounts(accounts: list[dict[str, Any]]) -> list[str]:
    return [
        f"{row['report']} {row['file']}: {row['rows_total']} rows, but {row['difference']} are unaccounted for"
        for row in accounts
        if row["difference"]
    ]
