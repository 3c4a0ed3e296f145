"""The figures of the script's documents, in pandas, under both hierarchies: no code of the product, and none of its SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd

from tests.dbt.engine_by_hand import Key, Span, Triple
from tests.dbt.hierarchy_by_hand import AreasOfTheTime
from tests.dbt.replay.script import Row
from tests.dbt.replay.small_deployment import INDICATORS

Above = Callable[[str, dt.date], frozenset[str]]
Amounts = dict[str, tuple[int, int, int]]
_NOTHING = (0, 0, 0)
_FLOWS = ("FW-PS-01", "FW-VS-01", "FW-CL-01")
_STOCKS = ("FW-BD-01", "FW-BD-02", "FW-CL-02")


def figures(
    rows: Sequence[Row], divisions: Path, spells: str, spans: Sequence[Span]
) -> tuple[dict[Key, Triple], dict[Key, Triple]]:
    """Returns (value, year to date, to date) by (indicator, area, period): under today's hierarchy, and of the time."""
    areas = AreasOfTheTime(divisions, spells)
    today = _figures(rows, lambda code, _: areas.above_today(code), areas.codes_today(), spans)
    then = _figures(rows, areas.above, areas.with_values(4), spans)
    return today, then


def _figures(rows: Sequence[Row], above: Above, areas: Sequence[str], spans: Sequence[Span]) -> dict[Key, Triple]:
    found: dict[Key, Triple] = {}
    flows = _frame((row, area) for row in rows for area in above(row.town, row.day))
    for span in spans:
        starts = (span.start, dt.date(span.end.year, 1, 1), dt.date.min)
        windows = [
            _by_area(flows[(flows["day"] >= start.toordinal()) & (flows["day"] <= span.end.toordinal())]) for start in starts
        ]
        _add(found, _FLOWS, areas, span, windows)
        there = [row for row in rows if row.day <= span.end and (row.closed is None or row.closed > span.end)]
        stock = _by_area(_frame((row, area) for row in there for area in above(row.town, span.end)))
        _add(found, _STOCKS, areas, span, [stock] * 3)
    found |= dict(_ratios(found))
    return found


def _frame(records: Iterator[tuple[Row, str]]) -> pd.DataFrame:
    data = [(area, row.day.toordinal(), row.persons, row.client) for row, area in records]
    return pd.DataFrame(data, columns=["area", "day", "persons", "client"])


def _by_area(frame: pd.DataFrame) -> Amounts:
    grouped = frame.groupby("area").agg(persons=("persons", "sum"), rows=("day", "size"), clients=("client", "nunique"))
    return {str(area): (int(one), int(two), int(three)) for area, one, two, three in grouped.itertuples()}


def _add(found: dict[Key, Triple], codes: Sequence[str], areas: Sequence[str], span: Span, windows: Sequence[Amounts]) -> None:
    for area in areas:
        amounts = [window.get(area, _NOTHING) for window in windows]
        for place, code in enumerate(codes):
            found[code, area, span.code] = tuple(Decimal(amount[place]) for amount in amounts)  # type: ignore[assignment]


def _ratios(found: dict[Key, Triple]) -> Iterator[tuple[Key, Triple]]:
    for code, (how, _, above, below) in INDICATORS.items():
        if how == "ratio":
            for (other, area, period), under in found.items():
                if other == below:
                    over = found[above, area, period]
                    one, two, three = (None if not b else a / b for a, b in zip(over, under, strict=True) if a is not None)
                    yield (code, area, period), (one, two, three)
