"""The period that the lines above a table name.

A period is named whole in one cell (`2023年6月`, `2023年1月1日至1月31日`), or its parts stand apart (`2023年度`, and `1-3月`
beside it). What can be read in two ways names none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence

from loaders.characters.footnote_marks import nfkc_keeping_marks
from loaders.period import Period, PeriodKind

_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_YEAR = r"(?P<year>(?:19|20)\d{2})\s*年(?:度)?"
_QUARTER_WORDS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_TO = r"\s*(?:[-~至到]|[—–]+)\s*"
_SPAN = re.compile(_YEAR + rf"\s*(?P<from>\d{{1,2}})\s*月?{_TO}(?P<to>\d{{1,2}})\s*月(?!\s*\d{{1,2}}\s*[日号])")
_QUARTER = re.compile(_YEAR + r"\s*第?\s*(?P<quarter>[一二三四1-4])\s*季度?")
_HALF = re.compile(_YEAR + r"\s*(?P<half>[上下])半年")
_DAY = re.compile(_YEAR + r"\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]")
_MONTH = re.compile(_YEAR + r"\s*(?P<month>\d{1,2})\s*月(?!\s*\d{1,2}\s*[日号])")
_WRITTEN = re.compile(r"(?<!\d)(?P<text>(?:19|20)\d{2}(?:-(?:0[1-9]|1[0-2])|Q[1-4]|H[12]))(?!\d|-\d)")
_ISO_DAY = re.compile(r"(?P<year>(?:19|20)\d{2})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?!\d)")
_EIGHT_DIGITS = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
# 2023-03-01-2023-03-31, 2023年1月1日至1月31日, 2023/3/1~31
_DAYS = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s*[年.\-/]\s*(?P<month>\d{1,2})\s*[月.\-/]\s*(?P<day>\d{1,2})\s*[日号]?"
    rf"{_TO}(?:(?P<year2>(?:19|20)\d{{2}})\s*[年.\-/]\s*)?(?:(?P<month2>\d{{1,2}})\s*[月.\-/]\s*)?(?P<day2>\d{{1,2}})\s*[日号]?(?![\d月.\-/])"
)
# 2022年12月-2023年2月, 2023.01-2023.03
_MONTHS = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s*[年.\-/]\s*(?P<month>\d{1,2})\s*月?"
    rf"{_TO}(?P<year2>(?:19|20)\d{{2}})\s*[年.\-/]\s*(?P<month2>\d{{1,2}})(?![\d.\-/])"
)
_AS_OF = re.compile(r"(?:截至|截止|截止到|截至到|统计至|数据至)[^\d]{0,4}$")
_FILING = r"(?:填报|填表|上报|报送|制表|报出|打印|导出)(?:日期|时间)"
_FILING_LABEL = re.compile(rf"{_FILING}\s*:?$")
_YEAR_ALONE = re.compile(_YEAR)
_FILLED_ON = re.compile(rf"{_FILING}\s*:\s*(?:[\d〇零○一二三四五六七八九十]{{1,4}}\s*[年月日号.\-/:]?\s*)*")
_CHINESE_YEAR = re.compile(r"[〇零○一二三四五六七八九]{4}(?=\s*年)")
_CHINESE_NUMBER = re.compile(
    r"(?P<tens>[一二三]?十)(?P<ones>[一二三四五六七八九])?(?=\s*[月日号])|(?P<one>[一二三四五六七八九])(?=\s*[月日号])"
)
# 粤民函〔2021〕15号 is the number of a paper, and no year of this one.
_DOCUMENT_NUMBER = re.compile(r"[〔\[(](?:19|20)\d{2}[〕\])]\s*第?\d+号")
_ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=\s*年|\s*[-./]\s*\d{1,4}(?!\d))")
# Words by which a day is one of something else than of the report: 根据3月5日会议精神
_OTHER_CONTEXT = re.compile("根据|按照|会议|通知|文件|印发|成立|要求|修订|施行|[日号月]起|自\\d")
_NOT_ADJACENT = r"(?<![\d年.\-/至到~—–第])"
_SPAN_WITHOUT_YEAR = re.compile(rf"{_NOT_ADJACENT}(?P<from>\d{{1,2}})\s*月?{_TO}(?P<to>\d{{1,2}})\s*月(?!\s*\d{{1,2}}\s*[日号])")
_QUARTER_WITHOUT_YEAR = re.compile(r"(?<![年\s\d])第?\s*(?P<quarter>[一二三四1-4])\s*季度")
_HALF_WITHOUT_YEAR = re.compile(r"(?<![年\s\d])(?P<half>[上下])半年")
_MONTH_WITHOUT_YEAR = re.compile(r"(?<![\d年.\-/第])(?P<month>\d{1,2})\s*月")
_DAY_WITHOUT_YEAR = re.compile(r"(?<![\d年./第])(?<!\d{4}-)(?P<month>\d{1,2})\s*月\s*\d{1,2}\s*[日号]")


def find_period(lines: Iterable[list[str]], kind: PeriodKind | None, header: Iterable[list[str]] = ()) -> Period | None:
    """The period that the lines name, as a period of this kind: a cumulative span is known by its last month.

    Days count where no line names a period: an as-of date (`截至2023年6月30日`), a day that stands alone in its line, or a row of
    days, which may be one of the `header`. The day on which a form was filled in says nothing.
    """
    kept = [[_plain(cell) for cell in _without_filing_days(cells)] for cells in lines]
    named = (_named_period(cell, kind) for cells in kept for cell in cells)
    found = next((period for period in named if period is not None), None)
    if found is not None:
        return found
    days = (_as_kind(_day(cell, alone=len(cells) == 1), kind) for cells in kept for cell in cells)
    day = next((period for period in days if period is not None), None)
    rows = [_row_of_days(cells, kind) for cells in (*kept, *([_plain(cell) for cell in cells] for cells in header))]
    others = {period for period in (_assembled_period(kept, kind), day, *rows) if period is not None}
    return others.pop() if len(others) == 1 else None


def named_periods(lines: Iterable[list[str]], kind: PeriodKind) -> list[Period]:
    """Every period of this kind that the lines name, each once; a document speaks of one."""
    cells = (_plain(cell) for line in lines for cell in _without_filing_days(line))
    named = (_named_period(cell, kind, converts=False) for cell in cells)
    return list(dict.fromkeys(period for period in named if period is not None and period.kind is kind))


def _without_filing_days(cells: list[str]) -> list[str]:
    """A line without the days on which the form was filled in, which may stand in the cell after their label."""
    kept = []
    for place, cell in enumerate(cells):
        before = nfkc_keeping_marks(cells[place - 1]).strip() if place else ""
        if not _FILING_LABEL.search(before):
            kept.append(_DOCUMENT_NUMBER.sub("", _FILLED_ON.sub("", nfkc_keeping_marks(cell))))
    return kept


def _as_kind(found: Period | None, kind: PeriodKind | None) -> Period | None:
    if found is None or kind is None or found.kind is kind:
        return found
    if _months(found) > _months(Period(kind, 2000, 1)):
        return None
    return Period.containing(found.end, kind)


def _day(text: str, *, alone: bool) -> Period | None:
    match = _DAY.search(text) or _ISO_DAY.search(text)
    if match is None:
        return None
    is_whole = alone and match[0].strip() == text.strip("() ")
    if not is_whole and not _AS_OF.search(text[: match.start()]):
        return None
    return _month_of(match["year"], match["month"])


def _row_of_days(cells: Sequence[str], kind: PeriodKind | None) -> Period | None:
    """The period in which all days of a row lie that holds several of them (`2023-03-01`, `2023-03-02`, …)."""
    days = [match for cell in cells if (match := _DAY.fullmatch(cell.strip()) or _ISO_DAY.fullmatch(cell.strip())) is not None]
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
    """The period that one cell names."""
    try:
        if match := _DAYS.search(_EIGHT_DIGITS.sub(r"\1-\2-\3", text)):
            return _of_days(match, kind)
        if match := _MONTHS.search(text):
            return _of_months(match, kind)
        found = _named_whole(text)
    except ValueError:
        return None
    return _as_kind(found, kind) if converts else found


def _named_whole(text: str) -> Period | None:
    if match := _SPAN.search(text):
        return Period(PeriodKind.MONTH, int(match["year"]), int(match["to"]))
    if match := _QUARTER.search(text):
        return Period(PeriodKind.QUARTER, int(match["year"]), _QUARTER_WORDS[match["quarter"]])
    if match := _HALF.search(text):
        return Period(PeriodKind.HALF, int(match["year"]), 1 if match["half"] == "上" else 2)
    if match := _MONTH.search(text):
        return Period(PeriodKind.MONTH, int(match["year"]), int(match["month"]))
    if match := _WRITTEN.search(text):
        return Period.parse(match["text"])
    # A year says which period it is only where no month stands beside it (（2023年度）1-3月).
    if (match := _YEAR_ALONE.search(text)) and not _MONTH_WITHOUT_YEAR.search(text):
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
    """The period in which a span of days lies, or up to which it counts from the first of January; else none."""
    kinds = [kind] if kind is not None else list(PeriodKind)
    periods = [Period.containing(end, one) for one in kinds] if start <= end else []
    inside = next((period for period in periods if period.start <= start), None)
    is_cumulative = (start.month, start.day, start.year) == (1, 1, end.year)
    return inside or (periods[0] if periods and is_cumulative else None)


def _assembled_period(lines: Sequence[Sequence[str]], kind: PeriodKind | None) -> Period | None:
    """The period whose year and whose months stand apart, if there is one year and one such period."""
    cells = [cell for line in lines for cell in line]
    years = {int(year) for cell in cells for year in _ANY_YEAR.findall(_EIGHT_DIGITS.sub(r"\1-\2-\3", cell))}
    if len(years) != 1:
        return None
    year = years.pop()
    found = {period for cell in cells for period in _periods_without_year(cell, year)}
    converted = {_as_kind(period, kind) for period in found}
    return converted.pop() if len(converted) == 1 else None


def _periods_without_year(text: str, year: int) -> Iterator[Period | None]:
    if _OTHER_CONTEXT.search(text) or _DAYS.search(text) or _MONTHS.search(text):
        return
    try:
        if match := _SPAN_WITHOUT_YEAR.search(text):
            yield Period(PeriodKind.MONTH, year, int(match["to"]))
            return
        if match := _QUARTER_WITHOUT_YEAR.search(text):
            yield Period(PeriodKind.QUARTER, year, _QUARTER_WORDS[match["quarter"]])
        elif match := _HALF_WITHOUT_YEAR.search(text):
            yield Period(PeriodKind.HALF, year, 1 if match["half"] == "上" else 2)
        for match in (*_MONTH_WITHOUT_YEAR.finditer(text), *_DAY_WITHOUT_YEAR.finditer(text)):
            yield Period(PeriodKind.MONTH, year, int(match["month"]))
    except ValueError:
        yield None


def _plain(text: str) -> str:
    return _arabic(nfkc_keeping_marks(text))


def _arabic(text: str) -> str:
    """Chinese years and months as digits: 二〇二三年十二月 becomes 2023年12月."""
    text = _CHINESE_YEAR.sub(lambda match: match[0].translate(_DIGITS), text)
    return _CHINESE_NUMBER.sub(_arabic_number, text)


def _arabic_number(match: re.Match[str]) -> str:
    if match["one"]:
        return match["one"].translate(_DIGITS)
    tens = match["tens"][0].translate(_DIGITS) if len(match["tens"]) == 2 else "1"
    return tens + (match["ones"].translate(_DIGITS) if match["ones"] else "0")
