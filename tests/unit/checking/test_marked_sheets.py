"""A document as it is shown: the rows around issues, marks at their cells, personal values masked."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from loaders.checking import MarkedSheet, marked_sheets
from loaders.contract import Report, load_report
from loaders.messages import issue_of
from loaders.model import Issue
from tests.support.warehouse.file_drop import VISIT_HEADER, visits

ROOT = Path(__file__).resolve().parents[3]
RESIDENT = "441302199003078515"


@pytest.fixture(scope="module")
def report() -> Report:
    return load_report(ROOT / "expectations" / "social_work" / "home_visit.yml")


def issue(row: int, column: str, cell: str) -> Issue:
    return issue_of("error_cell", header=column, found="#REF!", sheet="Sheet1", row=row, column=column, cell=cell)


def shown(content: bytes, report: Report | None, *issues: Issue) -> MarkedSheet:
    (sheet,) = marked_sheets(content, report, issues, (), "zh")
    return sheet


def test_the_rows_around_an_issue_are_shown_and_its_cell_is_marked(report: Report) -> None:
    sheet = shown(visits(range(60)), report, issue(40, "visit_persons", "I40"))
    assert [row.number for row in sheet.rows] == [1, 2, 3, 4, 5, 6, 37, 38, 39, 40, 41, 42, 43]
    assert [row.number for row in sheet.rows if row.is_after_gap] == [37]
    marked = [(row.number, sheet.letters[place]) for row in sheet.rows for place, cell in enumerate(row.cells) if cell.severity]
    assert marked == [(40, "I")]


def test_personal_columns_are_masked_and_headers_are_not(report: Report) -> None:
    header = VISIT_HEADER.split(",")
    row = ["TF1", "2023-05-04", "S1", "桥东街道", "441302001", "G1", "D1", RESIDENT, "2", "入户", "30", "0", "独居老人需就医", ""]
    text = io.StringIO()
    csv.writer(text).writerows([header, row])
    sheet = shown(text.getvalue().encode("gb18030"), report)
    assert [cell.text for cell in sheet.rows[0].cells] == header
    values = dict(zip(header, (cell.text for cell in sheet.rows[1].cells), strict=False))
    assert values["探访人次"] == "2" and values["站点编号"] == "S1"
    assert values["发现问题"] == "独*****医"
    assert RESIDENT[6:14] not in values["服务对象身份证号"]


def test_numbers_of_persons_are_masked_where_no_contract_says_which_columns_are_personal() -> None:
    content = f"编号,备注\r\n1,身份证{RESIDENT}\r\n".encode()
    assert RESIDENT not in str(shown(content, None))


def test_two_issues_of_a_cell_are_one_mark_of_the_graver(report: Report) -> None:
    warning = issue_of("error_cell", severity="warning", header="a", found="b", sheet="Sheet1", row=2, cell="A2")
    sheet = shown(visits(range(3)), report, warning, issue(2, "visit_code", "A2"))
    (cell,) = [cell for row in sheet.rows for cell in row.cells if cell.severity]
    assert cell.severity == "error" and len(cell.messages) == 2
