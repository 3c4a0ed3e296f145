"""`non_decreasing` in SQL: rows that are smaller than the row of the period before with the same key."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from loaders.contract import ColumnType, KeyScope, LocalizedText, Report
from loaders.contract.cross_rules.kinds.non_decreasing import NonDecreasingRule
from loaders.messages import phrase
from loaders.warehouse.cross_rules.cross_rule_kind import CheckQuery, CrossRuleKind, Violation
from loaders.warehouse.cross_rules.sql_fragments import (
    COMMA,
    comparison_column,
    display_column,
    is_applicable,
    row_location,
    text_array,
)
from loaders.warehouse.schema.key_index import table_of

# A row's own period tells it from that of another period, not from that of another unit.
_PERIOD_TYPES = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})
_DECREASES = """
    select {row_location}, {found} as found, array[o._before::text, to_char(o._before_start, 'YYYY-MM')] as expected
    from (
        select o.*, lag({column}) over by_period as _before, lag(o._period_start) over by_period as _before_start
        from {own} as o where {is_applicable}
        window by_period as (partition by {keys} order by o._period_start, o._unit_code, o._sheet, o._row)
    ) as o
    where {column} < o._before
"""


def _compile(rule: NonDecreasingRule, own: Report, _other: Report) -> Iterator[CheckQuery]:
    keys: list[sql.Composable] = [comparison_column("o", own.column(name)) for name in rule.group_by]
    if own.key_scope is KeyScope.UNIT and set(own.key) <= {*rule.group_by, *_period_columns(own)}:
        keys.append(sql.Identifier("o", "_unit_code"))
    if rule.within == "year":
        keys.append(sql.SQL("extract(year from o._period_start)"))
    statement = sql.SQL(_DECREASES).format(
        row_location=row_location(own),
        own=table_of(own),
        found=text_array([display_column("o", own.column(rule.column))]),
        column=sql.Identifier("o", rule.column),
        is_applicable=is_applicable(rule, own, rule.own_columns),
        keys=COMMA.join(keys),
    )
    yield CheckQuery(statement, (rule.column,))


def _period_columns(own: Report) -> list[str]:
    return [column.name for column in own.columns if column.type in _PERIOD_TYPES]


def _describe(_rule: NonDecreasingRule, violation: Violation) -> LocalizedText:
    value, period = violation.expected
    return phrase("cross.period_before", found=violation.found, period=period, value=value)


def _expected(violation: Violation) -> str:
    return f">= {violation.expected[0]}"


KIND = CrossRuleKind(NonDecreasingRule, _compile, _describe, _expected)
