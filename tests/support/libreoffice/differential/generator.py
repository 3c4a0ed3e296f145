"""Reproducible random plans of workbooks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

from tests.support.libreoffice.differential import number_formats as formats
from tests.support.libreoffice.differential.contract import DAYS, NUMBERS, TEXTS
from tests.support.libreoffice.differential.number_formats import Format, Group
from tests.support.libreoffice.differential.plan import (
    PlannedBook,
    PlannedCell,
    PlannedMerge,
    PlannedRow,
    PlannedSheet,
    Run,
    TextStyle,
)

MAKERS = {"xlsxwriter": 155, "parts": 50, "xls": 30, "ods": 25, "fods": 5, "xlsb": 20, "xml": 15}
"""How many workbooks come out of which hand; 300 in all."""

_FIRST_DAY, _LAST_DAY = 61, 109_941
_DAYS_TO_1904 = 1462
_PLACES = ("河南岸街道", "桥东街道", "龙丰街道", "江南街道", "小金口街道", "水口街道", "马安镇", "横沥镇")
_SUFFIXES = {
    TextStyle.SUPERSCRIPT: ("1", "2", "①", "a", "[3]", "*"),
    TextStyle.SUBSCRIPT: ("1", "2", "注"),
    TextStyle.STRUCK: ("5", "12", "旧", "3.5"),
}


def planned_books(seed: int = 20_230_501) -> list[PlannedBook]:
    """Plans all workbooks."""
    books = []
    for maker, count in MAKERS.items():
        books += [_Planner(random.Random(f"{seed} {maker} {number}"), maker).book(number) for number in range(count)]
    return books


class _Planner:
    """Planner of one workbook."""

    def __init__(self, chance: random.Random, maker: str) -> None:
        self._chance = chance
        self._maker = maker
        # What the old records that the tests write by hand cannot say is left to the other makers.
        self._plain_only = maker == "xlsb"
        self._spelled_only = maker == "xml"

    def book(self, number: int) -> PlannedBook:
        chance = self._chance
        since_1904 = chance.random() < 0.08 and self._maker in {"xlsxwriter", "xlsb", "parts"}
        sheets = [self._sheet(f"表{place + 1}", since_1904) for place in range(chance.choice((1, 1, 1, 2)))]
        if self._plain_only:
            del sheets[1:]
        return PlannedBook(f"{self._maker}_{number:03d}", self._maker, sheets, since_1904, chance.random() < 0.3)

    def _sheet(self, name: str, since_1904: bool) -> PlannedSheet:
        chance = self._chance
        sheet = PlannedSheet(name, chance.choice((None, "报送表", "各镇街情况统计表")), left=chance.choice((0, 0, 1)))
        make = self._uniform_rows if chance.random() < 0.25 else self._probe_rows
        sheet.rows = make(chance.randrange(12, 30), since_1904)
        if not self._plain_only:
            self._strike_and_hide(sheet)
        self._merge(sheet)
        return sheet

    def _probe_rows(self, count: int, since_1904: bool) -> list[PlannedRow]:
        """Rows with one cell each of which something is to be found out, beside plain ones."""
        rows = []
        for number in range(count):
            name = self._chance.choice((*TEXTS, *NUMBERS, *NUMBERS, *DAYS, "is_open", "kind"))
            row = self._plain_row(number)
            row.cells[name] = self._probe(name, since_1904)
            rows.append(row)
        return rows

    def _uniform_rows(self, count: int, since_1904: bool) -> list[PlannedRow]:
        """Rows whose columns have one format each, as columns of real reports do."""
        chosen = {name: self._format_for(name) for name in (*TEXTS[:1], *NUMBERS, *DAYS) if self._chance.random() < 0.5}
        rows = []
        for number in range(count):
            row = self._plain_row(number)
            row.cells |= {name: self._number_cell(name, form, since_1904) for name, form in chosen.items()}
            rows.append(row)
        return rows

    def _plain_row(self, number: int) -> PlannedRow:
        cells = {"line_number": PlannedCell(number + 1), "place_name": PlannedCell(self._chance.choice(_PLACES))}
        return PlannedRow(cells)

    def _probe(self, name: str, since_1904: bool) -> PlannedCell:
        draw = self._chance.random()
        if not self._plain_only and draw < 0.12 and name not in {"kind", *DAYS}:
            return self._rich(name)
        if not self._plain_only and draw < 0.16:
            cell = self._number_cell(name, self._format_for(name), since_1904)
            return PlannedCell(cell.value, cell.format, struck=True)
        if draw < 0.21 and name in TEXTS:
            return PlannedCell(self._chance.choice(("A12", "0012", "甲", "12", "3.5")), self._chance.choice(formats.TEXT))
        if draw < 0.26 and name not in {"kind", "is_open"}:
            return PlannedCell(self._written(name))
        return self._number_cell(name, self._format_for(name), since_1904)

    def _written(self, name: str) -> str:
        """A value typed as text."""
        written = {
            **dict.fromkeys(TEXTS, ("0012", "A-3", "2023-1", "甲乙")),
            **dict.fromkeys(NUMBERS, ("12", "1,234", "0", "7")),
            "start_date": ("2023-05-01", "2023年5月1日", "2023/12/31"),
            "report_month": ("2023年5月", "2023-05"),
            "checked_at": ("2023-05-01 13:20",),
        }
        return self._chance.choice(written[name])

    def _format_for(self, name: str) -> Format:
        chance = self._chance
        pools: Sequence[tuple[Sequence[Format], float]]
        if name in TEXTS:
            pools = ((formats.NUMBER, 3), (formats.CODE, 4), (formats.PERCENT, 0.5), (formats.DAY, 1), (formats.MONTH, 1), _REST)
        elif name == "done_pct":
            pools = ((formats.QUIET, 1), (formats.NUMBER, 3), (formats.PERCENT, 5), (formats.CODE, 0.5), (formats.DAY, 0.3))
        elif name in NUMBERS:
            pools = (
                (formats.QUIET, 2),
                (formats.NUMBER, 6),
                (formats.CODE, 1.5),
                (formats.PERCENT, 0.5),
                (formats.DAY, 0.3),
                _REST,
            )
        elif name in DAYS:
            days = {"start_date": (4, 1.5), "report_month": (1.5, 4), "checked_at": (4, 1)}[name]
            pools = ((formats.DAY, days[0]), (formats.MONTH, days[1]), (formats.CODE, 0.5), (formats.QUIET, 0.7), _REST)
        else:
            pools = ((formats.TRUTH if name == "is_open" else formats.CHOICE, 1),)
        pool = chance.choices([pool for pool, _ in pools], [weight for _, weight in pools])[0]
        return chance.choice([form for form in pool if isinstance(form.code, str) or not self._spelled_only])

    def _number_cell(self, name: str, form: Format, since_1904: bool) -> PlannedCell:
        if name in {"is_open", "kind"}:
            return PlannedCell(self._chance.choice((0, 1)), form)
        if form.group in {Group.DATE, Group.TIME} or (name in DAYS and form in formats.QUIET):
            return PlannedCell(self._day(form, since_1904), form)
        if form.whole:
            return PlannedCell(
                self._chance.choice((1, 7, 12, 305, 5004, 20_230_515, 202_305, self._chance.randrange(1, 100_000))), form
            )
        return PlannedCell(self._number(name, form), form)

    def _day(self, form: Format, since_1904: bool) -> float:
        """A day of the calendar, or a time of day; on whole minutes."""
        chance = self._chance
        minutes = chance.choice((0, 0, 0, chance.randrange(1, 1440)))
        if form.group is Group.TIME and chance.random() < 0.7:
            return (minutes or 750) / 1440
        day = chance.choice(
            (45_047, 45_061, 45_077, 44_927, chance.randrange(36_526, 47_483), chance.randrange(_FIRST_DAY, _LAST_DAY))
        )
        return max(day - (_DAYS_TO_1904 if since_1904 else 0), _FIRST_DAY) + minutes / 1440

    def _number(self, name: str, form: Format) -> float:
        chance = self._chance
        if form.group is Group.PERCENT or (name == "done_pct" and chance.random() < 0.3):
            return chance.choice((0.5, 1, 0.125, 0, 0.07, 1.2, -0.05, float(Decimal(chance.randrange(0, 10_000)).scaleb(-4))))
        if name == "visit_persons" and chance.random() < 0.9:
            return self._whole()
        parts = (3.5, -5.5, 0.5, 12.25, 1234.56, 35_432.1, 0.01, float(Decimal(chance.randrange(-(10**6), 10**8)).scaleb(-2)))
        return self._whole() if chance.random() < 0.5 else chance.choice(parts)

    def _whole(self) -> float:
        few = (0, 1, 7, -5, 35, 150, 1234, 35_000, 1_280_000)
        return self._chance.choice((*few, self._chance.randrange(-99, 10**6)))

    def _rich(self, name: str) -> PlannedCell:
        chance = self._chance
        value = (
            chance.choice(("A12", "桥东村", "0012"))
            if name in TEXTS
            else "是"
            if name == "is_open"
            else chance.choice(("4", "35", "120"))
        )
        mark = chance.choice(
            (
                TextStyle.SUPERSCRIPT,
                TextStyle.SUPERSCRIPT,
                TextStyle.SUBSCRIPT,
                TextStyle.STRUCK,
                TextStyle.STRUCK,
                TextStyle.PLAIN,
            )
        )
        if mark is TextStyle.PLAIN:
            # Runs that differ in color alone are one value.
            runs = (Run(value[:1]), Run(value[1:])) if len(value) > 1 else (Run(value),)
        else:
            extra = Run(chance.choice(_SUFFIXES[mark]), mark)
            runs = (extra, Run(value)) if mark is TextStyle.STRUCK and chance.random() < 0.5 else (Run(value), extra)
        return PlannedCell("".join(run.text for run in runs), runs=runs)

    def _strike_and_hide(self, sheet: PlannedSheet) -> None:
        for row in sheet.rows:
            draw = self._chance.random()
            # A cell of several looks keeps them when its row is struck out.
            has_runs = any(cell.runs for cell in row.cells.values())
            row.hidden, row.struck = draw < 0.02, 0.02 <= draw < 0.04 and not has_runs

    def _merge(self, sheet: PlannedSheet) -> None:
        """Merge cells of one column over two or three rows in which nothing else is to be found out."""
        if self._chance.random() > 0.3:
            return
        name = self._chance.choice(("item_code", "visit_persons", "amount_yuan", "start_date"))
        first = self._chance.randrange(0, len(sheet.rows) - 4)
        merge = PlannedMerge(
            name, first, first + self._chance.choice((1, 2)), self._chance.random() < 0.6 and not self._spelled_only
        )
        for place in range(first, merge.last + 1):
            row = self._plain_row(place)
            row.cells[name] = self._merged_value(name, place - first)
            sheet.rows[place] = row
        sheet.merges.append(merge)

    def _merged_value(self, name: str, place: int) -> PlannedCell:
        if name == "start_date":
            return PlannedCell(45_061 + place, Format("yyyy-mm-dd", Group.DATE))
        return PlannedCell(f"M{place + 1}" if name == "item_code" else 314 + place)


_REST: tuple[Sequence[Format], float] = ((*formats.PARTIAL, *formats.TIME), 1)
