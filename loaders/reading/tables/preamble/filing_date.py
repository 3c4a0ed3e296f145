"""Preamble filing date: the day on which the lines around a table say that the form was filled in, or its data were taken."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from loaders.reading.tables.preamble.period import plain_text

# `填报日期:2023年7月5日`, `制表时间 2023-07-05 10:30`
_FILED = re.compile(r"(?:填报|填表|编报|上报|报送|制表|出表|报出|打印|导出)\s*(?:日期|时间)\s*:?\s*")
# `数据截至2023年7月5日`, `截止日期:2023-07-05`
_AS_OF = re.compile(r"截[至止][至到]?\s*(?:日期|时间)?\s*:?\s*")
_DAY = re.compile(
    r"(?P<year>20\d{2})\s*[年./-]\s*(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})(?!\d)"
    r"|(?P<year2>20\d{2})(?P<month2>\d{2})(?P<day2>\d{2})(?!\d)"
)


def find_filing_date(lines: Iterable[Iterable[str]]) -> dt.date | None:
    """Returns the latest day on which a sheet was filled in; else the latest as-of day; None where the lines name neither."""
    cells = [[plain_text(cell).strip() for cell in line] for line in lines]
    return max(_labeled_days(cells, _FILED), default=None) or max(_labeled_days(cells, _AS_OF), default=None)


def _labeled_days(lines: Iterable[list[str]], label: re.Pattern[str]) -> Iterator[dt.date]:
    """Yields the days behind a label, in its cell or in the next one."""
    for cells in lines:
        for cell, following in zip(cells, [*cells[1:], ""], strict=False):
            if (match := label.search(cell)) is None:
                continue
            behind = cell[match.end() :]
            if (day := _day(behind or following)) is not None:
                yield day


def _day(text: str) -> dt.date | None:
    match = _DAY.match(text)
    if match is None:
        return None
    parts = (match["year"] or match["year2"], match["month"] or match["month2"], match["day"] or match["day2"])
    try:
        return dt.date(*map(int, parts))
    except ValueError:
        return None
