"""Values under the hierarchy of their time, computed the plain way: each row of evidence is asked where it was on the day.

It shares nothing with the models: no stretches, no memberships. What a list of spells means is written here a second time.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd

from tests.dbt.engine_by_hand import RANKS, Key, Measure, Span, Triple, ratios

DAY = dt.timedelta(days=1)
COLUMNS = (
    "code,name,short_name,level,kind,is_statutory,parent_code,zone_code,valid_from_date,valid_until_date,successor_code,note"
)


@dataclass(frozen=True)
class Stay:
    """A time in which a division existed and lay in one place."""

    first: dt.date
    last: dt.date
    parent: str
    zone: str
    successor: str = ""


class AreasOfTheTime:
    """Who lay in whom on a day, from the list of divisions and that of spells."""

    def __init__(self, divisions: Path, spells: str) -> None:
        listed = {row["code"]: row for row in csv.DictReader(divisions.open(encoding="utf-8"))}
        self.ranks = {code: RANKS[row["level"]] for code, row in listed.items()}
        self._stays: dict[str, list[Stay]] = {}
        for row in csv.DictReader(spells.splitlines()):
            first = dt.date.fromisoformat(row["valid_from_date"] or "0001-01-01")
            last = dt.date.fromisoformat(row["valid_until_date"] or "9999-12-31")
            stay = Stay(first, last, row["parent_code"], row["zone_code"], row["successor_code"])
            self._stays.setdefault(row["code"], []).append(stay)
            self.ranks.setdefault(row["code"], RANKS.get(row["level"], 0))
        self.closed = self.ranks.keys() - listed.keys()
        for code, row in listed.items():
            known = self._stays.setdefault(code, [])
            begin = max((stay.last for stay in known), default=None)
            if begin != dt.date.max:
                start = dt.date.min if begin is None else begin + DAY
                known.append(Stay(start, dt.date.max, row["parent_code"], row["zone_code"]))
        self.above = cache(self._above)

    def _above(self, code: str, day: dt.date) -> frozenset[str]:
        """The areas that a row of `code` counted for on a day."""
        if not code:
            return frozenset()
        stays = sorted(self._stays[code], key=lambda stay: stay.first)
        now = [stay for stay in stays if stay.first <= day <= stay.last]
        if now:
            return frozenset({code, now[0].zone} - {""}) | self.above(now[0].parent, day)
        before = [stay for stay in stays if stay.last < day]
        if before:
            return self.above(before[-1].successor or before[-1].parent, day)
        eve = stays[0].first - DAY
        replaced = [
            other for other, theirs in self._stays.items() for stay in theirs if stay.successor == code and stay.last == eve
        ]
        return self.above(replaced[0] if len(replaced) == 1 else stays[0].parent, day)

    def above_today(self, code: str) -> frozenset[str]:
        """The areas that it counts for today."""
        return self.above(code, dt.date.max)

    def codes_today(self) -> list[str]:
        """The areas of today's list that have values."""
        return [code for code in self.with_values(4) if code not in self.closed]

    def with_values(self, deepest: int) -> list[str]:
        return [code for code, rank in self.ranks.items() if 1 <= rank <= min(deepest, 4)]


def values_of_the_time(
    evidence: pd.DataFrame, known: Mapping[str, Measure], areas: AreasOfTheTime, periods: Iterable[Span]
) -> dict[Key, Triple]:
    """(value, year to date, to date) by (measure, area, period)."""
    found: dict[Key, Triple] = {}
    spans = list(periods)
    for code, rows in evidence.groupby("indicator_code"):
        measure = known[str(code)]
        columns = ("area_code", "event_date", "end_date", "quantity", "subject_key")
        records = list(rows[list(columns)].itertuples(index=False, name=None))
        # As deep as something counts for, on any of its days or today.
        reached = {area for lowest, day, _, _, _ in records for area in areas.above(lowest, day) | areas.above_today(lowest)}
        deepest = max(areas.ranks[area] for area in reached if areas.ranks[area] <= 4)
        series = _stocks(records, measure, areas, spans) if measure.is_stock else _flows(records, measure, areas, spans)
        nothing = (Decimal(0),) * 3
        for area in areas.with_values(deepest):
            for span in spans:
                found[measure.code, area, span.code] = series.get((area, span.code), nothing)
    for measure in known.values():
        if measure.aggregation == "ratio":
            found |= dict(ratios(measure, found))
    return found


Record = tuple[str, dt.date, dt.date | None, Decimal, str]
Series = dict[tuple[str, str], Triple]


def _flows(records: list[Record], measure: Measure, areas: AreasOfTheTime, spans: list[Span]) -> Series:
    by_area: dict[str, list[Record]] = {}
    for record in records:
        for area in areas.above(record[0], record[1]):
            by_area.setdefault(area, []).append(record)
    found: Series = {}
    for area, own in by_area.items():
        for span in spans:
            starts = (span.start, dt.date(span.end.year, 1, 1), dt.date.min)
            value, ytd, to_date = (_amount([one for one in own if start <= one[1] <= span.end], measure) for start in starts)
            found[area, span.code] = (value, ytd, to_date)
    return found


def _stocks(records: list[Record], measure: Measure, areas: AreasOfTheTime, spans: list[Span]) -> Series:
    found: Series = {}
    for span in spans:
        by_area: dict[str, list[Record]] = {}
        for record in records:
            if record[1] <= span.end and (record[2] is None or record[2] > span.end):
                for area in areas.above(record[0], span.end):
                    by_area.setdefault(area, []).append(record)
        for area, own in by_area.items():
            found[area, span.code] = (_amount(own, measure),) * 3
    return found


def _amount(records: list[Record], measure: Measure) -> Decimal:
    if measure.aggregation == "count_distinct":
        return Decimal(len({record[4] for record in records})) / measure.scale
    if measure.aggregation == "count":
        return Decimal(len(records)) / measure.scale
    return sum((record[3] for record in records), start=Decimal(0)) / measure.scale


def spell_lines(*lines: str) -> str:
    """The text of a list of spells."""
    return "\n".join([COLUMNS, *lines]) + "\n"


def parts(areas: AreasOfTheTime, area: str, day: dt.date) -> Iterator[str]:
    """The areas right below one on a day, without functional zones."""
    for code in areas.ranks:
        if code != area and area in areas.above(code, day) and code in areas.above(code, day):
            between = areas.above(code, day) - {code, area} - areas.above(area, day)
            if not any(areas.ranks[one] < areas.ranks[code] and areas.ranks[one] != RANKS["zone"] for one in between):
                yield code
