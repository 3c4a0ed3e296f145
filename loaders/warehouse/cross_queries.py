"""Rules between reports as queries. Each row of an answer is a finding.

`submission_id`, `sheet`, `row` and `record` say where it stands, `found` and `expected` what stands there and what the other side
says. Nothing personal is among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from loaders.characters.lookalikes import sql_lookalikes
from loaders.contract import AgreesWith, Column, ColumnType, CrossRule, ExistsIn, NeverFalls, Report, SumAgrees
from loaders.warehouse import cross_sql
from loaders.warehouse.cross_parts import AND, COMMA, heard, heard_of, judged, place, record, same, shown, stored, texts
from loaders.warehouse.raw_tables import table_of


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and the columns (of the own and of the other report) that `found` and `expected` speak of."""

    statement: sql.Composed
    own_columns: tuple[str, ...]
    other_columns: tuple[str, ...] = ()


def questions(rule: CrossRule, own: Report, other: Report | None) -> Iterator[Question]:
    """What is asked of the warehouse for a rule."""
    if isinstance(rule, NeverFalls):
        yield _falls(rule, own)
    elif other is None:
        raise ValueError(f"rule {rule.name} of report {own.report} looks into another report, and none was given")
    elif isinstance(rule, ExistsIn):
        yield _exists(rule, own, other)
    elif isinstance(rule, AgreesWith):
        yield from (_agrees(rule, own, other, here, there) for here, there in rule.columns.items())
    elif isinstance(rule, SumAgrees):
        yield _adds_up(rule, own, other)


def _exists(rule: ExistsIn, own: Report, other: Report) -> Question:
    statement = sql.SQL(cross_sql.MISSING if rule.told == "own" else cross_sql.MISSED).format(
        **_sides(own, other),
        found=texts(shown("o", own.column(name)) for name in rule.columns),
        judged=judged(rule, own, rule.columns),
        heard_of=heard_of(own, other),
        same=same(rule.pairs, own, other),
        alive=_alive(rule),
        head=_head(other, sql.SQL("true")),
    )
    return Question(statement, rule.columns, tuple(there for _, there in rule.pairs))


def _alive(rule: ExistsIn) -> sql.Composable:
    if rule.during is None:
        return sql.SQL("true")
    first, last = sql.Identifier("o", "_period_start"), sql.Identifier("o", "_period_end")
    if rule.during.day is not None:
        first = last = sql.Identifier("o", rule.during.day)
    bounds = [sql.SQL("coalesce({}::date <= {}::date, true)").format(sql.Identifier("r", rule.during.since), last)]
    if rule.during.until is not None:
        bounds.append(sql.SQL("coalesce({}::date >= {}::date, true)").format(sql.Identifier("r", rule.during.until), first))
    return AND.join(bounds)


def _agrees(rule: AgreesWith, own: Report, other: Report, here: str, there: str) -> Question:
    mine, theirs = own.column(here), other.column(there)
    by = tuple(rule.by.items())
    value, found = stored("o", mine), texts([shown("o", mine)])
    latest = sql.SQL(cross_sql.LATEST).format(
        **_sides(own, other),
        keys=COMMA.join(stored("r", other.column(name)) for name in rule.by.values()),
        value=stored("r", theirs),
        shown=shown("r", theirs),
        record=record("r", other),
    )
    differing = sql.SQL(cross_sql.DIFFERING).format(
        **_sides(own, other),
        same=same(by, own, other),
        judged=judged(rule, own, (here, *rule.by)),
        heard_of=heard_of(own, other),
        differs=_differ(mine, theirs, value, sql.SQL("r._value")),
        same_there=same(by, own, other, "a"),
        agrees_there=sql.SQL("not ({})").format(_differ(mine, theirs, value, stored("a", theirs))),
    )
    statement = sql.SQL(cross_sql.DISAGREES if rule.told == "own" else cross_sql.DISAGREED).format(
        latest=latest, place=place(own), found=found, differing=differing
    )
    return Question(statement, (here,), (there,))


def _differ(mine: Column, theirs: Column, one: sql.Composable, two: sql.Composable) -> sql.Composed:
    """Free texts differ when they do so besides width, blanks, case and the style of brackets, dots, hyphens and quotes."""
    if mine.is_personal or ColumnType.TEXT not in {mine.type, theirs.type}:
        return sql.SQL("{} <> {}").format(one, two)
    unlike, plain = map(sql.Literal, sql_lookalikes())
    forms = [
        sql.SQL(r"lower(regexp_replace(translate(normalize({}, nfkc), {}, {}), '\s+', '', 'g'))").format(text, unlike, plain)
        for text in (one, two)
    ]
    return sql.SQL("{} <> {} and {} <> {}").format(one, two, *forms)


def _adds_up(rule: SumAgrees, own: Report, other: Report) -> Question:
    totals = sql.SQL(cross_sql.TOTALS).format(
        **_sides(own, other),
        keys=COMMA.join(stored("r", other.column(name)) for name in rule.by.values()),
        amount=sql.SQL("count(*)") if rule.sum is None else sql.SQL("sum({})").format(sql.Identifier("r", rule.sum)),
        same=same(rule.by.items(), own, other),
        found=texts([shown("o", own.column(rule.column))]),
        by=texts(shown("o", own.column(name)) for name in rule.by),
        judged=judged(rule, own, rule.own_columns),
        heard_of=heard_of(own, other, in_period=True),
        in_period=sql.SQL(cross_sql.SAME_PERIOD if own.period_kind is other.period_kind else cross_sql.WITHIN_PERIOD),
        total=sql.Identifier("o", rule.column),
        tolerance=sql.Literal(rule.tolerance_pct / 100),
    )
    in_period = sql.SQL("s.period_start >= m.first_day and s.period_end <= m.last_day")
    ending = cross_sql.TOTAL_IS_WRONG if rule.told == "own" else cross_sql.PARTS_ARE_WRONG
    there = (rule.sum,) if rule.sum is not None else tuple(rule.by.values())
    return Question(totals + sql.SQL(ending).format(head=_head(other, in_period)), (rule.column,), there)


def _falls(rule: NeverFalls, own: Report) -> Question:
    keys: list[sql.Composable] = [stored("o", own.column(name)) for name in rule.by]
    if rule.within == "year":
        keys.append(sql.SQL("extract(year from o._period_start)"))
    statement = sql.SQL(cross_sql.FALLS).format(
        place=place(own),
        own=table_of(own),
        found=texts([shown("o", own.column(rule.column))]),
        column=sql.Identifier("o", rule.column),
        judged=judged(rule, own, rule.own_columns),
        keys=COMMA.join(keys),
    )
    return Question(statement, (rule.column,))


def _sides(own: Report, other: Report) -> dict[str, sql.Composable]:
    return {"own": table_of(own), "other": table_of(other), "place": place(own), "heard": heard(table_of(other))}


def _head(other: Report, in_period: sql.Composable) -> sql.Composed:
    return sql.SQL(cross_sql.HEAD).format(report=sql.Literal(other.report), unit=sql.SQL("m.unit_code"), in_period=in_period)
