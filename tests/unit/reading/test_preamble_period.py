"""Periods that the lines above a table name, whole or in parts; what can be read in two ways names none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.period import Period, PeriodKind
from loaders.reading.tables.preamble.empty_fields import filled_in
from loaders.reading.tables.preamble.labels import find_reporting_unit
from loaders.reading.tables.preamble.period import find_period

M, Q, H, Y = PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR


@pytest.mark.parametrize(
    ("kind", "lines", "period"),
    [
        (M, [["考勤周期 2023-03-01-2023-03-31"]], "2023-03"),
        (M, [["统计时间：2023年1月1日至1月31日"]], "2023-01"),
        (M, [["统计时间：2023年1月1日至31日"]], "2023-01"),
        (M, [["2023/3/1～2023/3/31"]], "2023-03"),
        (M, [["2023.3.1—3.31"]], "2023-03"),
        (M, [["20230301-20230331"]], "2023-03"),
        (M, [["二〇二三年一月一日至一月三十一日"]], "2023-01"),
        (M, [["2023年1月1日—6月30日"]], "2023-06"),
        (M, [["2023年1月-6月"]], "2023-06"),
        (M, [["2023年6月-6月"]], "2023-06"),
        (Q, [["2023年4-6月"]], "2023Q2"),
        (Q, [["2023年度", "4-6月"]], "2023Q2"),
        (H, [["2023年7月至12月"]], "2023H2"),
        (None, [["2023年4-6月"]], "2023Q2"),
        (Q, [["2023-04-01 至 2023-06-30"]], "2023Q2"),
        (Q, [["2023年4月至2023年6月"]], "2023Q2"),
        (H, [["2023-07-01 至 2023-12-31"]], "2023H2"),
        (Y, [["2023年1月1日至2023年12月31日"]], "2023"),
        (None, [["2023年1月1日至1月31日"]], "2023-01"),
        (M, [["2020年捐赠公告"], ["截至1月30日"]], "2020-01"),
        (M, [["2020年捐赠公告", "1月30日"]], "2020-01"),
        (M, [["2020年"], ["1月24日-1月30日"]], "2020-01"),
        (M, [["（2023年度）1-3月"]], "2023-03"),
        (M, [["2023年度探访表"], ["3月份"]], "2023-03"),
        (Q, [["2023年度探访表"], ["第二季度"]], "2023Q2"),
        (H, [["2023年探访表"], ["下半年"]], "2023H2"),
        (M, [["2023年度探访表"], ["1-3月"], ["填报日期：2023年4月2日"]], "2023-03"),
        (M, [["粤民函〔2021〕15号"], ["2023年"], ["1月30日"]], "2023-01"),
        (Y, [["2023年度探访表"], ["1-3月"]], "2023"),
        (M, [["日期", "2023-03-01", "2023-03-02", "2023-03-03"]], "2023-03"),
        (M, [["姓名", "2023年3月1日", "2023年3月2日"]], "2023-03"),
        (Q, [["日期", "2023-03-31", "2023-02-01"]], "2023Q1"),
    ],
)
def test_a_period_is_found_whole_or_in_parts(kind: PeriodKind | None, lines: list[list[str]], period: str) -> None:
    assert find_period(lines, kind) == Period.parse(period)


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (M, [["2022-12-26至2023-01-25"]]),
        (M, [["2023-04-01 至 2023-06-30"]]),
        (M, [["2023年4-6月"]]),
        (M, [["2023年度", "4-6月"]]),
        (Q, [["2023年2-5月"]]),
        (M, [["2023年6-4月"]]),
        (M, [["2022年12月-2023年2月"]]),
        (M, [["2023年2月30日至2月31日"]]),
        (M, [["2023年3月31日至2023年1月1日"]]),
        (M, [["2022-2023年度探访表"], ["3月份"]]),
        (M, [["2023年度探访表"], ["3月"], ["4月"]]),
        (M, [["2020年"], ["1月24日-2月3日"]]),
        (M, [["日期", "2023-03-31", "2023-04-01"]]),
        (M, [["探访表"], ["填报日期：2023年7月3日"], ["6月"]]),
        (M, [["2023年探访表"], ["根据3月5日会议精神填报"]]),
        (M, [["2023年探访表"], ["自3月1日起施行"]]),
        (M, [["2023年度探访表"]]),
        (M, [["6月探访表"]]),
        (M, [["2023年探访表"], ["5月"], ["截至2023年6月30日"]]),
        (Q, [["日期", "2023-03-31", "2023-04-01"]]),
    ],
)
def test_what_can_be_read_in_two_ways_names_no_period(kind: PeriodKind, lines: list[list[str]]) -> None:
    assert find_period(lines, kind) is None


def test_a_row_of_days_may_be_one_of_the_header() -> None:
    assert find_period([["考勤表"]], M, [["姓名", "2023-03-01", "2023-03-02"]]) == Period.parse("2023-03")
    assert find_period([["2023年4月考勤表"]], M, [["姓名", "2023-03-01", "2023-03-02"]]) == Period.parse("2023-04")


@settings(max_examples=60)
@given(st.integers(1, 12), st.integers(1, 28), st.integers(0, 40), st.sampled_from(["-", "至", "~", "—", " 至 "]))
def test_a_span_of_days_is_the_month_that_holds_it_or_none(month: int, day: int, length: int, to: str) -> None:
    start = Period(M, 2023, month).start.replace(day=day)
    end = start.fromordinal(start.toordinal() + length)
    found = find_period([[f"周期 {start.isoformat()}{to}{end.isoformat()}"]], M)
    if (start.year, start.month) == (end.year, end.month) or (start.month, start.day) == (1, 1):
        assert found == Period.containing(end, M)
    else:
        assert found is None


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        (["申请单位：（公章）"], None),
        (["填报单位（盖章）："], None),
        (["填报单位：______"], None),
        (["填报单位：（公章）", "填表人："], None),
        (["填报单位：", "（公章）"], None),
        (["填报单位：", "____"], None),
        (["填报单位：", "填报日期：2023年7月3日"], None),
        (["填表人："], None),
        (["填报单位：惠城区民政局（公章）"], "惠城区民政局"),
        (["填报单位（盖章）：__惠城区__"], "惠城区"),
        (["填报单位：（公章）", "惠城区"], "惠城区"),
    ],
)
def test_a_field_that_nobody_filled_in_is_no_unit(line: list[str], unit: str | None) -> None:
    assert find_reporting_unit([line]) == unit


@pytest.mark.parametrize(
    "text", ["（公章）", "(盖章)", "（签字）", "______", "＿＿", "  ", "年  月  日", "____年__月__日", "……", "——"]
)
def test_seals_and_lines_to_write_on_are_no_values(text: str) -> None:
    assert filled_in(text) == ""


@pytest.mark.parametrize("text", ["惠城区", "2023年7月3日", "（一）", "5", "无", "章某", "公章管理办法", "（小额）"])
def test_what_somebody_wrote_is_a_value(text: str) -> None:
    assert filled_in(text) != ""
