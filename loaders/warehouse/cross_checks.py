"""Rules between reports, run over all current rows. Their findings are issues of the documents that they stand in.

The open issues of these rules are a function of the current rows and the contracts alone: what is found and was not there is
added, what was there and is not found any more is resolved, what is found again is open again. So running it twice adds nothing,
and the order of loads changes nothing. A report that has no current row says nothing, and rules that look into it find nothing.
While documents of a report wait to be loaded, its rules and those that look into it wait too: half a register proves nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from loaders.contract import BetweenReports, CrossRule, Report
from loaders.table import Issue
from loaders.warehouse import answers, cross_findings, cross_marks
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one
from loaders.warehouse.cross_queries import questions
from loaders.warehouse.cross_words import issue_of
from loaders.warehouse.raw_tables import table_of
from loaders.warehouse.submission import submissions_by_id

_log = logging.getLogger(__name__)
_LOCK = "select pg_advisory_xact_lock(hashtextextended('huimin.cross_check', 0))"
# Sums over a large report stay in memory; one such transaction runs at a time.
_MEMORY = "set local work_mem = '64MB'"
_TABLES = "select relname as name from pg_class where relnamespace = 'raw'::regnamespace and relkind in ('r', 'p')"
_ANY_ROW = "select 1 as one from {} where _superseded_at is null limit 1"


class CrossRuleBroken(WarehouseError):
    """A rule between reports could not be run. All others were, and what they found is kept."""


@dataclass(slots=True)
class CrossCheck:
    """What a check came to: open issues by the report whose owner is told, and why some rules could not be run."""

    open_issues: dict[str, int] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)


def cross_check(
    connection: Connection, reports: Mapping[str, Report], *, stopped: Collection[str] = (), again: bool = False
) -> CrossCheck:
    """Run the rules between reports inside the caller's transaction; without `again`, those whose reports were touched.

    What the rules of `stopped` reports found stays as it is, and so does what rules found that look into them.
    """
    connection.execute(_LOCK)
    connection.execute(_MEMORY)
    # Before the rows are looked at: what is loaded meanwhile is not taken for checked.
    answers.record_check(connection, cross_marks.check_mark(connection, reports))
    marks = cross_marks.Marks.read(connection)
    cross_findings.begin(connection)
    check = CrossCheck()
    speaking = _speaking(connection, reports)
    left = cross_marks.rules_of(connection, stopped)
    run: dict[str, str] = {}
    for own in reports.values():
        for rule in own.cross_rules:
            name, sides, mark = f"{own.report}.{rule.name}", cross_marks.sides(rule, own), marks.of(rule, own)
            if faulty := sides.intersection(stopped) | (sides - reports.keys()):
                _log.warning("rule %s is not run: the contract of %s has a fault", name, ", ".join(sorted(faulty)))
                left.append(name)
            elif waiting := sides & marks.waiting:
                _log.info("rule %s is put off: documents of %s wait to be loaded", name, ", ".join(sorted(waiting)))
                left.append(name)
            elif marks.rules.get(name) == mark and not again:
                left.append(name)
            elif silent := sides - speaking:
                _log.info("rule %s is skipped: report %s has no rows", name, ", ".join(sorted(silent)))
                run[name] = mark
            elif _can_be_run(connection, name, rule, own, reports, check):
                run[name] = mark
    cross_marks.keep(connection, run, [*run, *left, *check.broken])
    check.open_issues = cross_findings.settle(connection, [*check.broken, *left])
    return check


def refuse_broken(check: CrossCheck) -> None:
    """Say which rules could not be run, once all that the others found is safe.

    Raises:
        CrossRuleBroken: there are any.
    """
    if check.broken:
        lines = [f"rule {name} could not be run: {reason}" for name, reason in sorted(check.broken.items())]
        raise CrossRuleBroken("\n".join(lines))


def _speaking(connection: Connection, reports: Mapping[str, Report]) -> set[str]:
    """The reports that have current rows."""
    tables = {row["name"] for row in fetch_all(connection, _TABLES)}
    known = [report for name, report in reports.items() if name in tables]
    return {report.report for report in known if fetch_one(connection, sql.SQL(_ANY_ROW).format(table_of(report))) is not None}


def _can_be_run(
    connection: Connection, name: str, rule: CrossRule, own: Report, reports: Mapping[str, Report], check: CrossCheck
) -> bool:
    """Run a rule behind a savepoint, so that a broken one leaves the others as they are."""
    try:
        with connection.transaction():
            _run(connection, name, rule, own, reports)
    except psycopg.Error as error:
        check.broken[name] = " ".join(str(error.diag.message_primary or error).split())
    return name not in check.broken


def _run(connection: Connection, name: str, rule: CrossRule, own: Report, reports: Mapping[str, Report]) -> None:
    """Ask all that a rule asks, and put its findings beside those of the other rules."""
    other = reports[rule.other] if isinstance(rule, BetweenReports) else None
    told = other if isinstance(rule, BetweenReports) and rule.told == "other" and other is not None else own
    found: dict[int, list[tuple[Issue, str | None]]] = defaultdict(list)
    for asked in questions(rule, own, other):
        # In the order of the rows, so that equal problems of a document are counted in the same order each time.
        query = sql.SQL("select * from ({}) as q order by submission_id, sheet, row, found").format(asked.statement)
        for finding in fetch_all(connection, query):
            record = "\x1f".join(text or "" for text in finding["record"]) or None
            found[finding["submission_id"]].append((issue_of(rule, own, other, asked, finding), record))
    submissions = submissions_by_id(connection, found)
    cross_findings.stage(connection, name, told, ((submissions[number], issues) for number, issues in found.items()))
