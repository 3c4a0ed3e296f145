"""The spells of divisions: what was where and under which code, and which code a document of a period may name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.contract import Report
from loaders.divisions import Divisions, DivisionSpellError
from loaders.model import ValidationResult
from loaders.period import Period
from loaders.validation import ValidationInput, Validator
from tests.dbt.hierarchy_by_hand import AreasOfTheTime
from tests.support.validation.readings import KEY, make_reading, make_report

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
HEAD = "code,name,short_name,level,kind,is_statutory,parent_code,zone_code,valid_from_date,valid_until_date,successor_code,note\n"
# A town with a new code, a village that came from another town, two towns that a third one took in.
LINES = (
    "441302199,芦洲乡,旧芦洲,town,乡,1,441302,,,2021-06-30,441302112,",
    "441302112,,,,,,441302,,2021-07-01,,,",
    "441322102201,,,,,,441322100,,,2022-03-14,,",
    "441322198,甲镇,甲,town,镇,1,441322,,,2020-12-31,441322104,",
    "441322197,乙镇,乙,town,镇,1,441322,,,2022-06-30,441322104,",
)
TOWN = {"name": "town_code", "header": "镇代码", "type": "division_code", "known_in": "divisions.town"}
TOWN_NAME = {"name": "town_name", "header": "镇名", "type": "text", "known_in": "divisions.town_name"}


def write(folder: Path, *lines: str, head: str = HEAD) -> Path:
    (folder / "division_spells.csv").write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    path = folder / "divisions.csv"
    path.write_bytes((SEEDS / "divisions.csv").read_bytes())
    return path


@pytest.fixture(scope="module")
def divisions(tmp_path_factory: pytest.TempPathFactory) -> Divisions:
    return Divisions.load(write(tmp_path_factory.mktemp("spells"), *LINES))


def test_the_lists_have_what_is_closed(divisions: Divisions) -> None:
    assert {"441302199", "441302112"} <= divisions.codes_in_list("divisions.town")
    assert "441302199" not in divisions.codes_in_list("divisions.county")
    assert {"芦洲乡", "旧芦洲", "芦洲镇"} <= divisions.codes_in_list("divisions.town_name")
    assert divisions.code_of("441302199000") == divisions.code_of("441302199") == "441302199"
    assert divisions.code_of("441302112000") == "441302112"
    assert divisions.code_of("441302198") is None


@pytest.mark.parametrize(
    ("code", "day", "stood_for_it"),
    [
        ("441302199", "2021-06-30", None),
        ("441302199", "2021-07-01", "441302112"),
        ("441302112", "2021-06-30", "441302199"),
        ("441322198", "2022-01-01", "441322104"),
        ("441322104", "2020-01-01", None),
    ],
)
def test_what_stood_for_a_division_on_a_day(divisions: Divisions, code: str, day: str, stood_for_it: str | None) -> None:
    assert divisions.history.counterpart(code, dt.date.fromisoformat(day)) == stood_for_it


@pytest.fixture(scope="module")
def areas() -> AreasOfTheTime:
    """Another reading of the same lists."""
    return AreasOfTheTime(SEEDS / "divisions.csv", HEAD + "\n".join(LINES))


@settings(deadline=None)
@given(st.dates(dt.date(2019, 1, 1), dt.date(2024, 1, 1)), st.sampled_from([line.split(",")[0] for line in LINES]))
def test_exactly_one_of_a_division_and_its_counterpart_exists(
    divisions: Divisions, areas: AreasOfTheTime, day: dt.date, code: str
) -> None:
    history = divisions.history
    existed = history.existed(code, day, day)
    other = history.counterpart(code, day)
    assert existed is (other is None)
    assert other is None or history.existed(other, day, day)
    assert (code in areas.above(code, day)) is existed
    assert other is None or other in areas.above(code, day)


def test_a_closed_unit_is_known_and_lies_where_it_lay(divisions: Divisions) -> None:
    assert divisions.unit_code_for("441302199") == "441302199"
    assert divisions.is_same_or_nested("441302199", "441302")
    assert not divisions.is_same_or_nested("441302199", "441303")


def test_a_deployment_without_the_file_has_no_spells() -> None:
    assert Divisions.load(SEEDS / "divisions.csv").history.all == ()


@pytest.mark.parametrize(
    ("lines", "detail"),
    [
        (
            ["441302112,,,,,,441302,,2021-13-01,,,"],
            'line 2: valid_from_date: expected a day like 2023-05-31 or nothing, found "2021',
        ),
        (["441302112,,,,,,,,,2021-01-01,,"], "line 2: expected a value in parent_code, found nothing"),
        (["441302199,旧,,,,1,441302,,,2021-01-01,441302112,"], "line 2: expected a value in level, found nothing"),
        (["441302199,旧,,town,,1,441302,,,,441302112,"], "line 2: expected a value in valid_until_date, found nothing"),
        (["441302112,,,,,,441302,,2021-02-01,2021-01-01,,"], "expected valid_until_date not before valid_from_date"),
        (["441302112,,,,,,441303,,,,,"], "expected the parent_code and zone_code of the list, 441302 and none"),
        (["441302112,,,,,,441399,,,2021-01-01,,"], "parent_code: expected a code of a division, found 441399"),
        (["441302112,,,,,,441302,,,2021-01-01,,", "441302112,,,,,,441302,,2021-01-01,2021-02-01,,"], "overlap"),
        (["441302199,旧,,town,,1,441302,,,2021-01-01,,"], "expected a successor_code at …–2021-01-01, found nothing"),
        (["441302199,旧,,town,,1,441302,,,2021-01-01,44130,"], "successor_code: expected a code of a division, found 44130"),
        (
            ["441302199,旧,,town,,1,441302,,,2021-01-01,441302112,", "441302112,,,,,,441302,,2021-02-01,,,"],
            "successor_code: expected a division that exists on 2021-01-02, found 441302112",
        ),
        (["441302112"], "line 2: expected 12 fields, found fewer"),
    ],
)
def test_each_fault_of_a_list_is_named_by_its_line(tmp_path: Path, lines: list[str], detail: str) -> None:
    with pytest.raises(DivisionSpellError) as raised:
        Divisions.load(write(tmp_path, *lines))
    assert detail in str(raised.value)


def test_a_list_without_its_columns(tmp_path: Path) -> None:
    with pytest.raises(DivisionSpellError, match="found none named name, short_name"):
        Divisions.load(write(tmp_path, head="code\n"))


def validated(divisions: Divisions, report: Report, period: str | None, *rows: dict[str, str | None]) -> ValidationResult:
    item = ValidationInput(make_reading(report, rows), "441302", Period.parse(period) if period else None)
    return Validator(report, divisions, KEY, prefer_pandas=True).validate([item])[0]


def test_a_code_of_the_documents_period_is_taken_as_it_is(divisions: Divisions) -> None:
    for period, code in (
        ("2021-06", "441302199"),
        ("2021-07", "441302112"),
        ("2021Q3", "441302112"),
        ("2021-06", "441302199000"),
    ):
        result = validated(divisions, make_report(TOWN, period_kind=Period.parse(period).kind), period, {"town_code": code})
        assert result.issues == ()
        assert result.accepted.column("town_code").to_pylist() == [code[:9]]


def test_a_code_of_another_time_is_rejected_with_the_one_that_was_valid(divisions: Divisions) -> None:
    rows: list[dict[str, str | None]] = [{"town_code": code} for code in ("441302199", "441322197", "441302112", None)]
    result = validated(divisions, make_report(TOWN), "2021-07", *rows)
    (issue,) = result.issues
    assert (issue.rule, issue.found) == ("division_not_valid", "441302199")
    assert "441302112" in issue.message_zh and "2021-07" in issue.message_en
    assert result.accepted.column("town_code").to_pylist() == ["441322197", "441302112", None]
    (early,) = validated(divisions, make_report(TOWN), "2021-06", {"town_code": "441302112"}).issues
    assert early.rule == "division_not_valid" and "441302199" in early.message_en


def test_a_document_without_a_period_may_name_any(divisions: Divisions) -> None:
    result = validated(divisions, make_report(TOWN), None, {"town_code": "441302199"}, {"town_code": "441302112"})
    assert result.issues == ()


def test_a_former_name_is_a_name_of_the_list(divisions: Divisions) -> None:
    assert validated(divisions, make_report(TOWN_NAME), "2021-06", {"town_name": "芦洲乡"}).issues == ()
