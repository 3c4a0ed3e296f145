"""The desk of an office: what it plants, where, what it keeps as the truth, and what it delivers when."""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from loaders.contract import Report, load_report
from loaders.period import Period
from sample_city.city import City
from sample_city.civil_affairs.organizations.social_organizations import build_register
from sample_city.civil_affairs.organizations.trainings import build_trainings
from sample_city.civil_affairs.villages.pairing_plan import plan_pairings
from sample_city.civil_affairs.villages.pairings import build_pairing_inputs, build_pairings
from sample_city.civil_affairs.villages.task_force import build_task_force
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.facts import Facts
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import BETWEEN, IN_PERIOD, UNIQUE
from sample_city.faults.fault import Fault, FaultPlan
from sample_city.reference.timetable import FULL_SPAN, SHANGHAI, Span

CONTRACT = """\
# yaml-language-server: $schema=../report.schema.json
name: gift
code: CA99
system: civil_affairs
title: {zh: 捐赠表, en: Gifts}
grain: {zh: 一笔一行, en: one row per gift}
owner: {role: {zh: 科, en: office}, email: gift@example.org}
cadence: monthly
due_day: 5
unit_level: city
period_kind: month
source: {kind: file_drop, connection: c_sftp, folder: gift, pattern: "(?P<period>.*)/(?P<unit>4413)_.*"}
format: {kind: workbook}
layouts:
  - {name: old, until: 2023-01, headers: {amount_yuan: 金额（万元）}, without: [is_public]}
  - {name: new, since: 2023-02}
replaces: REPLACES
columns:
  - {name: period_month, header: 月份, type: month, required: true, key: true}
  - {name: gift_code, header: 编号, required: true, key: true}
  - {name: given_date, header: 日期, type: date, required: true}
  - {name: amount_yuan, header: 捐赠金额（万元）, type: decimal, unit: 元, printed_unit: 万元, shape: [18, 2]}
  - {name: is_public, header: 是否公示, type: boolean}
rules:
  - expect: expect_column_values_to_be_in_document_period
    arguments: {column: given_date}
    meaning: {zh: 在月内, en: in the month}
  - expect: expect_column_values_to_be_between
    arguments: {column: amount_yuan, min_value: 1}
    meaning: {zh: 大于零, en: above nothing}
"""
JANUARY, FEBRUARY = Period.parse("2023-01"), Period.parse("2023-02")
TEMPLATE = FormTemplate("捐赠表", "捐赠表", totals=("amount_yuan",))


@pytest.fixture
def city(tmp_path: Path) -> City:
    return City(tmp_path, 7, FULL_SPAN, Facts())


def gifts(tmp_path: Path, replaces: str = "period") -> Report:
    path = tmp_path / "civil_affairs" / "gift.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(CONTRACT.replace("REPLACES", replaces), encoding="utf-8")
    return load_report(path)


def rows_of(month: Period, count: int = 6) -> list[dict[str, Any]]:
    return [
        {
            "period_month": str(month),
            "gift_code": f"G{month.ordinal}-{number}",
            "given_date": month.start + dt.timedelta(days=number),
            "amount_yuan": Decimal(10_000 * number),
            "is_public": number % 2 == 0,
        }
        for number in range(1, count + 1)
    ]


def sent(
    city: City, report: Report, kinds: FaultPlan, template: FormTemplate = TEMPLATE, months: Sequence[Period] = (JANUARY,)
) -> list[dict[str, str]]:
    writer = DocumentWriter(city, report, template, kinds)
    for month in months:
        writer.write(Submission("4413", month, complete_records(report, rows_of(month))))
    writer.write_truth()
    return truth(city, "gift")


def truth(city: City, name: str) -> list[dict[str, str]]:
    text = (city.folder / "for_tests_only" / "truth" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def documents(city: City) -> dict[str, Path]:
    return {path.name: path for path in sorted((city.folder / "sftp").rglob("*.*"))}


def cells(path: Path) -> list[list[Any]]:
    """The cells of each row of the first sheet, without the blank ones behind the last."""
    rows = [list(row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]
    return [row[: max((at for at, value in enumerate(row, 1) if value is not None), default=0)] for row in rows]


def planted(city: City) -> list[tuple[str, int, str, str]]:
    return [(d["kind"], d["row"], d["column"], d["expected_rule"]) for d in city.log.records() if d["row"]]


def test_a_form_is_printed_in_its_units_and_words_and_by_the_layout_of_its_time(city: City, tmp_path: Path) -> None:
    sent(city, gifts(tmp_path), {}, months=(JANUARY, FEBRUARY))
    old, new = (cells(documents(city)[f"4413_捐赠表_{month}.xlsx"]) for month in (JANUARY, FEBRUARY))
    assert old[2] == ["序号", "月份", "编号", "日期", "金额（万元）"]
    assert new[2] == ["序号", "月份", "编号", "日期", "捐赠金额（万元）", "是否公示"]
    assert new[4] == [2, "2023年2月", "G2-2", dt.datetime(2023, 2, 3), 2, "是"]  # noqa: DTZ001  as a workbook gives it
    assert old[9][0] == "合计"
    assert old[9][4] == 21


def test_faulty_rows_stand_where_the_log_says_and_are_not_true(city: City, tmp_path: Path) -> None:
    accepted = sent(city, gifts(tmp_path), {("4413", "2023-01"): (fault_kinds.DUPLICATE_ROW, fault_kinds.OUT_OF_RANGE)})
    sheet = cells(documents(city)["4413_捐赠表_2023-01.xlsx"])
    assert planted(city) == [
        (fault_kinds.DUPLICATE_ROW, 7, "gift_code", UNIQUE),
        (fault_kinds.OUT_OF_RANGE, 11, "amount_yuan", BETWEEN),
    ]
    assert sheet[6][2] == sheet[5][2] == "G1-3", "below the row that it repeats"
    assert (sheet[10][2], sheet[10][4]) == ("G1-6X2", 0), "under a key of its own"
    assert [(row["gift_code"], row["row"]) for row in accepted] == [
        ("G1-1", "4"), ("G1-2", "5"), ("G1-3", "6"), ("G1-4", "8"), ("G1-5", "9"), ("G1-6", "10"),
    ]  # fmt: skip
    assert {d["expected_state"] for d in city.log.records()} == {"accepted_with_rejects"}


def test_a_fault_in_place_takes_the_sound_row_away_and_a_warning_leaves_it(city: City, tmp_path: Path) -> None:
    later = Fault("later", {"given_date": dt.date(2023, 3, 1)}, [("given_date", IN_PERIOD)], in_place=True)
    large = Fault("large", {"amount_yuan": Decimal(9)}, [("amount_yuan", BETWEEN)], in_place=True, is_warning=True)
    accepted = sent(city, gifts(tmp_path), {("4413", "2023-01"): (later, large)})
    assert [row["gift_code"] for row in accepted] == ["G1-1", "G1-2", "G1-4", "G1-5", "G1-6"]
    assert accepted[-1]["amount_yuan"] == "9"
    assert [row["row"] for row in accepted] == ["4", "5", "7", "8", "9"]
    assert planted(city) == [("large", 9, "amount_yuan", BETWEEN), ("later", 6, "given_date", IN_PERIOD)]


def test_a_page_that_is_too_short_for_its_faults_carries_those_that_find_a_sound_record(city: City, tmp_path: Path) -> None:
    report = gifts(tmp_path)
    later = Fault("later", {"given_date": dt.date(2023, 3, 1)}, [("given_date", IN_PERIOD)], in_place=True)
    writer = DocumentWriter(city, report, TEMPLATE, {("4413", "2023-01"): (later, later, later), ("4413", "2023-02"): (later,)})
    writer.write(Submission("4413", JANUARY, complete_records(report, rows_of(JANUARY, 2))))
    writer.write(Submission("4413", FEBRUARY, complete_records(report, [])))
    writer.write_truth()
    assert sorted(planted(city)) == [("later", 4, "given_date", IN_PERIOD), ("later", 5, "given_date", IN_PERIOD)]
    assert truth(city, "gift") == []


def test_two_rows_of_headers_and_a_sheet_for_each_name_move_the_rows(city: City, tmp_path: Path) -> None:
    template = FormTemplate(
        "捐赠表",
        "捐赠表",
        groups=(("given_date", "amount_yuan", "捐赠"),),
        sheet_of=lambda row: "双" if row["is_public"] else "单",
    )
    accepted = sent(city, gifts(tmp_path), {("4413", "2023-01"): (fault_kinds.DUPLICATE_ROW,)}, template)
    assert [(row["sheet"], row["row"], row["gift_code"]) for row in accepted] == [
        ("单", "5", "G1-1"), ("单", "6", "G1-3"), ("单", "7", "G1-5"),
        ("双", "5", "G1-2"), ("双", "6", "G1-4"), ("双", "7", "G1-6"),
    ]  # fmt: skip
    assert planted(city) == [(fault_kinds.DUPLICATE_ROW, 8, "gift_code", UNIQUE)]


def test_a_correction_brings_the_row_that_was_forgotten_a_day_later(city: City, tmp_path: Path) -> None:
    accepted = sent(city, gifts(tmp_path), {("4413", "2023-01"): (fault_kinds.CORRECTED,)})
    first, second = documents(city)["4413_捐赠表_2023-01.xlsx"], documents(city)["4413_捐赠表_2023-01_更正1.xlsx"]
    assert [row[2] for row in cells(first)[3:8]] == ["G1-1", "G1-2", "G1-3", "G1-4", "G1-5"]
    assert cells(second)[8][2] == "G1-6"
    assert len(accepted) == 6
    assert second.stat().st_mtime - first.stat().st_mtime == 30 * 3600
    assert [d["expected_state"] for d in city.log.records()] == ["superseded"]


def test_documents_come_late_twice_broken_or_not_at_all(city: City, tmp_path: Path) -> None:
    march, april = Period.parse("2023-03"), Period.parse("2023-04")
    kinds: FaultPlan = {
        ("4413", "2023-01"): (fault_kinds.LATE,),
        ("4413", "2023-02"): (fault_kinds.SAME_FILE_TWICE,),
        ("4413", "2023-03"): (fault_kinds.MISSING_COLUMN,),
        ("4413", "2023-04"): (fault_kinds.MISSING,),
    }
    accepted = sent(city, gifts(tmp_path), kinds, months=(JANUARY, FEBRUARY, march, april))
    sent_documents = documents(city)
    assert len(sent_documents) == 5
    arrival_time = dt.datetime.fromtimestamp(sent_documents["4413_捐赠表_2023-01.xlsx"].stat().st_mtime, SHANGHAI)
    assert arrival_time.date() == dt.date(2023, 2, 16)
    assert sent_documents["4413_捐赠表_2023-02_重发.xlsx"].read_bytes() == sent_documents["4413_捐赠表_2023-02.xlsx"].read_bytes()
    assert "捐赠金额（万元）" in cells(sent_documents["4413_捐赠表_2023-03_更正1.xlsx"])[2]
    assert "日期" not in cells(sent_documents["4413_捐赠表_2023-03.xlsx"])[2]
    assert {row["period"] for row in accepted} == {"2023-01", "2023-02", "2023-03"}


def test_of_a_register_the_last_document_is_true_also_of_several_in_a_month(city: City, tmp_path: Path) -> None:
    report = gifts(tmp_path, "register")
    writer = DocumentWriter(city, report, TEMPLATE, {("4413", "2023-02-10"): (fault_kinds.DUPLICATE_ROW,)})
    writer.write(Submission("4413", JANUARY, complete_records(report, rows_of(JANUARY))))
    for day, count in ((3, 2), (10, 4)):
        writer.write(Submission("4413", FEBRUARY, complete_records(report, rows_of(FEBRUARY, count)), dt.date(2023, 2, day)))
    writer.write_truth()
    assert [row["gift_code"] for row in truth(city, "gift")] == ["G2-1", "G2-2", "G2-3", "G2-4"]
    weekly = documents(city)["4413_捐赠表_20230210.xlsx"]
    assert weekly.parent.name == "2023-02"
    assert dt.datetime.fromtimestamp(weekly.stat().st_mtime, SHANGHAI) == dt.datetime(2023, 2, 10, 10, tzinfo=SHANGHAI)
    assert [d["uri"] for d in city.log.records()] == ["gift/2023-02/4413_捐赠表_20230210.xlsx"]


def test_a_row_that_says_what_the_contract_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="gift_colour"):
        complete_records(gifts(tmp_path), [{"gift_colour": "red"}])


def small_city(home: Path, span: Span = FULL_SPAN, *, seed: int = 7, facts: Facts | None = None) -> City:
    """The city's register, trainings, task force, pairings and inputs alone."""
    city = City(home, seed, span, facts or Facts())
    build_register(city)
    pairings = plan_pairings(city)
    build_trainings(city)
    build_task_force(city)
    build_pairings(city, pairings)
    build_pairing_inputs(city, pairings)
    return city


def test_a_shorter_city_has_the_same_documents_and_faults_as_far_as_it_goes(tmp_path: Path) -> None:
    short, longer = (small_city(tmp_path / end, Span.parse(f"2021-01:{end}")) for end in ("2021-08", "2021-11"))
    ours = {name: path.read_bytes() for name, path in documents(short).items()}
    assert len(ours) == 32, "four reports of eight months"
    theirs = documents(longer)
    assert ours == {name: theirs[name].read_bytes() for name in ours}
    faults = [(d["uri"], d["row"], d["kind"]) for d in longer.log.records() if d["uri"] and d["uri"].split("/")[1] <= "2021-08"]
    assert len(faults) == 7
    assert [(d["uri"], d["row"], d["kind"]) for d in short.log.records() if d["uri"]] == faults


def test_other_facts_and_another_seed_make_another_city_that_adds_up(tmp_path: Path) -> None:
    facts = Facts(
        training_sessions=20, training_attendance_persons=1_001, pairing_organizations=12, pairing_fund_yuan=3_000_050,
        task_force_departments=12, principal_visits=40,
    )  # fmt: skip
    city = small_city(tmp_path, seed=11, facts=facts)
    trainings = truth(city, "training")
    assert sum(int(row["session_count"]) for row in trainings) == 20
    assert sum(int(row["attendance_persons"]) for row in trainings) == 1_001
    assert len({row["uscc"] for row in truth(city, "pairing") if row["status"] == "结对中"}) == 12
    money = [Decimal(row["amount_yuan"]) for row in truth(city, "pairing_input") if row["input_type"] == "资金"]
    assert sum(money) == 3_000_050
    force = truth(city, "task_force")
    assert len({row["dept_name"] for row in force if row["record_type"] == "派驻部门"} - {"惠州市民政局"}) == 12
    principal = [row for row in force if row["leader_post"] == "主要负责同志" and row["town_name"] == "芦洲镇"]
    assert len(principal) == 40
