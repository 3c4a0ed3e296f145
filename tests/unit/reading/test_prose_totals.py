"""Totals in words: which lines are, what they claim, and what a claim is held against."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import Report
from loaders.model import Reading
from loaders.reading.document import read_document
from loaders.reading.model.requests import ReadRequest
from loaders.reading.tables.rows.prose_totals import claims_of, is_prose_total
from loaders.reading.tables.workbook_reader import read_workbook
from tests.support.documents.contracts import make_report
from tests.support.documents.sheets import Value, make_book, make_sheet

AMOUNT = {"name": "amount_yuan", "header": "金额", "type": "decimal", "unit": "元", "required": True}
NAME = {"name": "donor_name", "header": "捐赠人"}
TEN: list[list[Value]] = [[f"人{number}", 3_500] for number in range(10)]


def report(columns: list[dict[str, Any]] | None = None, form: str = "workbook") -> Report:
    return make_report(columns or [NAME, AMOUNT], format={"kind": form}, replaces="nothing")


def read(rows: list[list[Value]], columns: list[dict[str, Any]] | None = None, top: str | None = None) -> Reading:
    header: list[Value] = [column["header"] for column in columns or [NAME, AMOUNT]]
    lines: list[list[Value]] = [*([[top]] if top else []), header, *rows]
    return read_workbook(make_book(make_sheet(lines)), report(columns), None)


def reported(reading: Reading) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(issue.rule, issue.column, issue.found, issue.expected) for issue in reading.issues]


@pytest.mark.parametrize(
    "texts",
    [
        ["共计10人次", "总金额10"],
        ["共计", "10人次", "总金额", "10"],
        ["共计10人次/总金额1,000元"],
        ["以上合计 12 笔 3.5 万元"],
        ["总人数：10人，总金额：1,000元"],
        ["共4名服务对象"],
        ["合计（4人）"],
        ["捐款总额：35,000元"],
        ["截至2023年6月30日，共计10人次"],
        ["共收到捐款5笔，其中现金3笔"],
        ["人数合计：10"],
        ["共5家单位，1200件物资，价值3.45万元。"],
    ],
)
def test_a_line_that_words_a_total(texts: list[str]) -> None:
    assert is_prose_total(texts)


@pytest.mark.parametrize(
    "texts",
    [
        ["共青团惠州市委"],
        ["计算机3台"],
        ["共同富裕3号"],
        ["公共服务5次"],
        ["总工会"],
        ["总计划", "桥东街道", "2"],
        ["总计划5个项目", "5"],
        ["共计：壹佰元整"],
        ["人3", "共5件"],
        ["2023年共建单位"],
    ],
)
def test_a_value_that_begins_alike_words_none(texts: list[str]) -> None:
    assert not is_prose_total(texts)


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("共计10人次，总金额3.5万元", [("10", "人次"), ("3.5E+4", "元")]),
        ("总计1,234,567.80元", [("1234567.80", "元")]),
        ("共3笔，其中现金2笔", [("3", "笔")]),
        ("共计约3万元", []),
        ("共计3万余元", []),
        ("合计30人以上", []),
        ("本页合计10人", []),
        ("截至2023年6月30日共计10人", [("10", "人")]),
        ("共5名", [("5", "人")]),
    ],
)
def test_what_a_line_claims(text: str, claims: list[tuple[str, str]]) -> None:
    assert [(str(claim.value), claim.unit) for claim in claims_of([text])] == claims


@pytest.mark.parametrize(
    "line",
    [
        ["共计10人次", "总金额35000"],
        ["共计10人次/总金额35,000元"],
        ["以上合计 10 笔 3.5 万元"],
        ["总人数：10人，总金额：35,000元"],
        ["总金额3.5万元"],
        ["共10笔", 35_000],
        ["共计10人，约4万元"],
        ["共10人，其中党员3人"],
        ["总金额3.5"],
        ["共500件"],
    ],
)
def test_a_total_in_words_that_is_right_or_of_something_else_says_nothing(line: list[Value]) -> None:
    columns = [NAME, AMOUNT, {"name": "quantity", "header": "数量", "type": "integer"}]
    reading = read([*TEN, line], columns if line == ["共500件"] else None)
    assert (reading.rows.num_rows, reported(reading)) == (10, [])


@pytest.mark.parametrize(
    ("line", "issues"),
    [
        (["共计11人次", "总金额35000"], [("control_total", None, "11", "10")]),
        (["共计10人次", "总金额36000"], [("control_total", "amount_yuan", "36000", "35000")]),
        (["以上合计 10 笔 3.6 万元"], [("control_total", "amount_yuan", "36000", "35000")]),
        (["总金额：34,999元"], [("control_total", "amount_yuan", "34999", "35000")]),
        (["共计", "9人"], [("control_total", None, "9", "10")]),
    ],
)
def test_a_total_in_words_that_is_wrong_is_reported(line: list[Value], issues: list[Any]) -> None:
    assert reported(read([*TEN, line])) == issues


def test_a_claim_is_compared_in_its_own_unit() -> None:
    rows: list[list[Value]] = [["甲", "1.5"], ["乙", 2]]
    assert reported(read([*rows, ["总金额35,000元"]], top="单位：万元")) == []
    assert reported(read([*rows, ["总金额3.5万元"]], top="单位：万元")) == []
    assert reported(read([*rows, ["总金额3.4万元"]], top="单位：万元")) == [("control_total", "amount_yuan", "3.4", "3.5")]


def test_persons_are_counted_in_the_column_of_persons_or_in_rows() -> None:
    persons = {"name": "total_persons", "header": "人数", "type": "integer"}
    rows: list[list[Value]] = [["甲", 10, 3], ["乙", 20, 4]]
    for claim, issues in (("共计7人", []), ("共计2人", []), ("共计8人", [("control_total", "total_persons", "8", "7")])):
        assert reported(read([*rows, [claim]], [NAME, AMOUNT, persons])) == issues


def test_of_two_columns_of_money_the_named_one_counts_else_none() -> None:
    goods = {"name": "goods_yuan", "header": "物资折价", "type": "decimal", "unit": "元"}
    rows: list[list[Value]] = [["甲", 10, 3], ["乙", 20, 4]]
    for claim, issues in (
        ("物资折价总计7元", []),
        ("物资折价总计8元", [("control_total", "goods_yuan", "8", "7")]),
        ("共计37元", []),
        ("共计31美元", []),
    ):
        assert reported(read([*rows, [claim]], [NAME, AMOUNT, goods])) == issues


@pytest.mark.parametrize(
    ("line", "issues"),
    [
        ("共计10人次,总金额35000", []),
        ("共计10人次，总金额3.5万元", []),
        ("共计11人次,总金额35000", [("control_total", None, "11", "10")]),
        ("总金额36000元,", [("control_total", "amount_yuan", "36000", "35000")]),
        ("以上共10笔3.6万元,", [("control_total", "amount_yuan", "36000", "35000")]),
    ],
)
def test_totals_in_words_below_a_csv_are_checked_too(tmp_path: Path, line: str, issues: list[Any]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["捐赠人,金额", *(f"{name},{amount}" for name, amount in TEN), line, ""]), encoding="utf-8")
    reading = read_document(ReadRequest(path, report(form="delimited")))
    assert reading.refusal is None
    assert (reading.rows.num_rows, reported(reading)) == (10, issues)


def test_a_printed_claim_keeps_its_precision() -> None:
    reading = read([["甲", 34_980], ["总金额3.5万元"]])
    assert [(total.column, total.printed) for total in reading.control_totals] == [("amount_yuan", Decimal("3.5E+4"))]
    assert reported(reading) == []
