"""Documents that went wrong somewhere in public, with their right values: each gives those, or says a word at that very cell.

They lie beside the checkout, a folder a case with a README.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from loaders.checking import CheckedDocument, check_files
from loaders.contract import Report, load_report, load_reports, upgraded
from loaders.model import Issue, Severity
from loaders.period import Period
from loaders.scaffold.report_files import scaffold_report
from loaders.settings import PROJECT_ROOT, Settings
from loaders.sources import open_source

CASES = PROJECT_ROOT.parent / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder of public cases is not beside the project")

SHIPPED = PROJECT_ROOT / "expectations"
TABLES = CASES / "31_tables"
MAY = Period.parse("2023-05")


@dataclass(frozen=True)
class Outcome:
    """What a check says of a document: its loaded rows by their place, and every issue."""

    checked: CheckedDocument

    @property
    def rows(self) -> dict[int, dict[str, Any]]:
        result = self.checked.result
        return {row["_row"]: row for row in result.accepted.to_pylist()} if result else {}

    @property
    def issues(self) -> tuple[Issue, ...]:
        return self.checked.issues

    def at(self, row: int, column: str) -> list[Issue]:
        """The issues of one cell."""
        return [issue for issue in self.issues if (issue.row, issue.column) == (row, column)]

    def is_right_or_reported(self, row: int, column: str, right: Any) -> bool:
        """Whether a cell has its right value, or there is a word at it; a row with a word about this cell may be held back."""
        if row not in self.rows:
            return any(issue.severity is Severity.ERROR for issue in self.at(row, column))
        return self.rows[row][column] == right or bool(self.at(row, column))


@cache
def outcomes(name: str, pattern: str) -> dict[Path, Outcome]:
    """A check of all documents of a report, in one go; rows are judged one by one, however many of them are rejected."""
    report, files = contract(name), sorted(CASES.glob(f"*/{pattern}"))
    checked_documents = check_files(files, {report.report: report}, named=True)
    return {file: Outcome(checked) for file, checked in zip(files, checked_documents, strict=True)}


def check(path: Path, report: Report, period: Period | None = None) -> Outcome:
    (checked,) = check_files([path], {report.report: report}, named=True, period=period)
    return Outcome(checked)


def contract(name: str) -> Report:
    (path,) = SHIPPED.glob(f"*/{name}.yml")
    return relaxed(load_report(path))


def casework(folder: str, prefix: str = "") -> Outcome:
    document = CASES / folder / f"{prefix}4413_个案服务台账_2023-05.xlsx"
    return outcomes("casework", "*4413_个案服务台账_2023-05.xlsx")[document]


def donation(folder: str) -> Outcome:
    return outcomes("donation", "4413_捐赠收入明细表_2023-05.csv")[CASES / folder / "4413_捐赠收入明细表_2023-05.csv"]


@pytest.fixture(scope="module")
def expectations(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Report]:
    """The contracts of the tables, as a folder of expectations of their own."""
    folder = tmp_path_factory.mktemp("root") / "expectations"
    (folder / "charity").mkdir(parents=True)
    for path in (TABLES / "contracts").glob("*.yml"):
        # The cases are older than the names of the keys.
        (folder / "charity" / path.name).write_text(upgraded(path.read_text(encoding="utf-8"))[0], encoding="utf-8")
    return load_reports(folder)


def table(name: str, report: Report) -> Outcome:
    return check(TABLES / name, report)


def values(found: Outcome, *columns: str) -> list[tuple[Any, ...]]:
    assert found.checked.refusal is None
    return [tuple(row[column] for column in columns) for row in found.rows.values()]


def test_a_superscript_footnote_is_no_digit() -> None:
    found = casework("01_superscript_footnote")
    assert [found.rows[row]["contact_count"] for row in (3, 5)] == [4, 4]
    assert found.is_right_or_reported(4, "contact_count", 4)


def test_a_circled_footnote_is_no_digit() -> None:
    found = casework("02_circled_footnote_mark")
    assert found.is_right_or_reported(3, "contact_count", 4)
    assert found.is_right_or_reported(4, "opened_date", dt.date(2023, 3, 1))
    assert found.is_right_or_reported(5, "contact_count", 5)


def test_two_numbers_are_never_one() -> None:
    found = casework("03_two_numbers_in_one_cell")
    for row in (3, 4):
        assert row not in found.rows
        assert [issue.severity for issue in found.at(row, "contact_count")] == [Severity.ERROR]
    assert found.rows[5]["contact_count"] == 4


def test_a_code_is_what_its_number_format_shows() -> None:
    found = casework("04_code_prefix_in_number_format")
    for row, number in ((3, 1), (4, 2), (5, 3)):
        assert found.is_right_or_reported(row, "case_code", f"GA2305{number:03d}")
        assert found.is_right_or_reported(row, "worker_code", f"SG{number:04d}")


def test_a_code_keeps_the_zeros_that_its_number_format_shows() -> None:
    found = casework("04_code_prefix_in_number_format", "zeros_")
    assert found.is_right_or_reported(3, "case_code", "0000023051")
    assert found.is_right_or_reported(3, "worker_code", "000007")
    assert found.rows[4]["case_code"] == "GA2305002"


def test_a_row_that_is_struck_out_is_remarked_on() -> None:
    found = casework("06_struck_through_row")
    struck = struck_rows(CASES / "06_struck_through_row" / "4413_个案服务台账_2023-05.xlsx")
    assert struck
    assert all(any(issue.row == row for issue in found.issues) for row in struck)


def test_a_number_that_is_struck_out_is_no_part_of_the_new_one() -> None:
    assert casework("06_struck_through_row").is_right_or_reported(5, "contact_count", 2)


def struck_rows(path: Path) -> list[int]:
    """The rows in which every cell is struck out."""
    (sheet,) = openpyxl.load_workbook(path).worksheets
    rows = {row[0].row: [cell for cell in row if cell.value is not None] for row in sheet.iter_rows()}
    return [number for number, cells in rows.items() if cells and all(cell.font.strike for cell in cells)]


def test_a_date_in_a_column_of_codes_is_reported() -> None:
    found = casework("07_code_became_date")
    assert found.at(4, "case_code")
    assert found.at(5, "worker_code")
    assert [issue for issue in found.issues if issue.row == 3] == []


def test_a_date_that_is_shown_as_a_month_is_that_month() -> None:
    found = casework("08_month_end_date_shown_as_month")
    assert [row["period_month"] for row in found.rows.values()] == ["2023-05"] * 3
    assert found.issues == ()


def test_amounts_that_the_number_format_shows_in_ten_thousands() -> None:
    # Without the contract's own rules: a limit that the amount passes says nothing of its number format.
    report = contract("pairing_input").model_copy(update={"rules": ()})
    found = check(CASES / "09_wan_by_number_format" / "4413_结对帮扶投入明细表_2023-05.xlsx", report)
    column = next(column.name for column in contract("pairing_input").columns if column.header == "投入金额（万元）")
    right = Decimal(35_000)
    assert [found.rows[row][column] for row in (3, 7)] == [right, right]
    assert found.at(3, column) == found.at(7, column) == []
    assert found.is_right_or_reported(4, column, right)
    assert found.is_right_or_reported(5, column, right)
    assert found.at(6, column)


@pytest.mark.parametrize(("row", "column", "right"), [
    (2, "donation_code", "JZ2305001"), (3, "donation_code", "JZ2305002"), (4, "donation_code", "JZ2305003"),
    (5, "donation_code", "JZ2305004"), (2, "receipt_code", "PJ000001"), (3, "receipt_code", "0000012"),
    (4, "receipt_code", "0000013"), (5, "receipt_code", "PJ000004"),
])  # fmt: skip
def test_codes_in_a_csv_that_was_made_for_a_spreadsheet(row: int, column: str, right: str) -> None:
    assert donation("10_csv_formula_wrapped_codes").is_right_or_reported(row, column, right)


@pytest.mark.parametrize(("row", "columns"), [
    (3, ("donor_name_key", "goods_name", "receipt_code", "remark")),
    (4, ("donor_name_key", "goods_name", "project_code", "receipt_code", "remark")),
    (5, ("goods_name", "receipt_code", "remark")),
])  # fmt: skip
def test_words_for_null_are_null(row: int, columns: tuple[str, ...]) -> None:
    found = donation("11_csv_null_literals")
    if row not in found.rows:
        # A donation for a purpose without its project breaks a rule: the row is held back for that.
        assert {issue.column for issue in found.issues if issue.row == row} == {"project_code"}
        return
    for column in columns:
        assert found.rows[row][column] is None or found.at(row, column.removesuffix("_key")), column


def test_a_village_committee_has_a_credit_code() -> None:
    found = donation("14_uscc_of_village_committee")
    assert sorted(found.rows) == [2, 3, 4]
    assert found.rows[3]["donor_uscc"] == "54441302ME000001XQ"
    assert found.issues == ()


def test_the_dot_of_a_name_has_many_forms_and_one_key() -> None:
    found = donation("15_name_dot_variants")
    assert len(found.rows) >= 7
    assert len({row["donor_name_key"] for row in found.rows.values()}) == 1


def test_an_extension_in_capitals_is_the_same_extension(tmp_path: Path) -> None:
    report = contract("casework")
    (document,) = (CASES / "19_uppercase_extension").glob("*.XLSX")
    drop = tmp_path / report.source.folder / "2023-05"
    drop.mkdir(parents=True)
    shutil.copy2(document, drop)
    settings = Settings(
        home=tmp_path / "home", warehouse_url="", pii_key=b"", connections={report.source.connection: f"file://{tmp_path}"}
    )
    with open_source(report, settings) as source:
        pull = source.pull(None, frozenset(), None)
    named = [
        (Path(remote_document.uri).name, remote_document.unit, remote_document.period)
        for remote_document in (*pull.remote_documents,)
    ]
    assert named == [(document.name, "4413", MAY)] or [Path(uri).name for uri in pull.waiting] == [document.name]
    assert pull.unmatched == ()


def test_records_without_their_optional_fields_are_complete() -> None:
    found = check(CASES / "24_json_api_leaves_nulls_out" / "social_organization.jsonl", contract("social_organization"))
    assert found.checked.refusal is None
    assert len(found.rows) == 3
    assert [row["organization_name"] for row in found.rows.values()] == ["协会1", "协会2", "协会3"]
    assert {row[name] for row in found.rows.values() for name in ("remark", "supervisor_name", "address_key")} == {None}


def test_the_format_of_a_differential_style_is_not_that_of_a_cell(expectations: Mapping[str, Report]) -> None:
    found = table("dxf_number_format.xlsx", expectations["t_dxf"])
    assert [str(day) for (day,) in values(found, "reg_date")] == ["2023-05-01", "2023-05-02", "2023-05-03"]
    assert values(found, "done_pct") == [(Decimal(50),)] * 3
    assert found.issues == ()


def test_a_date_alone_in_the_middle_is_a_row(expectations: Mapping[str, Report]) -> None:
    found = table("v7_date_only_row_in_the_middle.xlsx", relaxed(expectations["m_dreq"]))
    assert sorted(found.rows) == [2, 4, 5]
    assert [issue.severity for issue in found.at(3, "amount_yuan")] == [Severity.ERROR]


def test_closing_lines_are_no_rows(expectations: Mapping[str, Report]) -> None:
    found = table("closing_lines_as_rows.xlsx", expectations["m_close"])
    rows = values(found, "donor_name", "amount_yuan", "amount_usd")
    assert rows == [("甲公司", 1, None), ("乙公司", 2, None), ("丙公司", None, 3)]
    assert found.checked.rejected_rows == 0


def test_an_amount_merged_over_rows_counts_once_at_most(expectations: Mapping[str, Report]) -> None:
    found = table("v6_merged_two_amounts.xlsx", relaxed(expectations["m_merge3"]))
    loaded = [row["amount_yuan"] for row in found.rows.values() if row["amount_yuan"] is not None]
    assert loaded in ([], [Decimal(314)])
    assert loaded or found.checked.refusal or found.checked.rejected_rows == 3
    assert any(issue.column == "amount_yuan" for issue in found.issues) or found.checked.refusal


def test_a_total_in_prose_is_checked(expectations: Mapping[str, Report], tmp_path: Path) -> None:
    report = expectations["m_foot"]
    found = table("footer_with_count_and_total.xlsx", report)
    assert len(values(found, "amount_yuan")) == 10
    assert found.issues == ()
    book = openpyxl.load_workbook(TABLES / "footer_with_count_and_total.xlsx")
    book.active["B12"] = "总金额11"
    book.save(tmp_path / "other.xlsx")
    wrong = check(tmp_path / "other.xlsx", report)
    assert len(values(wrong, "amount_yuan")) == 10
    assert [issue.row for issue in wrong.issues] == [12]


def test_letter_codes_with_gaps_are_a_code_row(expectations: Mapping[str, Report]) -> None:
    found = table("letter_codes_with_gaps.xlsx", expectations["m_code"])
    assert values(found, "item_no", "thing_name") == [(number, f"会{number}") for number in range(1, 9)]
    assert found.issues == ()


def test_a_new_report_takes_a_header_of_two_rows(tmp_path: Path) -> None:
    sample = TABLES / "two_row_header_for_new_report.xlsx"
    (path,) = scaffold_report(tmp_path, system="charity", name="day_gifts", code="CH79", samples=[sample])
    report = load_reports(tmp_path / "expectations")["day_gifts"]
    assert path.is_file()
    headers = [column.header for column in report.columns]
    assert headers[:2] == ["序号", "日期"]
    ends = [(header[:2], header[-2:]) for header in headers[2:]]
    assert ends == [("现金", "人数"), ("现金", "金额"), ("银行", "人数"), ("银行", "金额")]
    found = check(sample, report, Period.parse("2020-01"))
    assert found.checked.refusal is None
    (row,) = found.rows.values()
    number, day, *amounts = (str(row[column.name]) for column in report.columns)
    assert (number, day, list(map(Decimal, amounts))) == ("1", "2020-01-24", [1, 2, 3, 4])


def test_separators_never_join_two_words(expectations: Mapping[str, Report]) -> None:
    found = table("vt_and_line_separator.csv", expectations["t_quod"])
    assert [name for (name,) in values(found, "thing_name")] == ["甲", "乙", "丙"]
    for row, joined in zip(found.rows, ("ab", "cd", "ef"), strict=True):
        loaded = found.rows[row]["remark"]
        assert (loaded[0], loaded[-1]) == (joined[0], joined[-1])
        assert loaded != joined or found.at(row, "remark"), joined


def test_a_text_may_begin_as_an_archive_does(expectations: Mapping[str, Report]) -> None:
    found = table("csv_begins_with_PK.csv", expectations["t_pk"])
    assert values(found, "pk_code", "thing_name", "thing_count") == [("1", "甲", 2), ("2", "乙", 3)]
    assert found.issues == ()


def relaxed(report: Report) -> Report:
    return report.model_copy(update={"reject_limit_pct": 100.0})


def test_every_case_is_tried() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in CASES.iterdir() if path.is_dir() and path.name not in text] == []
    documents = [path.name for path in TABLES.iterdir() if path.suffix in {".xlsx", ".csv"}]
    assert len(documents) == 9
    assert [name for name in documents if name not in text] == []
