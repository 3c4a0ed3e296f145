"""Pieces of SQL that the queries of all rules between reports are made of. Names are identifiers, values literals, never text.

In every query `o` is a current row of the rule's own report, `r` one of the other report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from psycopg import sql

from loaders.contract import Column, ColumnType, CrossRule, Report, is_joined_by_unit
from loaders.raw_schema import key_name
from loaders.warehouse.precedence import highest_first
from loaders.warehouse.schema.key_index import table_of

# The document of the other report that gets the issue: of the same unit if there is one, then the latest.
_TARGET_DOCUMENT = """
    cross join lateral (
        select s.submission_id from ops.submission as s
        where s.report = {report} and s.state in ('accepted', 'accepted_with_rejects') and {in_period}
        order by s.unit_code = {unit} desc, {highest_first}
        limit 1
    ) as h
"""
REDACTED = "***"
AND, COMMA = sql.SQL(" and "), sql.SQL(", ")
_TRUE = frozenset({"TRUE", "是"})


def comparison_column(alias: str, column: Column) -> sql.Identifier:
    """A column as it is compared: a personal one by its keyed hash."""
    return sql.Identifier(alias, key_name(column) if column.is_personal else column.name)


def display_column(alias: str, column: Column) -> sql.Composable:
    """A column as a person may see it: of a personal one neither value nor mask."""
    if column.is_personal:
        return sql.Literal(REDACTED)
    return sql.SQL("{}::text").format(sql.Identifier(alias, column.name))


def text_array(values: Iterable[sql.Composable]) -> sql.Composed:
    """An array of texts."""
    return sql.SQL("array[{}]::text[]").format(COMMA.join(values))


def record(alias: str, report: Report) -> sql.Composed:
    """The key of a row as far as it is not personal: by it the same problem is known again in a correction."""
    return text_array(display_column(alias, report.column(name)) for name in report.key if not report.column(name).is_personal)


def row_location(report: Report) -> sql.Composed:
    """Where a finding on a row of the own report stands: submission, sheet, row and the record."""
    names = sql.SQL("o._submission_id as submission_id, o._sheet as sheet, o._row as row, ")
    return names + sql.SQL("{} as record").format(record("o", report))


def is_applicable(rule: CrossRule, own: Report, columns: Iterable[str]) -> sql.Composed:
    """The condition that a row of the own report is validated: current, chosen by `where`, without a blank in `columns`."""
    filled = [sql.SQL("{} is not null").format(comparison_column("o", own.column(name))) for name in columns]
    return AND.join([sql.SQL("o._superseded_at is null"), *_chosen(rule.where, own), *filled])


def values_match(pairs: Iterable[tuple[str, str]], own: Report, other: Report, there: str = "r") -> sql.Composed:
    """The condition that a row of the other report has the same values, and comes from the same unit where keys are per unit."""
    compared = tuple(pairs)
    conditions = [
        sql.SQL("{} = {}").format(comparison_column(there, other.column(name)), comparison_column("o", own.column(here)))
        for here, name in compared
    ]
    if is_joined_by_unit(compared, own, other):
        conditions.append(sql.SQL("{} = {}").format(sql.Identifier(there, "_unit_code"), sql.Identifier("o", "_unit_code")))
    return AND.join(conditions)


def is_period_covered(own: Report, other: Report, *, in_period: bool = False) -> sql.Composed:
    """The condition that the other report (as `covered_periods`) spoke of the row's unit and time.

    Of the unit, where both are sent by the same units; of the time, where both have periods: not earlier than the row's document,
    or (`in_period`) within its period. What came too early for a register is not held against it.
    """
    conditions = [sql.SQL("coalesce(h._period_end >= o._period_end, true)")]
    if (own.unit_level, set(own.units)) == (other.unit_level, set(other.units)):
        conditions.append(sql.SQL("h._unit_code = o._unit_code"))
    if in_period:
        conditions.append(sql.SQL("h._period_start >= o._period_start and h._period_end <= o._period_end"))
    return sql.SQL("exists (select from covered_periods as h where {})").format(AND.join(conditions))


def covered_periods(table: sql.Identifier) -> sql.Composed:
    """The units and periods of which the other report has rows."""
    query = """
        covered_periods as materialized (
            select distinct h._unit_code, h._period_start, h._period_end from {} as h where h._superseded_at is null
        )
    """
    return sql.SQL(query).format(table)


def table_fragments(own: Report, other: Report) -> dict[str, sql.Composable]:
    """The two tables, where a finding stands, and the periods that the other report covers."""
    return {
        "own": table_of(own),
        "other": table_of(other),
        "row_location": row_location(own),
        "covered_periods": covered_periods(table_of(other)),
    }


def target_document(other: Report, in_period: sql.Composable) -> sql.Composed:
    """The document of the other report that gets an issue on `m`, a row that is missing or differs."""
    return sql.SQL(_TARGET_DOCUMENT).format(
        report=sql.Literal(other.report),
        unit=sql.SQL("m.unit_code"),
        in_period=in_period,
        highest_first=sql.SQL(highest_first("s")),
    )


def _chosen(where: Mapping[str, tuple[str, ...]], own: Report) -> list[sql.Composed]:
    return [
        sql.SQL("{} = any({})").format(sql.Identifier("o", name), sql.Literal(_values(own.column(name), wanted)))
        for name, wanted in where.items()
    ]


def _values(column: Column, wanted: Sequence[str]) -> list[str] | list[bool]:
    if column.type is ColumnType.BOOLEAN:
        return [text in _TRUE for text in wanted]
    return list(wanted)
