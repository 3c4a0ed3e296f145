"""The same values as the models in `indicators`, computed the plain way: for each measure, area and period, look at the evidence.

It shares nothing with the models: no SQL, no increments; a distinct count is the size of a set.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

RANKS = {"province": 0, "city": 1, "county": 2, "zone": 3, "town": 4, "village": 5}
FIRST_YEAR = 2021
Key = tuple[str, str, str]
Triple = tuple[Decimal | None, Decimal | None, Decimal | None]


@dataclass(frozen=True)
class Measure:
    code: str
    aggregation: str
    is_stock: bool
    scale: Decimal = Decimal(1)
    numerator: str = ""
    denominator: str = ""
    factor: Decimal = Decimal(1)


@dataclass(frozen=True)
class Span:
    code: str
    start: dt.date
    end: dt.date


def measures(seeds: Path) -> dict[str, Measure]:
    """The dictionary and the sides of its ratios, from the seeds."""
    keys = {"indicators": "indicator_code", "measures": "measure_code"}
    return {
        row[key]: _measure(row[key], row)
        for name, key in keys.items()
        for row in csv.DictReader((seeds / f"{name}.csv").open(encoding="utf-8"))
    }


def _measure(code: str, row: Mapping[str, str]) -> Measure:
    sides = (row["numerator_code"], row["denominator_code"])
    scale, factor = Decimal(row["scale"] or 1), Decimal(row["factor"] or 1)
    return Measure(code, row["aggregation"], row["stock_or_flow"] == "stock", scale, *sides, factor)


def spans(last_month: dt.date) -> Iterator[Span]:
    """Every month, quarter, half-year and year that has ended by the end of `last_month`."""
    for year in range(FIRST_YEAR, last_month.year + 1):
        for length, word in ((1, "-"), (3, "Q"), (6, "H"), (12, "")):
            for number in range(1, 12 // length + 1):
                start = dt.date(year, (number - 1) * length + 1, 1)
                last = dt.date(year, number * length, 1)
                end = (last + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
                code = {"-": f"{year}-{number:02d}", "": f"{year}"}.get(word, f"{year}{word}{number}")
                if last <= last_month:
                    yield Span(code, start, end)


class Areas:
    """Who lies in whom, from the list of divisions."""

    def __init__(self, divisions: Path) -> None:
        self._rows = {row["code"]: row for row in csv.DictReader(divisions.open(encoding="utf-8"))}
        self.with_values = [code for code, row in self._rows.items() if 1 <= RANKS[row["level"]] <= 4]

    def rank(self, code: str) -> int:
        return RANKS[self._rows[code]["level"]]

    def codes(self, *levels: str) -> list[str]:
        return [code for code, row in self._rows.items() if row["level"] in levels]

    def above(self, code: str) -> set[str]:
        found: set[str] = set()
        while code:
            found.add(code)
            row = self._rows[code]
            if row["zone_code"]:
                found.add(row["zone_code"])
            code = row["parent_code"]
        return found


def values(evidence: pd.DataFrame, known: Mapping[str, Measure], areas: Areas, last_month: dt.date) -> dict[Key, Triple]:
    """(value, year to date, to date) by (measure, area, period); ratios come from the two sides."""
    found: dict[Key, Triple] = {}
    periods = list(spans(last_month))
    above = {code: areas.above(code) for code in evidence["area_code"].unique()}
    for code, rows in evidence.groupby("indicator_code"):
        deepest = max(areas.rank(area) for area in rows["area_code"].unique())
        for area in areas.with_values:
            if areas.rank(area) <= deepest:
                inside = rows[[area in above[lowest] for lowest in rows["area_code"]]]
                found |= _series(known[str(code)], area, inside, periods)
    for measure in known.values():
        if measure.aggregation == "ratio":
            found |= dict(ratios(measure, found))
    return found


def _series(measure: Measure, area: str, rows: pd.DataFrame, periods: Iterable[Span]) -> dict[Key, Triple]:
    count = _Count(measure, rows)
    series: dict[Key, Triple] = {}
    for span in periods:
        if measure.is_stock:
            triple = (count.alive(span.end),) * 3
        else:
            january = dt.date(span.end.year, 1, 1)
            triple = (count.between(span.start, span.end), count.between(january, span.end), count.between(dt.date.min, span.end))
        series[measure.code, area, span.code] = triple
    return series


class _Count:
    def __init__(self, measure: Measure, rows: pd.DataFrame) -> None:
        self._measure = measure
        self._begins = rows["event_date"].to_numpy()
        self._ends = np.array([dt.date.max if end is None else end for end in rows["end_date"]], dtype=object)
        self._quantities = rows["quantity"].to_numpy()
        self._subjects = rows["subject_key"].to_numpy()

    def between(self, first: dt.date, last: dt.date) -> Decimal:
        return self._of((self._begins >= first) & (self._begins <= last))

    def alive(self, day: dt.date) -> Decimal:
        return self._of((self._begins <= day) & (self._ends > day))

    def _of(self, chosen: np.ndarray) -> Decimal:
        if self._measure.aggregation == "count_distinct":
            amount = Decimal(len(set(self._subjects[chosen])))
        elif self._measure.aggregation == "count":
            amount = Decimal(int(chosen.sum()))
        else:
            amount = sum(self._quantities[chosen], start=Decimal(0))
        return amount / self._measure.scale


def ratios(measure: Measure, found: Mapping[Key, Triple]) -> Iterator[tuple[Key, Triple]]:
    """The values of a ratio, from those of its two sides."""
    for (code, area, period), below in found.items():
        if code == measure.denominator and (above := found.get((measure.numerator, area, period))):
            divided = [None if not b else measure.factor * a / b for a, b in zip(above, below, strict=True)]
            yield (measure.code, area, period), (divided[0], divided[1], divided[2])
