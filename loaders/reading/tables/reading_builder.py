"""Reading builder: collects the parts of a workbook's Reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa

from loaders.contract import Report
from loaders.model import ROW, SHEET, ControlTotal, FoundTable, Issue, Reading
from loaders.period import Period
from loaders.reading.model.row_schema import rows_schema
from loaders.reading.model.sheets import Sheet
from loaders.reading.tables.preamble.filing_date import find_filing_date
from loaders.reading.tables.preamble.labels import find_reporting_unit
from loaders.reading.tables.preamble.period import find_period, named_periods
from loaders.reading.tables.rows.furniture import RowKind
from loaders.reading.tables.sheet_warnings import conflicting_periods_issue
from loaders.reading.values.shown_text import seen_text
from loaders.revision import revision_of_lines


class ReadingBuilder:
    """Builder that collects rows, furniture, tables and issues.

    `preambles` are the lines above tables, `headers` the rows of their headers, `footers` the signature lines below. The
    reporting unit and the period are searched for in them.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self.furniture: Counter[str] = Counter()
        self.tables: list[FoundTable] = []
        self.totals: list[ControlTotal] = []
        self.issues: list[Issue] = []
        self.preambles: list[list[str]] = []
        self.headers: list[list[str]] = []
        self.footers: list[list[str]] = []
        self._named_periods: dict[Period, str] = {}
        self._columns: dict[str, list[str | None]] = {column.name: [] for column in report.columns}
        self._sheets: list[str] = []
        self._rows: list[int] = []

    def add_rows(self, sheet: str, rows: list[int], values: Mapping[str, Sequence[str | None]]) -> None:
        """Appends data rows. `values` holds the texts of columns, one per row; a column that is absent has none."""
        self._rows.extend(rows)
        self._sheets.extend([sheet] * len(rows))
        blank = [None] * len(rows)
        for name, texts in self._columns.items():
            texts.extend(values.get(name, blank))

    def add_preamble(self, sheet: str, lines: Sequence[list[str]]) -> None:
        """Counts and stores the lines above a table of a sheet."""
        kind = self._report.period_kind
        for period in named_periods(lines, kind) if kind else ():
            self._named_periods.setdefault(period, sheet)
        for texts in lines:
            self.furniture[RowKind.TITLE if texts else RowKind.BLANK] += 1
            self.preambles.append(texts)

    def build(self, rows_total: int) -> Reading:
        """Builds the Reading."""
        if len(self._named_periods) > 1:
            self.issues.append(conflicting_periods_issue(self._named_periods))
        columns = {SHEET: self._sheets, ROW: self._rows, **self._columns}
        return Reading(
            rows=pa.table(columns, schema=rows_schema(self._report)),
            rows_total=rows_total,
            furniture={str(kind): count for kind, count in self.furniture.items() if count},
            tables=tuple(self.tables),
            control_totals=tuple(self.totals),
            unit_text=find_reporting_unit([*self.preambles, *self.footers]),
            period=find_period(self.preambles, self._report.period_kind, self.headers),
            revision_number=revision_of_lines(self.preambles, self._report.title.zh),
            stamped_on=find_filing_date([*self.preambles, *self.footers]),
            issues=tuple(self.issues),
        )


def texts_of(sheet: Sheet, row: int) -> list[str]:
    """Returns the texts that a row shows, from left to right."""
    cells = sheet.rows.get(row, {})
    return [text for column in sorted(cells) if (text := seen_text(cells[column]))]
