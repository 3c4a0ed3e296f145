"""The desk of an office: from the rows that a document should carry to the document on the server, by the report's contract.

A generator says what happened, as records by the contract's column names in the units of the warehouse (yuan, days, true or
false). The desk prints them as the form of the time wants (万元, 是, 2023年5月3日), plants the faults, delivers the document, and
keeps what should be accepted of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loaders.contract import ColumnType, Delimited, Report
from loaders.contract.source_and_format import Layout
from loaders.period import Period
from sample_city import planting
from sample_city.city import City
from sample_city.drop import LATE_DAY, Document, deliver, truncated
from sample_city.locked import locked, workbook_password
from sample_city.pages import Look, Page, render_delimited, render_pages
from sample_city.people import draw_mobiles, draw_names
from sample_city.planted import planted_page
from sample_city.standard_faults import Fault, Record

Kinds = Mapping[tuple[str, str], Sequence[str | Fault]]
"""Which document, by unit and period (or day of sending), carries which faults: a kind that the contract can make, or a fault of
the report's own."""
_DAYS_LATE = 4
PERSONAL = frozenset({ColumnType.RESIDENT_ID, ColumnType.PHONE, ColumnType.BANK_ACCOUNT})


@dataclass(frozen=True, slots=True)
class Sending:
    """What a unit has to report for a period; `sent_on` is the day, where it reports more than once in a period."""

    unit: str
    period: Period
    records: Sequence[Record]
    sent_on: dt.date | None = None


@dataclass(slots=True)
class Desk:
    """Sends the documents of one report. Ask `close` for the truth to be written when all are sent."""

    city: City
    report: Report
    look: Look
    kinds: Kinds
    accepted: dict[tuple[str, Period], list[tuple[str | None, int, Record]]] = field(default_factory=dict)

    def send(self, sending: Sending) -> None:
        """Print, plant, deliver and keep the truth of one document."""
        unit, period = sending.unit, sending.period
        planted = self.kinds.get((unit, str(sending.sent_on or period)), ())
        pages = [
            self._page(name, records, planted if number == 0 else (), period)
            for number, (name, records) in enumerate(self.look.sheets(sending.records).items())
        ]
        document = self._document(sending, pages)
        deliver(self.city.drop(self.report), self.city.log, document, [kind for kind in planted if isinstance(kind, str)])
        if planting.MISSING in planted:
            return
        self._record(document, pages)
        self.accepted[unit, period] = [
            (self._sheet(page), place, record) for page in pages for place, record in page.accepted(self._head_rows())
        ]

    def close(self) -> None:
        """Write what the warehouse should hold as current rows: unit, period, sheet, row, and the contract's columns."""
        names = [column.name for column in self.report.columns]
        rows = [
            [unit, str(period), sheet, place, *(record[name] for name in names)]
            for (unit, period), placed in sorted(self._current().items(), key=lambda item: (item[0][0], item[0][1].start))
            for sheet, place, record in placed
        ]
        self.city.write_truth(self.report.report, ["unit", "period", "sheet", "row", *names], rows)

    def _current(self) -> dict[tuple[str, Period], list[tuple[str | None, int, Record]]]:
        """Of a register only the last document of each unit, else those of all periods."""
        if self.report.replaces != "register":
            return self.accepted
        last = {unit: max(p for u, p in self.accepted if u == unit) for unit in {unit for unit, _ in self.accepted}}
        return {key: rows for key, rows in self.accepted.items() if last[key[0]] == key[1]}

    def _page(self, name: str, records: Sequence[Record], planted: Iterable[str | Fault], period: Period) -> Page:
        page = planted_page(self.report, name, records, planted, period)
        page.headings = self.look.headings(page.records)
        personal = [column.name for column in self.report.columns if column.type in PERSONAL]
        self.city.personal_numbers.update(str(record[name]) for record in page.records for name in personal if record[name])
        return page

    def _record(self, document: Document, pages: Sequence[Page]) -> None:
        head = self._head_rows()
        has_rejects = any(not mark.is_warning for page in pages for mark in page.marks)
        facts = {"expected_state": "accepted_with_rejects" if has_rejects else "accepted"}
        for page in pages:
            for mark, place in page.placed_marks(head):
                where = {"uri": document.path(), "sheet": self._sheet(page), "row": place, "column": mark.column}
                self.city.log.add(
                    mark.kind, self.report.report, document.unit, document.period, expected_rule=mark.rule, **where, **facts
                )

    def _sheet(self, page: Page) -> str | None:
        """A CSV has no sheets."""
        return None if isinstance(self.report.format, Delimited) else page.name

    def _head_rows(self) -> int:
        return 1 if isinstance(self.report.format, Delimited) else self.look.head_rows

    def _document(self, sending: Sending, pages: Sequence[Page]) -> Document:
        unit, period = sending.unit, sending.period
        clerk = self._clerk(unit)

        def printed(pages: Sequence[Page], without: str | None = None) -> bytes:
            form = self.look.printed(self.report, unit, period, layout_of(self.report, period), clerk, without)
            if isinstance(self.report.format, Delimited):
                return render_delimited(form, pages, self.report.format)
            content, password = render_pages(form, pages), workbook_password(self.report)
            return content if password is None else locked(content, password)

        def spoilt(fault: str) -> bytes:
            if fault == planting.UNREADABLE:
                return truncated(printed(pages))
            if fault == planting.MISSING_COLUMN:
                return printed(pages, without=next(c.name for c in reversed(self.report.columns) if c.required and not c.key))
            if fault in (planting.WRONG_UTF8, planting.WRONG_UTF16):
                encoding = "utf-8" if fault == planting.WRONG_UTF8 else "utf-16"
                return printed(pages).decode("gb18030").encode(encoding)
            # What a later correction adds: the last row of the first page was forgotten.
            shorter = pages[0].without_last()
            shorter.headings = self.look.headings(shorter.records)
            return printed([shorter, *pages[1:]])

        suffix = ".csv" if isinstance(self.report.format, Delimited) else ".xlsx"
        late_day = max(LATE_DAY, (self.report.due_day or 0) + _DAYS_LATE)
        title = self.look.file_title
        return Document(
            self.report.report, title, suffix, unit, period, lambda: printed(pages), spoilt, late_day, sending.sent_on
        )

    def _clerk(self, unit: str) -> tuple[str, str]:
        rng = self.city.stream(self.report.report, "clerk", unit)
        name, phone = draw_names(rng, 1)[0], draw_mobiles(rng, 1)[0]
        self.city.personal_numbers.add(phone)
        return name, phone


def layout_of(report: Report, period: Period) -> Layout | None:
    """The form of the time: the dated layout that the period lies in, if any."""
    for layout in report.layouts:
        since, until = (None if text is None else Period.parse(text) for text in (layout.since, layout.until))
        if (since is None or since.start <= period.start) and (until is None or period.end <= until.end):
            return layout
    return None


def records_of(report: Report, rows: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Rows with every column of the contract; what a row does not say is blank.

    Raises:
        KeyError: a row says what the contract does not know.
    """
    names = [column.name for column in report.columns]
    records = []
    for row in rows:
        unknown = sorted(set(row) - set(names))
        if unknown:
            raise KeyError(f"{report.report} has no columns {unknown}")
        records.append({name: row.get(name) for name in names})
    return records
