"""Where each column of a contract stands in a document: letters, cells of forms, fields of records, spans of merged cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.contract import Report
from loaders.model import FoundTable
from loaders.reading.document import read_document
from loaders.reading.model.requests import ReadRequest
from loaders.reading.model.sheets import Area
from loaders.reading.tables.workbook_reader import read_workbook
from tests.support.documents.contracts import VISITS, make_report
from tests.support.documents.sheets import make_book, make_sheet

HEADER = ["探访编号", "镇（街道）", "探访人次", "支出（元）", "备注"]


def place(report: Report, content: str, path: Path) -> FoundTable:
    path.write_text(content, encoding="utf-8")
    reading = read_document(ReadRequest(path=path, report=report))
    assert reading.refusal is None, reading.refusal
    (table,) = reading.tables
    return table


def test_a_vertical_merge_names_the_row_in_which_its_value_stands() -> None:
    sheet = make_sheet([HEADER, ["V1", "桥东街道", 1, 5, "一"], ["V2", None, 2, 6, "二"], ["V3", "水口街道", 3, 7, "三"]])
    sheet.merges.append(Area.parse("B2:B3"))
    reading = read_workbook(make_book(sheet), make_report(format={"kind": "workbook"}), None)
    (table,) = reading.tables
    assert reading.rows.column("town_name").to_pylist() == ["桥东街道", "桥东街道", "水口街道"]
    assert table.merges == {"town_name": ((2, 3),)}
    assert table.letters["spent_yuan"] == "D"


def test_a_form_names_the_cell_of_each_value() -> None:
    sheet = make_sheet(
        [
            ["探访登记表"],
            ["探访编号：", "V1", "镇（街道）：", "桥东街道"],
            ["探访人次", 3],
            [None, "支出（元）：12"],
            ["备注：", None],
        ],
    )
    report = make_report(format={"kind": "workbook", "form": True}, replaces="nothing")
    (table,) = read_workbook(make_book(sheet), report, None).tables
    assert table.letters == {}
    assert dict(table.cells) == {"visit_code": "B2", "town_name": "D2", "visit_persons": "B3", "spent_yuan": "B4", "remark": "A5"}


def test_a_record_names_the_field_of_each_column(tmp_path: Path) -> None:
    columns = [column | {"field": f"F_{column['name']}"} for column in VISITS]
    source = {"kind": "database", "connection": "db", "relation": "v", "order_by": ["F_visit_code"], "updated_column": "u"}
    report = make_report(columns, format={"kind": "records"}, source=source, replaces="key", period_kind=None)
    row = '{"F_visit_code": "V1", "F_town_name": "桥东街道", "F_visit_persons": 2, "F_spent_yuan": null, "F_remark": ""}'
    table = place(report, f"{row}\n", tmp_path / "rows.jsonl")
    assert table.letters == {}
    assert table.fields["visit_persons"] == "F_visit_persons"


@pytest.mark.parametrize("title", ["", "五月探访表,,,,\n"])
def test_a_text_file_names_letters_by_the_order_of_its_columns(tmp_path: Path, title: str) -> None:
    content = f"{title}镇（街道）,探访编号,备注,探访人次,支出（元）\n桥东街道,V1,,2,10\n"
    table = place(make_report(), content, tmp_path / "visits.csv")
    assert table.letters == {"town_name": "A", "visit_code": "B", "remark": "C", "visit_persons": "D", "spent_yuan": "E"}
