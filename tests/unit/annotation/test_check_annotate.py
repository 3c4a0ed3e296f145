"""`huimin check --annotate`, and a copy that is checked again."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from loaders.annotation import annotate
from loaders.checking import check_files
from loaders.cli import app
from loaders.contract import Report
from loaders.reading.model.requests import OutlineRequest
from loaders.reading.outline import outline_document
from tests.support.documents.contracts import make_report
from tests.support.documents.workbooks import HEADER, ROWS, workbook

STATION = next((Path(__file__).parents[2] / "reports" / "station").glob("*/*.xlsx"))


def huimin(*arguments: Any) -> Result:
    nothing = {name: None for name in os.environ if name.startswith(("HUIMIN", "AIRFLOW"))}
    return CliRunner().invoke(app, list(map(str, arguments)), env=nothing)


def test_a_copy_is_written_and_checked_again_with_the_same_result(tmp_path: Path) -> None:
    out = tmp_path / STATION.name
    done = huimin("check", STATION, "--annotate", out)
    assert (done.exit_code, str(out) in done.stderr.replace("\n", "")) == (1, True)
    again = huimin("check", out)
    assert again.exit_code == 1
    issues = [line for line in done.stdout.splitlines() if line.startswith(("  ✗", "  !"))]
    assert issues and [line for line in again.stdout.splitlines() if line.startswith(("  ✗", "  !"))] == issues


def test_no_file_is_replaced_without_being_asked(tmp_path: Path) -> None:
    document = tmp_path / "a.xlsx"
    shutil.copy(STATION, document)
    out = tmp_path / "out.xlsx"
    out.write_bytes(b"mine")
    refused = huimin("check", document, "--annotate", out)
    assert (refused.exit_code, out.read_bytes()) == (2, b"mine")
    assert "--force" in refused.stderr
    assert huimin("check", document, "--annotate", document, "--force").exit_code == 2
    assert document.read_bytes() == STATION.read_bytes()
    assert huimin("check", document, "--annotate", out, "--force").exit_code == 1
    assert openpyxl.load_workbook(out).sheetnames[0] == "问题清单"


def test_one_document_at_a_time_and_the_right_suffix(tmp_path: Path) -> None:
    for number in (1, 2):
        shutil.copy(STATION, tmp_path / f"{number}.xlsx")
    many = huimin("check", tmp_path / "1.xlsx", tmp_path / "2.xlsx", "--annotate", tmp_path / "out.xlsx")
    other = huimin("check", STATION, "--annotate", tmp_path / "out.xls")
    assert (many.exit_code, other.exit_code) == (2, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.xlsx", "2.xlsx"]


@pytest.fixture
def visits() -> Report:
    return make_report(format={"kind": "workbook"})


def copy_of(rows: list[list[Any]], visits: Report, folder: Path) -> tuple[bytes, Any]:
    path = folder / "a.xlsx"
    path.write_bytes(workbook(rows))
    (checked,) = check_files([path], {"visit": visits}, named=True)
    return annotate(path.read_bytes(), path.name, checked.issues, visits).content, checked


def test_our_sheet_counts_as_another_sheet_and_gives_no_issue(tmp_path: Path, visits: Report) -> None:
    content, before = copy_of([HEADER, *ROWS], visits, tmp_path)
    (tmp_path / "b.xlsx").write_bytes(content)
    (after,) = check_files([tmp_path / "b.xlsx"], {"visit": visits}, named=False)
    assert (after.report, after.issues, after.exit_code) == (visits, (), 0)
    assert after.reading.rows.to_pylist() == before.reading.rows.to_pylist()
    assert after.reading.rows_total == after.reading.rows.num_rows + sum(after.reading.furniture.values())
    assert outline_document(OutlineRequest(tmp_path / "b.xlsx")).headers == tuple(HEADER)


def test_a_list_of_the_office_under_our_name_is_still_remarked_on(tmp_path: Path, visits: Report) -> None:
    content, _ = copy_of([HEADER, *ROWS], visits, tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["问题清单"]["A1"] = "本单位问题清单"
    book["问题清单"]["B1"] = 5
    book.save(tmp_path / "b.xlsx")
    (after,) = check_files([tmp_path / "b.xlsx"], {"visit": visits}, named=True)
    assert [issue.rule for issue in after.issues] == ["sheet_left_out"]


def test_an_issue_of_a_form_stands_at_the_cell_of_its_value(tmp_path: Path) -> None:
    form = make_report(format={"kind": "workbook", "form": True}, reject_limit_pct=100)
    rows = [[HEADER[0], "V1"], [HEADER[1], "桥东街道"], [HEADER[2], "很多"], [HEADER[3], 5], [HEADER[4], "无"]]
    content, checked = copy_of(rows, form, tmp_path)
    assert [issue.cell for issue in checked.issues] == ["B3"]
    assert openpyxl.load_workbook(io.BytesIO(content))["表1"]["B3"].comment is not None


def test_a_personal_number_is_masked_in_the_list_and_the_notes(tmp_path: Path) -> None:
    columns = [
        {"name": "visit_code", "header": HEADER[0], "required": True, "key": True},
        {"name": "id_number", "header": "身份证号", "type": "resident_id", "pii": "personal", "required": True},
    ]
    report = make_report(columns, format={"kind": "workbook"}, reject_limit_pct=100)
    wrong = "441302199001011239"
    content, checked = copy_of([[HEADER[0], "身份证号"], ["V1", wrong]], report, tmp_path)
    assert [issue.cell for issue in checked.issues] == ["B2"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book["表1"]["B2"].value == wrong
    shown = [book["表1"]["B2"].comment.text, *(cell.value or "" for row in book["问题清单"].iter_rows() for cell in row)]
    assert not [text for text in shown if wrong[6:14] in text]
