"""Workbooks as offices send them, each with a few defects and with parts that no mark may touch."""

from __future__ import annotations

import datetime as dt
import io
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

from loaders.contract import Report
from loaders.reading.model.sheets import address
from tests.support.documents.contracts import make_report

PERIOD = "2023-06"
HEADERS = ("探访编号", "探访日期", "镇（街道）", "方式", "探访人次", "支出（元）", "备注")
_TOWNS = ("河南岸街道", "桥东街道", "龙丰街道", "江南街道")
_FIRST_ROW = 5
_LAST_COLUMN = len(HEADERS)

Value = str | int | float | dt.date | None
Truth = dict[tuple[str, str], Value]


@dataclass
class BrokenWorkbook:
    """A broken workbook: its name, its content, the kinds of its defects, and what the office knows to be right, by cell."""

    name: str
    content: bytes
    defects: tuple[str, ...]
    truth: Truth = field(default_factory=dict)


def visit_report(**fields: Any) -> Report:
    """The contract of the workbooks: a key, a date of the period, a choice, numbers with a total."""
    columns: list[dict[str, Any]] = [
        {"name": "visit_code", "header": HEADERS[0], "required": True, "key": True},
        {"name": "visited_date", "header": HEADERS[1], "type": "date", "required": True},
        {"name": "town_name", "header": HEADERS[2], "required": True},
        {"name": "visit_way", "header": HEADERS[3], "type": "choice", "choices": ["上门", "电话"], "required": True},
        {"name": "visit_persons", "header": HEADERS[4], "type": "integer", "unit": "人次", "required": True},
        {"name": "spent_yuan", "header": HEADERS[5], "type": "decimal", "unit": "元"},
        {"name": "remark", "header": HEADERS[6]},
    ]
    rule = {
        "expect": "expect_column_values_to_be_in_document_period",
        "arguments": {"column": "visited_date"},
        "meaning": {"zh": "探访日期应在报表月份内", "en": "the visit was in the month"},
    }
    options: dict[str, Any] = {"format": {"kind": "workbook"}, "rules": [rule], "reject_limit_pct": 60} | fields
    return make_report(columns, **options)


class _Draft:
    """A workbook in the making: its rows as they should be, and how the cells with a defect are written."""

    def __init__(self, chance: random.Random, book: Any, name: str) -> None:
        self.chance = chance
        self.book = book
        self.name = name
        self.sheet = book.add_worksheet(name)
        self.rows = [self._row(number) for number in range(chance.randrange(14, 24))]
        self.written: dict[tuple[int, int], Callable[[int, int], None]] = {}
        self.total_error = 0
        self.repeats_row = False

    def _row(self, number: int) -> list[Value]:
        day = dt.date(2023, 6, self.chance.randrange(1, 31))
        way, persons = self.chance.choice(("上门", "电话")), self.chance.randrange(1, 9)
        spent = self.chance.randrange(0, 90_000) / 100
        return [f"TF{self.name}-{number:03d}", day, self.chance.choice(_TOWNS), way, persons, spent, None]

    def break_cell(self, column: int, write: Callable[[int, int], None], row: int | None = None) -> None:
        """Lets a defect write a cell of a row that has none yet (counted from 0)."""
        taken = {place for place, _ in self.written}
        free = [place for place in range(1, len(self.rows)) if place not in taken]
        self.written[row if row is not None else self.chance.choice(free), column] = write

    def write(self, value: Value | str, **style: Any) -> Callable[[int, int], None]:
        """A way to write a value in a style."""
        shown = self.book.add_format({"border": 1, **style})
        return lambda row, column: self.sheet.write(row, column, value, shown)


def _text_for_number(draft: _Draft) -> None:
    draft.break_cell(4, draft.write("三个人左右"))


def _nothing(draft: _Draft) -> None:
    draft.break_cell(2, lambda row, column: None)


def _wrong_choice(draft: _Draft) -> None:
    draft.break_cell(3, draft.write("微信"))


def _other_month(draft: _Draft) -> None:
    draft.break_cell(1, draft.write(dt.date(2023, 7, 8), num_format="yyyy-mm-dd"))


def _struck(draft: _Draft) -> None:
    draft.break_cell(4, draft.write(5, font_strikeout=True))


def _raised(draft: _Draft) -> None:
    draft.break_cell(4, draft.write(2, font_script=1))


def _two_values(draft: _Draft) -> None:
    draft.break_cell(5, draft.write("120/35"))


def _damaged(draft: _Draft) -> None:
    draft.break_cell(0, draft.write(441302202306150123, num_format="0"))


def _date_for_code(draft: _Draft) -> None:
    draft.break_cell(0, draft.write(dt.date(2023, 3, 10), num_format="yyyy/m/d"))


def _error_value(draft: _Draft) -> None:
    draft.break_cell(5, lambda row, column: draft.sheet.write_formula(row, column, "=1/0", None, "#DIV/0!"))


def _hidden_value(draft: _Draft) -> None:
    draft.break_cell(4, draft.write(7, num_format=";;;"))


def _without_result(draft: _Draft) -> None:
    draft.break_cell(5, lambda row, column: draft.sheet.write_formula(row, column, "=SUM(E9:E9)", None, ""))


def _text_like_formula(draft: _Draft) -> None:
    draft.break_cell(4, lambda row, column: draft.sheet.write_string(row, column, '=HYPERLINK("http://x.example","1")'))


def _wrong_total(draft: _Draft) -> None:
    draft.total_error = draft.chance.randrange(1, 9)


def _same_code(draft: _Draft) -> None:
    place = len(draft.rows) - 1
    draft.break_cell(0, draft.write(draft.rows[0][0]), place)
    draft.repeats_row = True


DEFECTS: dict[str, Callable[[_Draft], None]] = {
    "text_for_number": _text_for_number,
    "nothing": _nothing,
    "wrong_choice": _wrong_choice,
    "other_month": _other_month,
    "struck": _struck,
    "raised": _raised,
    "two_values": _two_values,
    "damaged": _damaged,
    "date_for_code": _date_for_code,
    "error_value": _error_value,
    "hidden_value": _hidden_value,
    "without_result": _without_result,
    "text_like_formula": _text_like_formula,
    "wrong_total": _wrong_total,
    "same_code": _same_code,
}


def broken_workbook(seed: int) -> BrokenWorkbook:
    """Makes the workbook of a number. Each kind of defect occurs in every run of as many numbers as there are kinds."""
    chance = random.Random(seed)
    first = list(DEFECTS)[seed % len(DEFECTS)]
    # A wrong total needs its column whole.
    others = [name for name in DEFECTS if "wrong_total" not in {name, first}]
    defects = (first, *(name for name in chance.sample(others, min(len(others), chance.randrange(0, 3))) if name != first))
    buffer = io.BytesIO()
    truth: Truth = {}
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheets = ["探访表"] if chance.random() < 0.6 else ["探访表", "下半月 '补'表"]
        for number, name in enumerate(sheets):
            draft = _Draft(chance, book, name)
            for defect in defects if number == 0 or len(sheets) == 1 else defects[:1]:
                DEFECTS[defect](draft)
            _write(draft, truth)
        _add_surroundings(chance, book, draft.sheet)
    return BrokenWorkbook(f"{seed:02d}_{'_'.join(defects)}", buffer.getvalue(), defects, truth)


def _write(draft: _Draft, truth: Truth) -> None:
    sheet, head = draft.sheet, draft.book.add_format({"bold": True, "border": 1, "bg_color": "#D9E1F2"})
    sheet.merge_range(0, 0, 0, _LAST_COLUMN - 1, "社区探访登记表", head)
    sheet.merge_range(1, 0, 1, _LAST_COLUMN - 1, "统计时间：2023年6月", head)
    for column, header in enumerate(HEADERS):
        sheet.merge_range(2, column, 3, column, header, head)
    day = draft.book.add_format({"border": 1, "num_format": "yyyy-mm-dd"})
    plain = draft.book.add_format({"border": 1})
    for place, row in enumerate(draft.rows):
        number = place + _FIRST_ROW - 1
        for column, value in enumerate(row):
            truth[draft.name, address(number + 1, column + 1)] = value
            write = draft.written.get((place, column))
            if write is not None:
                write(number, column)
            elif value is not None:
                sheet.write(number, column, value, day if isinstance(value, dt.date) else plain)
    _write_total(draft, truth, plain)


def _write_total(draft: _Draft, truth: Truth, plain: Any) -> None:
    """The total of the right values, where no defect takes one of them away, and no row must go."""
    if draft.repeats_row or any(column in {4, 5} for _, column in draft.written):
        return
    number = len(draft.rows) + _FIRST_ROW - 1
    total = sum(row[4] for row in draft.rows if isinstance(row[4], int))
    draft.sheet.write(number, 0, "合计", plain)
    draft.sheet.write(number, 4, total + draft.total_error, plain)
    truth[draft.name, address(number + 1, 5)] = total


def _add_surroundings(chance: random.Random, book: Any, sheet: Any) -> None:
    """Parts beside the cells: pictures of numbers, text boxes, notes of the office, names, rules, sheets that are hidden."""
    last = 30
    if chance.random() < 0.5:
        sheet.insert_textbox(last, 1, "填表说明：请如实填写")
    if chance.random() < 0.5:
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": [sheet.get_name(), 4, 4, 9, 4]})
        sheet.insert_chart(last + 6, 1, chart)
    if chance.random() < 0.5:
        for row in range(4, 12):
            sheet.write_comment(row, 4, "领导批示：请核实", {"author": "李科长"})
    if chance.random() < 0.5:
        sheet.data_validation(4, 3, 40, 3, {"validate": "list", "source": ["上门", "电话"]})
        sheet.conditional_format(4, 4, 40, 4, {"type": "data_bar", "data_bar_2010": True})
    if chance.random() < 0.5:
        sheet.print_area(0, 0, 30, 6)
        sheet.repeat_rows(2, 3)
        book.define_name("探访表!本表", "=探访表!$A$1")
    if chance.random() < 0.4:
        sheet.set_header("&C&G", {"image_center": "picture.png", "image_data_center": io.BytesIO(_picture())})
    if chance.random() < 0.4:
        hidden = book.add_worksheet("字典")
        hidden.write_column(0, 0, ["上门", "电话"])
        hidden.hide()
    if chance.random() < 0.5:
        sheet.activate()


def _picture() -> bytes:
    """A picture of one pixel."""
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(4))), (b"IEND", b""))
    chunks = (struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
