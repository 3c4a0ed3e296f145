"""Declarations of units that there is nothing to report for a period, and their reverse. Added, never changed."""

from __future__ import annotations

from dataclasses import replace

from loaders.arrival import Declaration
from loaders.contract import Report
from loaders.period import Period
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one
from loaders.warehouse.postgres_limits import sanitize_text

NOTHING, REVOKE = "nothing_to_report", "revoke"
_LOCK = "select pg_advisory_xact_lock(hashtextextended('huimin.declare.' || %s, 0))"
_INSERT = """
    insert into ops.declaration (report, unit_code, period, decision, reason, decided_by, decided_at)
    values (%s, %s, %s, %s, %s, %s, coalesce(%s, clock_timestamp()))
    returning decided_at
"""
_STATUS = """
    select s.is_accepted, s.is_nothing_declared, s.submission_id, o.lifted_reason, o.report is not null as is_known
    from (select %(report)s::text as report, %(unit)s::text as unit_code, %(period)s::text as period) as asked
    left join ops.obligation as o using (report, unit_code, period)
    left join ops.reporting_status as s using (report, unit_code, period)
"""
_ALL = """
    select report, unit_code as unit, period, decision, reason as why, decided_by as by, decided_at as at from ops.declaration
"""
_LIFTED = {
    "report_retired": "the report is retired",
    "unit_closed": "the unit did not exist then",
    "before_first_period": "the report had not begun",
    "contract_changed": "its contract asks for it no more",
}


class CannotBeDeclared(WarehouseError):
    """A declaration about something that nobody owes, or that has arrived; the message says which, and the next step."""


def declare(connection: Connection, report: Report, unit: str, period: Period, *, why: str, by: str, revoke: bool) -> Declaration:
    """Records that a unit has nothing to report for a period, or takes that back.

    Raises:
        CannotBeDeclared: the unit does not owe the period, a document of it was accepted, or there is nothing to take back.
    """
    connection.execute(_LOCK, [report.report])
    _refuse_unless_owed(connection, report, unit, period, revoke=revoke)
    return restore(connection, Declaration(report.report, unit, period, REVOKE if revoke else NOTHING, why, by))


def restore(connection: Connection, declaration: Declaration) -> Declaration:
    """Adds a declaration as it was made, with its time when it has one."""
    values = [declaration.report, declaration.unit, str(declaration.period), declaration.decision]
    texts = [sanitize_text(declaration.why), sanitize_text(declaration.by)]
    row = fetch_one(connection, _INSERT, [*values, *texts, declaration.at])
    if row is None:
        raise AssertionError("an insert that returns a row returned none")
    return replace(declaration, at=row["decided_at"])


def is_known(connection: Connection, declaration: Declaration) -> bool:
    """Returns whether the ledger has a declaration of this time."""
    query = "select from ops.declaration where report = %s and unit_code = %s and period = %s and decided_at = %s"
    return (
        fetch_one(connection, query, [declaration.report, declaration.unit, str(declaration.period), declaration.at]) is not None
    )


def all_declarations(connection: Connection) -> list[Declaration]:
    """Returns all declarations of the ledger."""
    return [Declaration(**row | {"period": Period.parse(row["period"])}) for row in fetch_all(connection, _ALL)]


def _refuse_unless_owed(connection: Connection, report: Report, unit: str, period: Period, *, revoke: bool) -> None:
    subject = f"{report.report} of {unit} for {period}"
    row = fetch_one(connection, _STATUS, {"report": report.report, "unit": unit, "period": str(period)}) or {}
    if not row.get("is_known"):
        raise CannotBeDeclared(f"nobody owes {subject}: see `huimin missing --report {report.report} --not-yet-due`")
    if row["lifted_reason"] is not None:
        raise CannotBeDeclared(f"nobody owes {subject}: {_LIFTED[row['lifted_reason']]}")
    if revoke and not row["is_nothing_declared"]:
        raise CannotBeDeclared(f"no declaration stands for {subject}: there is nothing to take back")
    if not revoke and row["is_accepted"]:
        raise CannotBeDeclared(f"{subject} was accepted as submission {row['submission_id']}: there is something to report")
    if not revoke and row["is_nothing_declared"]:
        raise CannotBeDeclared(f"it is declared already that there is nothing to report in {subject}")
