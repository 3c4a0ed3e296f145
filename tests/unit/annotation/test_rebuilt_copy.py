"""Copies of documents that cannot hold marks: texts, records, old and damaged workbooks, documents with a password."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import openpyxl

from loaders.annotation import annotate
from loaders.annotation.annotated_copy import _marked
from loaders.annotation.colors import ERROR_FILL
from loaders.checking import check_files
from loaders.contract import Report
from loaders.model import Issue, Severity
from loaders.reading.document import read_document
from loaders.reading.model.requests import ReadRequest
from tests.support.documents.biff import BiffSheet, biff_stream, label, number
from tests.support.documents.broken_workbooks import broken_workbook
from tests.support.documents.contracts import make_report
from tests.support.documents.mutation import mutated
from tests.support.documents.workbooks import HEADER, ROWS, encrypted, workbook

ID = "441302199001011234"


def issue(cell: str | None, *, row: int | None = None, column: str | None = None, sheet: str | None = None) -> Issue:
    return Issue(
        "type", Severity.ERROR, "要改", "fix it", sheet=sheet, row=row, column=column, cell=cell, found="x", expected="整数"
    )


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def notes(sheet: Any) -> list[str]:
    return [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment is not None]


def test_a_text_is_split_as_its_contract_says_and_lines_are_rows() -> None:
    text = "\r\n".join([";".join(HEADER), 'V1;"河南岸\r\n街道";2;0012;', f"V2;桥东街道;x;=1+1;{ID}"])
    report = make_report(format={"kind": "delimited", "encoding": "gb18030", "delimiter": ";"})
    copy = annotate(text.encode("gb18030"), "441302_2023-06.csv", [issue("C4", row=4)], report)
    book = opened(copy.content)
    assert (copy.file_name, book.sheetnames) == ("441302_2023-06.xlsx", ["问题清单", "Sheet1"])
    sheet = book["Sheet1"]
    assert [cell.value for cell in sheet[2]] == ["V1", "河南岸\n街道", "2", "0012", None]
    assert [(cell.value, cell.data_type) for cell in sheet[4]][2:] == [("x", "s"), ("=1+1", "s"), (ID, "s")]
    assert (notes(sheet), sheet["C4"].fill.fgColor.rgb) == (["C4"], "FF" + ERROR_FILL)
    assert "原文件是纯文本" in book["问题清单"]["A3"].value
    assert book["问题清单"]["D5"].hyperlink.location == "'Sheet1'!C4"
    assert ID not in str([[cell.value for cell in row] for row in book["问题清单"].iter_rows()])


def test_a_wrong_encoding_does_not_cost_the_copy() -> None:
    report = make_report(format={"kind": "delimited", "encoding": "utf-8"})
    book = opened(annotate(",".join(HEADER).encode("gb18030"), "a.csv", [issue(None)], report).content)
    assert [cell.value for cell in book["Sheet1"][1]] == HEADER


def test_records_become_rows_below_their_headers() -> None:
    lines = (
        '{"visit_code": "V1", "visit_persons": 2.50}\nnot json\n{"visit_code": "V3", "town_name": null, "visit_persons": "x"}\n'
    )
    issues = [issue(None, row=3, column="visit_persons"), issue(None, row=2)]
    source = {"kind": "http_api", "connection": "api", "request": {"path": "/visits"}, "key": "visit_code"}
    report = make_report(format={"kind": "records"}, source=source, replaces="nothing")
    book = opened(annotate(lines.encode(), "a.jsonl", issues, report).content)
    sheet = book["Sheet1"]
    assert [cell.value for cell in sheet[1]] == HEADER
    assert [sheet["A2"].value, sheet["C2"].value, sheet["C4"].value] == ["V1", "2.50", "x"]
    assert notes(sheet) == ["A3", "C4"]


def test_an_old_workbook_is_read_again_as_it_was(tmp_path: Path) -> None:
    rows = [label(0, column, text) for column, text in enumerate(HEADER)]
    rows += [label(1, 0, "V1"), label(1, 1, "桥东街道"), number(1, 2, 2), number(1, 3, 10.5), label(1, 4, "'=1")]
    before = biff_stream([BiffSheet("表1", rows)])
    copy = annotate(before, "441302.xls", [issue("C2", sheet="表1")], make_report(format={"kind": "workbook"}))
    assert copy.file_name == "441302.xlsx"
    assert (notes(opened(copy.content)["表1"]), opened(copy.content)["表1"]["C2"].value) == (["C2"], 2)
    report = make_report(format={"kind": "workbook"})
    assert records(tmp_path, copy.content, report) == records(tmp_path, before, report)


def test_a_web_page_named_xls_keeps_its_merges() -> None:
    page = "<html><table><tr><td colspan=2>探访表</td></tr><tr><td>1</td><td>007</td></tr></table></html>"
    book = opened(annotate(page.encode(), "a.xls", [issue("B1", sheet="Sheet1"), issue("B2", sheet="Sheet1")]).content)
    sheet = book.worksheets[1]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:B1"]
    assert (sheet["A2"].value, sheet["B2"].value) == ("1", "007")


def records(tmp_path: Path, content: bytes, report: Report) -> list[dict[str, Any]]:
    (tmp_path / "document").write_bytes(content)
    reading = read_document(ReadRequest(tmp_path / "document", report))
    assert reading.refusal is None
    rows: list[dict[str, Any]] = reading.rows.to_pylist()
    return rows


def test_what_cannot_be_read_becomes_the_list_alone() -> None:
    secret = encrypted(workbook([HEADER, *ROWS]), "secret")
    for content in (b"PK\x03\x04 broken off", b"%PDF-1.4", b"", secret):
        copy = annotate(content, "a.pdf", [issue("A1", sheet="表1")], make_report(format={"kind": "workbook"}))
        book = opened(copy.content)
        assert (copy.file_name, book.sheetnames) == ("a.xlsx", ["问题清单"])
        assert [cell.value for cell in book["问题清单"][5]][3] == "A1"


def test_a_damaged_workbook_never_stops_the_copy() -> None:
    chance = random.Random(7)
    content = broken_workbook(3).content
    for _ in range(60):
        damaged = mutated(content, chance)
        # Without its own list of sheets, a damaged package would start a worker process each time.
        copy = _marked(damaged, "a.xlsx", None, [issue("C7", sheet="探访表"), issue("C9", sheet="探访表")], "zh")
        if copy is not None:
            assert zipfile.ZipFile(io.BytesIO(copy[0])).testzip() is None


def test_a_text_that_was_corrected_in_the_copy_is_clean(tmp_path: Path) -> None:
    report = make_report(format={"kind": "delimited"}, reject_limit_pct=100)
    path = tmp_path / "2023-06.csv"
    path.write_text(",".join(HEADER) + "\r\nV1,桥东街道,很多,1.5,\r\nV2,,1,2,\r\nV3,河南岸街道,1,2,\r\n", encoding="utf-8")
    (broken,) = check_files([path], {"visit": report}, named=True)
    sheet = opened(annotate(path.read_bytes(), path.name, broken.issues, report).content)["Sheet1"]
    assert notes(sheet) == ["C2", "B3"]
    sheet["C2"], sheet["B3"] = "3", "桥东街道"
    lines = [",".join(cell.value or "" for cell in row) for row in sheet.iter_rows()]
    path.write_text("\r\n".join(lines), encoding="utf-8")
    (clean,) = check_files([path], {"visit": report}, named=True)
    assert (clean.exit_code, clean.issues) == (0, ())


def test_the_list_is_in_english_when_asked() -> None:
    book = opened(annotate(workbook([HEADER]), "a.xlsx", [issue("A1", sheet="表1")], lang="en").content)
    assert book.sheetnames == ["Issues", "表1"]
    assert book["表1"]["A1"].comment.text == "[Huimin check] fix it"
