"""The whole city of three years, document by document: does it hold what it says it holds?"""

import csv
import datetime as dt
import hashlib
import json
import re
import zipfile
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from loaders.contract import FileDrop, load_reports
from loaders.identifiers import is_valid_phone, is_valid_resident_id, is_valid_uscc
from loaders.period import Period
from sample_city.build import build_city
from sample_city.faults import fault_kinds
from sample_city.reference.geography import statutory_towns
from sample_city.reference.timetable import FULL_SPAN, SHANGHAI, Span
from tests.support.city.validated_report import validate_documents

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
REPORTS = load_reports(ROOT / "expectations")
IN_FILES = sorted(name for name, report in REPORTS.items() if isinstance(report.source, FileDrop))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("city")
    assert build_city(home, 7, FULL_SPAN)
    return home


def truth(city: Path, name: str) -> list[dict[str, str]]:
    with (city / "for_tests_only" / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def faults(city: Path) -> list[dict[str, object]]:
    return json.loads((city / "for_tests_only" / "faults.json").read_text(encoding="utf-8"))


def fingerprint(home: Path) -> dict[str, tuple[str, float]]:
    files = [path for folder in ("sftp", "api", "charity", "for_tests_only") for path in (home / folder).rglob("*.*")]
    return {
        str(path.relative_to(home)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime if "sftp" in path.parts else 0,
        )
        for path in files
        if path.is_file()
    }


@pytest.mark.slow
def test_a_smaller_city_has_the_same_documents(city: Path, tmp_path: Path) -> None:
    build_city(tmp_path, 7, Span.parse("2021-01:2021-03"))
    small, whole = fingerprint(tmp_path), fingerprint(city)
    documents = [name for name in small if name.startswith("sftp")]
    assert len(documents) > 40
    assert {name: small[name] for name in documents} == {name: whole[name] for name in documents}


def test_another_seed_is_another_city_in_the_same_folder(tmp_path: Path) -> None:
    span = Span.parse("2021-01:2021-02")
    build_city(tmp_path, 7, span)
    before = fingerprint(tmp_path)
    assert build_city(tmp_path, 8, span)
    after = fingerprint(tmp_path)
    drawn = [name for name in before.keys() & after.keys() if name.startswith("sftp") and "micro_project" not in name]
    assert len(drawn) > 40
    assert all(before[name] != after[name] for name in drawn)


def test_home_visits_round_to_the_published_figure(city: Path) -> None:
    rows = truth(city, "visits")
    assert sum(int(row["home_visit_persons"]) for row in rows) == 287_214
    assert 285_000 <= sum(int(row["rows"]) for row in rows) <= 289_000
    assert len({row["town_code"] for row in rows}) == 71
    months = Counter()
    for row in rows:
        months[row["month"]] += int(row["home_visit_persons"])
    assert len(months) == 36
    assert months["2022-02"] < 0.8 * months["2022-03"]


def test_437_stations_are_alive_at_the_end(city: Path) -> None:
    rows = truth(city, "stations")
    alive = [row for row in rows if not row["closed_date"]]
    assert Counter(row["station_type"] for row in alive) == {"镇街社工站": 71, "村居社工点": 366}
    assert len({row["station_code"] for row in rows}) == len(rows) == 443
    villages = {village.code for town in statutory_towns() for village in town.villages}
    assert {row["village_code"] for row in rows if row["village_code"]} <= villages


def test_all_towns_are_covered_twice_at_the_end_and_few_at_first(city: Path) -> None:
    rows = truth(city, "town_coverage")
    last = [row for row in rows if row["quarter"] == "2023Q4"]
    assert len({row["town_code"] for row in last}) == len(last) == 71
    assert all(row["has_federation"] == row["has_association"] == "True" for row in last)
    first = [row for row in rows if row["quarter"] == "2021Q1"]
    assert sum(row["has_federation"] == "True" for row in first) < 20


def test_54_funds_live_and_raised_exactly_1817_wan(city: Path) -> None:
    rows = truth(city, "funds")
    assert sum(Decimal(row["raised"]) for row in rows) == Decimal("18170000.00")
    latest = {row["fund_no"]: row for row in rows}
    assert len(latest) == 56
    assert sum(not row["ended_on"] for row in latest.values()) == 54
    assert sum(Decimal(row["raised_cum"]) for row in latest.values()) == Decimal("18170000.00")


def test_the_register_holds_valid_codes_that_fit_their_type(city: Path) -> None:
    rows = truth(city, "organizations")
    assert 3_150 <= len(rows) <= 3_210
    assert all(is_valid_uscc(row["uscc"]) for row in rows)
    assert all(is_valid_resident_id(row["legalRepId"]) and is_valid_phone(row["contactPhone"]) for row in rows)
    prefixes = {"社会团体": "51", "民办非企业单位": "52", "民非": "52", "基金会": "53", "其他": "59"}
    assert all(row["uscc"].startswith(prefixes[row["orgType"]]) for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_FILES)
def test_what_was_planted_is_found_and_nothing_else_and_the_truth_is_accepted(city: Path, name: str) -> None:
    judged = validate_documents(city, REPORTS[name])
    assert judged.checked_documents, "the city sends this report"
    assert list(judged.issue_differences()) == []
    assert list(judged.row_differences()) == []


@pytest.mark.parametrize("name", IN_FILES)
def test_three_kinds_of_defect_at_least_are_planted_in_every_report(city: Path, name: str) -> None:
    if name == "micro_project":
        pytest.skip("its documents are given by hand")
    assert len({fault["kind"] for fault in faults(city) if fault["report"] == name}) >= 3


@pytest.mark.parametrize("name", IN_FILES)
def test_every_document_is_named_as_its_contract_says_and_on_time_unless_planted(city: Path, name: str) -> None:
    report, root = REPORTS[name], city / "sftp" / REPORTS[name].system
    late = {fault["uri"] for fault in faults(city) if fault["kind"] == fault_kinds.LATE and fault["report"] == name}
    for path in sorted((root / name).rglob("*.*")):
        uri = str(path.relative_to(root))
        match = re.fullmatch(report.source.pattern, uri.partition("/")[2])
        assert match and match["unit"] in report.units, uri
        arrival_time = dt.datetime.fromtimestamp(path.stat().st_mtime, SHANGHAI).date()
        due = Period.parse(match["period"]).end + timedelta(days=report.due_day)
        assert (arrival_time > due) == (uri in late), uri


def test_most_kinds_of_defect_stand_more_than_once_and_in_several_reports(city: Path) -> None:
    listed = faults(city)
    assert len({fault["id"] for fault in listed}) == len(listed)
    reports: dict[object, set[object]] = {}
    for fault in listed:
        reports.setdefault(fault["kind"], set()).add(fault["report"])
    for kind in (
        fault_kinds.LATE,
        fault_kinds.SAME_FILE_TWICE,
        fault_kinds.CORRECTED,
        fault_kinds.MISSING,
        fault_kinds.DUPLICATE_ROW,
    ):
        assert len(reports[kind]) >= 3, kind
    for kind in (fault_kinds.UNKNOWN_TOWN, fault_kinds.FUTURE_DATE, fault_kinds.MISSING_COLUMN, fault_kinds.UNREADABLE):
        assert len(reports[kind]) >= 2, kind
    assert {fault_kinds.USCC_WRONG, fault_kinds.RESIDENT_ID_WRONG, fault_kinds.CONTROL_TOTAL_OFF} <= set(reports)


def test_planted_rows_stand_where_the_list_says(city: Path) -> None:
    known = {town.code for town in statutory_towns()}
    checked = 0
    for fault in faults(city):
        if fault["report"] != "home_visit" or not fault["row"]:
            continue
        lines = (city / "sftp" / "social_work" / str(fault["uri"])).read_text(encoding="gb18030").splitlines()
        row = dict(zip(lines[0].split(","), lines[int(str(fault["row"])) - 1].split(","), strict=False))
        match fault["kind"]:
            case fault_kinds.UNKNOWN_TOWN:
                assert row["镇（街道）代码"] not in known
            case fault_kinds.RESIDENT_ID_WRONG:
                assert not is_valid_resident_id(row["服务对象身份证号"])
            case fault_kinds.DUPLICATE_ROW:
                assert lines.index(lines[int(str(fault["row"])) - 1]) < int(str(fault["row"])) - 1
            case fault_kinds.TYPE_FAULT:
                assert not row["探访时长（分钟）"].isdigit()
        checked += 1
    assert checked >= 12


def test_planted_cells_of_workbooks_stand_where_the_list_says(city: Path) -> None:
    reports = load_reports(ROOT / "expectations")
    known = {town.code for town in statutory_towns()}
    checked = 0
    for fault in faults(city):
        if fault["report"] not in {"station", "town_coverage"} or fault["sheet"] is None:
            continue
        report = reports[str(fault["report"])]
        sheet = openpyxl.load_workbook(city / "sftp" / report.system / str(fault["uri"]))[str(fault["sheet"])]
        header = report.column(str(fault["column"])).header
        column = next(cell.column for row in sheet.iter_rows(min_row=3, max_row=4) for cell in row if cell.value == header)
        value = sheet.cell(int(str(fault["row"])), column).value
        match fault["kind"], fault["column"]:
            case fault_kinds.UNKNOWN_TOWN, "town_code":
                assert value not in known
            case fault_kinds.UNKNOWN_TOWN, "town_name":
                assert value == "龙湖镇"
            case fault_kinds.DUPLICATE_ROW, _:
                assert value == sheet.cell(int(str(fault["row"])) - 1, column).value
            case fault_kinds.FUTURE_DATE, _:
                assert value.date() > Period.parse(str(fault["period"])).end
            case fault_kinds.TYPE_FAULT, _:
                assert value == "2021年2月30日"
            case fault_kinds.CONTROL_TOTAL_OFF, _:
                rows = range(5 if fault["unit"] == "441322" else 4, int(str(fault["row"])))
                assert sheet.cell(int(str(fault["row"])), 1).value == "合计"
                assert value == 3 + sum(sheet.cell(row, column).value for row in rows)
        checked += 1
    assert checked >= 16


def test_broken_documents_are_broken_and_come_again(city: Path) -> None:
    broken = [d for d in faults(city) if d["expected_state"] == "rejected"]
    assert len(broken) >= 7
    for fault in broken:
        report = REPORTS[str(fault["report"])]
        path = city / "sftp" / report.system / str(fault["uri"])
        again = path.with_stem(f"{path.stem}_更正1")
        assert again.stat().st_mtime > path.stat().st_mtime
        match fault["kind"]:
            case fault_kinds.UNREADABLE if report.format.password is None:
                with pytest.raises(zipfile.BadZipFile):
                    zipfile.ZipFile(path)
                assert zipfile.ZipFile(again).testzip() is None
            case fault_kinds.WRONG_UTF8 | fault_kinds.WRONG_UTF16:
                first_header = report.columns[0].header.encode("gb18030")
                assert first_header not in path.read_bytes()
                assert again.read_bytes().startswith(first_header)


def test_planted_personal_numbers_are_written_down(city: Path) -> None:
    numbers = set((city / "for_tests_only" / "personal_numbers.txt").read_text(encoding="utf-8").split())
    path = next((city / "sftp" / "social_work" / "home_visit" / "2023-05").glob("441302_*.csv"))
    with path.open(encoding="gb18030", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["服务对象身份证号"] for row in rows} <= numbers
    called = [row["发现问题"] for row in rows if "回电" in row["发现问题"]]
    assert len(called) == 2
    assert all(any(number in text for number in numbers if len(number) == 11) for text in called)
