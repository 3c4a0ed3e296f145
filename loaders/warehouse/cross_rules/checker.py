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
from loaders.model import Issue
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one
from loaders.warehouse.cross_rules import fingerprints, issue_sync
from loaders.warehouse.cross_rules.messages import build_issue
from loaders.warehouse.cross_rules.registry import kind_of
from loaders.warehouse.issues.issue_events import sync_issue_events
from loaders.warehouse.queries import ledger_queries
from loaders.warehouse.schema.key_index import table_of
from loaders.warehouse.submission import submissions_by_id

_log = logging.getLogger(__name__)
_LOCK = "select pg_advisory_xact_lock(hashtextextended('huimin.cross_check', 0))"
# Sums over a large report stay in memory; one such transaction runs at a time.
_MEMORY = "set local work_mem = '64MB'"
_TABLES = "select relname as name from pg_class where relnamespace = 'raw'::regnamespace and relkind in ('r', 'p')"
_ANY_ROW = "select 1 as one from {} where _superseded_at is null limit 1"


class CrossRuleError(WarehouseError):
    """A rule between reports could not be run. All others were, and what they found is kept."""


@dataclass(slots=True)
class CrossCheck:
    """What a check came to: open issues by the report whose owner is told, and why some rules could not be run."""

    open_issues: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def cross_check(
    connection: Connection, reports: Mapping[str, Report], *, stopped: Collection[str] = (), again: bool = False
) -> CrossCheck:
    """Run the rules between reports inside the caller's transaction; without `again`, those whose reports were touched.

    What the rules of `stopped` reports found stays as it is, and so does what rules found that look into them.
    """
    connection.execute(_LOCK)
    connection.execute(_MEMORY)
    # Before the rows are looked at: what is loaded meanwhile is not taken for checked.
    ledger_queries.record_check(connection, fingerprints.check_fingerprint(connection, reports))
    known_fingerprints = fingerprints.RuleFingerprints.read(connection)
    issue_sync.create_staging_table(connection)
    check = CrossCheck()
    reports_with_rows = _reports_with_rows(connection, reports)
    unchanged = fingerprints.recorded_rules(connection, stopped)
    run: dict[str, str] = {}
    for own in reports.values():
        for rule in own.cross_rules:
            name, reports_of_rule, fingerprint = (
                f"{own.report}.{rule.name}",
                fingerprints.reports_of_rule(rule, own),
                known_fingerprints.of_rule(rule, own),
            )
            if faulty := reports_of_rule.intersection(stopped) | (reports_of_rule - reports.keys()):
                _log.warning("rule %s is not run: the contract of %s has a fault", name, ", ".join(sorted(faulty)))
                unchanged.append(name)
            elif waiting := reports_of_rule & known_fingerprints.waiting:
                _log.info("rule %s is put off: documents of %s wait to be loaded", name, ", ".join(sorted(waiting)))
                unchanged.append(name)
            elif known_fingerprints.rules.get(name) == fingerprint and not again:
                unchanged.append(name)
            elif empty := reports_of_rule - reports_with_rows:
                _log.info("rule %s is skipped: report %s has no rows", name, ", ".join(sorted(empty)))
                run[name] = fingerprint
            elif _try_run(connection, name, rule, own, reports, check):
                run[name] = fingerprint
    fingerprints.save(connection, run, [*run, *unchanged, *check.failed])
    check.open_issues = issue_sync.sync_issues(connection, [*check.failed, *unchanged])
    for report in reports.values():
        sync_issue_events(connection, report)
    return check


def raise_failed(check: CrossCheck) -> None:
    """Say which rules could not be run, once all that the others found is safe.

    Raises:
        CrossRuleBroken: there are any.
    """
    if check.failed:
        lines = [f"rule {name} could not be run: {reason}" for name, reason in sorted(check.failed.items())]
        raise CrossRuleError("\n".join(lines))


def _reports_with_rows(connection: Connection, reports: Mapping[str, Report]) -> set[str]:
    """The reports that have current rows."""
    tables = {row["name"] for row in fetch_all(connection, _TABLES)}
    known = [report for name, report in reports.items() if name in tables]
    return {report.report for report in known if fetch_one(connection, sql.SQL(_ANY_ROW).format(table_of(report))) is not None}


def _try_run(
    connection: Connection, name: str, rule: CrossRule, own: Report, reports: Mapping[str, Report], check: CrossCheck
) -> bool:
    """Run a rule behind a savepoint, so that a broken one leaves the others as they are."""
    try:
        with connection.transaction():
            _run(connection, name, rule, own, reports)
    except psycopg.Error as error:
        check.failed[name] = " ".join(str(error.diag.message_primary or error).split())
    return name not in check.failed


def _run(connection: Connection, name: str, rule: CrossRule, own: Report, reports: Mapping[str, Report]) -> None:
    """Ask all that a rule asks, and put its findings beside those of the other rules."""
    other = reports[rule.other_report] if isinstance(rule, BetweenReports) else own
    responsible = other if isinstance(rule, BetweenReports) and rule.is_other_responsible else own
    found: dict[int, list[tuple[Issue, str | None]]] = defaultdict(list)
    for check_query in kind_of(rule).compile(rule, own, other):
        # In the order of the rows, so that equal problems of a document are counted in the same order each time.
        query = sql.SQL("select * from ({}) as q order by submission_id, sheet, row, found").format(check_query.statement)
        for violation in fetch_all(connection, query):
            record = "\x1f".join(text or "" for text in violation["record"]) or None
            found[violation["submission_id"]].append((build_issue(rule, own, other, check_query, violation), record))
    submissions = submissions_by_id(connection, found)
    issue_sync.stage(connection, name, responsible, ((submissions[number], issues) for number, issues in found.items()))
