"""Landed documents validated again by today's contract, compared with what the warehouse holds of them. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import pyarrow as pa
from psycopg import sql

from loaders.contract import Report
from loaders.identifiers.personal_keys import NO_LAYERS, KeyChain
from loaders.model import ROW, SHEET, Issue, ValidationResult
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.issues.issue_events import COUNTING, one_document_reports
from loaders.warehouse.issues.issue_log import IssueLog, record_keys
from loaders.warehouse.issues.overrides import ConfirmedRows, KeyedIssue, Overrides, RowPlace
from loaders.warehouse.personal_keys import key_ring
from loaders.warehouse.rows.row_writer import row_schema
from loaders.warehouse.schema.key_index import table_of
from loaders.warehouse.submission import CURRENT_STATES, LoadItem, Submission

# Documents that hold rows back: some rows of a loaded one, or all of a refused one.
_HOLDING = f"""
    select s.* from ops.submission as s
    where s.report = %(report)s
      and (%(periods)s::text[] = '{{}}' or s.period = any(%(periods)s))
      and (%(units)s::text[] = '{{}}' or s.unit_code = any(%(units)s))
      and (%(uris)s::text[] = '{{}}' or s.source_uri = any(%(uris)s))
      and exists (
          select from ops.issue as i
          where i.submission_id = s.submission_id and i.resolved_at is null and i.severity <> 'warning'
            and (%(rule)s::text is null or i.rule = %(rule)s)
      )
      and {COUNTING}
    order by s.submission_id
"""  # noqa: S608 - the condition is a text of this package
_HELD = """
    select q.sheet, q.row_number from quarantine.row as q
    where q.submission_id = %(id)s and q.state in ('open', 'notified') and q.key_holder_id is null
      and (%(rule)s::text is null or exists (
          select from ops.issue as i
          where i.submission_id = q.submission_id and coalesce(i.sheet, '') = q.sheet and i.row_number = q.row_number
            and i.rule = %(rule)s and i.resolved_at is null
      ))
"""
_LOADED = "select distinct _sheet, _row from {} where _submission_id = %s and _superseded_by is distinct from _submission_id"


@dataclass(frozen=True, slots=True)
class Revalidation:
    """What today's contract says of a document: rows that pass, as the raw table holds them, and all issues with their keys.

    `confirmed` are the rows that only overrides let pass. `ledger_rows` are the issues as rows of the ledger, in the same order.
    Hashes are as validation made them; `chain` lifts them when rows are written.
    """

    submission: Submission
    refusal: Issue | None
    accepted: pa.Table
    confirmed: ConfirmedRows
    confirmable: pa.Table
    issues: tuple[KeyedIssue, ...]
    ledger_rows: tuple[Sequence[object], ...]
    chain: KeyChain = NO_LAYERS

    def passing(self) -> set[RowPlace]:
        """Returns the places of the rows that would be loaded."""
        return places_of(self.accepted) | places_of(self.confirmed.rows)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a validation of a document by today's contract would change: rows by sheet and number.

    Of a refused document, `to_load` are its rows that pass now. `refusal` says why the whole document would be refused today.
    """

    submission_id: int
    unit_code: str
    period: str | None
    source_uri: str
    state: str
    to_load: tuple[RowPlace, ...]
    to_reject: tuple[RowPlace, ...]
    refusal: str | None = None

    @property
    def is_none(self) -> bool:
        """Whether nothing would change."""
        return not (self.to_load or self.to_reject)


def documents_with_held_rows(
    connection: Connection,
    report: Report,
    *,
    rule: str | None,
    units: Sequence[str],
    periods: Sequence[str],
    uris: Sequence[str] = (),
) -> list[Submission]:
    """Returns the documents that count and hold rows back, by a rule or by any."""
    values = {
        "report": report.report,
        "one_document": one_document_reports([report]),
        "rule": rule,
        "units": list(units),
        "periods": list(periods),
        "uris": list(uris),
    }
    return [Submission.from_row(row) for row in fetch_all(connection, _HOLDING, values)]


def revalidate(connection: Connection, report: Report, item: LoadItem, results: Sequence[ValidationResult]) -> Revalidation:
    """Applies keys of issues, and the overrides that are in force, to the validation results of a document."""
    # What is written of it later must have the hashes of this moment.
    key_ring.lock_shared(connection)
    log, overrides = IssueLog(connection, report, item.submission), Overrides.read(connection, report)
    refusal = item.reading.refusal or next((one.refusal for one in results if one.refusal is not None), None)
    empty = row_schema(report).empty_table()
    accepted, confirmed, confirmable = [empty], [ConfirmedRows(empty)], [empty]
    issues: list[KeyedIssue] = []
    ledger_rows: list[Sequence[object]] = []
    for result in results if refusal is None else ():
        rows = log.rows(result.issues, record_keys(report, item.reading.rows, result.issues))
        keyed = [(issue, str(row[-1])) for issue, row in zip(result.issues, rows, strict=True)]
        issues += keyed
        ledger_rows += rows
        kept, by_override = overrides.confirm(result, keyed)
        accepted.append(_as_raw(report, kept.accepted))
        confirmed.append(replace(by_override, rows=_as_raw(report, by_override.rows)))
        confirmable += [] if result.confirmable is None else [_as_raw(report, result.confirmable)]
    return Revalidation(
        item.submission,
        refusal,
        pa.concat_tables(accepted),
        ConfirmedRows(
            pa.concat_tables([one.rows for one in confirmed]),
            tuple(chain.from_iterable(one.decisions for one in confirmed)),
            tuple(chain.from_iterable(one.partial for one in confirmed)),
        ),
        pa.concat_tables(confirmable),
        tuple(issues),
        tuple(ledger_rows),
        key_ring.chain_of(connection, item.keys),
    )


def compare(connection: Connection, report: Report, revalidation: Revalidation, *, rule: str | None = None) -> Difference:
    """Compares a revalidation with the loaded and the held rows of the document; with a rule, with those that it holds."""
    submission, passing = revalidation.submission, revalidation.passing()
    if submission.state in CURRENT_STATES:
        held = _places(fetch_all(connection, _HELD, {"id": submission.submission_id, "rule": rule}))
        query = sql.SQL(_LOADED).format(table_of(report))
        loaded = _places(fetch_all(connection, query, [submission.submission_id]))
    else:
        held, loaded = passing, set()
    return Difference(
        submission.submission_id,
        submission.unit_code,
        str(submission.period) if submission.period else None,
        submission.source_uri,
        submission.state,
        tuple(sorted(held & passing)),
        tuple(sorted(loaded - passing)),
        None if revalidation.refusal is None else revalidation.refusal.message_en,
    )


def held_rows(connection: Connection, submission_id: int, rule: str | None) -> set[RowPlace]:
    """Returns the quarantined rows of a document that no key conflict holds; with a rule, those that it holds."""
    return _places(fetch_all(connection, _HELD, {"id": submission_id, "rule": rule}))


def places_of(rows: pa.Table) -> set[RowPlace]:
    """Returns the places (sheet and row) of rows."""
    return set(zip(rows[SHEET].to_pylist(), rows[ROW].to_pylist(), strict=True))


def _places(rows: Sequence[dict[str, object]]) -> set[RowPlace]:
    return {(str(sheet), int(str(number))) for sheet, number in (row.values() for row in rows)}


def _as_raw(report: Report, rows: pa.Table) -> pa.Table:
    schema = row_schema(report)
    return rows.select(schema.names).cast(schema)
