"""Preamble labels: the reporting unit and the units of measure in the lines around a table. Periods: see `period`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from loaders.characters.footnote_marks import nfkc_keeping_marks
from loaders.reading.tables.headers.header_text import unit_of_header
from loaders.reading.tables.preamble.empty_fields import filled_in

# `填报单位(盖章):惠城区民政局`
_UNIT_LABELS = re.compile(
    r"(?:填报单位|报送单位|上报单位|填表单位|编报单位|报表单位|填报地区|单位名称|报告单位)(?:\([^)]*\))*\s*:\s*(?P<unit>[^\s:]*)"
)
# `填报日期`, `单位:`
_NEXT_LABEL = re.compile(r"(?:填报|填表|上报|报送|制表|报出)(?:日期|时间|人)|单位\s*:|日期\s*:|联系电话")
# `单位:人次、万元`, `金额单位:元`
_MEASURE = re.compile(r"(?<![报表位])(?:计量|金额|货币)?单位\s*:\s*(?P<units>[^\s:()]+)")


def find_reporting_unit(lines: Iterable[list[str]]) -> str | None:
    """Finds the reporting unit (`填报单位：…`), in the cell of the label or in the next one."""
    for cells in lines:
        for place, cell in enumerate(cells):
            match = _UNIT_LABELS.search(nfkc_keeping_marks(cell))
            if match is None:
                continue
            unit = filled_in(_NEXT_LABEL.split(match["unit"])[0])
            if unit:
                return unit
            following = cells[place + 1].strip() if place + 1 < len(cells) else ""
            if filled_in(following) and not re.search("[:：]", following):
                return following
    return None


def find_measures(lines: Iterable[list[str]]) -> tuple[str, ...]:
    """Finds the units of measure in the sheet's label (`单位：人次、个、万元`), in order; else in brackets at a title's end."""
    plain = [nfkc_keeping_marks(cell).strip() for cells in lines for cell in cells]
    for cell in plain:
        match = _MEASURE.search(cell)
        if match:
            return tuple(unit for unit in re.split(r"[、,/;]", match["units"]) if unit)
    units = (unit_of_header(cell) for cell in plain if cell.endswith(")"))
    return tuple(unit for unit in units if unit)[:1]
