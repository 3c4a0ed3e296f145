import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.period import Period, PeriodKind, PeriodSpan, parse_date, parse_datetime, parse_period

VECTORS = json.loads((Path(__file__).parent / "code_vectors.json").read_text(encoding="utf-8"))
PERIODS = st.builds(
    lambda kind, year, ordinal: Period(kind, year, ordinal % {"month": 12, "quarter": 4, "half": 2, "year": 1}[kind] + 1),
    st.sampled_from(PeriodKind),
    st.integers(1900, 2998),
    st.integers(0, 11),
)


@given(PERIODS)
def test_a_period_is_written_and_read_back(period: Period) -> None:
    assert Period.parse(str(period)) == period
    assert parse_period(str(period)) == period


@given(PERIODS)
def test_periods_follow_each_other_without_a_gap(period: Period) -> None:
    following = period.next()
    assert following.start == period.end + dt.timedelta(days=1)
    assert period < following
    assert following.previous() == period
    assert Period.containing(period.start, period.kind) == Period.containing(period.end, period.kind) == period


@pytest.mark.parametrize("text", ["2023-13", "2023-0", "2023Q5", "2023H3", "202", "23-06", "2023-06-01", "", "1899", "2023-6"])
def test_what_is_no_period_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a period|no month|outside"):
        Period.parse(text)


@pytest.mark.parametrize(("text", "period"), VECTORS["periods"])
def test_periods_of_the_domain(text: str, period: str) -> None:
    assert str(parse_period(text)) == period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2023-05-01", "2023-05"),
        ("2023-05-01 00:00:00", "2023-05"),
        ("2023/5", "2023-05"),
        ("202305", "2023-05"),
        ("２０２３年５月份", "2023-05"),
        ("2023年05月", "2023-05"),
        ("2023年度", "2023"),
        ("2023年", "2023"),
        ("二〇二三年第三季度", "2023Q3"),
        ("2023年3季度", "2023Q3"),
        ("2023-Q3", "2023Q3"),
        ("2023年上半年", "2023H1"),
        ("2023年下半年", "2023H2"),
        ("二〇二三年十二月", "2023-12"),
        ("2023年1月至6月累计", "2023-01..2023-06"),
    ],
)
def test_periods_as_reports_name_them(text: str, period: str) -> None:
    assert str(parse_period(text)) == period


@pytest.mark.parametrize(
    "text", ["5月", "23年5月", "2023年13月", "2023-05-02", "2023年6-1月", "第一季度", "本月", "2023年第五季度"]
)
def test_periods_that_are_none_or_not_whole(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a period|no month|no span"):
        parse_period(text)


@pytest.mark.parametrize(("text", "day"), VECTORS["days"])
def test_days_of_the_domain(text: str, day: str) -> None:
    assert parse_date(text) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-5-1", "2023-05-01"),
        ("2023年5月1号", "2023-05-01"),
        ("２０２３．５．１", "2023-05-01"),
        ("二〇二三年廿一日", None),
        ("二〇二三年五月廿一日", "2023-05-21"),
        ("二〇二三年十月三十一日", "2023-10-31"),
        ("2023-05-01T23:30:00Z", "2023-05-02"),
        ("2023-05-01T23:30:00+08:00", "2023-05-01"),
        ("2023-05-01 23:59:59", "2023-05-01"),
        ("2024-02-29", "2024-02-29"),
        ("2023-02-29", None),
        ("2023-13-01", None),
        ("20231301", None),
        ("23.5.1", None),
        ("45047", None),
        ("2023年5月", None),
        ("1月26日", None),
        ("明天", None),
        ("", None),
    ],
)
def test_days_as_people_write_them(text: str, day: str | None) -> None:
    if day is None:
        with pytest.raises(ValueError, match=r"expected|day|month"):
            parse_date(text)
    else:
        assert parse_date(text) == dt.date.fromisoformat(day)


def test_years_of_two_digits_only_where_the_contract_allows_them() -> None:
    assert parse_date("23.5.1", two_digit_year=True) == dt.date(2023, 5, 1)
    assert parse_date("85-5-1", two_digit_year=True) == dt.date(1985, 5, 1)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_every_day_is_read_in_every_form(day: dt.date) -> None:
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d 00:00:00"):
        assert parse_date(day.strftime(form)) == day


def test_a_span_wants_one_kind_and_an_order() -> None:
    may, june, quarter = Period.parse("2023-05"), Period.parse("2023-06"), Period.parse("2023Q2")
    assert str(PeriodSpan(may, june)) == "2023-05..2023-06"
    for first, last in ((june, may), (may, quarter)):
        with pytest.raises(ValueError, match="no span"):
            PeriodSpan(first, last)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-05-01 13:20", "2023-05-01T13:20:00"),
        ("2023-05-01  13:20", "2023-05-01T13:20:00"),
        ("2023/5/1 13:20:05", "2023-05-01T13:20:05"),
        ("2023年5月1日13时20分", "2023-05-01T13:20:00"),
        ("2023年 5月 1日 13 时 20 分 5 秒", "2023-05-01T13:20:05"),
        ("2023年5月1日 9：05", "2023-05-01T09:05:00"),
        ("2023-5-1 13时", "2023-05-01T13:00:00"),
        ("二〇二三年五月一日十三时二十分", "2023-05-01T13:20:00"),
        ("20230501132005", "2023-05-01T13:20:05"),
        ("2023-05-01 13:20:05.5", "2023-05-01T13:20:05.500000"),
        ("2023-05-01T20:30:00Z", "2023-05-02T04:30:00"),
        ("2023-05-01 00:00:00", "2023-05-01T00:00:00"),
    ],
)
def test_moments_as_people_and_systems_write_them(text: str, moment: str) -> None:
    assert parse_datetime(text) == dt.datetime.fromisoformat(moment)


def test_a_day_without_a_time_stays_a_day() -> None:
    day = parse_datetime("2023年5月1日")
    assert day == dt.date(2023, 5, 1)
    assert not isinstance(day, dt.datetime)


@pytest.mark.parametrize("text", ["2023-05-01 25:00", "2023-05-01 13:60", "2023-05-0113:20", "13:20", "2023-02-30 10:00", "明天"])
def test_a_moment_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|must be in|out of range"):
        parse_datetime(text)
