"""Findings -> issues: what is wrong, what was found, what was expected and what to do, told to the clerk who can mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from loaders.contract import LocalizedText, Report
from loaders.messages import issue_of, phrase
from loaders.model import ROW, SHEET, FoundTable, Issue
from loaders.validation.conversion.code_errors import describe_code_error, error_finder
from loaders.validation.conversion.pseudonyms import redacted, truncate
from loaders.validation.conversion.typed_columns import TypedColumns
from loaders.validation.messages.sentences import MessageContext, message_of
from loaders.validation.model.documents import period_of
from loaders.validation.model.row_batch import RowBatch
from loaders.validation.model.rule_violation import RuleViolation
from loaders.validation.model.string_column import Positions

Place = tuple[str, int]


class IssueBuilder:
    """Tells the findings about the rows of one stack."""

    def __init__(self, report: Report, batch: RowBatch, typed: TypedColumns) -> None:
        self._report = report
        self._batch = batch
        self._typed = typed

    def issues(self, violations: Iterable[RuleViolation], first: int, after: int) -> list[Issue]:
        """An issue for each finding and each of its rows in a range, and what the reader said of these rows; row by row."""
        found = [(place, issue) for place, issue in self._batch.row_errors() if first <= place < after]
        for violation in violations:
            found.extend(self._issues_of(violation, np.flatnonzero((violation.rows >= first) & (violation.rows < after))))
        return [issue for _, issue in sorted(found, key=lambda pair: pair[0])]

    def _issues_of(self, violation: RuleViolation, chosen: Positions) -> Iterator[tuple[int, Issue]]:
        rows = violation.rows[chosen]
        if not len(rows):
            return
        places = self._places(rows)
        texts = [self._texts(name, rows) for name in violation.columns]
        kept = [None] * len(rows) if violation.kept_rows is None else self._places(violation.kept_rows[chosen])
        reasons = self._reasons(violation, rows)
        for number, (row, place, other) in enumerate(zip(rows.tolist(), places, kept, strict=True)):
            document = self._batch.document[row]
            expected, reason = reasons[number] if reasons else (self._expected(violation, document), None)
            context = MessageContext(
                violation.rule,
                violation.severity,
                headers=[self._report.column(name).header for name in violation.columns],
                texts=[column[number] for column in texts],
                expected=expected,
                is_sentence=violation.is_sentence,
                kept=_describe_row(other, place),
                reason=reason,
            )
            yield row, self._issue(violation, context, document, place)

    def _issue(self, violation: RuleViolation, context: MessageContext, document: int, place: Place) -> Issue:
        code, parameters = message_of(context)
        column = violation.columns[0]
        return issue_of(
            code,
            rule=violation.rule,
            severity=violation.severity,
            sheet=place[0] or None,
            row=place[1],
            column=column,
            cell=self._cell(document, place, column),
            found=context.found,
            expected=context.expected.zh,
            **parameters,
        )

    def _reasons(self, violation: RuleViolation, rows: Positions) -> list[tuple[LocalizedText, LocalizedText]]:
        """What each code should be, and what is wrong with it; empty for a rule that is not about a code."""
        find_error = error_finder(violation)
        if find_error is None:
            return []
        column = self._report.column(violation.columns[0])
        codes: list[str] = self._typed.values[column.name].take(pa.array(rows)).to_pylist()
        return [describe_code_error(column, violation.expected, find_error(code)) for code in codes]

    def _expected(self, violation: RuleViolation, document: int) -> LocalizedText:
        """The rule's words; where they speak of the document's period, with that period."""
        period = period_of(self._report, self._batch.items[document])
        if not violation.names_period or period is None:
            return violation.expected
        return phrase("expected.in_period", expected=violation.expected, period=str(period))

    def _places(self, rows: Positions) -> list[Place]:
        part = self._batch.rows.select([SHEET, ROW]).take(pa.array(rows))
        return list(zip(part.column(SHEET).to_pylist(), part.column(ROW).to_pylist(), strict=True))

    def _texts(self, name: str, rows: Positions) -> list[str | None]:
        column = self._report.column(name)
        return [None if text is None else truncate(redacted(column, text)) for text in self._typed.texts[name].at(rows)]

    def _cell(self, document: int, place: Place, column: str) -> str | None:
        for table in self._batch.items[document].reading.tables:
            if _contains(table, place) and column in table.letters:
                return f"{table.letters[column]}{place[1]}"
            if _contains(table, place) and column in table.cells:
                return table.cells[column]
        return None


def _contains(table: FoundTable, place: Place) -> bool:
    return table.sheet == place[0] and table.first_row <= place[1] <= table.last_row


def _describe_row(kept: Place | None, place: Place) -> LocalizedText | None:
    """How to speak of another row: by its number, and by its sheet when it stands in another."""
    if kept is None:
        return None
    sheet, row = kept
    if sheet == place[0]:
        return phrase("row.same_sheet", row=row)
    return phrase("row.other_sheet", sheet=sheet, row=row)
