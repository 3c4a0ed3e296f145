"""Writes the documents of one report: from the records of a generator to documents on the server, by the report's contract.

A generator gives records by the contract's column names, in the units of the warehouse (yuan, days, true or false). The writer
injects the planned faults, prints the records under the headers and in the units of the time (万元, 是, 2023年5月3日), delivers
the document, and keeps the rows that must be accepted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loaders.contract.source_and_format import Layout

from loaders.contract import ColumnType, Delimited, Report
from loaders.period import Period
from sample_city.city import City
from sample_city.documents.delivery import LATE_DAY, Document, deliver, truncate
from sample_city.documents.encryption import encrypt_workbook, workbook_password
from sample_city.documents.form_sheet import FormSheet, expected_state
from sample_city.documents.form_template import FormTemplate, render_delimited, render_sheets
from sample_city.faults import fault_kinds
from sample_city.faults.fault import FaultPlan, PlannedFault, Record, document_kinds
from sample_city.faults.injection import inject_faults
from sample_city.reference.people import draw_mobiles, draw_names

_DAYS_LATE = 4
PERSONAL = frozenset({ColumnType.RESIDENT_ID, ColumnType.PHONE, ColumnType.BANK_ACCOUNT})
_AcceptedRow = tuple[str | None, int, Record]
"""The sheet, the row number and the record."""


@dataclass(frozen=True, slots=True)
class Submission:
    """The records of a unit for a period. `sent_on` is the day of sending where a unit submits several times per period."""

    unit: str
    period: Period
    records: Sequence[Record]
    sent_on: dt.date | None = None


@dataclass(slots=True)
class DocumentWriter:
    """Writer of the documents of one report. Call `write_truth` after the last one."""

    city: City
    report: Report
    template: FormTemplate
    fault_plan: FaultPlan
    accepted: dict[tuple[str, Period], list[_AcceptedRow]] = field(default_factory=dict)

    def write(self, submission: Submission) -> None:
        """Injects faults, prints and delivers one document, and keeps the rows that must be accepted."""
        unit, period = submission.unit, submission.period
        planned = self.fault_plan.get((unit, str(submission.sent_on or period)), ())
        sheets = [
            self._form_sheet(name, records, planned if number == 0 else (), period)
            for number, (name, records) in enumerate(self.template.sheets(submission.records).items())
        ]
        document = self._document(submission, sheets)
        deliver(self.city.sftp_folder(self.report), self.city.log, document, document_kinds(planned))
        if fault_kinds.MISSING in planned:
            return
        self._log_faults(document, sheets)
        self.accepted[unit, period] = [
            (self._sheet_name(sheet), row, record) for sheet in sheets for row, record in sheet.accepted(self._head_rows())
        ]

    def write_truth(self) -> None:
        """Writes the rows that must be current in the warehouse: unit, period, sheet, row, and the contract's columns."""
        names = [column.name for column in self.report.columns]
        rows = [
            [unit, str(period), sheet, row, *(record[name] for name in names)]
            for (unit, period), accepted in sorted(self._current().items(), key=lambda item: (item[0][0], item[0][1].start))
            for sheet, row, record in accepted
        ]
        self.city.write_truth(self.report.report, ["unit", "period", "sheet", "row", *names], rows)

    def _current(self) -> dict[tuple[str, Period], list[_AcceptedRow]]:
        """Returns the last document of each unit for a register, else the documents of all periods."""
        if self.report.replaces != "register":
            return self.accepted
        last = {unit: max(p for u, p in self.accepted if u == unit) for unit in {unit for unit, _ in self.accepted}}
        return {key: rows for key, rows in self.accepted.items() if last[key[0]] == key[1]}

    def _form_sheet(self, name: str, records: Sequence[Record], planned: Sequence[PlannedFault], period: Period) -> FormSheet:
        sheet = FormSheet(name, *inject_faults(self.report, records, planned, period))
        sheet.headings = self.template.headings(sheet.records)
        personal = [column.name for column in self.report.columns if column.type in PERSONAL]
        self.city.personal_numbers.update(str(record[name]) for record in sheet.records for name in personal if record[name])
        return sheet

    def _log_faults(self, document: Document, sheets: Sequence[FormSheet]) -> None:
        location = {"uri": document.path(), "expected_state": expected_state(sheets)}
        for sheet in sheets:
            name = self._sheet_name(sheet)
            sheet.log_faults(
                self.city.log, self.report.report, document.unit, document.period, self._head_rows(), sheet=name, **location
            )

    def _sheet_name(self, sheet: FormSheet) -> str | None:
        """Returns None for a CSV, which has no sheets."""
        return None if isinstance(self.report.format, Delimited) else sheet.name

    def _head_rows(self) -> int:
        return 1 if isinstance(self.report.format, Delimited) else self.template.head_rows

    def _document(self, submission: Submission, sheets: Sequence[FormSheet]) -> Document:
        unit, period = submission.unit, submission.period
        clerk = self._clerk(unit)

        def printed(sheets: Sequence[FormSheet], without: str | None = None) -> bytes:
            form = self.template.form_for(self.report, unit, period, layout_of(self.report, period), clerk, without)
            if isinstance(self.report.format, Delimited):
                return render_delimited(form, sheets, self.report.format)
            content, password = render_sheets(form, sheets), workbook_password(self.report)
            return content if password is None else encrypt_workbook(content, password)

        def faulty_content(kind: str) -> bytes:
            if kind == fault_kinds.UNREADABLE:
                return truncate(printed(sheets))
            if kind == fault_kinds.MISSING_COLUMN:
                return printed(sheets, without=next(c.name for c in reversed(self.report.columns) if c.required and not c.key))
            if kind in (fault_kinds.WRONG_UTF8, fault_kinds.WRONG_UTF16):
                encoding = "utf-8" if kind == fault_kinds.WRONG_UTF8 else "utf-16"
                return printed(sheets).decode("gb18030").encode(encoding)
            # The correction adds the last row of the first sheet, which the first version lacks.
            shorter = sheets[0].without_last()
            shorter.headings = self.template.headings(shorter.records)
            return printed([shorter, *sheets[1:]])

        suffix = ".csv" if isinstance(self.report.format, Delimited) else ".xlsx"
        late_day = max(LATE_DAY, (self.report.due_day or 0) + _DAYS_LATE)
        title = self.template.file_title
        return Document(
            self.report.report, title, suffix, unit, period, lambda: printed(sheets), faulty_content, late_day, submission.sent_on
        )

    def _clerk(self, unit: str) -> tuple[str, str]:
        rng = self.city.stream(self.report.report, "clerk", unit)
        name, phone = draw_names(rng, 1)[0], draw_mobiles(rng, 1)[0]
        self.city.personal_numbers.add(phone)
        return name, phone


def layout_of(report: Report, period: Period) -> Layout | None:
    """Returns the dated layout that is valid for the period, or None."""
    for layout in report.layouts:
        since, until = (None if text is None else Period.parse(text) for text in (layout.since, layout.until))
        if (since is None or since.start <= period.start) and (until is None or period.end <= until.end):
            return layout
    return None


def complete_records(report: Report, rows: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Adds the columns that a row lacks, as null, in the order of the contract.

    Raises:
        KeyError: a row has a column that the contract does not have.
    """
    names = [column.name for column in report.columns]
    records = []
    for row in rows:
        unknown = sorted(set(row) - set(names))
        if unknown:
            raise KeyError(f"{report.report} has no columns {unknown}")
        records.append({name: row.get(name) for name in names})
    return records
