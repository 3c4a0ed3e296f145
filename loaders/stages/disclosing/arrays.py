"""Turns what the warehouse has of a sensitive measure into the arrays of the audit."""

from __future__ import annotations

from typing import Any

import numpy as np

from loaders.disclosure import MEMBER, MEMBER_FOR_A_TIME, Cell, Population, Span, UnitState
from loaders.period import Period
from loaders.warehouse.disclosure.population_queries import SensitiveMeasure

Rows = list[dict[str, Any]]
_KINDS = ("year", "half", "quarter", "month")
_BASES = ("to_date", "value", "ytd")


def population_of(
    measure: SensitiveMeasure, rows: Rows, members: Rows, more_areas: set[str], months: tuple[int, int]
) -> Population:
    """Returns who counts where; `more_areas` are areas that need a number though nobody counts there."""
    keys = sorted({row["unit_key"] for row in rows})
    leaves = sorted({row["leaf"] for row in rows})
    areas = sorted({row["area"] for row in rows} | more_areas | {row["series_code"] for row in members})
    key_of, leaf_of, area_of = ({name: number for number, name in enumerate(names)} for names in (keys, leaves, areas))
    membership = np.zeros((len(leaves), len(areas)), np.int8)
    for row in members:
        if row["area_code"] in leaf_of:
            kind = MEMBER if row["is_permanent"] else MEMBER_FOR_A_TIME
            membership[leaf_of[row["area_code"]], area_of[row["series_code"]]] = kind
    # What is before the first month counts to date only; a stock without end is there in the last month.
    first = np.maximum(np.array([row["first"] for row in rows], np.int64), months[0] - 1)
    last = np.array([months[1] if row["last"] is None else row["last"] for row in rows], np.int64)
    last = np.maximum(np.minimum(last, months[1]), first - 1) if measure.is_stock else first
    lengths = last - first + 1
    month = np.repeat(first, lengths) + (np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths))
    return Population(
        keys=keys,
        leaf_codes=leaves,
        area_codes=areas,
        unit=np.repeat(np.array([key_of[row["unit_key"]] for row in rows], np.int64), lengths),
        leaf=np.repeat(np.array([leaf_of[row["leaf"]] for row in rows], np.int64), lengths),
        area=np.repeat(np.array([area_of[row["area"]] for row in rows], np.int64), lengths),
        month=month.astype(np.int64),
        amount=np.repeat(np.array([row["amount"] for row in rows], np.float64), lengths),
        is_sum=measure.aggregation == "sum",
        membership=membership,
    )


def cell_of(measure: SensitiveMeasure, row: dict[str, Any], area_of: dict[str, int]) -> Cell:
    """Returns a number that may be shown; the city comes first, and years before months."""
    first, last = _bounds(measure, row["basis"], row["first"], row["last"])
    rank = 100 * row["level"] + 10 * _KINDS.index(row["kind"]) + _BASES.index(row["basis"])
    return Cell(area_of[row["area"]], row["period"], row["basis"], first, last, row["value"], rank)


def span_of(measure: SensitiveMeasure, row: dict[str, Any], area_of: dict[str, int]) -> Span:
    """Returns a number that was shown."""
    begin, end = _months(row["period"])
    first, last = _bounds(measure, row["basis"], begin, end)
    area = area_of[row["area"]]
    return Span(area, row["period"], row["basis"], first, last, row["value"], row["opened_build"], is_open=row["is_open"])


def _months(period: str) -> tuple[int, int]:
    """The first and the last month of a period, from year zero."""
    span = Period.parse(period)
    return span.start.year * 12 + span.start.month - 1, span.end.year * 12 + span.end.month - 1


def _bounds(measure: SensitiveMeasure, basis: str, first: int, last: int) -> tuple[int, int]:
    """The months over which a number counts: a stock is that of the last month."""
    if measure.is_stock:
        return last, last
    return {"value": first, "ytd": last - last % 12, "to_date": 0}[basis], last


def state_of(row: dict[str, Any]) -> UnitState:
    """Returns what the last decision remembered of a unit."""
    return UnitState(**row | {"signature": row["signature"] % 2**64})
