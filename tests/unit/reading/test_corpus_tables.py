"""Real documents of real offices, under contracts written for them; skipped where the corpus is not beside the project."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from loaders.contract import load_report
from loaders.model import Reading, Severity
from loaders.period import Period
from loaders.reading.document import read_document
from loaders.reading.model.requests import ReadRequest
from loaders.settings import PROJECT_ROOT

CORPUS = PROJECT_ROOT.parent / "shared" / "corpus"
CONTRACTS = PROJECT_ROOT / "tests" / "corpus_contracts"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real documents is not beside the project")


def read(pattern: str, report: str) -> Reading:
    path = next(CORPUS.glob(pattern))
    reading = read_document(ReadRequest(path, load_report(CONTRACTS / f"{report}.yml")))
    assert reading.refusal is None, reading.refusal
    assert reading.rows_total == reading.rows.num_rows + sum(reading.furniture.values())
    return reading


def headers(reading: Reading) -> list[tuple[int, int]]:
    return [table.header_rows for table in reading.tables]


def row(reading: Reading, number: int) -> dict[str, str | None]:
    place = reading.rows["_row"].to_pylist().index(number)
    return {name: value for name, value in reading.rows.slice(place, 1).to_pylist()[0].items() if not name.startswith("_")}


def rules(reading: Reading) -> Counter[str]:
    return Counter(issue.rule for issue in reading.issues)


def test_goods_issued_fills_the_receiver_down_its_merge() -> None:
    reading = read("07_*", "goods_issued")
    assert headers(reading) == [(4, 4)]
    assert reading.rows.num_rows == 202
    receivers = reading.rows["receiver_name"].to_pylist()
    assert None not in receivers
    assert Counter(receivers)["武汉市金银潭医院"] == 24
    assert row(reading, 5) == {
        "receiver_name": "同济医院",
        "goods_name": "带阀口罩\u00a0\u00a0KN95",
        "specification": None,
        "measure": "箱",
        "quantity": "15",
    }
    assert reading.period == Period.parse("2020-01")
    assert reading.issues == ()


def test_goods_received_has_a_second_table_and_units_in_its_cells() -> None:
    reading = read("09_*", "goods_received")
    assert headers(reading) == [(6, 6), (159, 159)]
    assert row(reading, 7)["quantity"] == "198件"
    assert row(reading, 9)["donor_name"] == "湖南幻影三陆零农牧科技公司"
    assert reading.furniture == {"title": 3, "blank": 10, "header": 2, "prose": 1, "signature": 2}
    assert rules(reading) == {"merged_amount": 20}


def test_goods_received_in_another_order_gives_the_same_columns() -> None:
    reading = read("10_*", "goods_received")
    assert headers(reading) == [(5, 5)]
    assert reading.tables[0].letters == {
        "goods_name": "A",
        "donor_name": "B",
        "specification": "C",
        "measure": "D",
        "quantity": "E",
    }
    assert row(reading, 18) == {
        "donor_name": "通用电气医疗系统发展（上海）有限公司",
        "goods_name": "病人监护仪\u00a0B850",
        "specification": "台",
        "measure": "台",
        "quantity": "8",
    }
    assert reading.furniture["prose"] == 1


def test_each_of_two_tables_in_one_sheet_is_read_under_its_own_contract() -> None:
    issued = read("12_*", "goods_issued")
    assert headers(issued) == [(4, 4)]
    assert issued.tables[0].last_row == 55
    assert issued.furniture["other_table"] == 10
    assert [row(issued, number)["receiver_name"] for number in (5, 6, 27, 28, 31, 32, 34, 38, 39)] == [
        "武汉市第七医院",
        "武汉市第七医院",
        "武汉市第七医院",
        "武汉市中心医院",
        "武汉市中心医院",
        "武汉市第六医院",
        "火神山医院",
        "广东省医疗队",
        "汉阳市政建设集团有限公司",
    ]
    assert rules(issued) == {"joined_value": 2, "table_left_out": 1}
    received = read("12_*", "goods_received")
    assert headers(received) == [(65, 65)]
    assert received.rows["_row"].to_pylist() == [66, 67]
    assert received.furniture["other_table"] == 57


def test_error_cells_are_errors_and_never_numbers_or_blanks() -> None:
    reading = read("15_*", "reserve_summary")
    assert headers(reading) == [(2, 2), (60, 60)]
    assert set(reading.rows["investment_yuan"].to_pylist()) == {"#REF!"}
    assert rules(reading) == {"error_cell": 62 * 4 + 2 * 4}
    errors = [issue for issue in reading.issues if issue.severity is Severity.ERROR]
    assert len(errors) == 62 * 4
    assert all(issue.cell and issue.found == "#REF!" for issue in errors)
    assert reading.furniture["total"] == 2
    assert reading.furniture["other_sheet"] == 11


def test_group_rows_are_no_projects_and_their_sums_are_checked() -> None:
    reading = read("15_*", "reserve_project")
    assert headers(reading) == [(2, 4)]
    assert reading.rows["_row"].to_pylist() == [9, 10, 11]
    assert reading.furniture == {"other_sheet": 69, "title": 1, "header": 3, "total": 1, "group_row": 3}
    assert {(total.row, total.column, str(total.printed)) for total in reading.control_totals} == {
        (8, "investment_yuan", "466168"),
        (8, "invested_yuan", "65119"),
        (8, "planned_yuan", "85000"),
    }
    assert rules(reading) == {"error_cell": 8}
    assert row(reading, 9)["started_month"] == "2022.04"
    assert row(reading, 9)["bond_progress_pct"] == "70%"
    assert row(reading, 9)["provincial_issued_yuan"] == "50000"
    assert reading.period == Period.parse("2022")


def test_a_header_of_years_over_values_is_read_by_its_paths() -> None:
    reading = read("16_*", "investment_progress")
    assert headers(reading) == [(3, 4)]
    assert reading.rows.num_rows == 19
    assert row(reading, 6)["done_2022_03_yuan"] == "120"
    assert {name: int(scale) for name, scale in reading.tables[0].scales.items()} == dict.fromkeys(
        ("done_2021_yuan", "done_2022_02_yuan", "done_2022_03_yuan", "month_2022_03_yuan"), 100_000_000
    )
    totals = {issue.column: (issue.found, issue.expected) for issue in reading.issues if issue.rule == "control_total"}
    assert totals["done_2021_yuan"] == ("7", "19114")
    assert reading.furniture["other_sheet"] == 31


def test_a_header_of_four_rows_ends_in_units_and_choices() -> None:
    reading = read("17_*", "quarter_debt")
    assert headers(reading) == [(1, 4)]
    assert reading.rows.num_rows == 444
    assert {name: int(scale) for name, scale in reading.tables[0].scales.items()} == {"defaulted_yuan": 100_000_000}
    assert row(reading, 6) == {
        "city_name": "贵阳市",
        "county_name": "南明区",
        "quarter": "2021年第3季度",
        "defaulters_count": "3",
        "defaulted_yuan": "4",
        "risk_kind": "技术违约",
        "risk_product": "非标集合产品",
        "coordination": "弱",
        "has_convertible_record": "否",
        "business_coordination": "弱",
        "repayment_coordination": "弱",
        "system_state": "部署中",
    }
    assert reading.furniture == {"header": 4, "other_sheet": 22}


def test_a_csv_in_gb18030_keeps_every_record_whole() -> None:
    reading = read("23_*", "covid_counts")
    with next(CORPUS.glob("23_*")).open(encoding="gb18030", newline="") as file:
        records = list(csv.reader(file))
    assert reading.rows_total == len(records)
    remarks = [text for text in reading.rows["remark"].to_pylist() if text]
    assert remarks == [text for text in (record[10].strip() for record in records[1:]) if text]
    assert any("\n" in value for name in reading.rows.column_names[2:] for value in reading.rows[name].to_pylist() if value)
    assert reading.issues == ()


def test_an_et_file_is_found_by_its_bytes() -> None:
    reading = read("25_*", "functions")
    assert reading.rows["result"].to_pylist() == ["2", "#VALUE!"]
    assert [(issue.rule, issue.cell) for issue in reading.issues] == [("error_cell", "C3")]
