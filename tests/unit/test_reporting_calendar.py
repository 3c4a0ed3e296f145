"""Which periods a report is owed for, and by which day: the contract, the working days of China, the deployment's first year."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from loaders.contract import DueRule, Report
from loaders.period import Period
from loaders.schedule import ReportingCalendar, WorkingDays, WorkingDaysError, cron_of
from loaders.settings import PROJECT_ROOT

ARRANGEMENTS = PROJECT_ROOT / "dbt_project" / "engine" / "seeds" / "holiday_arrangements.csv"
HOME_VISIT = yaml.safe_load((PROJECT_ROOT / "expectations" / "social_work" / "home_visit.yml").read_text(encoding="utf-8"))
day = dt.date.fromisoformat


@pytest.fixture(scope="module")
def china() -> WorkingDays:
    return WorkingDays.load(ARRANGEMENTS)


def report(**changes: Any) -> Report:
    return Report.model_validate(HOME_VISIT | changes)


@pytest.mark.parametrize(
    ("rule", "due_day", "period", "expected"),
    [
        (DueRule.CALENDAR_DAY, 5, "2023-09", "2023-10-05"),
        (DueRule.NEXT_WORKING_DAY, 5, "2023-09", "2023-10-07"),
        (DueRule.NEXT_WORKING_DAY, 5, "2023-08", "2023-09-05"),
        (DueRule.WORKING_DAY, 5, "2023-09", "2023-10-11"),
        (DueRule.WORKING_DAY, 1, "2022-12", "2023-01-03"),
        (DueRule.WORKING_DAY, 17, "2023-05", "2023-06-26"),
    ],
)
def test_due_days_follow_the_calendar_of_china(
    china: WorkingDays, rule: DueRule, due_day: int, period: str, expected: str
) -> None:
    """The national holiday of 2023 is 29 September to 6 October; 7 and 8 October, a weekend, are worked."""
    found = ReportingCalendar(working_days=china).due_date(report(due_rule=rule, due_day=due_day), Period.parse(period))
    assert found == day(expected)


def test_a_year_that_is_not_announced_has_weekends_only_and_is_marked(china: WorkingDays) -> None:
    calendar = ReportingCalendar(working_days=china)
    late = report(due_rule="working_day", due_day=5, first_period="2028-12")
    (december,) = calendar.owed_periods(late, None, day("2028-12-31"))
    assert (december.due_date, december.is_calendar_announced) == (day("2029-01-05"), False)
    (plain,) = calendar.owed_periods(report(first_period="2028-12"), None, day("2028-12-31"))
    assert (plain.due_date, plain.is_calendar_announced) == (day("2029-01-05"), True), "no working day is counted"


@pytest.mark.parametrize(
    ("first_period", "received", "first_year", "expected"),
    [
        ("2022-03", "2021-05-01", 2021, "2022-03"),
        (None, "2021-05-01", 2021, "2021-05"),
        (None, None, 2021, "2021-01"),
        (None, "2019-05-01", 2021, "2021-01"),
        (None, "2019-05-01", None, "2019-05"),
        (None, None, None, None),
    ],
)
def test_a_report_is_owed_from_its_contract_its_first_document_or_the_first_year(
    first_period: str | None, received: str | None, first_year: int | None, expected: str | None
) -> None:
    calendar = ReportingCalendar(first_year=first_year)
    first = calendar.first_period(report(first_period=first_period), day(received) if received else None)
    assert first == (Period.parse(expected) if expected else None)


@pytest.mark.parametrize(
    ("kind", "today", "expected"),
    [
        ("month", "2023-01-31", ["2022-12", "2023-01"]),
        ("quarter", "2023-04-01", ["2022Q4", "2023Q1", "2023Q2"]),
        ("half", "2023-06-30", ["2022H2", "2023H1"]),
        ("year", "2023-01-01", ["2022", "2023"]),
    ],
)
def test_every_period_that_has_begun_is_owed(kind: str, today: str, expected: list[str]) -> None:
    calendar = ReportingCalendar(first_year=2020)
    found = calendar.owed_periods(report(period_kind=kind), day("2022-12-31"), day(today))
    assert [str(one.period) for one in found] == expected


@pytest.mark.parametrize("changes", [{"cadence": "ad_hoc"}, {"period_kind": None, "replaces": "nothing", "rules": []}])
def test_without_a_cadence_or_periods_nothing_is_owed(changes: dict[str, Any]) -> None:
    source = HOME_VISIT["source"] | {"pattern": r"(?P<unit>\d{6})_[^/]*\.csv"}
    calendar = ReportingCalendar(first_year=2023)
    assert list(calendar.owed_periods(report(**changes, source=source), None, day("2023-06-30"))) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"due_day": None, "due_rule": "working_day"}, "due_rule: working_day needs due_day"),
        ({"first_period": "2023Q1"}, "first_period: expected a period of the kind month, found 2023Q1"),
        ({"first_period": "May"}, "first_period: expected a period like 2023-06"),
    ],
)
def test_what_does_not_go_together_in_a_contract(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        report(**changes)


def test_a_source_is_looked_at_the_whole_month_when_working_days_count() -> None:
    assert cron_of(report(due_day=5)).split()[2:] == ["1-10", "*", "1"]
    assert cron_of(report(due_day=5, due_rule="working_day")).split()[2:] == ["1-28", "*", "1"]


def test_a_wrong_line_of_the_arrangements_is_named(tmp_path: Path) -> None:
    path = tmp_path / "holiday_arrangements.csv"
    path.write_text("day_date,holiday_name,is_working_day\n2023-05-01,劳动节,0\n2023-05-02,劳动节,yes\n", encoding="utf-8")
    with pytest.raises(WorkingDaysError, match=r'holiday_arrangements.csv line 3: .* found "2023-05-02" and "yes"'):
        WorkingDays.load(path)
    assert WorkingDays.load(tmp_path / "none.csv").is_working_day(day("2023-05-01")), "without a list a Monday is worked"
