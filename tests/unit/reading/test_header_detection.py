"""Headers that are found without a contract, by the shape of the rows; and columns whose values show what they are."""

from typing import Any

import pytest

from loaders.reading.tables.headers.header_detection import detect_header
from loaders.scaffold.inference.type_inference import infer_column_type
from tests.support.documents.sheets import make_sheet

Rows = list[list[Any]]
DATA: Rows = [[1, "2023-05-01", 3, 4.5, 5, 6.5], [2, "2023-05-02", 1, 2.5, 3, 4.5]]
TWO = [["序号", "日期", "现金", None, "银行", None], [None, None, "人数", "金额", "人数", "金额"]]
TWO_MERGES = ["A{0}:A{1}", "B{0}:B{1}", "C{0}:D{0}", "E{0}:F{0}"]
SIX = ("序号", "日期", "现金 人数", "现金 金额", "银行 人数", "银行 金额")
PLAIN = ["序号", "日期", "人数", "金额", "人次", "经费"]


def merged(row: int) -> list[str]:
    return [place.format(row, row + 1) for place in TWO_MERGES]


HEADERS: dict[str, tuple[Rows, list[str], tuple[str, ...]]] = {
    "one row": ([PLAIN, *DATA], [], tuple(PLAIN)),
    "two rows": ([*TWO, *DATA], merged(1), SIX),
    "a title above": ([["收入表"], *TWO, *DATA], ["A1:F1", *merged(2)], SIX),
    "a title that is not merged": ([["收入表"], *TWO, *DATA], merged(2), SIX),
    "a title with the form's number": ([["收入表", *[None] * 4, "表3"], *TWO, *DATA], ["A1:E1", *merged(2)], SIX),
    "titles, a blank row and labels": (
        [["收入表"], ["2023年5月"], [], ["填报单位：惠城区", None, None, None, "单位：元"], *TWO, *DATA],
        ["A1:F1", "A2:F2", *merged(5)],
        SIX,
    ),
    "groups over names that are not merged down": (
        [[None, None, "现金", None, "银行", None], ["序号", "日期", "人数", "金额", "人数", "金额"], *DATA],
        ["C1:D1", "E1:F1"],
        SIX,
    ),
    "three rows": (
        [["序号", "日期", "收入"], [None, None, "现金", None, "银行"], [None, None, "人数", "金额", "人数", "金额"], *DATA],
        ["A1:A3", "B1:B3", "C1:F1", "C2:D2", "E2:F2"],
        ("序号", "日期", "收入 现金 人数", "收入 现金 金额", "收入 银行 人数", "收入 银行 金额"),
    ),
    "a row of letters below": ([*TWO, ["A", "B", "C", "D", "E", "F"], *DATA], merged(1), SIX),
    "a row of numbers below": ([*TWO, [1, 2, 3, 4, 5, 6], *DATA], merged(1), SIX),
    "甲 and 乙 below": ([PLAIN, ["甲", "乙", "1", "2", "3", "4"], *DATA], [], tuple(PLAIN)),
    "a row of units below": (
        [PLAIN, [None, None, "人", "万元", "人次", "元"], *DATA],
        [],
        ("序号", "日期", "人数 人", "金额 万元", "人次 人次", "经费 元"),
    ),
    "a column without a header": ([["名称", None, "数量"], ["甲", 1, 2], ["乙", 3, 4]], [], ("名称", "数量")),
    "from column C on": ([[None, None, "名称", "数量"], [None, None, "甲", 2], [None, None, "乙", 4]], [], ("名称", "数量")),
    "years": ([["县区", 2021, 2022, "2023"], ["惠城", 1, 2, 3], ["惠阳", 4, 5, 6]], [], ("县区", "2021", "2022", "2023")),
    "nothing but words": ([["名称", "地址", "备注"], ["甲", "东街", "无"], ["乙", "西街", "新"]], [], ("名称", "地址", "备注")),
    "no data yet": ([["收入表"], PLAIN], ["A1:F1"], tuple(PLAIN)),
    "line breaks": ([["名\n称", "数 量"], ["甲", 1]], [], ("名 称", "数 量")),
    "the same twice": ([["名称", "备注", "备注"], ["甲", "x", "y"]], [], ("名称", "备注", "备注")),
    "names above groups, as a CSV has them": ([*TWO, *DATA], [], ("序号", "日期", "现金 人数", "金额", "银行 人数", "金额")),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_headers_of_every_shape(kind: str) -> None:
    rows, merges, expected = HEADERS[kind]
    found = detect_header(make_sheet(rows, merges=merges))
    assert found is not None
    assert found.headers == expected


@pytest.mark.parametrize("rows", [[], [["只有标题"]], [[1, 2], [3, 4]], [["填报单位：", "惠城"], ["填报人：", "张三"]]])
def test_a_sheet_without_a_header(rows: Rows) -> None:
    assert detect_header(make_sheet(rows)) is None


GUESSES: list[tuple[str, list[str | None], dict[str, Any]]] = [
    ("人数", ["1", "23", None], {"type": "integer"}),
    ("人数（人）", ["1,234", "5"], {"type": "integer", "unit": "人"}),
    ("覆盖率", ["1.5", "2"], {"type": "decimal"}),
    ("金额", ["1", "2"], {"type": "decimal"}),
    ("金额（元）", ["1", "2.50"], {"type": "decimal", "shape": [18, 2], "unit": "元"}),
    ("金额（万元）", ["1", "—"], {"type": "decimal", "shape": [18, 2], "unit": "元", "printed_unit": "万元"}),
    ("规模 亿元", ["1", "2"], {"type": "decimal", "shape": [18, 2], "unit": "元", "printed_unit": "亿元"}),
    ("金额（美元）", ["1", "2"], {"type": "decimal"}),
    ("比例（%）", ["12.5", "3"], {"type": "decimal", "unit": "%"}),
    ("日期", ["2023-05-01", "2023年5月2日", "/"], {"type": "date"}),
    ("时间", ["2023-05-01 08:30", "2023/5/2 9:00"], {"type": "datetime"}),
    ("月份", ["2023-05", "2023年6月"], {"type": "month"}),
    ("名称", ["甲", "乙"], {}),
    ("数量", ["198件", "3"], {}),
    ("数量", ["约120", "3"], {}),
    ("站点编号", ["441302001", "441302002"], {}),
    ("批次", ["0012", "0013"], {}),
    ("流水", ["1234567890123456", "1"], {}),
    ("registrarCode", ["4413"], {}),
    ("日期", ["20230501"], {"type": "date"}),
    ("年份", ["2023"], {"type": "year"}),
    ("备注", [None, "无"], {}),
    ("姓名", ["张三"], {"pii": "personal"}),
    ("联系电话", ["13800138000"], {"type": "phone", "pii": "personal"}),
]


@pytest.mark.parametrize(("header", "texts", "expected"), GUESSES)
def test_a_type_is_guessed_only_where_every_value_agrees(header: str, texts: list[str | None], expected: dict[str, Any]) -> None:
    assert infer_column_type(header, texts).fields() == expected


def test_the_unit_above_the_table_is_that_of_its_amounts() -> None:
    assert infer_column_type("拨付资金", ["3.5"], ["万元"]).fields() == {
        "type": "decimal",
        "shape": [18, 2],
        "unit": "元",
        "printed_unit": "万元",
    }
    assert infer_column_type("人数", ["3"], ["万元"]).fields() == {"type": "integer"}
