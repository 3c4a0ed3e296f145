"""`huimin run`: the whole main job on one machine, ending with our figures beside the printed ones."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loaders import answers, console
from loaders.local_stack import LocalStack, stack_environment
from loaders.settings import Settings, settings_from_environment
from loaders.warehouse import Warehouse

EXIT_RIGHT, EXIT_WRONG = 0, 1


def run_main_job(home: Path, *, keep: bool) -> int:
    """Start everything, load all, build, show the outcome, stop what was started.

    Returns:
        0 when every figure lies inside its qualifier and every row is accounted for, else 1.
    """
    started = time.monotonic()
    stack = LocalStack(home)
    with stack.running(keep=keep, progress=console.say):
        stack.run_loads(progress=console.say)
        faults = show_outcome(settings_from_environment(defaults=stack_environment(home)))
        if keep:
            console.say("\nStill running; `make down` stops it:")
            console.print_up(stack.facts())
    console.say(f"\n{time.monotonic() - started:.0f} s")
    for fault in faults:
        console.complain(fault)
    return EXIT_WRONG if faults else EXIT_RIGHT


def show_outcome(settings: Settings) -> list[str]:
    """Print figures, quarantine, mails and where to look next.

    Returns:
        What is wrong, one line each: figures outside their qualifier, files with unaccounted rows.
    """
    figures = answers.figures(settings)
    console.say("")
    console.print_figures(figures)
    warehouse = Warehouse(settings.warehouse_url)
    console.print_table("Held back, and who was told", warehouse.quarantine_summary())
    accounts = warehouse.account()
    _say_account(accounts)
    console.say("\nWhere to look next")
    for line in (
        "make up                              the same, left running, with Airflow's pages",
        ".venv/bin/huimin figures             our figures again; --area 441302 --period 2023Q2 for others",
        ".venv/bin/huimin evidence CH-CF-02   the way back to file, sheet and row",
        ".venv/bin/huimin account             every file's rows: loaded, quarantined, furniture",
        f"{settings.home / 'city' / 'mail'}   the mails that report owners got",
    ):
        console.say(f"  {line}")
    return [*_wrong_figures(figures), *_wrong_accounts(accounts)]


def _say_account(accounts: list[dict[str, Any]]) -> None:
    total: dict[str, int] = {}
    for row in accounts:
        for name in ("rows_total", "rows_loaded", "rows_quarantined", "rows_furniture", "difference"):
            total[name] = total.get(name, 0) + int(row[name] or 0)
    console.say(
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
