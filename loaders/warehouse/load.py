"""The load: ONE transaction for a batch of submissions of one report.

Rows, rejects, issues, superseded marks, ledger states and the watermark become visible together or not at all. Each document
stands behind a savepoint of its own, so that a refused one leaves the others as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import psycopg

from loaders.contract import Replaces, Report
from loaders.table import Issue, Reading, Severity
from loaders.warehouse import ledger, quarantine
from loaders.warehouse.connection import Connection
from loaders.warehouse.problems import insert_issues
from loaders.warehouse.rows import RowWriter
from loaders.warehouse.submission import LoadItem, Outcome, State, Submission, due_date, period_fields
from loaders.warehouse.supersede import close, mark_superseded, predecessor_rows, speaker


class _DocumentRefused(Exception):
    """Carries the reason out of the document's savepoint."""

    def __init__(self, refusal: Issue, others: Sequence[Issue] = ()) -> None:
        super().__init__(refusal.message_en)
        self.refusal = refusal
        self.others = others


def load_items(connection: Connection, report: Report, token: int, items: Iterable[LoadItem]) -> list[Outcome]:
    """Load claimed submissions inside the caller's transaction, those that speak last at the end.

    Raises:
        ClaimLost: another run took one of them over since.
    """
    # Small documents are judged while this list is made: before the lock, so that nobody waits for it.
    ordered = sorted(items, key=lambda item: item.submission.precedence)
    ledger.lock_report(connection, report, "load")
    ledger.hold_claim(connection, token, [item.submission for item in ordered])
    outcomes = [_load_document(connection, report, item) for item in ordered]
    ledger.move_watermark(connection, report)
    return outcomes


def _load_document(connection: Connection, report: Report, item: LoadItem) -> Outcome:
    submission = _with_period(connection, report, item)
    try:
        with connection.transaction():
            return _DocumentLoad(connection, report, submission, item).run()
    except _DocumentRefused as refused:
        issues = [refused.refusal, *refused.others]
    except psycopg.DataError as error:
        issues = [_cannot_be_stored(error)]
    return _reject(connection, report, submission, item.reading, issues)


class _DocumentLoad:
    """One document's way into the tables; any refusal leaves by an exception and takes everything back."""

    def __init__(self, connection: Connection, report: Report, submission: Submission, item: LoadItem) -> None:
        self._connection = connection
        self._report = report
        self._submission = submission
        self._item = item
        self._rows_quarantined = 0

    def run(self) -> Outcome:
        self._refuse_unreadable()
        rival = speaker(self._connection, self._report, self._submission)
        loses = rival is not None and rival.precedence > self._submission.precedence
        if rival is not None and not loses:
            close(self._connection, self._report, rival, self._submission.submission_id)
        writer = RowWriter(
            self._connection, self._report, self._submission, rival.submission_id if rival is not None and loses else None
        )
        self._write_slices(writer)
        self._guard(writer.rows_written)
        outcome = self._record(writer.rows_written)
        if rival is not None and loses:
            mark_superseded(self._connection, self._submission.submission_id, rival.submission_id)
            return replace(outcome, state=State.SUPERSEDED)
        writer.finish()
        return outcome

    def _refuse_unreadable(self) -> None:
        reading = self._item.reading
        if reading.refusal is not None:
            raise _DocumentRefused(reading.refusal, reading.issues)
        if self._report.replaces is Replaces.PERIOD and self._submission.period is None:
            raise _DocumentRefused(_period_unknown())

    def _write_slices(self, writer: RowWriter) -> None:
        untold = dict.fromkeys(self._item.reading.issues)
        for verdict in self._item.verdicts:
            if verdict.refusal is not None:
                raise _DocumentRefused(verdict.refusal, verdict.issues)
            held = writer.write(verdict.accepted)
            self._rows_quarantined += quarantine.hold_rejected(self._connection, self._submission, verdict.rejected)
            self._rows_quarantined += quarantine.hold_rows(self._connection, self._submission, held)
            self._tell([*verdict.issues, *(row.issue for row in held)])
            for issue in verdict.issues:
                untold.pop(issue, None)
        self._tell(untold)

    def _tell(self, issues: Iterable[Issue]) -> None:
        insert_issues(self._connection, self._submission, issues)

    def _guard(self, rows_loaded: int) -> None:
        reading = self._item.reading
        counted = rows_loaded + self._rows_quarantined + sum(reading.furniture.values())
        if counted != reading.rows_total:
            raise _DocumentRefused(_rows_unaccounted(reading.rows_total, counted))
        if self._report.replaces is not Replaces.REGISTER:
            return
        before = predecessor_rows(self._connection, self._report, self._submission)
        if before and rows_loaded < before * (1 - self._report.shrink_limit_pct / 100):
            raise _DocumentRefused(_register_shrank(self._report, before, rows_loaded))

    def _record(self, rows_loaded: int) -> Outcome:
        state = State.ACCEPTED_WITH_REJECTS if self._rows_quarantined else State.ACCEPTED
        outcome = Outcome(self._submission.submission_id, state, rows_loaded, self._rows_quarantined)
        _write_outcome(self._connection, self._report, outcome, self._item.reading, self._item.reading.furniture)
        return outcome


def _reject(
    connection: Connection, report: Report, submission: Submission, reading: Reading, issues: Sequence[Issue]
) -> Outcome:
    """Hold the whole document back: no rows, one reason."""
    insert_issues(connection, submission, dict.fromkeys(issues))
    outcome = Outcome(submission.submission_id, State.REJECTED, 0, reading.rows_total, issues[0].message_en)
    _write_outcome(connection, report, outcome, reading, {})
    return outcome


def _write_outcome(connection: Connection, report: Report, outcome: Outcome, reading: Reading, furniture: Any) -> None:
    query = """
        update ops.submission set
            state = %(state)s, state_reason = %(reason)s, rows_total = %(total)s, rows_loaded = %(loaded)s,
            rows_quarantined = %(quarantined)s, rows_furniture = %(furniture_rows)s, furniture = %(furniture)s,
            loaded_at = clock_timestamp(), contract_sha256 = %(contract)s
        where submission_id = %(id)s
    """
    parameters = {
        "state": outcome.state,
        "reason": outcome.reason,
        "total": reading.rows_total,
        "loaded": outcome.rows_loaded,
        "quarantined": outcome.rows_quarantined,
        "furniture_rows": sum(furniture.values()),
        "furniture": json.dumps(dict(furniture), ensure_ascii=False),
        "contract": ledger.contract_sha256(report),
        "id": outcome.submission_id,
    }
    connection.execute(query, parameters)


def _with_period(connection: Connection, report: Report, item: LoadItem) -> Submission:
    """The submission with the period that the document itself says, when its name said none."""
    submission, said = item.submission, item.reading.period
    if submission.period is not None or said is None or said.kind is not report.period_kind:
        return submission
    query = """
        update ops.submission set period = %(period)s, period_start = %(period_start)s, period_end = %(period_end)s,
            due_date = %(due)s::date,
            is_on_time = (source_modified_at at time zone 'Asia/Shanghai')::date <= %(due)s::date
        where submission_id = %(id)s
    """
    facts = {**period_fields(said), "due": due_date(report, said), "id": submission.submission_id}
    connection.execute(query, facts)
    return replace(submission, period=said)


def _refusal(rule: str, found: str | None, expected: str, zh: str, en: str) -> Issue:
    return Issue(
        rule=rule, severity=Severity.DOCUMENT, found=found, expected=expected, message_zh=zh, message_en=en
    )


def _period_unknown() -> Issue:
    return _refusal(
        "period_unknown",
        None,
        "a period in the name or in the document",
        "无法从文件名或文件内容中判断报表所属期。请在文件名或标题中写明，例如“2023-06”或“2023年6月”。",
        "neither the name nor the document says its period; write it into the name or the title, e.g. 2023-06",
    )


def _rows_unaccounted(total: int, counted: int) -> Issue:
    return _refusal(
        "rows_unaccounted",
        str(counted),
        str(total),
        f"文件共有{total}行，但只核对到{counted}行，为避免漏报，整份文件未入库。请联系系统管理员。",
        f"the document has {total} rows, but {counted} were accounted for; nothing was loaded, tell the maintainers",
    )


def _register_shrank(report: Report, before: int, now: int) -> Issue:
    limit = f"{report.shrink_limit_pct:g}%"
    return _refusal(
        "register_shrank",
        str(now),
        f">= {before} - {limit}",
        f"本次名册只有{now}条记录，上一次有{before}条，减少超过{limit}，整份文件未入库。请确认是否漏报；如确属减少，请联系管理员放行。",
        f"the register has {now} rows, the one before had {before}: more than {limit} are gone; "
        "send the whole register, or, if the rows are really gone, raise shrink_limit_pct and load the document again",
    )


def _cannot_be_stored(error: psycopg.DataError) -> Issue:
    detail = " ".join(str(error.diag.message_primary or error).split())
    return _refusal(
        "cannot_be_stored",
        detail,
        "values that the warehouse can hold",
        f"文件中有数据库无法保存的内容，整份文件未入库：{detail}",
        f"the warehouse cannot hold a value of this document: {detail}",
    )

