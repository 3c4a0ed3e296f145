"""What the lines around a table say: reporting unit, period and unit of measure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from loaders.characters.marks import fold
from loaders.period import Period, PeriodKind
from loaders.reading.headers import unit_of_header

_UNIT_LABELS = re.compile(
    r"(?:填报单位|报送单位|上报单位|填表单位|编报单位|报表单位|填报地区|单位名称|报告单位)(?:\([^)]*\))*\s*:\s*(?P<unit>[^\s:]*)"
)
_NEXT_LABEL = re.compile(r"(?:填报|填表|上报|报送|制表|报出)(?:日期|时间|人)|单位\s*:|日期\s*:|联系电话")
_SEAL = re.compile(r"\((?:盖章|公章|签章|章)\)")
_MEASURE = re.compile(r"(?<![报表位])(?:计量|金额|货币)?单位\s*:\s*(?P<units>[^\s:()]+)")
_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_YEAR = r"(?P<year>(?:19|20)\d{2})\s*年(?:度)?"
_QUARTER_WORDS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_SPAN = re.compile(_YEAR + r"\s*(?P<from>\d{1,2})\s*月?\s*[-~至到—–]\s*(?P<to>\d{1,2})\s*月")
_QUARTER = re.compile(_YEAR + r"\s*第?\s*(?P<quarter>[一二三四1-4])\s*季度?")
_HALF = re.compile(_YEAR + r"\s*(?P<half>[上下])半年")
_DAY = re.compile(_YEAR + r"\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]")
_MONTH = re.compile(_YEAR + r"\s*(?P<month>\d{1,2})\s*月(?!\s*\d{1,2}\s*[日号])")
_WRITTEN = re.compile(r"(?<!\d)(?P<text>(?:19|20)\d{2}(?:-(?:0[1-9]|1[0-2])|Q[1-4]|H[12]))(?!\d|-\d)")
_ISO_DAY = re.compile(r"(?P<year>(?:19|20)\d{2})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?!\d)")
_AS_OF = re.compile(r"(?:截至|截止|截止到|截至到|统计至|数据至)[^\d]{0,4}$")
_FILING_LABEL = re.compile(r"(?:填报|填表|上报|报送|制表|报出|打印|导出)(?:日期|时间)\s*:?$")
_YEAR_ALONE = re.compile(_YEAR)
_FILLED_ON = re.compile(
    r"(?:填报|填表|上报|报送|制表|报出|打印|导出)(?:日期|时间)\s*:\s*(?:[\d〇零○一二三四五六七八九十]{1,4}\s*[年月日号.\-/:]?\s*)*"
)
_CHINESE_YEAR = re.compile(r"[〇零○一二三四五六七八九]{4}(?=\s*年)")
_CHINESE_NUMBER = re.compile(
    r"(?P<tens>[一二三]?十)(?P<ones>[一二三四五六七八九])?(?=\s*[月日号])|(?P<one>[一二三四五六七八九])(?=\s*[月日号])"
)


def find_unit(lines: Iterable[list[str]]) -> str | None:
    """The reporting unit (`填报单位：…`), in the cell of the label or in the next one."""
    for cells in lines:
        for place, cell in enumerate(cells):
            match = _UNIT_LABELS.search(fold(cell))
            if match is None:
                continue
            unit = _SEAL.sub("", _NEXT_LABEL.split(match["unit"])[0]).strip("_ ")
            if unit:
                return unit
            following = cells[place + 1].strip() if place + 1 < len(cells) else ""
            if following and not following.endswith((":", "：")):
                return following
    return None


def find_measures(lines: Iterable[list[str]]) -> tuple[str, ...]:
    """The units of measure of the sheet's label (`单位：人次、个、万元`), in order; else a unit in brackets at a title's end."""
    plain = [fold(cell).strip() for cells in lines for cell in cells]
    for cell in plain:
        match = _MEASURE.search(cell)
        if match:
            return tuple(unit for unit in re.split(r"[、,/;]", match["units"]) if unit)
    units = (unit_of_header(cell) for cell in plain if cell.endswith(")"))
    return tuple(unit for unit in units if unit)[:1]


def find_period(lines: Iterable[list[str]], kind: PeriodKind | None) -> Period | None:
    """The period that the lines name, as a period of this kind: a cumulative span is known by its last month.

    Days count where no line names a period: an as-of date (`截至2023年6月30日`), or a day that stands alone in its line. The
    day on which a form was filled in says nothing.
    """
    kept = [_without_filing_days(cells) for cells in lines]
    named = (_as_kind(_named_period(_plain(cell)), kind) for cells in kept for cell in cells)
    days = (_as_kind(_day(_plain(cell), alone=len(cells) == 1), kind) for cells in kept for cell in cells)
    return next((period for period in (*named, *days) if period is not None), None)


def named_periods(lines: Iterable[list[str]], kind: PeriodKind) -> list[Period]:
    """Every period of this kind that the lines name, each once; a document speaks of one."""
    cells = (cell for line in lines for cell in _without_filing_days(line))
    named = (_named_period(_plain(cell)) for cell in cells)
    return list(dict.fromkeys(period for period in named if period is not None and period.kind is kind))


def _without_filing_days(cells: list[str]) -> list[str]:
    """A line without the days on which the form was filled in, which may stand in the cell after their label."""
    kept = []
    for place, cell in enumerate(cells):
        before = fold(cells[place - 1]).strip() if place else ""
        if not _FILING_LABEL.search(before):
            kept.append(_FILLED_ON.sub("", fold(cell)))
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
    try:
        return Period(PeriodKind.MONTH, int(match["year"]), int(match["month"]))
    except ValueError:
        return None


def _months(period: Period) -> int:
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1


def _named_period(text: str) -> Period | None:
    try:
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
        if match := _YEAR_ALONE.search(text):
            return Period(PeriodKind.YEAR, int(match["year"]), 1)
    except ValueError:
        return None
    return None


def _plain(text: str) -> str:
    return _arabic(fold(text))


def _arabic(text: str) -> str:
    """Chinese years and months as digits: 二〇二三年十二月 becomes 2023年12月."""
    text = _CHINESE_YEAR.sub(lambda match: match[0].translate(_DIGITS), text)
    return _CHINESE_NUMBER.sub(_arabic_number, text)


def _arabic_number(match: re.Match[str]) -> str:
    if match["one"]:
        return match["one"].translate(_DIGITS)
    tens = match["tens"][0].translate(_DIGITS) if len(match["tens"]) == 2 else "1"
    return tens + (match["ones"].translate(_DIGITS) if match["ones"] else "0")
