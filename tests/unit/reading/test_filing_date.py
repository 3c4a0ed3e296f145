"""The day on which the lines around a table say that it was filled in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from loaders.reading.document import read_document
from loaders.reading.model.requests import ReadRequest
from loaders.reading.tables.preamble.filing_date import find_filing_date
from tests.support.documents.contracts import make_report

DAY = dt.date(2023, 7, 5)


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        ([["填报日期：2023年7月5日"]], DAY),
        ([["填报单位：惠城区", "填报日期：", "2023年7月5日"]], DAY),
        ([["填表时间", "2023-07-05 10:30:00"]], DAY),
        ([["制表日期: 2023/7/5"]], DAY),
        ([["报出日期：二〇二三年七月五日"]], DAY),
        ([["上报日期 20230705"]], DAY),
        ([["填报日期：２０２３．７．５"]], DAY),
        ([["填表人：张三 填报日期：2023 年 7 月 5 日 联系电话：2123456"]], DAY),
        ([["数据截至2023年7月5日"]], DAY),
        ([["截止日期：2023-07-05"]], DAY),
        # The day of filling in before the day of the data; the latest sheet.
        ([["数据截至2023年6月30日"], ["填报日期：2023年7月5日"]], DAY),
        ([["填报日期：2023年7月3日"], ["填报日期：2023年7月5日"]], DAY),
        ([["填报日期：7月5日"]], None),
        ([["填报日期：2023年13月5日"]], None),
        ([["填报日期：", "____年__月__日"]], None),
        ([["2023年7月5日"]], None),
        ([["根据2023年7月5日会议精神"]], None),
        ([["统计时间：2023年7月1日至7月5日"]], None),
        ([], None),
        ([[], ["填报日期：2023年7月5日"], []], DAY),
    ],
)
def test_the_lines_say_when_the_form_was_filled_in(lines: list[list[str]], day: dt.date | None) -> None:
    assert find_filing_date(lines) == day


def test_a_delimited_document_shows_its_mark_and_its_day(tmp_path: Path) -> None:
    report = make_report()
    header = ",".join(column.header for column in report.columns)
    path = tmp_path / "a.csv"
    commas = "," * (len(report.columns) - 1)
    path.write_text(f"探访情况表（第二次修订）{commas}\n填报日期：2023年7月5日{commas}\n{header}\n", encoding="utf-8")
    reading = read_document(ReadRequest(path, report))
    assert reading.refusal is None
    assert (reading.revision_number, reading.stamped_on) == (2, DAY)
