"""`matches` in SQL: rows that differ from the latest row of the other report with the same key."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from loaders.characters.confusables import sql_translate_arguments
from loaders.contract import Column, ColumnType, LocalizedText, Report, is_joined_by_unit
from loaders.contract.cross_rules.kinds.matches import MatchRule
from loaders.messages import phrase
from loaders.warehouse.cross_rules.cross_rule_kind import CheckQuery, CrossRuleKind, Violation, name_of
from loaders.warehouse.cross_rules.sql_fragments import (
    COMMA,
    comparison_column,
    display_column,
    is_applicable,
    is_period_covered,
    record,
    row_location,
    table_fragments,
    text_array,
    values_match,
)

_LATEST = """
    with {covered_periods},
    latest as (
        select distinct on ({keys}{unit})
            {keys}, r._unit_code, r._submission_id, r._sheet, r._row, {value} as _value, {display_column} as _shown,
            {record} as _record
        from {other} as r
        where r._superseded_at is null and {value} is not null
        order by {keys}{unit}, r._period_start desc nulls last, r._unit_code, r._sheet, r._row, {value}
    )
"""
_THIS_IS_WRONG = """
    {latest}
    select {row_location}, {found} as found, array[r._shown] as expected
    {differing}
"""
_OTHER_IS_WRONG = """
    {latest}
    select distinct on (r._submission_id, r._sheet, r._row)
        r._submission_id as submission_id, r._sheet as sheet, r._row as row, r._record as record, array[r._shown] as found,
        {found} as expected
    {differing}
    order by r._submission_id, r._sheet, r._row, {found}
"""
_DIFFERING = """
    from {own} as o
    inner join latest as r on {values_match}
    where {is_applicable} and {is_period_covered} and {differs}
      and not exists (select from {other} as a where a._superseded_at is null and {same_there} and {agrees_there})
"""


def _compile(rule: MatchRule, own: Report, other: Report) -> Iterator[CheckQuery]:
    """One query per column, so that each names what differs."""
    return (_compile_column(rule, own, other, here, there) for here, there in rule.columns.items())


def _compile_column(rule: MatchRule, own: Report, other: Report, here: str, there: str) -> CheckQuery:
    mine, theirs = own.column(here), other.column(there)
    keys = tuple(rule.join_on.items())
    value = comparison_column("o", mine)
    latest = sql.SQL(_LATEST).format(
        **table_fragments(own, other),
        unit=sql.SQL(", r._unit_code" if is_joined_by_unit(keys, own, other) else ""),
        keys=COMMA.join(comparison_column("r", other.column(name)) for name in rule.join_on.values()),
        value=comparison_column("r", theirs),
        display_column=display_column("r", theirs),
        record=record("r", other),
    )
    differing = sql.SQL(_DIFFERING).format(
        **table_fragments(own, other),
        values_match=values_match(keys, own, other),
        is_applicable=is_applicable(rule, own, (here, *rule.join_on)),
        is_period_covered=is_period_covered(own, other),
        differs=_differ(mine, theirs, value, sql.SQL("r._value")),
        same_there=values_match(keys, own, other, "a"),
        agrees_there=sql.SQL("not ({})").format(_differ(mine, theirs, value, comparison_column("a", theirs))),
    )
    statement = sql.SQL(_OTHER_IS_WRONG if rule.is_other_responsible else _THIS_IS_WRONG).format(
        latest=latest, row_location=row_location(own), found=text_array([display_column("o", mine)]), differing=differing
    )
    return CheckQuery(statement, (here,), (there,))


def _differ(mine: Column, theirs: Column, one: sql.Composable, two: sql.Composable) -> sql.Composed:
    """Free texts differ when they do so besides width, blanks, case and the style of brackets, dots, hyphens and quotes."""
    if mine.is_personal or ColumnType.TEXT not in {mine.type, theirs.type}:
        return sql.SQL("{} <> {}").format(one, two)
    unlike, plain = map(sql.Literal, sql_translate_arguments())
    forms = [
        sql.SQL(r"lower(regexp_replace(translate(normalize({}, nfkc), {}, {}), '\s+', '', 'g'))").format(text, unlike, plain)
        for text in (one, two)
    ]
    return sql.SQL("{} <> {} and {} <> {}").format(one, two, *forms)


def _describe(rule: MatchRule, violation: Violation) -> LocalizedText:
    source = violation.own if rule.is_other_responsible else violation.other
    return phrase("cross.says", found=violation.found, report=name_of(source), value=violation.expected[0])


KIND = CrossRuleKind(MatchRule, _compile, _describe)
