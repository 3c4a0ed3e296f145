"""`huimin template` as a clerk runs it, and the look of what it writes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from loaders.checking import check_files
from loaders.cli import app
from loaders.divisions import Divisions
from loaders.settings import divisions_from_environment
from loaders.template import TemplateRequest, make_template
from tests.support.documents.contracts import make_report
from tests.support.documents.filled_templates import FilledTemplate


def huimin(*arguments: Any) -> Result:
    nothing = {name: None for name in os.environ if name.startswith(("HUIMIN", "AIRFLOW"))}
    return CliRunner().invoke(app, list(map(str, arguments)), env=nothing)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The template of the stations of a county, as a spreadsheet opens it."""
    out = tmp_path_factory.mktemp("template") / "out.xlsx"
    done = huimin("template", "station", out, "--unit", "441302", "--period", "2023-06", "--rows", "8")
    assert done.exit_code == 0, done.output
    # The lines of a terminal are folded.
    assert "send it as station/2023-06/441302_双百社工站点名册_2023-06.xlsx" in done.stderr.replace("\n", "")
    return openpyxl.load_workbook(out)


def test_title_unit_and_period_stand_above_the_headers(station: Any) -> None:
    sheet = station.worksheets[0]
    texts = [[cell.value for cell in row if cell.value] for row in sheet.iter_rows(max_row=4)]
    assert texts[0] == ["双百社工站点名册"]
    assert texts[2] == ["填报单位：惠城区", "统计月份：2023年6月", "填报日期："]
    assert texts[3][:3] == ["站点编号", "站点名称", "站点类型"]


def test_headers_are_locked_and_cells_below_are_open_as_far_as_rows_go(station: Any) -> None:
    sheet = station.worksheets[0]
    assert sheet.protection.sheet
    assert all(sheet.cell(4, column).protection.locked for column in range(1, 17))
    assert not any(sheet.cell(row, column).protection.locked for row in range(5, 13) for column in range(1, 17))
    assert sheet.cell(13, 1).protection.locked
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.page_setup.orientation) == ("A5", "$1:$4", "landscape")


def test_codes_and_phones_are_texts_and_days_are_days(station: Any) -> None:
    sheet = station.worksheets[0]
    formats = {sheet.cell(4, column).value: sheet.cell(5, column).number_format for column in range(1, 17)}
    assert {formats[name] for name in ("站点编号", "镇（街道）代码", "联系电话")} == {"@"}
    assert formats["启用日期"] == "yyyy-mm-dd"
    assert formats["在岗社工数"] == "General"


def test_each_header_says_what_is_expected_in_the_words_of_the_check(station: Any) -> None:
    sheet = station.worksheets[0]
    notes = {sheet.cell(4, column).value: sheet.cell(4, column).comment.text for column in range(1, 17)}
    assert notes["启用日期"].splitlines()[:2] == ["日期，如2023-05-31", "必填，不能为空"]
    assert "启用日期不能晚于报告期（2023-06）" in notes["启用日期"]
    assert "整数（人）" in notes["在岗社工数"]
    assert "在岗社工数应在0至60之间" in notes["在岗社工数"]
    (check,) = [one for one in sheet.data_validations.dataValidation if "M5" in one.sqref]
    assert (check.type, check.formula1, check.formula2) == ("whole", "0", "60")
    assert "在岗社工数应在0至60之间" in check.error
    assert check.promptTitle == "在岗社工数"


def test_lists_stand_on_a_hidden_sheet(station: Any) -> None:
    assert [(sheet.title, sheet.sheet_state) for sheet in station] == [("双百社工站点名册", "visible"), ("下拉选项", "hidden")]


def test_notes_are_english_on_demand_and_labels_stay_as_the_reader_knows_them(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    assert huimin("template", "station", out, "--lang", "en", "--rows", "1").exit_code == 0
    sheet = openpyxl.load_workbook(out).worksheets[0]
    assert sheet["L4"].comment.text.startswith("a date like 2023-05-31")
    assert sheet["A3"].value == "填报单位："


def test_without_a_unit_its_line_is_open(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    assert huimin("template", "station", out, "--rows", "1").exit_code == 0
    sheet = openpyxl.load_workbook(out).worksheets[0]
    assert not sheet["A3"].protection.locked


def test_a_text_has_its_headers_in_its_encoding(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert huimin("template", "home_visit", out, "--unit", "441302", "--period", "2021-06").exit_code == 0
    line = out.read_bytes().decode("gb18030")
    assert line.startswith("探访编号,探访日期,")
    assert line.endswith("转介单位\r\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "no such report: nothing"),
        (["client"], "not filled in by hand"),
        (["station", "--unit", "4413"], "station has no unit 4413"),
        (["station", "--period", "2023Q2"], "station comes by month"),
        (["station", "--period", "June"], "expected a period like"),
        (["home_visit", "out.xlsx"], "home_visit comes as .csv"),
        (["station", "--rows", "0"], "rows"),
    ],
)
def test_what_names_nothing_ends_with_exit_2(arguments: list[str], message: str) -> None:
    done = huimin("template", *arguments)
    assert done.exit_code == 2
    assert message in " ".join(done.output.replace("│", " ").split())


def test_a_file_is_replaced_only_on_demand(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    out.write_bytes(b"mine")
    assert huimin("template", "station", out).exit_code == 2
    assert out.read_bytes() == b"mine"
    assert huimin("template", "station", out, "--force").exit_code == 0
    assert out.read_bytes().startswith(b"PK")


def test_a_form_has_a_label_and_a_cell_for_each_value(tmp_path: Path) -> None:
    pattern = r"(?P<unit>\d{6})\.xlsx"
    contract = make_report(
        format={"kind": "workbook", "form": True, "sheets": "表.+"},
        units=["441302"],
        period_kind=None,
        replaces="key",
        source={"kind": "file_drop", "connection": "drop", "pattern": pattern},
    )
    template = make_template(TemplateRequest(contract, Divisions.load(divisions_from_environment()), "441302"))
    filled = FilledTemplate(template.content, contract)
    sheet = filled.book.worksheets[0]
    cells = filled.header_cells(sheet.title)
    values = {"visit_code": "V1", "town_name": "龙丰街道", "visit_persons": 3, "spent_yuan": 12.5, "remark": "好"}
    for name, value in values.items():
        place = sheet.cell(cells[name].row, cells[name].column + 1)
        assert not place.protection.locked
        filled.assert_let_through(sheet, place.coordinate, value)
        place.value = value
    file = tmp_path / template.file_name
    file.write_bytes(filled.content())
    (checked,) = check_files([file], {contract.report: contract}, named=True)
    assert (checked.refusal, checked.issues) == (None, ())
    assert checked.result is not None
    (row,) = checked.result.accepted.to_pylist()
    assert (row["visit_code"], row["visit_persons"], str(row["spent_yuan"]), row["remark"]) == ("V1", 3, "12.5000", "好")
