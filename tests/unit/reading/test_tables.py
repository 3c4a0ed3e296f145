"""From sheets to tables: headers, furniture, merges, units, totals, what is hidden and what is left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from loaders.contract import Report
from loaders.model import Issue, Reading, Severity
from loaders.period import Period
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.sheets import Cell, CellKind, Sheet
from loaders.reading.tables.workbook_reader import read_workbook
from tests.support.documents.contracts import make_report
from tests.support.documents.sheets import Value, make_book, make_sheet

HEADER: list[Value] = ["探访编号", "镇（街道）", "探访人次", "支出（元）", "备注"]
ONE: list[Value] = ["V1", "河南岸街道", 2, 10.5, None]
TWO: list[Value] = ["V2", "桥东街道", 1, None, "已回访"]
SIGNATURE: list[Value] = ["单位负责人：", None, "审核人：", "填表人：李四"]


def visits(**fields: Any) -> Report:
    return make_report(format={"kind": "workbook", **fields.pop("format", {})}, **fields)


def read(*sheets: Sheet, report: Report | None = None, period: str | None = None) -> Reading:
    reading = read_workbook(make_book(*sheets), report or visits(), Period.parse(period) if period else None)
    assert reading.rows_total == reading.rows.num_rows + sum(reading.furniture.values())
    assert reading.rows_total == sum(sheet.last_row for sheet in sheets)
    return reading


def refusal(*sheets: Sheet, report: Report | None = None) -> Issue:
    with pytest.raises(Refusal) as refused:
        read_workbook(make_book(*sheets), report or visits(), None)
    return refused.value.issue


def rows(reading: Reading) -> list[int]:
    found: list[int] = reading.rows["_row"].to_pylist()
    return found


def reported(reading: Reading) -> list[tuple[str, int | None, str | None]]:
    return [(issue.rule, issue.row, issue.column) for issue in reading.issues]


# Headers


def test_a_header_may_start_anywhere() -> None:
    reading = read(make_sheet([[], [], [None, "2023年6月探访表"], [], [None, *HEADER], [None, *ONE]]))
    assert reading.tables[0].header_rows == (5, 5)
    assert reading.tables[0].letters["visit_code"] == "B"
    assert reading.furniture == {"title": 1, "blank": 3, "header": 1}


def test_header_words_are_compared_without_decoration() -> None:
    header: list[Value] = ["＊探访编号", "镇\n（ 街道 ）", "探 访 人 次①", "支出(元)", "备注（选填）"]
    reading = read(make_sheet([header, ONE]))
    assert reading.rows["visit_persons"].to_pylist() == ["2"]


@pytest.mark.parametrize(
    "word", ["探访人次⑴", "探访人次❶", "探访人次㉑", "探访人次¹", "探访人次§", "探访人次[1]", "①探访人次", "探访人次（注①）"]
)
def test_header_words_are_compared_without_marks(word: str) -> None:
    reading = read(make_sheet([["探访编号", "镇（街道）", word, "支出（元）", "备注"], ONE]))
    assert reading.rows["visit_persons"].to_pylist() == ["2"]


def test_headers_that_differ_by_a_mark_alone_are_reported_apart_by_it() -> None:
    columns = [
        {"name": "town", "header": "镇（街道）", "required": True},
        {"name": "first_count", "header": "探访数①", "type": "integer"},
        {"name": "second_count", "header": "探访数②", "type": "integer"},
    ]
    reading = read(
        make_sheet([["镇（街道）", "探访数②", "探访数①"], ["桥东街道", 3, 8]]), report=visits(columns=columns, replaces="nothing")
    )
    assert (reading.rows["first_count"].to_pylist(), reading.rows["second_count"].to_pylist()) == (["8"], ["3"])


@pytest.mark.parametrize(
    ("header", "scale"), [("面积（万m²）", 10_000), ("面积（万㎡）", 10_000), ("面积（万平方米）", 10_000), ("面积（m²）", 1)]
)
def test_powers_of_units_are_no_footnotes(header: str, scale: int) -> None:
    columns = [
        {"name": "town", "header": "镇（街道）", "required": True},
        {"name": "area", "header": "面积", "type": "decimal", "unit": "平方米"},
    ]
    reading = read(make_sheet([["镇（街道）", header], ["桥东街道", 3]]), report=visits(columns=columns, replaces="nothing"))
    assert reading.tables[0].scales.get("area", 1) == scale


@pytest.mark.parametrize(
    ("top", "merges"),
    [
        (["基本情况", None, "数量", None, "备注"], ["A1:B1", "C1:D1", "E1:E2"]),
        (["探访编号", "镇（街道）", "数量", None, "备注"], ["A1:A2", "B1:B2", "C1:D1", "E1:E2"]),
    ],
)
def test_a_header_of_two_rows_with_merges_both_ways(top: list[Value], merges: list[str]) -> None:
    covered = {0, 1} if "A1:A2" in merges else set()
    below = [None if place in covered or place == 4 else word for place, word in enumerate(HEADER)]
    reading = read(make_sheet([top, below, ONE, TWO], merges=merges))
    assert reading.tables[0].header_rows == (1, 2)
    assert reading.tables[0].letters == dict(
        zip(("visit_code", "town_name", "visit_persons", "spent_yuan", "remark"), "ABCDE", strict=True)
    )
    assert rows(reading) == [3, 4]


def test_a_header_of_five_rows() -> None:
    levels: list[list[Value]] = [[f"层{level}", *[None] * 4] for level in range(1, 5)]
    reading = read(make_sheet([*levels, HEADER, ONE], merges=["A1:E1", "A2:E2", "A3:D3", "A4:C4"]))
    assert rows(reading) == [6]


def test_the_same_word_under_two_groups_is_reported_apart_by_its_path() -> None:
    columns = [
        {"name": "town", "header": "镇（街道）", "required": True},
        {"name": "month_count", "header": "本月探访数", "type": "integer"},
        {"name": "year_count", "header": "累计探访数", "type": "integer"},
    ]
    sheet = make_sheet([["镇（街道）", "本月", "累计"], [None, "探访数", "探访数"], ["桥东街道", 3, 8]], merges=["A1:A2"])
    reading = read(sheet, report=visits(columns=columns, replaces="nothing"))
    assert reading.rows.to_pylist()[0] == {"_sheet": "表1", "_row": 3, "town": "桥东街道", "month_count": "3", "year_count": "8"}


def test_units_and_choices_may_stand_below_the_header() -> None:
    columns = [
        {"name": "town", "header": "镇（街道）", "required": True},
        {"name": "raised_yuan", "header": "筹集资金", "type": "decimal", "unit": "元"},
        {"name": "level", "header": "能力", "type": "choice", "choices": ["强", "弱"]},
    ]
    sheet = make_sheet([["镇（街道）", "筹集资金", "能力"], [None, "万元", "强/弱"], ["桥东街道", 3, "强"]], merges=["A1:A2"])
    reading = read(sheet, report=visits(columns=columns, replaces="nothing"))
    assert reading.tables[0].header_rows == (1, 2)
    assert reading.tables[0].scales == {"raised_yuan": Decimal(10_000)}
    assert rows(reading) == [3]


@pytest.mark.parametrize(
    "codes", [["A", "B", "C", "D", "E"], ["甲", "乙", 1, 2, 3], [1, 2, 3, 4, 5], ["（1）", "（2）", "（3）", "（4）", "（5）"]]
)
def test_a_row_of_codes_below_the_header_is_furniture(codes: list[Value]) -> None:
    reading = read(make_sheet([HEADER, codes, ONE]))
    assert reading.furniture == {"header": 1, "letter_codes": 1}


def test_lines_above_are_no_part_of_the_header() -> None:
    reading = read(
        make_sheet(
            [["探访表"], ["填报单位（盖章）：惠城区", None, "填报日期：2023年7月3日", "单位：万元"], HEADER, ONE],
            merges=["A1:E1"],
        )
    )
    assert reading.tables[0].header_rows == (3, 3)
    assert reading.furniture == {"title": 2, "header": 1}
    assert reading.unit_text == "惠城区"


def test_a_repeated_header_begins_a_table_of_its_own() -> None:
    reading = read(make_sheet([HEADER, ONE, [], ["续表"], HEADER, TWO]))
    assert [table.header_rows for table in reading.tables] == [(1, 1), (5, 5)]
    assert rows(reading) == [2, 6]
    assert reading.furniture == {"header": 2, "blank": 1, "title": 1}


def test_dated_layouts_rename_and_drop_columns() -> None:
    layouts = [
        {"name": "old", "until": "2022-12", "headers": {"visit_code": "流水号"}, "without": ["remark"]},
        {"name": "new", "since": "2023-01"},
    ]
    old = make_sheet([["流水号", *HEADER[1:4]], ONE[:4]])
    assert read(old, report=visits(layouts=layouts), period="2022-06").rows["remark"].to_pylist() == [None]
    assert read(make_sheet([HEADER, ONE]), report=visits(layouts=layouts), period="2023-06").rows.num_rows == 1
    with pytest.raises(Refusal, match="missing column"):
        read(old, report=visits(layouts=layouts), period="2023-06")


@pytest.mark.parametrize(
    ("header", "rule", "found", "expected"),
    [
        (["探访编号", "镇（街道）", "探访人次", "备注"], "missing_column", "—", "支出（元）"),
        (["探访编号", "镇（街道）", "探访人次", "花费", "备注"], "missing_column", "花费", "支出（元）"),
        ([*HEADER, "心情"], "unknown_column", "心情", "—"),
        ([*HEADER[:4], "备注", "备注"], "ambiguous_column", "备注 (E)、备注 (F)", "remark"),
    ],
)
def test_header_faults_stop_the_document_and_name_both_sides(header: list[Value], rule: str, found: str, expected: str) -> None:
    issue = refusal(make_sheet([["探访表"], ["填报单位：惠城区", None, "单位：元"], header, ONE]))
    assert (issue.rule, issue.found, issue.expected, issue.sheet, issue.row) == (rule, found, expected, "表1", 3)
    assert "表1" in issue.message_zh


def test_a_second_table_with_a_column_missing_stops_the_document() -> None:
    issue = refusal(make_sheet([HEADER, ONE, [], [*HEADER[:2], *HEADER[3:]], ["V2", "桥东街道", 3, "x"]]))
    assert (issue.rule, issue.row) == ("missing_column", 4)


# Sheets


def test_a_table_a_sheet() -> None:
    reading = read(make_sheet([HEADER, ONE], name="桥东街道"), make_sheet([["表"], HEADER, TWO], name="桥西街道"))
    assert reading.rows.select(["_sheet", "_row"]).to_pylist() == [
        {"_sheet": "桥东街道", "_row": 2},
        {"_sheet": "桥西街道", "_row": 3},
    ]
    assert [table.sheet for table in reading.tables] == ["桥东街道", "桥西街道"]


def test_hidden_sheets_and_dictionaries_are_left_out_and_said_so() -> None:
    reading = read(
        make_sheet([HEADER, ONE]),
        make_sheet([["镇", "街道"], ["甲", "乙"]], name="字典"),
        make_sheet([["月份", "金额"], ["一月", 5]], name="台账"),
        make_sheet([HEADER, TWO], name="旧表", hidden=True),
        make_sheet([["a", "b"], ["c", 1]], name="参数", hidden=True),
    )
    assert reading.furniture == {"header": 1, "other_sheet": 8}
    assert [(issue.rule, issue.sheet, issue.severity) for issue in reading.issues] == [
        ("sheet_left_out", "台账", Severity.WARNING),
        ("hidden_sheet", "旧表", Severity.WARNING),
    ]


def test_chosen_sheets_by_pattern() -> None:
    report = visits(format={"sheets": "镇.*"})
    reading = read(make_sheet([HEADER, ONE], name="镇一"), make_sheet([HEADER, TWO], name="汇总"), report=report)
    assert (rows(reading), reading.furniture) == ([2], {"header": 1, "other_sheet": 2})
    issue = refusal(make_sheet([HEADER, ONE], name="汇总"), report=report)
    assert (issue.rule, issue.found) == ("sheet_not_found", "汇总")
    issue = refusal(make_sheet([HEADER, ONE], name="镇一"), make_sheet([["x", "y"], [1, 2]], name="镇二"), report=report)
    assert (issue.rule, issue.found) == ("header_not_found", "镇二")


def test_a_sheet_with_another_header_stops_the_document_rather_than_lose_its_rows() -> None:
    issue = refusal(make_sheet([HEADER, ONE]), make_sheet([HEADER[:4], ONE[:4]], name="表2"))
    assert (issue.rule, issue.sheet) == ("missing_column", "表2")


def test_a_far_cell_is_refused_with_its_place() -> None:
    sheet = make_sheet([HEADER, ONE])
    sheet.put(1_048_576, 16_384, Cell("x"))
    issue = refusal(sheet)
    assert (issue.rule, issue.found) == ("far_cell", "XFD1048576")


# Furniture


def test_every_row_around_the_data_has_a_kind() -> None:
    sheet = make_sheet(
        [
            ["惠城区2023年6月探访表"],
            [],
            HEADER,
            ONE,
            TWO,
            ["小计", None, 3, 10.5],
            ["V3", "桥西街道", 4, 1, None],
            ["合  计", None, 7, 11.5],
            ["注：本表由社工站填报"],
            SIGNATURE,
            ["惠城区民政局"],
            ["2023年7月3日"],
        ],
        merges=["A1:E1"],
    )
    reading = read(sheet)
    assert rows(reading) == [4, 5, 7]
    assert reading.furniture == {"title": 1, "blank": 1, "header": 1, "subtotal": 1, "total": 1, "prose": 1, "signature": 3}
    assert reading.issues == ()
    assert reading.period == Period.parse("2023-06")


def test_a_row_that_looks_like_furniture_but_fills_the_required_columns_is_data() -> None:
    reading = read(make_sheet([HEADER, ["注：一", "二、桥东街道", 1], ["（一）甲", "电话：123", 1, None, "单位负责人："]]))
    assert rows(reading) == [2, 3]


def test_a_row_in_doubt_is_data_for_the_rules_to_validate() -> None:
    reading = read(make_sheet([HEADER, ONE, ["V9"], TWO]))
    assert rows(reading) == [2, 3, 4]


def test_group_rows_claim_a_number_of_rows() -> None:
    sheet = make_sheet([HEADER, ["惠城区（2个）"], ONE, TWO, ["惠阳区（3家）"], ["V3", "淡水街道", 1]])
    reading = read(sheet)
    assert reading.furniture == {"header": 1, "group_row": 2}
    assert [(issue.row, issue.found, issue.expected) for issue in reading.issues] == [(5, "3", "1")]


def test_numbered_groups_lie_inside_each_other_and_their_sums_are_checked() -> None:
    sheet = make_sheet(
        [
            HEADER,
            ["一、城区", None, 3, 10.5],
            ["（一）桥东", None, 2, 10.5],
            ONE,
            ["（二）桥西", None, 1, None],
            TWO,
            ["二、郊区", None, 9, None],
            ["V3", "淡水街道", 4],
        ]
    )
    reading = read(sheet, report=visits(format={"group_rows": True}))
    assert rows(reading) == [4, 6, 8]
    assert [(issue.row, issue.column, issue.found, issue.expected) for issue in reading.issues] == [
        (7, "visit_persons", "9", "4")
    ]


def test_another_table_below_is_left_out_and_said_so() -> None:
    foreign: list[list[Value]] = [[], ["捐赠情况表"], ["捐赠人", "物资", "数量", "金额", "日期"], ["张三", "口罩", 5, 1, None]]
    reading = read(make_sheet([HEADER, ONE, *foreign]))
    assert rows(reading) == [2]
    assert reading.furniture == {"header": 1, "blank": 1, "other_table": 3}
    assert reported(reading) == [("table_left_out", 4, None)]


def test_another_table_above_is_left_out_and_says_nothing_of_ours() -> None:
    foreign: list[list[Value]] = [["2022年5月捐赠表"], ["捐赠人", "物资", "数量"], ["张三", "口罩", 5], []]
    reading = read(make_sheet([*foreign, ["2023年6月探访表"], HEADER, ONE]))
    assert reading.furniture == {"other_table": 4, "title": 1, "header": 1}
    assert reading.period == Period.parse("2023-06")


def test_totals_are_checked_and_both_numbers_reported() -> None:
    reading = read(make_sheet([HEADER, ONE, TWO, ["合计", None, 5, "10.50"]]))
    assert [(total.column, total.printed, total.first_row, total.last_row) for total in reading.control_totals] == [
        ("visit_persons", Decimal(5), 2, 3),
        ("spent_yuan", Decimal("10.50"), 2, 3),
    ]
    (issue,) = reading.issues
    assert (issue.rule, issue.severity, issue.cell, issue.found, issue.expected) == (
        "control_total",
        Severity.WARNING,
        "C4",
        "5",
        "3",
    )
    assert "合计为 5" in issue.message_zh
    assert "实际为 3" in issue.message_zh


@pytest.mark.parametrize("claim", ["共4名服务对象", "以上共计 4 户，已核对", "合计（4人）"])
def test_a_footer_that_claims_another_number_of_rows_is_reported(claim: str) -> None:
    many = [[f"V{number}", "桥东街道", 1] for number in range(3)]
    reading = read(make_sheet([HEADER, *many, [claim]]))
    assert [(issue.rule, issue.row, issue.found, issue.expected) for issue in reading.issues] == [("control_total", 5, "4", "3")]
    assert read(make_sheet([HEADER, *many, [claim.replace("4", "3")]])).issues == ()


def test_an_error_in_a_total_is_a_warning() -> None:
    reading = read(make_sheet([HEADER, ONE, ["合计", None, Cell("#REF!", CellKind.ERROR)]]))
    assert [(issue.rule, issue.severity, issue.cell) for issue in reading.issues] == [("error_cell", Severity.WARNING, "C3")]


# Merges and split values


def test_vertical_merges_fill_down_and_horizontal_ones_do_not_multiply() -> None:
    sheet = make_sheet(
        [HEADER, ["V1", "桥东街道", 1, 5, None], ["V2", None, 2], ["V3", None, 3], ["V4", "桥西街道", 4, None, None]],
        merges=["B2:B4", "D2:E2"],
    )
    reading = read(sheet)
    assert reading.rows["town_name"].to_pylist() == ["桥东街道"] * 3 + ["桥西街道"]
    assert reading.rows["remark"].to_pylist() == [None] * 4
    assert reading.rows["spent_yuan"].to_pylist() == ["5", None, None, None]


def test_a_row_under_a_merge_with_one_value_of_its_own_is_data() -> None:
    sheet = make_sheet(
        [HEADER, ["V1", "桥东街道", 1, 5, None], [None, None, None, None, "一段很长很长的说明" * 6]],
        merges=["A2:A3", "B2:B3", "C2:C3"],
    )
    assert rows(read(sheet)) == [2, 3]


def test_blank_rows_inside_a_merge_stay_blank() -> None:
    reading = read(make_sheet([HEADER, ONE, [None], TWO], merges=["B2:B3"]))
    assert reading.furniture == {"header": 1, "blank": 1}


def split_report() -> Report:
    columns = [
        {"name": "town_name", "header": "镇（街道）", "required": True, "may_be_split": True},
        {"name": "visit_persons", "header": "探访人次", "type": "integer", "required": True},
    ]
    return visits(columns=columns, replaces="nothing")


def test_a_value_split_over_two_rows_is_joined() -> None:
    reading = read(make_sheet([["镇（街道）", "探访人次"], ["惠城区", 3], ["桥东街道"], ["淡水街道", 4]]), report=split_report())
    assert reading.rows.select(["town_name", "visit_persons"]).to_pylist() == [
        {"town_name": "惠城区桥东街道", "visit_persons": "3"},
        {"town_name": "淡水街道", "visit_persons": "4"},
    ]
    assert reading.furniture == {"header": 1, "continuation": 1}


def test_a_value_is_not_joined_where_the_contract_does_not_say_so() -> None:
    reading = read(make_sheet([HEADER, ONE, [None, "桥东街道"], TWO]))
    assert rows(reading) == [2, 3, 4]


@pytest.mark.parametrize(
    ("last", "below", "expected", "is_reported"),
    [
        ("惠州市", [["第七医院"]], "惠州市第七医院", False),
        ("惠城区", [["桥东社区服务中心"]], "惠城区桥东社区服务中心", False),
        ("惠州市", [["第七医院"], ["2023年6月3日"]], "惠州市", True),
        ("惠州市社会组织", [["促进会"]], "惠州市社会组织", True),
        ("惠州市社会组织促进会", [["惠州市民政局"]], "惠州市社会组织促进会", False),
        ("惠州市社会组织促进会", [["惠州市民政局"], ["2023年6月3日"]], "惠州市社会组织促进会", False),
        ("惠州市", [[None], ["第七医院"]], "惠州市", False),
        ("惠州市", [["惠城区"]], "惠州市惠城区", False),
    ],
)
def test_below_the_last_row_the_rest_of_a_name_is_no_signature(
    last: str, below: list[list[Value]], expected: str, is_reported: bool
) -> None:
    sheet = make_sheet([["镇（街道）", "探访人次"], ["淡水街道", 4], [last, 3], *below])
    reading = read(sheet, report=split_report())
    assert reading.rows["town_name"].to_pylist() == ["淡水街道", expected]
    assert [rule for rule, _, _ in reported(reading)] == (["row_or_closing_line"] if is_reported else [])
    assert reading.rows_total == reading.rows.num_rows + sum(reading.furniture.values())


def test_names_that_stand_in_full_are_not_joined() -> None:
    sheet = make_sheet([["镇（街道）", "探访人次"], ["惠城区", 3], ["惠阳区", 5], ["火神山医院", 4], ["第七医院", 4]])
    reading = read(sheet, report=split_report())
    assert reading.rows["town_name"].to_pylist() == ["惠城区", "惠阳区", "火神山医院", "第七医院"]
    assert reading.issues == ()


# Units and frame


@pytest.mark.parametrize(
    ("header", "line", "scale"),
    [
        ("支出（万元）", "单位：元", 10_000),
        ("支出", "单位：万元", 10_000),
        ("支出", "（单位：人次、万元）", 10_000),
        ("支出（元）", "单位：万元", 1),
        ("支出", "惠城区支出情况（亿元）", 100_000_000),
        ("支出", "", 1),
        ("支出（百元）", "", 100),
    ],
)
def test_the_unit_comes_from_the_header_else_from_the_line(header: str, line: str, scale: int) -> None:
    reading = read(make_sheet([["探访表"], [line or None], [*HEADER[:3], header, "备注"], ONE]))
    assert reading.tables[0].scales == ({} if scale == 1 else {"spent_yuan": Decimal(scale)})


def test_a_printed_unit_of_the_contract_counts_where_the_form_says_nothing() -> None:
    columns = [
        {"name": "town", "header": "镇", "required": True},
        {"name": "spent_yuan", "header": "支出", "type": "decimal", "unit": "元", "printed_unit": "万元"},
    ]
    report = visits(columns=columns, replaces="nothing")
    assert read(make_sheet([["镇", "支出"], ["甲", 1]]), report=report).tables[0].scales == {"spent_yuan": Decimal(10_000)}
    assert read(make_sheet([["镇", "支出（元）"], ["甲", 1]]), report=report).tables[0].scales == {}


def test_each_table_has_its_own_unit_and_another_currency_is_refused() -> None:
    first: list[list[Value]] = [["单位：万元"], [*HEADER[:3], "支出", "备注"], ONE, []]
    reading = read(make_sheet([*first, ["单位：元"], [*HEADER[:3], "支出", "备注"], TWO]))
    assert [dict(table.scales) for table in reading.tables] == [{"spent_yuan": Decimal(10_000)}, {}]
    issue = refusal(make_sheet([*first, ["单位：美元"], [*HEADER[:3], "支出", "备注"], TWO]))
    assert (issue.rule, issue.found, issue.expected) == ("unit_conflict", "美元", "元")


@pytest.mark.parametrize(
    ("lines", "period"),
    [
        (["2023年6月探访表"], "2023-06"),
        (["二〇二三年六月探访表"], "2023-06"),
        (["二○二三年十二月探访表"], "2023-12"),
        (["2023年1-6月探访表"], "2023-06"),
        (["2023年第二季度探访表"], "2023-06"),
        (["2023年上半年探访表"], "2023-06"),
        (["探访表", "统计月份：2023-06"], "2023-06"),
        (["探访表（截至2023年6月30日）"], "2023-06"),
        (["探访表", "2023-06-30"], "2023-06"),
        (["探访表", "2023年6月30日"], "2023-06"),
        (["探访表", "填报日期：2023年7月3日"], None),
        (["探访表", "填报日期：2023 年 7 月 3 日"], None),
        (["2023年6月探访表", "填报日期：2023年7月3日"], "2023-06"),
        (["2023年度探访表"], None),
        (["探访表"], None),
    ],
)
def test_the_period_is_what_the_title_says(lines: list[str], period: str | None) -> None:
    reading = read(make_sheet([*([line] for line in lines), HEADER, ONE]))
    expected = period if not lines[0].startswith(("2023年第", "2023年上")) else None
    assert reading.period == (Period.parse(expected) if expected else None)


def test_a_day_of_filing_in_the_next_cell_is_no_period() -> None:
    lines: list[list[Value]] = [["探访表"], ["填报日期：", Cell("2023-07-03", CellKind.DATE)], HEADER, ONE]
    assert read(make_sheet(lines)).period is None


def test_a_signed_day_below_is_no_period() -> None:
    assert read(make_sheet([["探访表"], HEADER, ONE, SIGNATURE, ["2023年7月3日"]])).period is None


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        (["填报单位：惠城区民政局（盖章）"], "惠城区民政局"),
        (["填报单位（盖章）：惠城区", None, "填报日期：2023年7月3日"], "惠城区"),
        (["填报单位：惠城区填报日期：2023年7月3日"], "惠城区"),
        (["填报单位：", "惠城区"], "惠城区"),
        (["填报单位：", None, "联系电话："], None),
        (["计量单位：元"], None),
    ],
)
def test_the_reporting_unit_is_found(line: list[Value], unit: str | None) -> None:
    assert read(make_sheet([["探访表"], line, HEADER, ONE])).unit_text == unit


# Cells


def test_hidden_rows_and_columns_are_read_and_flagged() -> None:
    sheet = make_sheet([HEADER, ONE, TWO, ["V3", "桥东街道", 1], ["V4", "桥东街道", 1]], hidden_rows=[3, 4], hidden_columns=[5])
    reading = read(sheet)
    assert rows(reading) == [2, 3, 4, 5]
    assert reported(reading) == [("hidden_row", 3, None), ("hidden_column", None, "remark")]


def test_content_without_a_header_is_reported() -> None:
    reading = read(make_sheet([HEADER, [*ONE[:4], None, None, "这是什么"], TWO]))
    assert [(issue.rule, issue.cell) for issue in reading.issues] == [("outside_table", "G2")]


@pytest.mark.parametrize(
    ("cell", "column", "rule"),
    [
        (Cell("#N/A", CellKind.ERROR), 3, "error_cell"),
        (Cell("", CellKind.TEXT, ("formula_without_value",)), 3, "formula_without_value"),
        (Cell("441302199001010000", CellKind.NUMBER, ("precision_lost",), "4.4130219900101E+17"), 0, "damaged_number"),
        (Cell("4.41302E+17"), 0, "damaged_number"),
        (Cell("5", CellKind.NUMBER, ("readers_disagree",)), 3, "readers_disagree"),
    ],
)
def test_what_only_the_reader_sees_is_reported(cell: Cell, column: int, rule: str) -> None:
    row: list[Value] = [*ONE[:column], cell, *ONE[column + 1 :]]
    reading = read(make_sheet([HEADER, row]))
    assert [issue.rule for issue in reading.issues] == [rule]
    assert reading.issues[0].cell == f"{'ABCDE'[column]}2"


def test_a_month_that_lost_its_zero_is_not_guessed() -> None:
    columns = [{"name": "town", "header": "镇", "required": True}, {"name": "opened", "header": "开工", "type": "month"}]
    sheet = make_sheet([["镇", "开工"], ["甲", 2022.1], ["乙", 2022.04], ["丙", "2022.10"]])
    reading = read(sheet, report=visits(columns=columns, replaces="nothing"))
    assert reported(reading) == [("ambiguous_month", 2, "opened")]


def test_percent_cells_keep_their_sign_and_ticked_boxes_count() -> None:
    columns = [
        {"name": "town", "header": "镇", "required": True},
        {"name": "share_pct", "header": "占比", "type": "decimal", "unit": "%"},
        {"name": "is_open", "header": "是否开放", "type": "boolean"},
    ]
    sheet = make_sheet(
        [
            ["镇", "占比", "是否开放"],
            ["甲", Cell("0.9467426", CellKind.NUMBER, ("percent",)), "☑是 □否"],
            ["乙", Cell("1", CellKind.NUMBER, ("percent",)), "□是 √否"],
            ["丙", 7.1, "√"],
            ["丁", None, "□是 □否"],
        ]
    )
    reading = read(sheet, report=visits(columns=columns, replaces="nothing"))
    assert reading.rows["share_pct"].to_pylist() == ["94.67426%", "100%", "7.1", None]
    assert reading.rows["is_open"].to_pylist() == ["是", "否", "√", "□是 □否"]


# Forms


def fund_form(**fields: Any) -> Report:
    columns = [
        {"name": "fund_name", "header": "基金名称", "required": True, "key": True},
        {"name": "raised_yuan", "header": "筹集金额", "type": "decimal", "unit": "元", "required": True},
        {"name": "is_open", "header": "是否公开", "type": "boolean"},
        {"name": "remark", "header": "备注", "may_be_absent": True},
    ]
    return visits(columns=columns, format={"form": True}, replaces="nothing", **fields)


def test_a_form_is_one_record_a_sheet() -> None:
    first = make_sheet(
        [
            ["惠城区社区基金情况表（2023年6月）"],
            ["基金名称：", "桥东基金", "筹集金额（万元）", 3.5],
            ["是否公开", "☑是 □否"],
            ["填表人：张三"],
        ],
        name="甲",
    )
    second = make_sheet([["基金名称：桥西基金"], ["筹集金额：", None, "是否公开：", "否"], ["备注：无"]], name="乙")
    reading = read(first, second, report=fund_form())
    assert reading.rows.to_pylist() == [
        {"_sheet": "甲", "_row": 2, "fund_name": "桥东基金", "raised_yuan": "3.5", "is_open": "是", "remark": None},
        {"_sheet": "乙", "_row": 1, "fund_name": "桥西基金", "raised_yuan": None, "is_open": "否", "remark": "无"},
    ]
    assert reading.tables[0].scales == {"raised_yuan": Decimal(10_000)}
    assert reading.tables[1].scales == {}
    assert reading.furniture == {"title": 1, "form_line": 4}
    assert reading.period == Period.parse("2023-06")


@pytest.mark.parametrize(
    ("lines", "rule", "found", "expected"),
    [
        ([["基金名称：", "甲"], ["是否公开：", "是"]], "missing_column", "—", "筹集金额"),
        ([["基金名称：", "甲", "筹集金额：", 1], ["是否公开：", "是", "心情：", "好"]], "unknown_column", "心情", "—"),
        (
            [["基金名称：", "甲", "筹集金额：", 1], ["是否公开：", "是"], ["基金名称：", "乙"]],
            "ambiguous_column",
            "基金名称 (A1)、基金名称 (A3)",
            "fund_name",
        ),
    ],
)
def test_a_form_with_other_labels_is_refused_with_both_sides(
    lines: list[list[Value]], rule: str, found: str, expected: str
) -> None:
    issue = refusal(make_sheet(lines), report=fund_form())
    assert (issue.rule, issue.found, issue.expected) == (rule, found, expected)


@pytest.mark.parametrize("field", ["（公章）", "______", "（签字）", "年  月  日", ""])
def test_a_field_of_a_form_that_nobody_filled_in_is_null(field: str) -> None:
    lines: list[list[Value]] = [[f"基金名称：{field}", "筹集金额：", 5], ["是否公开：", field or None], ["备注：（小额）"]]
    reading = read(make_sheet(lines), report=fund_form())
    row = reading.rows.to_pylist()[0]
    assert (row["fund_name"], row["raised_yuan"], row["is_open"], row["remark"]) == (None, "5", None, "（小额）")


def test_a_value_under_a_merge_of_a_form_is_reported() -> None:
    lines: list[list[Value]] = [["基金名称：", "桥东基金", "筹集金额：", 5, 6], ["是否公开：", "是"]]
    reading = read(make_sheet(lines, merges=["D1:E1"]), report=fund_form())
    assert reading.rows["raised_yuan"].to_pylist() == ["5"]
    assert [(issue.rule, issue.cell, issue.found) for issue in reading.issues] == [("value_under_merge", "E1", "6")]


def test_a_sheet_that_is_no_form_is_reported() -> None:
    issue = refusal(make_sheet([["a", "b"]]), report=fund_form())
    assert issue.rule == "header_not_found"
