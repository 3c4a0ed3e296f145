"""Judgements -> verdicts: the accepted rows as the raw table holds them, the rejected ones as they were read, and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from loaders.contract import Column, Report
from loaders.raw_schema import key_name, raw_schema
from loaders.table import ROW, SHEET, Issue, Severity, Verdict
from loaders.validation.documents import too_many_rejects
from loaders.validation.judging import Judgement
from loaders.validation.personal import masks, shown
from loaders.validation.telling import Teller
from loaders.validation.texts import Positions

_PLACE = (pa.field(SHEET, pa.string()), pa.field(ROW, pa.int32()))
_REJECTED = pa.schema([*_PLACE, pa.field("record", pa.string())])
_ROWS_TOLD_OF_A_REFUSED_DOCUMENT = 200


def verdicts_of(report: Report, judgement: Judgement) -> Iterator[Verdict]:
    """A verdict for each document of the stack; one in which too many rows fail is refused."""
    accepted = _accepted(report, judgement)
    done = 0
    for number in range(len(judgement.stack.items)):
        span = judgement.stack.span(number)
        tally = Tally(report, span.stop - span.start)
        tally.add(judgement, span)
        refusal = tally.refusal()
        count = int((~judgement.rejected[span]).sum())
        if refusal is None:
            yield _verdict(report, judgement, span, accepted.slice(done, count))
        else:
            yield refused(report, refusal, told_of_refused(report, judgement, span))
        done += count


def verdict_of(report: Report, judgement: Judgement) -> Verdict:
    """The verdict on a stack that is a part of one document; whether too many rows fail is not asked."""
    return _verdict(report, judgement, slice(0, len(judgement.stack)), _accepted(report, judgement))


def told_of_refused(report: Report, judgement: Judgement, span: slice) -> list[Issue]:
    """The problems of the first rows that fail: enough to see what is wrong with the whole document."""
    rows = np.flatnonzero(judgement.rejected[span])[:_ROWS_TOLD_OF_A_REFUSED_DOCUMENT]
    last = span.start + int(rows[-1]) if len(rows) else span.start
    return Teller(report, judgement.stack, judgement.typed).issues(judgement.findings, span.start, last + 1)


def _verdict(report: Report, judgement: Judgement, span: slice, accepted: pa.Table) -> Verdict:
    rejected = span.start + np.flatnonzero(judgement.rejected[span])
    issues = Teller(report, judgement.stack, judgement.typed).issues(judgement.findings, span.start, span.stop)
    return Verdict(accepted, _as_read(report, judgement, rejected), tuple(issues))


def refused(report: Report, refusal: Issue, issues: list[Issue] | tuple[Issue, ...] = ()) -> Verdict:
    """The verdict on a document that is held back as a whole."""
    return Verdict(_accepted_schema(report).empty_table(), _REJECTED.empty_table(), tuple(issues), refusal)


class Tally:
    """Counts the rejected rows of one document, slice by slice, and what they failed at."""

    def __init__(self, report: Report, total: int) -> None:
        self._report = report
        self._total = total
        self._rejected = 0
        self._failures: Counter[str] = Counter()

    def add(self, judgement: Judgement, span: slice) -> None:
        """Count the rows of a span."""
        self._rejected += int(judgement.rejected[span].sum())
        for finding in judgement.findings:
            if finding.severity is Severity.ERROR:
                rows = int(((finding.rows >= span.start) & (finding.rows < span.stop)).sum())
                self._failures[self._report.column(finding.columns[0]).header] += rows

    def refusal(self) -> Issue | None:
        """The refusal of the document once more rows failed than the contract lets pass."""
        worst = "、".join(f"“{header}”{rows}处" for header, rows in self._failures.most_common(3) if rows)
        return too_many_rejects(self._report, self._rejected, self._total, worst)


def _accepted_schema(report: Report) -> pa.Schema:
    return pa.schema([*raw_schema(report), *_PLACE])


def _accepted(report: Report, judgement: Judgement) -> pa.Table:
    kept = pa.array(~judgement.rejected) if judgement.rejected.any() else None
    columns = [values for column in report.columns for values in _stored(column, judgement, kept)]
    places = [_kept(judgement.stack.texts(field.name), kept) for field in _PLACE]
    return pa.Table.from_arrays([*columns, *places], schema=_accepted_schema(report))


def _stored(column: Column, judgement: Judgement, kept: pa.Array | None) -> Iterator[pa.Array]:
    typed = judgement.typed
    if column.is_personal:
        yield _kept(typed.values[key_name(column)], kept)
        yield masks(column, _kept(typed.values[column.name], kept))
    else:
        yield _kept(typed.stored.get(column.name, typed.values[column.name]), kept)


def _kept(values: pa.Array, kept: pa.Array | None) -> pa.Array:
    return values if kept is None else values.filter(kept)


def _as_read(report: Report, judgement: Judgement, rejected: Positions) -> pa.Table:
    """The rejected rows, each as a JSON object of its texts with personal values masked."""
    if not len(rejected):
        return _REJECTED.empty_table()
    rows = judgement.stack.rows.take(pa.array(rejected))
    texts = [_safe(column, rows.column(column.name).to_pylist()) for column in report.columns]
    names = [column.name for column in report.columns]
    records = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in zip(*texts, strict=True)]
    return pa.Table.from_arrays([rows.column(SHEET), rows.column(ROW), pa.array(records, pa.string())], schema=_REJECTED)


def _safe(column: Column, texts: list[str | None]) -> list[str | None]:
    return [None if text is None else shown(column, text) for text in texts]
