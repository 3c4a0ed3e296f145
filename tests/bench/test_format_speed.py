"""How fast small office workbooks are opened, each read twice, beside what the second reader alone takes."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from loaders.reading.formats.open_workbook import open_workbook

pytestmark = pytest.mark.bench
FILES = 300
ROWS = 60
LEAST_A_SECOND = 100
FIRST_DAY = dt.date(2023, 6, 1)


def write_form(path: Path, number: int) -> None:
    """A title, a line of who and when, a header of two rows with merges both ways, rows, a total, a line of signatures."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("表1")
        sheet.merge_range(0, 0, 0, 7, "惠州市社区基金月报表")
        sheet.write_row(1, 0, ["填报单位：惠城区民政局", None, None, None, None, "单位：元"])
        sheet.merge_range(2, 0, 3, 0, "序号")
        sheet.merge_range(2, 1, 2, 3, "基本情况")
        sheet.write_row(3, 1, ["名称", "编码", "日期"])
        for column, header in enumerate(["金额", "人数", "备注", "电话"], start=4):
            sheet.merge_range(2, column, 3, column, header)
        for row in range(ROWS):
            head = [row + 1, f"社区基金{number}-{row}", f"4413{number:03d}{row:03d}", FIRST_DAY + dt.timedelta(row)]
            sheet.write_row(4 + row, 0, [*head, row * 12.5, row % 7, "已拨付" if row % 2 else None, f"138{number:04d}{row:04d}"])
        sheet.write_row(4 + ROWS, 0, ["合计", None, None, None, 12.5 * sum(range(ROWS))])
        sheet.merge_range(5 + ROWS, 0, 5 + ROWS, 7, "单位负责人：张三  审核人：李四  填表人：王五")


def read_with_calamine(path: Path) -> object:
    book = CalamineWorkbook.from_path(path)
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def files_a_second(read: Callable[[Path], object], paths: list[Path]) -> float:
    begun = time.process_time()
    for path in paths:
        read(path)
    return len(paths) / (time.process_time() - begun)


def test_small_workbooks_open_fast_though_each_is_read_twice(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.xlsx" for number in range(FILES)]
    for number, path in enumerate(paths):
        write_form(path, number)
    alone, ours = files_a_second(read_with_calamine, paths), files_a_second(open_workbook, paths)
    print(f"files a second, one core: calamine alone {alone:.0f}, read twice and compared {ours:.0f}")

    assert ours > LEAST_A_SECOND
