"""`references` in SQL: rows whose values stand in no current, valid row of the other report."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from loaders.contract import LocalizedText, Report
from loaders.contract.cross_rules.kinds.references import ReferenceRule
from loaders.messages import phrase
from loaders.warehouse.cross_rules.cross_rule_kind import CheckQuery, CrossRuleKind, Violation, name_of
from loaders.warehouse.cross_rules.sql_fragments import (
    AND,
    display_column,
    is_applicable,
    is_period_covered,
    table_fragments,
    target_document,
    text_array,
    values_match,
)

_THIS_IS_WRONG = """
    with {covered_periods}
    select {row_location}, {found} as found, null::text[] as expected
    from {own} as o
    where {is_applicable} and {is_period_covered}
      and not exists (select from {other} as r where r._superseded_at is null and {values_match} and {valid_during})
"""
_OTHER_IS_WRONG = """
    with {covered_periods},
    missing as (
        select {found} as found, min(o._unit_code) as unit_code
        from {own} as o
        where {is_applicable} and {is_period_covered}
          and not exists (select from {other} as r where r._superseded_at is null and {values_match} and {valid_during})
        group by 1
    )
    select h.submission_id, null as sheet, null::integer as row, m.found as record, m.found, null::text[] as expected
    from missing as m {target_document}
"""


def _compile(rule: ReferenceRule, own: Report, other: Report) -> Iterator[CheckQuery]:
    statement = sql.SQL(_OTHER_IS_WRONG if rule.is_other_responsible else _THIS_IS_WRONG).format(
        **table_fragments(own, other),
        found=text_array(display_column("o", own.column(name)) for name in rule.columns),
        is_applicable=is_applicable(rule, own, rule.columns),
        is_period_covered=is_period_covered(own, other),
        values_match=values_match(rule.pairs, own, other),
        valid_during=_valid_during(rule),
        target_document=target_document(other, sql.SQL("true")),
    )
    yield CheckQuery(statement, rule.columns, tuple(there for _, there in rule.pairs))


def _valid_during(rule: ReferenceRule) -> sql.Composable:
    interval = rule.valid_during
    if interval is None:
        return sql.SQL("true")
    first, last = sql.Identifier("o", "_period_start"), sql.Identifier("o", "_period_end")
    if interval.day is not None:
        first = last = sql.Identifier("o", interval.day)
    bounds = [sql.SQL("coalesce({}::date <= {}::date, true)").format(sql.Identifier("r", interval.since), last)]
    if interval.until is not None:
        bounds.append(sql.SQL("coalesce({}::date >= {}::date, true)").format(sql.Identifier("r", interval.until), first))
    return AND.join(bounds)


def _describe(rule: ReferenceRule, violation: Violation) -> LocalizedText:
    if rule.is_other_responsible:
        return phrase("cross.missing_here", found=violation.found, report=name_of(violation.own))
    return phrase("cross.missing_there", found=violation.found, report=name_of(violation.other))


def _expected(violation: Violation) -> str:
    return phrase("cross.record_of", report=name_of(violation.other)).zh


KIND = CrossRuleKind(ReferenceRule, _compile, _describe, _expected)
