"""A database of another system."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from loaders.contract.sources.sql_query import PERIOD_VALUES, SINCE, bound_values, query_errors
from loaders.contract.strict_model import Identifier, StrictModel

# Controls, halves of characters, and letters that nobody sees (a zero-width blank, a byte-order mark).
_NOT_IN_A_NAME = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _check_name(name: str) -> str:
    if any(unicodedata.category(letter) in _NOT_IN_A_NAME for letter in name):
        raise ValueError("a name of the database has no line break, tab or invisible character")
    if name != name.strip():
        raise ValueError(f'a name of the database has no blank at its ends, found "{name}"')
    return name


SqlName = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_check_name)]


class Database(StrictModel):
    """A table, a view or a query of a database. Names are written exactly as the database has them: `V_REPORT`, `报告期`.

    `period_column` splits a pull into one document per period; a query with `:period_start` is run once per period instead.
    `updated_column` is the watermark; without it, a document is compared by its number of rows. `window_days` says how far back
    is pulled again whatever seems to have changed: the last periods, or (without periods) the rows that were updated since.
    Every `full_compare_days` all rows are pulled and compared, though nothing seems to have changed. Times without an offset are
    in `time_zone`.
    """

    kind: Literal["database"] = "database"
    connection: Identifier
    relation: SqlName | None = None
    query: Annotated[str, Field(min_length=1, max_length=20_000)] | None = None
    updated_column: SqlName | None = None
    period_column: SqlName | None = None
    order_by: tuple[SqlName, ...] = Field(min_length=1)
    window_days: int | None = Field(default=None, ge=1, le=3_660)
    time_zone: str = "Asia/Shanghai"
    full_compare_days: float = Field(default=7.0, ge=0)

    @property
    def values(self) -> frozenset[str]:
        """The values that the query asks for."""
        return frozenset() if self.query is None else bound_values(self.query)

    @property
    def asks_by_period(self) -> bool:
        """Whether the query is run once per period, with that period's values."""
        return bool(self.values & PERIOD_VALUES)

    @property
    def is_incremental(self) -> bool:
        """Whether a pull brings only the rows that were updated since the watermark, less the window."""
        return self.window_days is not None and self.period_column is None and not self.asks_by_period

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of times without an offset."""
        return ZoneInfo(self.time_zone)

    def errors(self) -> Iterator[str]:
        """What does not go together."""
        if (self.relation is None) == (self.query is None):
            yield "say either relation (a table or a view) or query (a SELECT)"
        if self.relation is not None and not all(self.relation.split(".")):
            yield f"relation is NAME or SCHEMA.NAME, found {self.relation}"
        if self.relation is not None and self.relation.count(".") > 1:
            yield f"relation is NAME or SCHEMA.NAME, found {self.relation}: write what has more dots as a query"
        if self.query is not None:
            yield from query_errors(self.query)
        yield from self._window_errors()
        if not _is_time_zone(self.time_zone):
            yield f"time_zone is a name like Asia/Shanghai, found {self.time_zone}"

    def _window_errors(self) -> Iterator[str]:
        if self.asks_by_period and self.period_column is not None:
            yield "query asks for a period already: take out period_column"
        if self.asks_by_period and SINCE in self.values:
            yield "query asks for :since or for a period, not for both"
        if self.asks_by_period and self.window_days is None:
            yield "query asks for a period: say window_days, how far back periods are asked for"
        if SINCE in self.values and not (self.is_incremental and self.updated_column):
            yield "query asks for :since: say updated_column and window_days, without period_column"
        if self.is_incremental and self.updated_column is None:
            yield "window_days needs period_column, updated_column or a query with :period_start"


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    # A name with a slash too many is a path, one with a NUL none.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
