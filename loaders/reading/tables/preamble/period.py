"""Preamble period: the period that the lines above a table name.

A period is named in one cell (`2023年6月`, `2023年1月1日至1月31日`), or its parts are separate (`2023年度` beside `1-3月`). An
ambiguous text names no period.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence

from loaders.characters.footnote_marks import nfkc_keeping_marks
from loaders.period import Period, PeriodKind
from loaders.reading.tables.preamble import period_patterns as patterns


def find_period(lines: Iterable[list[str]], kind: PeriodKind | None, header: Iterable[list[str]] = ()) -> Period | None:
    """Returns the period that the lines name, as a period of this kind. A cumulative span is named by its last month.

    Days count if no line names a period: an as-of date (`截至2023年6月30日`), a day alone in its line, or a row of days, which
    may be part of the `header`. The day on which a form was filled in never counts.
    """
    kept = [[plain_text(cell) for cell in _without_filing_days(cells)] for cells in lines]
    named = (_named_period(cell, kind) for cells in kept for cell in cells)
    found = next((period for period in named if period is not None), None)
    if found is not None:
        return found
    days = (_as_kind(_day(cell, alone=len(cells) == 1), kind) for cells in kept for cell in cells)
    day = next((period for period in days if period is not None), None)
    rows = [_row_of_days(cells, kind) for cells in (*kept, *([plain_text(cell) for cell in cells] for cells in header))]
    others = {period for period in (_assembled_period(kept, kind), day, *rows) if period is not None}
    return others.pop() if len(others) == 1 else None


def named_periods(lines: Iterable[list[str]], kind: PeriodKind) -> list[Period]:
    """Returns every distinct period of this kind that the lines name. A correct document names one."""
    cells = (plain_text(cell) for line in lines for cell in _without_filing_days(line))
    named = (_named_period(cell, kind, converts=False) for cell in cells)
    return list(dict.fromkeys(period for period in named if period is not None and period.kind is kind))


def _without_filing_days(cells: list[str]) -> list[str]:
    """Removes the days on which the form was filled in. They may follow their label in the next cell."""
    kept = []
    for place, cell in enumerate(cells):
        before = nfkc_keeping_marks(cells[place - 1]).strip() if place else ""
        if not patterns.FILING_LABEL.search(before):
            kept.append(patterns.DOCUMENT_NUMBER.sub("", patterns.FILLED_ON.sub("", nfkc_keeping_marks(cell))))
    return kept


def _as_kind(found: Period | None, kind: PeriodKind | None) -> Period | None:
    if found is None or kind is None or found.kind is kind:
        return found
    if _months(found) > _months(Period(kind, 2000, 1)):
        return None
    return Period.containing(found.end, kind)


def _day(text: str, *, alone: bool) -> Period | None:
    match = patterns.DAY.search(text) or patterns.ISO_DAY.search(text)
    if match is None:
        return None
    is_whole = alone and match[0].strip() == text.strip("() ")
    if not is_whole and not patterns.AS_OF.search(text[: match.start()]):
        return None
    return _month_of(match["year"], match["month"])


def _row_of_days(cells: Sequence[str], kind: PeriodKind | None) -> Period | None:
    """Returns the period that contains all days of a row with several days (`2023-03-01`, `2023-03-02`, …)."""
    days = [
        match
        for cell in cells
        if (match := patterns.DAY.fullmatch(cell.strip()) or patterns.ISO_DAY.fullmatch(cell.strip())) is not None
    ]
    if len(days) < 2:
        return None
    periods = {_as_kind(_month_of(day["year"], day["month"]), kind) for day in days}
    return periods.pop() if len(periods) == 1 else None


def _month_of(year: str, month: str) -> Period | None:
    try:
        return Period(PeriodKind.MONTH, int(year), int(month))
    except ValueError:
        return None


def _months(period: Period) -> int:
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1


def _named_period(text: str, kind: PeriodKind | None, *, converts: bool = True) -> Period | None:
    """Returns the period that one cell names."""
    try:
        if match := patterns.DAYS.search(patterns.EIGHT_DIGITS.sub(r"\1-\2-\3", text)):
            return _of_days(match, kind)
        if match := patterns.MONTHS.search(text):
            return _of_months(match, kind)
        found = _named_whole(text)
    except ValueError:
        return None
    return _as_kind(found, kind) if converts else found


def _named_whole(text: str) -> Period | None:
    if match := patterns.SPAN.search(text):
        return _of_month_span(int(match["year"]), int(match["from"]), int(match["to"]))
    if match := patterns.QUARTER.search(text):
        return Period(PeriodKind.QUARTER, int(match["year"]), patterns.QUARTER_WORDS[match["quarter"]])
    if match := patterns.HALF.search(text):
        return Period(PeriodKind.HALF, int(match["year"]), 1 if match["half"] == "上" else 2)
    if match := patterns.MONTH.search(text):
        return Period(PeriodKind.MONTH, int(match["year"]), int(match["month"]))
    if match := patterns.PERIOD_CODE.search(text):
        return Period.parse(match["text"])
    # A year names the period only if no month is beside it (`（2023年度）1-3月`).
    if (match := patterns.YEAR_ALONE.search(text)) and not patterns.MONTH_WITHOUT_YEAR.search(text):
        return Period(PeriodKind.YEAR, int(match["year"]), 1)
    return None


def _of_days(match: re.Match[str], kind: PeriodKind | None) -> Period | None:
    start = dt.date(int(match["year"]), int(match["month"]), int(match["day"]))
    year, month = match["year2"] or match["year"], match["month2"] or match["month"]
    return _of_span(start, dt.date(int(year), int(month), int(match["day2"])), kind)


def _of_months(match: re.Match[str], kind: PeriodKind | None) -> Period | None:
    start = dt.date(int(match["year"]), int(match["month"]), 1)
    return _of_span(start, Period(PeriodKind.MONTH, int(match["year2"]), int(match["month2"])).end, kind)


def _of_span(start: dt.date, end: dt.date, kind: PeriodKind | None) -> Period | None:
    """Returns the period that contains a span of days, or the period at the end of a span from 1 January; else None."""
    kinds = [kind] if kind is not None else list(PeriodKind)
    periods = [Period.containing(end, one) for one in kinds] if start <= end else []
    inside = next((period for period in periods if period.start <= start), None)
    is_cumulative = (start.month, start.day, start.year) == (1, 1, end.year)
    return inside or (periods[0] if periods and is_cumulative else None)


def _of_month_span(year: int, first: int, last: int) -> Period | None:
    """Returns the last month of a span from January on, which is cumulative, else the smallest period that contains the span."""
    end = Period(PeriodKind.MONTH, year, last)
    if first == 1:
        return end
    start = Period(PeriodKind.MONTH, year, first).start
    kinds = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR)
    containing = (Period.containing(end.end, kind) for kind in kinds)
    return next((period for period in containing if period.start <= start), None) if start <= end.start else None


def _assembled_period(lines: Sequence[Sequence[str]], kind: PeriodKind | None) -> Period | None:
    """Combines separate years and months into a period, if there is exactly one year and one such period."""
    cells = [cell for line in lines for cell in line]
    years = {int(year) for cell in cells for year in patterns.ANY_YEAR.findall(patterns.EIGHT_DIGITS.sub(r"\1-\2-\3", cell))}
    if len(years) != 1:
        return None
    year = years.pop()
    found = {period for cell in cells for period in _periods_without_year(cell, year)}
    converted = {_as_kind(period, kind) for period in found}
    return converted.pop() if len(converted) == 1 else None


def _periods_without_year(text: str, year: int) -> Iterator[Period | None]:
    if patterns.OTHER_CONTEXT.search(text) or patterns.DAYS.search(text) or patterns.MONTHS.search(text):
        return
    try:
        if match := patterns.SPAN_WITHOUT_YEAR.search(text):
            yield _of_month_span(year, int(match["from"]), int(match["to"]))
            return
        if match := patterns.QUARTER_WITHOUT_YEAR.search(text):
            yield Period(PeriodKind.QUARTER, year, patterns.QUARTER_WORDS[match["quarter"]])
        elif match := patterns.HALF_WITHOUT_YEAR.search(text):
            yield Period(PeriodKind.HALF, year, 1 if match["half"] == "上" else 2)
        for match in (*patterns.MONTH_WITHOUT_YEAR.finditer(text), *patterns.DAY_WITHOUT_YEAR.finditer(text)):
            yield Period(PeriodKind.MONTH, year, int(match["month"]))
    except ValueError:
        yield None


def plain_text(text: str) -> str:
    """Returns a text in one width, with Chinese years, months and days as digits; footnote marks stay."""
    return _arabic(nfkc_keeping_marks(text))


def _arabic(text: str) -> str:
    """Replaces Chinese years and months by digits: 二〇二三年十二月 becomes 2023年12月."""
    text = patterns.CHINESE_YEAR.sub(lambda match: match[0].translate(patterns.DIGITS), text)
    return patterns.CHINESE_NUMBER.sub(_arabic_number, text)


def _arabic_number(match: re.Match[str]) -> str:
    if match["one"]:
        return match["one"].translate(patterns.DIGITS)
    tens = match["tens"][0].translate(patterns.DIGITS) if len(match["tens"]) == 2 else "1"
    return tens + (match["ones"].translate(patterns.DIGITS) if match["ones"] else "0")
