"""The way back from a figure: the rows that are its evidence, each with its cell, and the landed file in which it stands."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from loaders.landing import landed_place
from loaders.messages import phrase
from loaders.period import Period
from loaders.settings import Settings
from loaders.warehouse.connection import Connection
from loaders.warehouse.queries.evidence_queries import DateSpan, FigureEvidence, figure_evidence
from loaders.warehouse.queries.evidence_queries import hides_evidence as query_hides


def evidence(
    settings: Settings,
    indicator: str,
    *,
    area: str | None = None,
    period: str | None = None,
    basis: Literal["value", "ytd", "to_date"] = "value",
    as_reader: bool = False,
    most: int | None = None,
    connection: Connection | None = None,
) -> FigureEvidence:
    """Returns the evidence of an indicator in an area (by default the city), in a period or to date.

    `basis` says which number of the period it is of: its own, that since 1 January, or that of all time up to its end.

    Each row: quantity, report, unit, period, submission, file (its name as it was sent), uri, sha256, sheet, row, column, letter,
    cell, field, text (as it stood in the cell, masked when personal; of a stated figure its row of the list, with the source),
    other_cells, subject (what a distinct count counts, by a key of this measure), basis (of a stated figure),
    loaded_at, pull, run, is_overridden (a person confirmed the row), is_hidden (BI does not show it), landed (the path of the
    landed file). `as_reader` leaves out what BI does not show; `most` is how many rows are wanted, `connection` one of dbt's
    role that is open.
    """
    span = _span(Period.parse(period), basis) if period else None
    found = figure_evidence(
        settings.transformer_url,
        indicator,
        area=area,
        period_bounds=span,
        as_reader=as_reader,
        most=most,
        connection=connection,
    )
    rows = [row | {"landed": landed_place(settings.landing, row["sha256"]) if row["sha256"] else None} for row in found.rows]
    return replace(found, rows=rows)


def _span(period: Period, basis: str) -> Period | DateSpan:
    if basis == "value":
        return period
    return DateSpan(dt.date(period.year, 1, 1) if basis == "ytd" else dt.date.min, period.end)


def hides_evidence(settings: Settings, indicator: str) -> bool:
    """Returns whether BI leaves out the evidence of an indicator."""
    return query_hides(settings.transformer_url, indicator)


def write_workbook(rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Writes evidence as a workbook of one sheet: a header, one row per evidence row, texts as texts.

    Raises:
        FileExistsError: there is such a file.
    """
    import xlsxwriter

    if file.exists():
        raise FileExistsError(f"{file} exists already; name another file")
    # No text is a formula or a link, whatever it begins with.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
    with xlsxwriter.Workbook(str(file), options) as workbook:
        sheet = workbook.add_worksheet(phrase("evidence.sheet").zh)
        sheet.freeze_panes(1, 0)
        headers = workbook.add_format({"bold": True})
        for column, name in enumerate(_COLUMNS):
            header = phrase(f"evidence.column.{name}")
            sheet.write_string(0, column, f"{header.zh} {header.en}", headers)
        for number, row in enumerate(rows, start=1):
            for column, name in enumerate(_COLUMNS):
                _write(sheet, number, column, row[name])


_COLUMNS = (
    *("quantity", "report", "unit", "period", "submission", "file", "sheet", "row", "column", "letter", "cell", "field", "text"),
    *("other_cells", "subject", "basis", "uri", "sha256", "landed", "loaded_at", "pull", "run", "is_overridden"),
)


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, value if isinstance(value, str) else _text(value))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
