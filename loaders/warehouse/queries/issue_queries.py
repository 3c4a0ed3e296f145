"""The issues that are open: of a report, a unit, a period, or of the documents of one load."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from loaders.contract import Replaces, Report
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.precedence import is_greater
from loaders.warehouse.queries.ledger_queries import Rows

# A refused document first, then errors of rows, then remarks. What a later document corrected is closed, though nobody said so.
_OPEN_ISSUES = f"""
    select i.report, i.unit_code as unit, i.period, s.source_uri as file, i.sheet, i.row_number as row, i.cell, i.severity,
        i.rule, i.message_zh, i.message_en, i.created_at as since, i.submission_id
    from ops.issue as i
    inner join ops.submission as s on s.submission_id = i.submission_id
    where i.resolved_at is null
      and s.state not in ('superseded', 'withdrawn', 'duplicate')
      and not exists (
          select from ops.submission as l
          where l.report = s.report and l.unit_code = s.unit_code and l.period is not distinct from s.period
            and (l.source_uri = s.source_uri or s.report = any(%(one_document)s))
            and l.state in ('accepted', 'accepted_with_rejects', 'superseded')
            and {is_greater("l", "s")}
      )
      and (%(report)s::text is null or i.report = %(report)s)
      and (%(unit)s::text is null or i.unit_code = %(unit)s)
      and (%(period)s::text is null or i.period = %(period)s)
      and (%(submissions)s::bigint[] is null or i.submission_id = any(%(submissions)s))
    order by array_position(array['document', 'error', 'warning'], i.severity), i.report, i.period, i.unit_code, s.source_uri,
        i.sheet, i.row_number, i.issue_id
"""  # noqa: S608 - the condition is a text of this package
_ONE_DOCUMENT = frozenset({Replaces.PERIOD, Replaces.REGISTER})
_STATES = """
    select issue_key, report, unit_code as unit, period, state, severity, rule, age_days_count as age_days, source_uri as file,
        sheet, row_number as row, cell, message_zh, message_en, opened_at, notified_at, acknowledged_until_date, corrected_at,
        closed_at, owner_role, submissions_count as submissions, first_submission_id, last_submission_id
    from ops.issue_state
    where (%(report)s::text is null or report = %(report)s)
      and (%(unit)s::text is null or unit_code = %(unit)s)
      and (%(period)s::text is null or period = %(period)s)
      and (%(rule)s::text is null or rule = %(rule)s)
      and case when %(state)s::text is null then is_open else state = %(state)s end
      and (%(older_than)s::integer is null or age_days_count > %(older_than)s)
      and (%(file)s::text is null or strpos(source_uri, %(file)s) > 0)
      and (not %(is_refused)s or severity = 'document')
    order by array_position(array['document', 'error', 'warning'], severity), report, period, unit_code, source_uri, sheet,
        row_number, issue_key
"""
_HISTORY = """
    select event, occurred_at, decided_by, reason, words, until_date, owner_role, submission_id, notification_id
    from ops.issue_event where issue_key = %s order by event_id
"""


def issue_states(
    connection: Connection,
    *,
    report: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    rule: str | None = None,
    state: str | None = None,
    older_than: int | None = None,
    file: str | None = None,
    is_refused: bool = False,
) -> Rows:
    """Returns one row per issue, refused documents first; without a `state`, those that are open.

    `older_than` is an age in days; `file` is a part of the document's location; `is_refused` chooses the issues that refuse a
    whole document.
    """
    values = {"report": report, "unit": unit, "period": period, "rule": rule, "state": state, "older_than": older_than}
    return fetch_all(connection, _STATES, {**values, "file": file, "is_refused": is_refused})


def is_document_known(connection: Connection, file: str) -> bool:
    """Returns whether the location of any document has this text in it."""
    query = "select from ops.submission where strpos(source_uri, %s) > 0 limit 1"
    return fetch_one(connection, query, [file]) is not None


def issue_history(connection: Connection, issue_key: str) -> Rows:
    """Returns the events in the life of an issue, oldest first."""
    return fetch_all(connection, _HISTORY, [issue_key])


def open_issues(
    connection: Connection,
    reports: Iterable[Report],
    *,
    report: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    submissions: Collection[int] | None = None,
) -> Rows:
    """Returns one row per open issue: where it is, its severity, its rule and both sentences; personal values are masked.

    `reports` are the contracts, which say whether a later document of the unit and period takes the place of an earlier one.
    """
    values = {
        "one_document": [one.report for one in reports if one.replaces in _ONE_DOCUMENT],
        "report": report,
        "unit": unit,
        "period": period,
        "submissions": None if submissions is None else list(submissions),
    }
    return fetch_all(connection, _OPEN_ISSUES, values)
