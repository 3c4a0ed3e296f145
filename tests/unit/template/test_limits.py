"""What a template's cells let through at the ends of their limits is accepted; what they refuse would be rejected."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from loaders.checking import CheckedDocument, annotated_copy, check_files
from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.period import Period
from loaders.settings import divisions_from_environment
from loaders.template import TemplateRequest, make_template
from tests.support.documents.contracts import make_report
from tests.support.documents.filled_templates import FilledTemplate

DIVISIONS = Divisions.load(divisions_from_environment())
COLUMNS: list[dict[str, Any]] = [
    {"name": "visit_code", "header": "探访编号", "required": True, "key": True},
    {"name": "persons", "header": "人数", "type": "integer", "unit": "人"},
    {"name": "boys", "header": "其中男孩", "type": "integer", "unit": "人"},
    {"name": "spent_yuan", "header": "支出（万元）", "type": "decimal", "shape": [14, 2], "unit": "元"},
    {"name": "held_date", "header": "日期", "type": "date"},
    {"name": "started_date", "header": "开始日期", "type": "date"},
    {"name": "called_at", "header": "出动时间", "type": "datetime"},
    {"name": "month", "header": "月份", "type": "month"},
    {"name": "stage", "header": "阶段", "type": "choice", "choices": ["始", "中", "终"]},
    {"name": "uscc", "header": "信用代码", "type": "uscc"},
    {"name": "town_code", "header": "镇代码", "type": "division_code", "known_in": "divisions.town"},
]
MEANING = {"zh": "规则", "en": "rule"}


def rule(expect: str, where: dict[str, list[str]] | None = None, severity: str = "error", **arguments: Any) -> dict[str, Any]:
    return {"expect": expect, "arguments": arguments, "where": where or {}, "severity": severity, "meaning": MEANING}


RULES = [
    rule("expect_column_values_to_be_between", column="spent_yuan", min_value=100, max_value=2_000_000),
    rule("expect_column_values_to_be_in_document_period", column="held_date"),
    rule("expect_column_values_to_be_in_document_period", column="called_at"),
    rule("expect_column_values_to_be_in_document_period", column="month"),
    rule("expect_column_values_to_be_on_or_before_document_period", column="started_date"),
    rule("expect_column_pair_values_a_to_be_greater_than_b", column_A="held_date", column_B="started_date"),
    rule("expect_column_pair_values_a_to_be_greater_than_b", column_A="persons", column_B="boys", or_equal=True),
    rule("expect_column_values_to_be_in_set", column="stage", value_set=["始", "终"]),
    rule("expect_column_values_to_be_between", column="persons", max_value=9, severity="warning"),
    rule("expect_column_values_to_not_be_null", column="held_date", where={"stage": ["终"]}),
]


def report(**fields: Any) -> Report:
    pattern = r"(?P<period>\d{4}-\d{2})_(?P<unit>\d{6})\.xlsx"
    source = {"kind": "file_drop", "connection": "drop", "pattern": pattern}
    whole = {"units": ["441302", "441303"], "format": {"kind": "workbook"}, "source": source, "rules": RULES}
    return make_report(**{"columns": COLUMNS} | whole | fields)


def opened(contract: Report, unit: str | None = "441302", rows: int = 3) -> FilledTemplate:
    request = TemplateRequest(contract, DIVISIONS, unit, Period.parse("2023-06"), rows)
    return FilledTemplate(make_template(request).content, contract)


def check(contract: Report, template: FilledTemplate, folder: Path) -> CheckedDocument:
    file = folder / "2023-06_441302.xlsx"
    file.write_bytes(template.content())
    (checked,) = check_files([file], {contract.report: contract}, named=True)
    return checked


def validations(template: FilledTemplate, contract: Report) -> dict[str, Any]:
    sheet = template.book.worksheets[0]
    cells = template.header_cells(sheet.title)
    return {name: template.validation_of(sheet, sheet.cell(cell.row + 1, cell.column).coordinate) for name, cell in cells.items()}


def test_both_ends_of_every_limit_are_accepted(tmp_path: Path) -> None:
    contract = report(rules=[one for one in RULES if "pair" not in one["expect"] and one["severity"] == "error"])
    template = opened(contract)
    sheet = template.book.worksheets[0]
    limits = validations(template, contract)
    cells = template.header_cells(sheet.title)
    for name in ("persons", "boys", "spent_yuan", "held_date", "started_date", "called_at"):
        for number, formula in enumerate((limits[name].formula1, limits[name].formula2), start=1):
            sheet.cell(cells[name].row + number, cells[name].column).value = float(formula) if "." in formula else int(formula)
    for number in (1, 2):
        sheet.cell(cells["visit_code"].row + number, cells["visit_code"].column).value = f"V{number}"
    checked = check(contract, template, tmp_path)
    assert [issue.message_en for issue in checked.issues] == []
    assert checked.result is not None
    assert checked.result.accepted.num_rows == 2


def test_limits_are_those_of_the_rules_in_the_unit_of_the_header() -> None:
    contract = report()
    found = validations(opened(contract), contract)
    assert (found["spent_yuan"].type, found["spent_yuan"].formula1, found["spent_yuan"].formula2) == ("decimal", "0.01", "200")
    assert found["held_date"].formula1 == "MAX(DATE(2023,6,1),$F5+1)"
    assert found["held_date"].formula2 == str((dt.date(2023, 6, 30) - dt.date(1899, 12, 30)).days)
    assert found["started_date"].formula2 == 'MIN(DATE(2023,6,30),IF($E5="",DATE(2023,6,30),$E5-1))'
    assert found["boys"].formula2.endswith('IF($B5="",99999999999999,$B5))')
    # What is only a warning is let through.
    assert found["persons"].formula2 == "99999999999999"


def test_lists_hold_what_may_be_written_there() -> None:
    contract = report()
    template = opened(contract)
    found = validations(template, contract)
    assert template.choices_of(found["stage"]) == ["始", "终"]
    assert template.choices_of(found["month"]) == ["2023-06"]
    towns = template.choices_of(found["town_code"])
    assert "441302001" in towns or all(DIVISIONS.is_same_or_nested("441302", town) for town in towns)
    assert set(towns) < {division.code for division in DIVISIONS.level("town")}


def test_a_refusal_says_what_the_cell_refuses_and_not_more() -> None:
    contract = report()
    found = validations(opened(contract), contract)
    assert found["town_code"].error == "行政区划代码\n本市镇（街道）代码表中的值"
    assert found["persons"].error == "整数（人）\n规则"
    assert found["visit_code"].error == "文字"
    assert found["visit_code"].prompt == "文字\n必填，不能为空\n“探访编号”在同一份报表中不重复"


def test_codes_are_checked_by_their_check_character() -> None:
    contract = report()
    assert "LEN($J5)=18" in validations(opened(contract), contract)["uscc"].formula1


@pytest.mark.parametrize(("name", "value"), [("stage", "中"), ("month", "2023-07"), ("persons", 1.5), ("held_date", "6月5日")])
def test_what_a_cell_refuses_would_be_rejected(tmp_path: Path, name: str, value: Any) -> None:
    contract = report()
    template = opened(contract)
    sheet = template.book.worksheets[0]
    cell = template.header_cells(sheet.title)[name]
    place = sheet.cell(cell.row + 1, cell.column)
    with pytest.raises(AssertionError):
        template.assert_let_through(sheet, place.coordinate, value)
    place.value = value
    sheet.cell(cell.row + 1, template.header_cells(sheet.title)["visit_code"].column).value = "V1"
    checked = check(contract, template, tmp_path)
    assert {issue.column for issue in checked.issues} == {name}


def test_a_day_with_a_time_of_day_is_a_day(tmp_path: Path) -> None:
    contract = report(rules=[])
    template = opened(contract)
    sheet = template.book.worksheets[0]
    cells = template.header_cells(sheet.title)
    for name, value in {"visit_code": "V1", "held_date": 45082.75, "called_at": 45082}.items():
        sheet.cell(cells[name].row + 1, cells[name].column).value = value
    checked = check(contract, template, tmp_path)
    assert [issue.message_en for issue in checked.issues] == []


def test_the_way_back_from_an_annotated_copy_is_open(tmp_path: Path) -> None:
    contract = report()
    template = opened(contract)
    sheet = template.book.worksheets[0]
    cells = template.header_cells(sheet.title)
    row = cells["visit_code"].row + 1
    for name, value in {"visit_code": "V1", "stage": "终", "persons": 3, "boys": 4}.items():
        sheet.cell(row, cells[name].column).value = value
    wrong = check(contract, template, tmp_path)
    assert {issue.column for issue in wrong.issues} == {"held_date", "persons"}
    copy = FilledTemplate(annotated_copy(wrong, "zh").content, contract)
    (marked,) = [one for one in copy.book if one.title == sheet.title]
    assert marked.protection.sheet
    assert copy.validation_of(marked, marked.cell(row, cells["persons"].column).coordinate).type == "whole"
    assert "必填，不能为空" in marked.cell(row - 1, cells["visit_code"].column).comment.text
    marked.cell(row, cells["held_date"].column).value = dt.date(2023, 6, 5)
    marked.cell(row, cells["boys"].column).value = 2
    assert check(contract, copy, tmp_path).issues == ()
