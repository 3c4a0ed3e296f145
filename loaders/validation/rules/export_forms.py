"""Forms in which a rule leaves for a stock Great Expectations suite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StockForm:
    """An expectation that every installation of Great Expectations has."""

    expect: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class QueryForm:
    """A condition in SQL that holds for the rows that break the rule, for `UnexpectedRowsExpectation`.

    `source` is the query that is selected from; `{batch}` in it is the table of rows.
    """

    violated: str
    source: str = "(select * from {batch})"


@dataclass(frozen=True, slots=True)
class NoStockForm:
    """A rule that cannot be exported, and why."""

    reason: str


ExportForm = StockForm | QueryForm | NoStockForm


def identifier(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A text, a number or a truth value in SQL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
