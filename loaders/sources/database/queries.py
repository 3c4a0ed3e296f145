"""The SELECTs that a pull sends, for any make: names are quoted as the contract writes them, values are bound."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import quoted_name

from loaders.contract import Database
from loaders.contract.sources.sql_query import SINCE, tokens
from loaders.period import Period
from loaders.sources.database.database_make import DatabaseMake

# Oracle before 12.2 takes names of 30 bytes.
_ALIAS = "huimin_rows"
_TYPES: dict[str, sa.types.TypeEngine[Any]] = {SINCE: sa.DateTime(), "period": sa.String()}


def column(name: str) -> sa.ColumnClause[Any]:
    """Returns a column by its exact name."""
    return sa.column(quoted_name(name, True))


def period_values(period: Period) -> dict[str, Any]:
    """Returns what a query may ask of a period: `:period` is its text, `:period_end` its last day."""
    return {
        "period": str(period),
        "period_start": period.start,
        "period_end": period.end,
        "next_period_start": period.next().start,
    }


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows make up a document: the values that the contract's query is given, and conditions on the result."""

    values: Mapping[str, Any]
    conditions: tuple[sa.ColumnElement[bool], ...] = ()


class ViewQueries:
    """The queries on the relation or the query of one contract."""

    def __init__(self, source: Database, make: DatabaseMake) -> None:
        self._source = source
        self._make = make

    def none(self, values: Mapping[str, Any]) -> sa.Select[Any]:
        """Returns the query for no row, whose answer describes the columns."""
        # Not every server has a literal for false.
        nothing = sa.literal_column("1") == sa.literal_column("0")
        return sa.select(sa.text("*")).select_from(self._rows(values)).where(nothing)

    def states(self, chosen: RowFilter) -> sa.Select[Any]:
        """Returns the query for period value, row count and newest update, per value of the period column (or of all rows)."""
        updated = self._source.updated_column
        newest: sa.ColumnElement[Any] = sa.null() if updated is None else self._make.newest(column(updated))
        name = self._source.period_column
        period: sa.ColumnElement[Any] = sa.null() if name is None else column(name)
        counted = sa.func.count().label("row_count")
        query = sa.select(period.label("period_value"), counted, newest.label("newest_update")).select_from(
            self._rows(chosen.values)
        )
        query = query.where(*chosen.conditions)
        return query.having(sa.func.count() > 0) if name is None else query.group_by(column(name)).order_by(column(name))

    def documents(self, chosen: RowFilter, columns: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
        """Returns the query for the rows of a document, in the contract's order."""
        order: list[sa.ColumnElement[Any]] = [column(name) for name in self._source.order_by]
        if self._make.row_text is not None:
            # Rows that are equal by the contract's order are sorted by all their values.
            order.append(self._make.row_text(self._alias))
        return sa.select(*columns).select_from(self._rows(chosen.values)).where(*chosen.conditions).order_by(*order)

    def updated_since(self, since: dt.datetime) -> sa.ColumnElement[bool]:
        """Returns the condition that a row was updated at this local time or later."""
        return column(self._source.updated_column or "") >= sa.literal(since, sa.DateTime())

    def in_period(self, period: Period | None, values: Iterable[Any]) -> tuple[sa.ColumnElement[bool], ...]:
        """Returns the condition that the period column has one of the values that name a period.

        Days are compared with the period's bounds: a column of times has too many values for a list.
        """
        if self._source.period_column is None or period is None:
            return ()
        found = column(self._source.period_column)
        listed = list(values)
        if isinstance(listed[0], dt.date):
            return (found >= sa.literal(period.start, sa.Date()), found < sa.literal(period.next().start, sa.Date()))
        # A CHAR comes with its padding, which does not compare as equal everywhere.
        stripped = [value.rstrip(" ") for value in listed if isinstance(value, str)]
        return (found.in_(list(dict.fromkeys([*listed, *stripped]))),)

    @property
    def _alias(self) -> str:
        return _ALIAS if self._source.relation is None else self._source.relation.rpartition(".")[2]

    def _rows(self, values: Mapping[str, Any]) -> sa.FromClause:
        if self._source.relation is not None:
            schema, _, name = self._source.relation.rpartition(".")
            return sa.table(quoted_name(name, True), schema=quoted_name(schema, True) if schema else None)
        bound = [sa.bindparam(name, values[name], _TYPES.get(name, sa.Date())) for name in sorted(self._source.values)]
        return _text(self._source.query or "").bindparams(*bound).columns().subquery(_ALIAS)


def _text(query: str) -> sa.TextClause:
    """Returns a query for SQLAlchemy, which would take `:MI` in a text for a bound value."""
    escaped = (token.text.replace(":", r"\:") if token.kind in {"string", "quoted"} else token.text for token in tokens(query))
    return sa.text("".join(escaped))
