"""Rule violations -> validation results: accepted rows as the raw table holds them, rejected ones as read, and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from loaders.contract import Column, Report
from loaders.model import ROW, SHEET, TEXTS, Issue, Severity, ValidationResult
from loaders.raw_schema import key_name, raw_fields, raw_schema
from loaders.validation.conversion.cell_texts import differing_texts
from loaders.validation.conversion.pseudonyms import masked_values, redacted
from loaders.validation.messages.issue_builder import IssueBuilder
from loaders.validation.model.documents import too_many_rejects
from loaders.validation.model.row_rule import NOT_NULL, UNIQUE
from loaders.validation.model.string_column import Mask, Positions
from loaders.validation.row_validator import BatchOutcome

_PLACE = (pa.field(SHEET, pa.string()), pa.field(ROW, pa.int32()))
_REJECTED = pa.schema([*_PLACE, pa.field("record", pa.string())])
_MOST_ROWS_OF_A_REFUSED_DOCUMENT = 200
# A row without a value that it needs, or with the key of another row, is not in dispute: it cannot be counted.
_NEVER_CONFIRMED = frozenset({NOT_NULL, UNIQUE})


def results_of(report: Report, outcome: BatchOutcome) -> Iterator[ValidationResult]:
    """A validation result for each document of the row batch; one in which too many rows fail is refused."""
    accepted = _accepted(report, outcome)
    confirmable = _confirmable(outcome)
    done = 0
    for number in range(len(outcome.batch.items)):
        span = outcome.batch.span(number)
        tally = Tally(report, span.stop - span.start)
        tally.add(outcome, span)
        refusal = tally.refusal()
        count = int((~outcome.rejected[span]).sum())
        if refusal is None:
            yield _result(report, outcome, span, accepted.slice(done, count), confirmable)
        else:
            yield refused(report, refusal, issues_of_refused(report, outcome, span))
        done += count


def result_of(report: Report, outcome: BatchOutcome) -> ValidationResult:
    """The validation result of a row batch that is a part of one document; whether too many rows fail is not asked."""
    return _result(report, outcome, slice(0, len(outcome.batch)), _accepted(report, outcome), _confirmable(outcome))


def issues_of_refused(report: Report, outcome: BatchOutcome, span: slice) -> list[Issue]:
    """The problems of the first rows that fail: enough to see what is wrong with the whole document."""
    rows = np.flatnonzero(outcome.rejected[span])[:_MOST_ROWS_OF_A_REFUSED_DOCUMENT]
    last = span.start + int(rows[-1]) if len(rows) else span.start
    return IssueBuilder(report, outcome.batch, outcome.typed).issues(outcome.violations, span.start, last + 1)


def _result(report: Report, outcome: BatchOutcome, span: slice, accepted: pa.Table, confirmable_rows: Mask) -> ValidationResult:
    rejected = span.start + np.flatnonzero(outcome.rejected[span])
    issues = IssueBuilder(report, outcome.batch, outcome.typed).issues(outcome.violations, span.start, span.stop)
    confirmable = np.zeros(len(outcome.batch), dtype=bool)
    confirmable[span] = confirmable_rows[span]
    return ValidationResult(
        accepted,
        _rejected_records(report, outcome, rejected),
        tuple(issues),
        confirmable=_typed_rows(report, outcome, confirmable) if confirmable.any() else None,
    )


def refused(report: Report, refusal: Issue, issues: list[Issue] | tuple[Issue, ...] = ()) -> ValidationResult:
    """The validation result of a document that is held back as a whole."""
    return ValidationResult(_accepted_schema(report).empty_table(), _REJECTED.empty_table(), tuple(issues), refusal)


class Tally:
    """Counts the rejected rows of one document, slice by slice, and what they failed at."""

    def __init__(self, report: Report, total: int) -> None:
        self._report = report
        self._total = total
        self._rejected = 0
        self._failures: Counter[str] = Counter()

    def add(self, outcome: BatchOutcome, span: slice) -> None:
        """Count the rows of a span."""
        self._rejected += int(outcome.rejected[span].sum())
        for violation in outcome.violations:
            if violation.severity is Severity.ERROR:
                rows = int(((violation.rows >= span.start) & (violation.rows < span.stop)).sum())
                self._failures[self._report.column(violation.columns[0]).header] += rows

    def refusal(self) -> Issue | None:
        """The refusal of the document once more rows failed than the contract lets pass."""
        worst = "、".join(f"“{header}”{rows}处" for header, rows in self._failures.most_common(3) if rows)
        return too_many_rejects(self._report, self._rejected, self._total, worst)


def _accepted_schema(report: Report) -> pa.Schema:
    return pa.schema([*raw_schema(report), *_PLACE, pa.field(TEXTS, pa.string())])


def _confirmable(outcome: BatchOutcome) -> Mask:
    """The rejected rows whose values all fit their columns, and against which only rules about values stand."""
    unfit = [*outcome.typed.violations, *(one for one in outcome.violations if one.rule in _NEVER_CONFIRMED)]
    confirmable = outcome.rejected.copy()
    for violation in unfit:
        if violation.severity is Severity.ERROR:
            confirmable[violation.rows] = False
    confirmable[[place for place, _ in outcome.batch.row_errors()]] = False
    return confirmable


def _accepted(report: Report, outcome: BatchOutcome) -> pa.Table:
    return _typed_rows(report, outcome, ~outcome.rejected)


def _typed_rows(report: Report, outcome: BatchOutcome, chosen: Mask) -> pa.Table:
    kept = None if chosen.all() else pa.array(chosen)
    columns = [values for column in report.columns for values in _stored(column, outcome, kept)]
    places = [_kept(outcome.batch.texts(field.name), kept) for field in _PLACE]
    texts = outcome.batch.rows if kept is None else outcome.batch.rows.filter(kept)
    names = [field.name for column in report.columns for field in raw_fields(column)]
    differing = differing_texts(report, texts, dict(zip(names, columns, strict=True)))
    return pa.Table.from_arrays([*columns, *places, differing], schema=_accepted_schema(report))


def _stored(column: Column, outcome: BatchOutcome, kept: pa.Array | None) -> Iterator[pa.Array]:
    typed = outcome.typed
    if column.is_personal:
        yield _kept(typed.values[key_name(column)], kept)
        yield masked_values(column, _kept(typed.values[column.name], kept))
    else:
        yield _kept(typed.stored.get(column.name, typed.values[column.name]), kept)


def _kept(values: pa.Array, kept: pa.Array | None) -> pa.Array:
    return values if kept is None else values.filter(kept)


def _rejected_records(report: Report, outcome: BatchOutcome, rejected: Positions) -> pa.Table:
    """The rejected rows, each as a JSON object of its texts with personal values masked."""
    if not len(rejected):
        return _REJECTED.empty_table()
    rows = outcome.batch.rows.take(pa.array(rejected))
    texts = [_redacted_texts(column, rows.column(column.name).to_pylist()) for column in report.columns]
    names = [column.name for column in report.columns]
    records = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in zip(*texts, strict=True)]
    return pa.Table.from_arrays([rows.column(SHEET), rows.column(ROW), pa.array(records, pa.string())], schema=_REJECTED)


def _redacted_texts(column: Column, texts: list[str | None]) -> list[str | None]:
    return [None if text is None else redacted(column, text) for text in texts]
