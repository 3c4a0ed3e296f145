"""How the command line looks: tables, progress and messages for people. No decisions are made here."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from loaders.checking import CheckedDocument

MOST_ROWS = 200
_EFFECTS = {"document": "documents refused", "error": "faults held back", "warning": "loaded, remarked on"}
_VERDICTS = {
    "inside": "[green]✓ inside[/green]",
    "outside": "[red]✗ outside[/red]",
    "no_value": "[red]✗ no value[/red]",
    "hidden": "not shown",
}
# A log has no width of its own; tables that were folded to 80 columns could not be read there.
_WIDTH_OF_A_LOG = 170


@cache
def _out() -> Console:
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_A_LOG)


@cache
def _err() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def print_error(message: str) -> None:
    """Print an error where errors belong."""
    _err().print(message, style="red", markup=False, soft_wrap=True)


def print_note(message: str) -> None:
    """Print a remark beside the output, so that what is piped on stays as it is."""
    _err().print(message, style="dim", markup=False, soft_wrap=True)


def print_stopped(reports: Collection[str]) -> None:
    """Say which reports are left out because their contracts have faults."""
    if reports:
        print_note(f"left out, because their contracts have faults (see `huimin contracts check`): {', '.join(sorted(reports))}")


def echo(message: str) -> None:
    """Print one line of progress."""
    _out().print(message, markup=False, soft_wrap=True)


def counts(numbers: Mapping[str, Any]) -> str:
    """`{"accepted": 3, "rejected": 1}` as `3 accepted, 1 rejected`."""
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in sorted(numbers.items()) if number)


def print_table(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as a table with the keys of the first row as its columns."""
    if not rows:
        echo(f"{title}: none")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(
            name.replace("_", " "),
            justify="right" if isinstance(rows[0][name], int | float | Decimal) else "left",
            overflow="fold",
        )
    for row in rows:
        # As text: brackets in a value are no markup.
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    _out().print(table)


def print_figures(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Ours against print: indicator, Chinese name, our value, the published words, the range that they allow, verdict."""
    from rich.table import Table

    table = Table(title=f"{title} · our figures against print", title_justify="left")
    differs = any(_differs_from_print_day(row) for row in rows)
    for name in (
        "indicator",
        "name",
        "ours",
        *(["ours on the day of print"] if differs else []),
        "published",
        "allowed",
        "verdict",
    ):
        table.add_column(name, justify="right" if name.startswith("ours") else "left")
    for row in rows:
        allowed = f"{_cell(row['low'])} – {_cell(row['high'])}" if row["low"] != row["high"] else _cell(row["low"])
        verdict = _VERDICTS.get(row["verdict"], row["verdict"])
        table.add_row(
            row["code"],
            row["name_zh"],
            f"{_cell(row['value'])} {row['unit']}",
            *([_cell(row["value_at_print"]) if _differs_from_print_day(row) else ""] if differs else []),
            f"{row['published']} ({row['qualifier']})",
            allowed,
            verdict,
        )
    _out().print(table)


def _differs_from_print_day(row: Mapping[str, Any]) -> bool:
    """Whether our value is another one now than on the day of the print, as far as that is known."""
    return row["verdict_at_print"] in {"inside", "outside", "no_value"} and row["value_at_print"] != row["value"]


def print_held_back(rows: Sequence[Mapping[str, Any]]) -> None:
    """What was held back or remarked on of each report, and who was told. The rules are in the mails and in bi.quality_issue."""
    from rich.table import Table

    table = Table(title="Held back or remarked on, and who was told (by rule: bi.quality_issue)", title_justify="left")
    table.add_column("report")
    for effect in _EFFECTS.values():
        table.add_column(effect, justify="right")
    table.add_column("told")
    reports: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        reports.setdefault(row["report"], []).append(row)
    for report, problems in reports.items():
        counts = Counter[str]()
        for row in problems:
            counts[row["severity"]] += row["issues_count"]
        recipients = sorted({row["recipients"] for row in problems if row["recipients"]})
        cells = [str(counts[severity] or "") for severity in _EFFECTS]
        table.add_row(report, *cells, ", ".join(recipients) or "nobody: corrected documents came in the same run")
    _out().print(table)


def print_up(connection_info: Mapping[str, str]) -> None:
    """Where the running stack is and how to enter."""
    for name, value in connection_info.items():
        echo(f"{name:<12} {value}")


def evidence_total(rows_count: int, documents_count: int, quantity: Decimal | None) -> str:
    """One closing line: how many rows speak for the figure and what they come to."""
    more = f" (the first {MOST_ROWS} are shown; --json prints all)" if rows_count > MOST_ROWS else ""
    return f"{rows_count} rows of {documents_count} documents, quantities adding up to {_cell(quantity or Decimal(0))}{more}"


class Progress:
    """Progress of a check of many documents, where errors go: how many are read, and the one that was read last."""

    def __init__(self, total: int, lang: str) -> None:
        self._total = total
        self._lang = lang
        self._read = 0

    def count(self, checked: CheckedDocument) -> None:
        """One document more is read, its rows are being judged. Nobody waits for a single one."""
        self._read += 1
        if self._total > 1:
            words = "已读取" if self._lang == "zh" else "read"
            _err().print(f"[{self._read}/{self._total}] {words} {checked.file.name}", style="dim", markup=False, soft_wrap=True)


def print_checked_document(checked: CheckedDocument, lang: str) -> None:
    """What a check found in one document, in the words of the person who sends it."""
    style = {0: "green", 1: "yellow", 2: "red"}[checked.exit_code]
    _out().print(checked.headline(lang), style=style, markup=False, soft_wrap=True)
    for line in checked.lines(lang):
        _out().print(line, markup=False, soft_wrap=True)


def print_totals(checked_documents: Sequence[CheckedDocument], lang: str) -> None:
    """One closing line over many documents: how many would be taken, taken in part, and refused."""
    clean, partly, refused = (sum(checked.exit_code == code for checked in checked_documents) for code in (0, 1, 2))
    zh = f"共 {len(checked_documents)} 份：可以报送 {clean}，部分行将被退回 {partly}，整份将被退回 {refused}"
    en = f"{len(checked_documents)} documents: {clean} ready to send, {partly} with rows rejected, {refused} refused"
    echo(zh if lang == "zh" else en)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal | float):
        text = f"{value:,.4f}".rstrip("0").rstrip(".")
        return text or "0"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value)
