import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter

from loaders.contract import Cadence, Report, load_reports
from loaders.schedule import cron_of
from loaders.settings import PROJECT_ROOT

CHINA = ZoneInfo("Asia/Shanghai")
REPORTS = load_reports(PROJECT_ROOT / "expectations")


def days_of(report: Report, year: int, month: int) -> list[int]:
    start = dt.datetime(year, month, 1, tzinfo=CHINA) - dt.timedelta(minutes=1)
    moments = croniter(cron_of(report), start)
    found = []
    while (moment := moments.get_next(dt.datetime)).month == month:
        assert moment.hour == 5
        found.append(moment.day)
    return found


@pytest.mark.parametrize("cadence", [Cadence.DAILY, Cadence.WEEKLY, Cadence.AD_HOC])
def test_short_cadences_are_looked_at_every_day(cadence: Cadence) -> None:
    report = REPORTS["home_visit"].model_copy(update={"cadence": cadence})
    assert days_of(report, 2023, 2) == list(range(1, 29))


def test_a_monthly_report_is_looked_at_until_five_days_after_it_is_due_and_on_mondays() -> None:
    report = REPORTS["station"]
    assert report.due_day == 5
    mondays = {6, 13, 20, 27}
    assert set(days_of(report, 2023, 3)) == set(range(1, 11)) | mondays


def test_a_contract_may_say_its_own_schedule() -> None:
    report = REPORTS["station"].model_copy(update={"schedule": "0 7 * * 5"})
    assert cron_of(report) == "0 7 * * 5"


def test_reports_do_not_all_knock_in_the_same_minute() -> None:
    assert len({cron_of(report).split()[0] for report in REPORTS.values()}) > 1


@pytest.mark.parametrize("due_day", [None, 28, 60])
def test_every_month_has_the_days_that_are_asked_for(due_day: int | None) -> None:
    report = REPORTS["station"].model_copy(update={"due_day": due_day})
    assert max(days_of(report, 2023, 2)) == 28
