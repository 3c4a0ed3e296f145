"""Rules between reports as queries. Each row of an answer is a finding.

`submission_id`, `sheet`, `row` and `record` say where it stands, `found` and `expected` what stands there and what the other side
says. Nothing personal is among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from loaders.characters.confusables import sql_translate_arguments
from loaders.contract import (
    Column,
    ColumnType,
    CrossRule,
    MatchRule,
    NonDecreasingRule,
    ReconciliationRule,
    ReferenceRule,
    Report,
)
from loaders.warehouse.cross_rules import sql_templates
from loaders.warehouse.cross_rules.sql_fragments import (
    AND,
    COMMA,
    comparison_column,
    covered_periods,
    display_column,
    is_applicable,
    is_period_covered,
    record,
    row_location,
    text_array,
    values_match,
)
from loaders.warehouse.schema.raw_tables import table_of


@dataclass(frozen=True, slots=True)
class CheckQuery:
    """A query, and the columns (of the own and of the other report) that `found` and `expected` speak of."""

    statement: sql.Composed
    own_columns: tuple[str, ...]
    other_columns: tuple[str, ...] = ()


def compile_rule(rule: CrossRule, own: Report, other: Report | None) -> Iterator[CheckQuery]:
    """What is asked of the warehouse for a rule."""
    if isinstance(rule, NonDecreasingRule):
        yield _compile_non_decreasing(rule, own)
    elif other is None:
        raise ValueError(f"rule {rule.name} of report {own.report} looks into another report, and none was given")
    elif isinstance(rule, ReferenceRule):
        yield _compile_reference(rule, own, other)
    elif isinstance(rule, MatchRule):
        yield from (_compile_match(rule, own, other, here, there) for here, there in rule.columns.items())
    elif isinstance(rule, ReconciliationRule):
        yield _compile_reconciliation(rule, own, other)


def _compile_reference(rule: ReferenceRule, own: Report, other: Report) -> CheckQuery:
    statement = sql.SQL(sql_templates.MISSING if rule.told == "own" else sql_templates.MISSED).format(
        **_common_fragments(own, other),
        found=text_array(display_column("o", own.column(name)) for name in rule.columns),
        is_applicable=is_applicable(rule, own, rule.columns),
        is_period_covered=is_period_covered(own, other),
        values_match=values_match(rule.pairs, own, other),
        valid_during=_valid_during(rule),
        target_document=_target_document(other, sql.SQL("true")),
    )
    return CheckQuery(statement, rule.columns, tuple(there for _, there in rule.pairs))


def _valid_during(rule: ReferenceRule) -> sql.Composable:
    if rule.during is None:
        return sql.SQL("true")
    first, last = sql.Identifier("o", "_period_start"), sql.Identifier("o", "_period_end")
    if rule.during.day is not None:
        first = last = sql.Identifier("o", rule.during.day)
    bounds = [sql.SQL("coalesce({}::date <= {}::date, true)").format(sql.Identifier("r", rule.during.since), last)]
    if rule.during.until is not None:
        bounds.append(sql.SQL("coalesce({}::date >= {}::date, true)").format(sql.Identifier("r", rule.during.until), first))
    return AND.join(bounds)


def _compile_match(rule: MatchRule, own: Report, other: Report, here: str, there: str) -> CheckQuery:
    mine, theirs = own.column(here), other.column(there)
    by = tuple(rule.by.items())
    value, found = comparison_column("o", mine), text_array([display_column("o", mine)])
    latest = sql.SQL(sql_templates.LATEST).format(
        **_common_fragments(own, other),
        keys=COMMA.join(comparison_column("r", other.column(name)) for name in rule.by.values()),
        value=comparison_column("r", theirs),
        display_column=display_column("r", theirs),
        record=record("r", other),
    )
    differing = sql.SQL(sql_templates.DIFFERING).format(
        **_common_fragments(own, other),
        values_match=values_match(by, own, other),
        is_applicable=is_applicable(rule, own, (here, *rule.by)),
        is_period_covered=is_period_covered(own, other),
        differs=_differ(mine, theirs, value, sql.SQL("r._value")),
        same_there=values_match(by, own, other, "a"),
        agrees_there=sql.SQL("not ({})").format(_differ(mine, theirs, value, comparison_column("a", theirs))),
    )
    statement = sql.SQL(sql_templates.DISAGREES if rule.told == "own" else sql_templates.DISAGREED).format(
        latest=latest, row_location=row_location(own), found=found, differing=differing
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


def _compile_reconciliation(rule: ReconciliationRule, own: Report, other: Report) -> CheckQuery:
    totals = sql.SQL(sql_templates.TOTALS).format(
        **_common_fragments(own, other),
        keys=COMMA.join(comparison_column("r", other.column(name)) for name in rule.by.values()),
        amount=sql.SQL("count(*)") if rule.sum is None else sql.SQL("sum({})").format(sql.Identifier("r", rule.sum)),
        values_match=values_match(rule.by.items(), own, other),
        found=text_array([display_column("o", own.column(rule.column))]),
        by=text_array(display_column("o", own.column(name)) for name in rule.by),
        is_applicable=is_applicable(rule, own, rule.own_columns),
        is_period_covered=is_period_covered(own, other, in_period=True),
        in_period=sql.SQL(sql_templates.SAME_PERIOD if own.period_kind is other.period_kind else sql_templates.WITHIN_PERIOD),
        total=sql.Identifier("o", rule.column),
        tolerance=sql.Literal(rule.tolerance_pct / 100),
    )
    in_period = sql.SQL("s.period_start >= m.first_day and s.period_end <= m.last_day")
    ending = sql_templates.TOTAL_IS_WRONG if rule.told == "own" else sql_templates.PARTS_ARE_WRONG
    there = (rule.sum,) if rule.sum is not None else tuple(rule.by.values())
    return CheckQuery(totals + sql.SQL(ending).format(target_document=_target_document(other, in_period)), (rule.column,), there)


def _compile_non_decreasing(rule: NonDecreasingRule, own: Report) -> CheckQuery:
    keys: list[sql.Composable] = [comparison_column("o", own.column(name)) for name in rule.by]
    if rule.within == "year":
        keys.append(sql.SQL("extract(year from o._period_start)"))
    statement = sql.SQL(sql_templates.FALLS).format(
        row_location=row_location(own),
        own=table_of(own),
        found=text_array([display_column("o", own.column(rule.column))]),
        column=sql.Identifier("o", rule.column),
        is_applicable=is_applicable(rule, own, rule.own_columns),
        keys=COMMA.join(keys),
    )
    return CheckQuery(statement, (rule.column,))


def _common_fragments(own: Report, other: Report) -> dict[str, sql.Composable]:
    return {"own": table_of(own), "other": table_of(other), "place": row_location(own), "heard": covered_periods(table_of(other))}


def _target_document(other: Report, in_period: sql.Composable) -> sql.Composed:
    return sql.SQL(sql_templates.HEAD).format(report=sql.Literal(other.report), unit=sql.SQL("m.unit_code"), in_period=in_period)
