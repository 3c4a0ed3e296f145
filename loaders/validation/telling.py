"""Findings -> issues: what is wrong, what was found, what was expected and what to do, told to the clerk who can mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from loaders.contract import Report, Words
from loaders.table import ROW, SHEET, FoundTable, Issue
from loaders.validation.code_faults import fault_finder, words_of_fault
from loaders.validation.documents import period_of
from loaders.validation.findings import Finding
from loaders.validation.personal import shortened, shown
from loaders.validation.row_rule import DOCUMENT_PERIOD_RULES
from loaders.validation.stack import Stack
from loaders.validation.texts import Positions
from loaders.validation.typed import Typed
from loaders.validation.wording import Told, message

Place = tuple[str, int]


class Teller:
    """Tells the findings about the rows of one stack."""

    def __init__(self, report: Report, stack: Stack, typed: Typed) -> None:
        self._report = report
        self._stack = stack
        self._typed = typed

    def issues(self, findings: Iterable[Finding], first: int, after: int) -> list[Issue]:
        """An issue for each finding and each of its rows in a range, and what the reader said of these rows; row by row."""
        told = [(place, issue) for place, issue in self._stack.row_problems() if first <= place < after]
        for finding in findings:
            told.extend(self._told(finding, np.flatnonzero((finding.rows >= first) & (finding.rows < after))))
        return [issue for _, issue in sorted(told, key=lambda pair: pair[0])]

    def _told(self, finding: Finding, chosen: Positions) -> Iterator[tuple[int, Issue]]:
        rows = finding.rows[chosen]
        if not len(rows):
            return
        places = self._places(rows)
        texts = [self._texts(name, rows) for name in finding.columns]
        stays = [None] * len(rows) if finding.instead_of is None else self._places(finding.instead_of[chosen])
        reasons = self._reasons(finding, rows)
        for number, (row, place, other) in enumerate(zip(rows.tolist(), places, stays, strict=True)):
            document = self._stack.document[row]
            expected, reason = reasons[number] if reasons else (self._expected(finding, document), None)
            told = Told(
                finding.rule,
                finding.severity,
                headers=[self._report.column(name).header for name in finding.columns],
                texts=[column[number] for column in texts],
                expected=expected,
                is_sentence=finding.is_sentence,
                stays=_row_words(other, place),
                reason=reason,
            )
            yield row, self._issue(finding, told, document, place)

    def _issue(self, finding: Finding, told: Told, document: int, place: Place) -> Issue:
        zh, en = message(told)
        column = finding.columns[0]
        return Issue(
            finding.rule,
            finding.severity,
            message_zh=zh,
            message_en=en,
            sheet=place[0] or None,
            row=place[1],
            column=column,
            cell=self._cell(document, place, column),
            found=told.found,
            expected=told.expected.zh,
        )

    def _reasons(self, finding: Finding, rows: Positions) -> list[tuple[Words, Words]]:
        """What each code should be, and what is wrong with it; empty for a rule that is not about a code."""
        fault_of = fault_finder(finding)
        if fault_of is None:
            return []
        column = self._report.column(finding.columns[0])
        codes: list[str] = self._typed.values[column.name].take(pa.array(rows)).to_pylist()
        return [words_of_fault(column, finding.expected, fault_of(code)) for code in codes]

    def _expected(self, finding: Finding, document: int) -> Words:
        """The rule's words; where they speak of the document's period, with that period."""
        period = period_of(self._report, self._stack.items[document])
        if finding.rule not in DOCUMENT_PERIOD_RULES or period is None:
            return finding.expected
        return Words(zh=f"{finding.expected.zh}（{period}）", en=f"{finding.expected.en} ({period})")

    def _places(self, rows: Positions) -> list[Place]:
        part = self._stack.rows.select([SHEET, ROW]).take(pa.array(rows))
        return list(zip(part.column(SHEET).to_pylist(), part.column(ROW).to_pylist(), strict=True))

    def _texts(self, name: str, rows: Positions) -> list[str | None]:
        column = self._report.column(name)
        return [None if text is None else shortened(shown(column, text)) for text in self._typed.texts[name].at(rows)]

    def _cell(self, document: int, place: Place, column: str) -> str | None:
        for table in self._stack.items[document].reading.tables:
            if _holds(table, place) and column in table.letters:
                return f"{table.letters[column]}{place[1]}"
        return None


def _holds(table: FoundTable, place: Place) -> bool:
    return table.sheet == place[0] and table.first_row <= place[1] <= table.last_row


def _row_words(stays: Place | None, place: Place) -> Words | None:
    """How to speak of another row: by its number, and by its sheet when it stands in another."""
    if stays is None:
        return None
    sheet, row = stays
    if sheet == place[0]:
        return Words(zh=f"第 {row} 行", en=f"row {row}")
    return Words(zh=f"工作表“{sheet}”第 {row} 行", en=f'row {row} of sheet "{sheet}"')
