"""`reconciles` in SQL: rows whose total differs from the sum of the other report's rows of the same key and period."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from loaders.contract import LocalizedText, Report
from loaders.contract.cross_rules.kinds.reconciles import ReconciliationRule
from loaders.messages import phrase
from loaders.warehouse.cross_rules.cross_rule_kind import CheckQuery, CrossRuleKind, Violation, name_of
from loaders.warehouse.cross_rules.sql_fragments import (
    COMMA,
    comparison_column,
    display_column,
    is_applicable,
    is_period_covered,
    row_location,
    table_fragments,
    target_document,
    text_array,
    values_match,
)

# Where both have periods of one length, equality is the faster way to say it.
_SAME_PERIOD = "(r._period_start, r._period_end) = (o._period_start, o._period_end)"
_WITHIN_PERIOD = "r._period_start >= o._period_start and r._period_end <= o._period_end"
_TOTALS = """
    with parts as materialized (
        select {keys}, r._unit_code, r._period_start, r._period_end, {amount} as _amount
        from {other} as r where r._superseded_at is null group by {keys}, r._unit_code, r._period_start, r._period_end
    ),
    covered_periods as materialized (select distinct _unit_code, _period_start, _period_end from parts),
    totals as (
        select o._submission_id, o._sheet, o._row, sum(r._amount) as _amount
        from {own} as o
        inner join parts as r on {values_match} and {in_period}
        where o._superseded_at is null
        group by o._submission_id, o._sheet, o._row
    ),
    differing as (
        select {row_location}, {found} as own, array[coalesce(t._amount, 0)::text] as other, {key_values} as keys,
            o._unit_code as unit_code, o._period_start as first_day, o._period_end as last_day
        from {own} as o
        left join totals as t on (t._submission_id, t._sheet, t._row) = (o._submission_id, o._sheet, o._row)
        where {is_applicable} and {is_period_covered}
          and abs({total} - coalesce(t._amount, 0)) > {tolerance} * greatest(abs({total}), abs(coalesce(t._amount, 0)))
    )
"""
_THIS_IS_WRONG = "select submission_id, sheet, row, record, own as found, other as expected from differing"
_OTHER_IS_WRONG = """
    select h.submission_id, null as sheet, null::integer as row, m.keys as record, m.other as found, m.own as expected
    from differing as m {target_document}
"""


def _compile(rule: ReconciliationRule, own: Report, other: Report) -> Iterator[CheckQuery]:
    totals = sql.SQL(_TOTALS).format(
        own=table_fragments(own, other)["own"],
        other=table_fragments(own, other)["other"],
        row_location=row_location(own),
        keys=COMMA.join(comparison_column("r", other.column(name)) for name in rule.join_on.values()),
        amount=sql.SQL("count(*)") if rule.sum is None else sql.SQL("sum({})").format(sql.Identifier("r", rule.sum)),
        values_match=values_match(rule.join_on.items(), own, other),
        found=text_array([display_column("o", own.column(rule.column))]),
        key_values=text_array(display_column("o", own.column(name)) for name in rule.join_on),
        is_applicable=is_applicable(rule, own, rule.own_columns),
        is_period_covered=is_period_covered(own, other, in_period=True),
        in_period=sql.SQL(_SAME_PERIOD if own.period_kind is other.period_kind else _WITHIN_PERIOD),
        total=sql.Identifier("o", rule.column),
        tolerance=sql.Literal(rule.tolerance_pct / 100),
    )
    in_period = sql.SQL("s.period_start >= m.first_day and s.period_end <= m.last_day")
    ending = sql.SQL(_OTHER_IS_WRONG if rule.is_other_responsible else _THIS_IS_WRONG)
    there = (rule.sum,) if rule.sum is not None else tuple(rule.join_on.values())
    yield CheckQuery(totals + ending.format(target_document=target_document(other, in_period)), (rule.column,), there)


def _describe(rule: ReconciliationRule, violation: Violation) -> LocalizedText:
    value = violation.expected[0]
    if rule.is_other_responsible:
        return phrase("cross.says", found=violation.found, report=name_of(violation.own), value=value)
    return phrase("cross.adds_up", found=violation.found, report=name_of(violation.other), value=value)


KIND = CrossRuleKind(ReconciliationRule, _compile, _describe)
