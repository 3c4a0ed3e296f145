"""Templates with rows that are known before: they read clean when a person has filled in the rest."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from loaders.checking import check_files
from loaders.contract import Delimited, FileDrop, Mailbox, Report, load_contracts
from loaders.divisions import Divisions
from loaders.overlap import repeated_columns
from loaders.period import Period, PeriodKind
from loaders.settings import divisions_from_environment, expectations_from_environment
from loaders.template import TemplateRequest, make_template
from tests.support.documents.filled_templates import FilledTemplate, prints_of
from tests.support.documents.sound_rows import SoundRows

PERIODS = {PeriodKind.MONTH: "2023-06", PeriodKind.QUARTER: "2023Q2", PeriodKind.YEAR: "2023"}
CONTRACTS = load_contracts(expectations_from_environment()).reports
DIVISIONS = Divisions.load(divisions_from_environment())
ROWS = 5
FILLED_IN = [
    report
    for report in CONTRACTS.values()
    if isinstance(report.source, FileDrop | Mailbox) and repeated_columns(report) is not None and report.period_kind is not None
]


def known_of(report: Report, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the warehouse would know of these rows."""
    repeated = repeated_columns(report)
    assert repeated is not None
    names = [*repeated.key, *repeated.staying]
    truth = {"是": True, "否": False}
    return [{name: truth.get(row[name], row[name]) for name in names if not report.column(name).is_personal} for row in rows]


def completed(content: bytes, report: Report, rows: list[dict[str, Any]]) -> tuple[bytes, int]:
    """The workbook as a person completes it: blank cells are filled in, known ones are left. Returns how many were left."""
    template = FilledTemplate(content, report)
    sheets = [sheet for sheet in template.book if sheet.sheet_state == "visible"]
    kept = 0
    for sheet in sheets:
        places = template.header_cells(sheet.title)
        # A workbook with a sheet per town has the rows of a town on its own.
        own = rows if len(sheets) == 1 else [row for row in rows if row["town_name"] == sheet.title]
        blank: list[dict[str, Any]] = []
        for number, row in enumerate(own, start=1):
            cells = {name: sheet.cell(header.row + number, header.column).value for name, header in places.items()}
            kept += sum(cell is not None for cell in cells.values())
            blank.append({name: None if cells.get(name) is not None else value for name, value in row.items()})
        template.fill(sheet.title, blank)
    return template.content(), kept


@pytest.mark.parametrize("report", FILLED_IN, ids=lambda one: str(one.report))
def test_a_known_template_reads_clean_when_the_rest_is_filled_in(tmp_path: Path, report: Report) -> None:
    assert report.period_kind is not None
    period = Period.parse(PERIODS[report.period_kind])
    rows = SoundRows(report, DIVISIONS, report.units[0], period).rows(ROWS)
    known = known_of(report, rows)
    request = TemplateRequest(report, DIVISIONS, report.units[0], period, ROWS, known=known, sources=["某表"])
    made = make_template(request)
    assert made.path is not None
    if isinstance(report.format, Delimited):
        text = made.content.decode(report.format.encoding)
        assert len(text.splitlines()) == ROWS + 1
        assert all(str(row[report.key[-1]]) in text for row in known)
        return
    content, kept = completed(made.content, report, rows)
    assert kept >= ROWS * 2, "a key and something that stays"
    file = tmp_path / made.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    (checked,) = check_files([file], CONTRACTS, named=False)
    assert checked.refusal is None
    assert [issue.message_en for issue in checked.issues] == []
    assert checked.reading is not None and checked.reading.rows.num_rows == ROWS


def sheet_of(report: str, known: list[dict[str, Any]], **fields: Any) -> Any:
    request = TemplateRequest(
        CONTRACTS[report], DIVISIONS, CONTRACTS[report].units[0], Period.parse("2023-06"), 3, known=known, **fields
    )
    return openpyxl.load_workbook(io.BytesIO(make_template(request).content)).worksheets[0]


def row_of(sheet: Any, report: str, number: int = 1) -> dict[str, Any]:
    headers = {text: name for name, texts in prints_of(CONTRACTS[report]).items() for text in texts}
    names = [headers[cell.value] for cell in sheet[4]]
    return dict(zip(names, [cell.value for cell in sheet[4 + number]], strict=True))


def test_amounts_are_in_the_unit_of_the_form_and_days_are_days() -> None:
    known = [{"project_code": "P1", "funds_raised_yuan": Decimal("125000"), "started_date": dt.date(2023, 3, 1)}]
    row = row_of(sheet_of("village_project", known), "village_project")
    assert row["funds_raised_yuan"] == 12.5
    assert row["started_date"] == dt.datetime(2023, 3, 1)  # noqa: DTZ001  the format knows no time zone
    assert row["period_month"] == "2023-06"


def test_personal_values_are_never_filled_in_and_the_sheet_says_so() -> None:
    known = [{"worker_code": "SG1", "person_name": "张三", "resident_id": "441302199001011234", "post": "社工"}]
    sheet = sheet_of("social_worker", known, withheld=frozenset({"person_name", "resident_id", "phone"}))
    row = row_of(sheet, "social_worker")
    assert (row["worker_code"], row["post"]) == ("SG1", "社工")
    assert row["person_name"] is None and row["resident_id"] is None
    assert "无法预填" in sheet["A2"].value
    note = next(cell for cell in sheet[4] if cell.value == "姓名").comment.text
    assert "系统只保存加密后的值" in note


def test_a_value_that_the_form_would_not_let_through_is_left_blank() -> None:
    row = row_of(sheet_of("casework", [{"case_code": "GA1", "case_type": "早先的类型"}]), "casework")
    assert (row["case_code"], row["case_type"]) == ("GA1", None)


def test_all_known_rows_have_a_place() -> None:
    sheet = sheet_of("casework", [{"case_code": f"GA{number}"} for number in range(9)])
    assert [row_of(sheet, "casework", number)["case_code"] for number in (1, 9)] == ["GA0", "GA8"]
