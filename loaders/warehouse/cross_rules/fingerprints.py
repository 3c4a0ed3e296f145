"""What the rules between reports were last run over, so that only those are run again whose reports were touched since."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from loaders.contract import BetweenReports, CrossRule, Report
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.queries import ledger_queries

_REPORTS = """
    select report,
        concat_ws(':', count(*), count(loaded_at), max(loaded_at), count(*) filter (where state = 'withdrawn')) as mark,
        bool_or(state = 'landed') as is_waiting
    from ops.submission group by report
"""
_RULES_OF = """
    select distinct r.cross_rule
    from (select cross_rule from ops.cross_rule union select cross_rule from ops.issue where cross_rule is not null) as r
    where split_part(r.cross_rule, '.', 1) = any(%s)
"""
_KEEP = """
    insert into ops.cross_rule (cross_rule, mark) select * from unnest(%s::text[], %s::text[])
    on conflict (cross_rule) do update set mark = excluded.mark
"""


def check_fingerprint(connection: Connection, reports: Mapping[str, Report]) -> str:
    """A text that changes with whatever the rules between reports are run over, and with the rules."""
    rules = [f"{report.report} {rule.model_dump_json()}" for report in reports.values() for rule in report.cross_rules]
    return f"{ledger_queries.ledger_fingerprint(connection)} {_digest(*sorted(rules))}"


def reports_of_rule(rule: CrossRule, own: Report) -> set[str]:
    """The reports that a rule looks at."""
    return {own.report, rule.other_report} if isinstance(rule, BetweenReports) else {own.report}


@dataclass(frozen=True, slots=True)
class RuleFingerprints:
    """The ledger's state of each report, which of them have documents that wait, and what each rule was last run over."""

    reports: Mapping[str, str]
    waiting: frozenset[str]
    rules: Mapping[str, str]

    @classmethod
    def read(cls, connection: Connection) -> RuleFingerprints:
        """As they are now."""
        rows = fetch_all(connection, _REPORTS)
        known = fetch_all(connection, "select cross_rule, mark from ops.cross_rule")
        return cls(
            {row["report"]: row["mark"] for row in rows},
            frozenset(row["report"] for row in rows if row["is_waiting"]),
            {row["cross_rule"]: row["mark"] for row in known},
        )

    def of_rule(self, rule: CrossRule, own: Report) -> str:
        """What a rule would be run over now."""
        states = (f"{name} {self.reports.get(name)}" for name in sorted(reports_of_rule(rule, own)))
        return _digest(rule.model_dump_json(), *states)


def recorded_rules(connection: Connection, reports: Collection[str]) -> list[str]:
    """The rules of some reports that found something or were run before, as far as the ledger knows them."""
    return [row["cross_rule"] for row in fetch_all(connection, _RULES_OF, [list(reports)])]


def save(connection: Connection, fingerprints: Mapping[str, str], known: Collection[str]) -> None:
    """Say what some rules were run over, and forget those that are not `known` any more."""
    connection.execute("delete from ops.cross_rule where cross_rule <> all(%s::text[])", [list(known)])
    connection.execute(_KEEP, [list(fingerprints), list(fingerprints.values())])


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
