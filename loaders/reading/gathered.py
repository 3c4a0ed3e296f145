"""What is gathered from a workbook on the way to its Reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pyarrow as pa

from loaders.contract import Column, Report
from loaders.period import Period
from loaders.reading.frame import find_unit
from loaders.reading.frame_period import find_period, named_periods
from loaders.reading.furniture import Kind
from loaders.reading.row_schema import rows_schema
from loaders.reading.sheet_notes import periods_disagree
from loaders.reading.sheets import Sheet
from loaders.reading.shown_text import seen_text
from loaders.table import ROW, SHEET, ControlTotal, FoundTable, Issue, Reading


class Gathered:
    """Collects rows, furniture, tables and issues.

    `frames` are the lines above tables, `headers` the rows of their headers, `footers` those that sign below; the unit and the
    period are found in them.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self.furniture: Counter[str] = Counter()
        self.tables: list[FoundTable] = []
        self.totals: list[ControlTotal] = []
        self.issues: list[Issue] = []
        self.frames: list[list[str]] = []
        self.headers: list[list[str]] = []
        self.footers: list[list[str]] = []
        self._named: dict[Period, str] = {}
        self._columns: dict[str, list[str | None]] = {column.name: [] for column in report.columns}
        self._sheets: list[str] = []
        self._rows: list[int] = []

    def add_rows(self, sheet: str, rows: list[int], value: Callable[[int, Column], str | None]) -> None:
        """Append rows of data; `value` gives the text of a row's column."""
        self._rows.extend(rows)
        self._sheets.extend([sheet] * len(rows))
        for column in self._report.columns:
            self._columns[column.name].extend(value(row, column) for row in rows)

    def add_frame(self, sheet: str, lines: Sequence[list[str]]) -> None:
        """Count and keep the lines above a table of a sheet."""
        kind = self._report.period_kind
        for period in named_periods(lines, kind) if kind else ():
            self._named.setdefault(period, sheet)
        for texts in lines:
            self.furniture[Kind.TITLE if texts else Kind.BLANK] += 1
            self.frames.append(texts)

    def reading(self, rows_total: int) -> Reading:
        """All of it as a Reading."""
        if len(self._named) > 1:
            self.issues.append(periods_disagree(self._named))
        columns = {SHEET: self._sheets, ROW: self._rows, **self._columns}
        return Reading(
            rows=pa.table(columns, schema=rows_schema(self._report)),
            rows_total=rows_total,
            furniture={str(kind): count for kind, count in self.furniture.items() if count},
            tables=tuple(self.tables),
            control_totals=tuple(self.totals),
            unit_text=find_unit([*self.frames, *self.footers]),
            period=find_period(self.frames, self._report.period_kind, self.headers),
            issues=tuple(self.issues),
        )


def texts_of(sheet: Sheet, row: int) -> list[str]:
    """The texts that a row shows, from left to right."""
    cells = sheet.rows.get(row, {})
    return [text for column in sorted(cells) if (text := seen_text(cells[column]))]
