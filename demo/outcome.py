"""Prints the outcome of `huimin run`, and lists what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from loaders.commands import console
from loaders.contract import deployment_of
from loaders.operations import queries
from loaders.settings import Settings
from loaders.warehouse import Warehouse

_SHOWN = ("code", "name_zh", "period", "value", "unit")
_MONTH = re.compile(r"\d{4}-\d{2}")


def show_outcome(settings: Settings) -> list[str]:
    """Prints the figures, the quarantine, the account of rows and further commands.

    Returns:
        One line per error: no figure at all, a figure outside its qualifier, a file with rows unaccounted for.
    """
    deployment = deployment_of(settings.expectations)
    published = queries.figures(settings)
    values = queries.figures(settings, area=deployment.root_division)
    console.echo("")
    if published:
        console.print_figures(deployment.title.zh, published)
    else:
        _print_last_month(deployment.title.zh, values)
    warehouse = Warehouse(settings.warehouse_url)
    console.print_held_back(warehouse.quarantine_summary())
    accounts = warehouse.account()
    _print_account(accounts)
    console.echo("\nWhere to look next")
    for line in (
        "make up                              the same, left running, with Airflow's pages",
        ".venv/bin/huimin figures             our figures again; --area and --period for others",
        ".venv/bin/huimin evidence INDICATOR  the way back to file, sheet and row",
        ".venv/bin/huimin account             every file's rows: loaded, quarantined, furniture",
    ):
        console.echo(f"  {line}")
    if (mails := settings.home / "city" / "mail").is_dir():
        console.echo(f"  {mails!s:<36} the mails that report owners got")
    unbuilt = [] if values else [f"no figure of {deployment.root_division} was computed: the indicators were not built"]
    return [*unbuilt, *_figure_errors(published), *_account_errors(accounts)]


def _print_last_month(title: str, values: list[dict[str, Any]]) -> None:
    """Prints the values of the last month: a deployment without published figures has nothing to compare them with."""
    months = {row["period"] for row in values if _MONTH.fullmatch(row["period"])}
    last = max(months, default="")
    rows = [{name: row[name] for name in _SHOWN} for row in values if row["period"] == last]
    console.print_table(f"{title} · {last}", rows)


def _print_account(accounts: list[dict[str, Any]]) -> None:
    total: dict[str, int] = {}
    for row in accounts:
        for name in ("rows_total", "rows_loaded", "rows_quarantined", "rows_furniture", "difference"):
            total[name] = total.get(name, 0) + int(row[name] or 0)
    console.echo(
        f"\n{len(accounts)} files, {total.get('rows_total', 0):,} rows = {total.get('rows_loaded', 0):,} loaded"
        f" + {total.get('rows_quarantined', 0):,} quarantined + {total.get('rows_furniture', 0):,} furniture;"
        f" unaccounted for: {total.get('difference', 0):,}"
    )


def _figure_errors(figures: list[dict[str, Any]]) -> list[str]:
    return [_figure_error(row) for row in figures if row["verdict"] != "inside"]


def _figure_error(row: Mapping[str, Any]) -> str:
    return (
        f'{row["code"]} {row["name_zh"]}: expected {row["low"]} to {row["high"]} (printed "{row["published"]}"), '
        f"found {row['value']}; see `huimin evidence {row['code']}`"
    )


def _account_errors(accounts: list[dict[str, Any]]) -> list[str]:
    return [
        f"{row['report']} {row['file']}: {row['rows_total']} rows, but {row['difference']} are unaccounted for"
        for row in accounts
        if row["difference"]
    ]
