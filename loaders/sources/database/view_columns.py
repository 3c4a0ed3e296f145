"""The columns that a view or a query has, compared with those that the contract names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from loaders.contract import Database
from loaders.sources.database.database_make import ColumnKind, DatabaseMake
from loaders.sources.database.exact_values import bits, exact_text
from loaders.sources.database.queries import column

_SHOWN_NAMES = 30


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column as the server describes it."""

    name: str
    kind: ColumnKind


def described_columns(cursor: Any, make: DatabaseMake) -> tuple[ViewColumn, ...]:
    """Returns the columns of a cursor's answer, by their exact names."""
    return tuple(ViewColumn(item[0], make.column_kind(cursor, number)) for number, item in enumerate(cursor.description))


def column_error(source: Database, found: Sequence[ViewColumn], ignored: Collection[str]) -> str | None:
    """Returns what is wrong between the contract and the columns, by the contract's field; None when nothing is."""
    names = [one.name for one in found]
    for name, count in Counter(names).items():
        if not name or count > 1:
            return f'source.query gives {count} columns named "{name}": give each a name of its own (AS …)'
    for field, name in _named_columns(source):
        if name not in names:
            return f'source.{field}: expected the column "{name}", found {_listed(names)}{_suggestion(name, names)}'
    for one in found:
        if one.kind is ColumnKind.BINARY and one.name not in ignored:
            return f'column "{one.name}" is binary: list it under ignored_headers, or leave it out by source.query'
    return None


def _named_columns(source: Database) -> Iterator[tuple[str, str]]:
    for field, name in (("updated_column", source.updated_column), ("period_column", source.period_column)):
        if name is not None:
            yield field, name
    for name in source.order_by:
        yield "order_by", name


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN_NAMES]) + (" …" if len(names) > _SHOWN_NAMES else "")


def _suggestion(name: str, names: Sequence[str]) -> str:
    other = next((one for one in names if one.casefold() == name.casefold()), None)
    return f' (write "{other}": names are taken exactly)' if other else ""


def selected_columns(found: Sequence[ViewColumn], make: DatabaseMake) -> list[sa.ColumnElement[Any]]:
    """Returns the columns to select; binary ones are left out."""
    return [
        make.zoned_text(column(one.name)).label(one.name)
        if one.kind is ColumnKind.ZONED and make.zoned_text is not None
        else column(one.name)
        for one in found
        if one.kind is not ColumnKind.BINARY
    ]


class RowTexts:
    """Converts the rows of a query for the selected columns."""

    def __init__(self, found: Sequence[ViewColumn], zone: ZoneInfo) -> None:
        self._columns = [one for one in found if one.kind is not ColumnKind.BINARY]
        self._zone = zone

    def __call__(self, row: Sequence[Any]) -> dict[str, Any]:
        """Returns a row by its column's names, with values that JSON can hold.

        Raises:
            BinaryValueError: a value is binary, although its column was not described as such.
        """
        return {one.name: self._value(one, value) for one, value in zip(self._columns, row, strict=True)}

    def _value(self, found: ViewColumn, value: Any) -> Any:
        if found.kind is ColumnKind.BITS:
            return bits(value)
        if found.kind is ColumnKind.PADDED and isinstance(value, str):
            return value.rstrip(" ")
        try:
            return exact_text(value, self._zone)
        except TypeError:
            raise BinaryValueError(found.name) from None


class BinaryValueError(ValueError):
    """Error of a column that holds bytes; it names the column."""
