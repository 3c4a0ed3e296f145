"""The reading of shown texts that the comparison with LibreOffice rests on; it must not err where the readers do."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.support.libreoffice.differential.shown import parse_clock, parse_day, parse_month, parse_number, says_day

pytestmark = pytest.mark.system


@pytest.mark.parametrize(
    ("text", "value", "unit", "is_bare"),
    [
        ("1,234.50", "1234.50", None, True),
        ("-5", "-5", None, True),
        (".00", "0.00", None, True),
        (" ¥1,234 ", "1234", None, False),
        ("(5.50)", "-5.50", None, False),
        ("5.50-", "-5.50", None, False),
        ("-¥5.50", "-5.50", None, False),
        ("0012", "12", None, False),
        ("3.5万", "35000", None, False),
        ("3.5万元", "35000", "元", False),
        ("-约5%", "-5", "%", False),
        ("35.0％", "35.0", "%", False),
        ("$7", "7", "$", False),
        ("3.50E+04", "35000", None, False),
        ("1234 4/8", "1234.5", None, False),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, value: str, unit: str | None, is_bare: bool) -> None:
    number = parse_number(text)
    assert number is not None
    assert (number.value, number.unit, number.is_bare) == (Decimal(value), unit, is_bare)


@pytest.mark.parametrize("text", ["", "-", "A12", "12-1", "000-305", "2023年05月", "第12号", "高", "3.5.1", "(5"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse_number(text) is None


def test_a_shown_number_is_exact_to_half_its_last_place() -> None:
    shown = parse_number("3.5万")
    assert shown is not None
    assert shown.is_near(Decimal(35_432))
    assert not shown.is_near(Decimal(35_501))


@pytest.mark.parametrize(
    "text", ["2023-5-15", "5月15日", "二〇二三年五月十五日", "15-May-23", "5-15-23", "20230515", "2023年5月15日 星期一", "202305"]
)
def test_every_form_of_a_day_says_that_day(text: str) -> None:
    assert says_day(text, dt.datetime.fromisoformat("2023-05-15 13:30"))
    assert not says_day(text, dt.datetime.fromisoformat("2024-06-16"))


def test_days_months_and_times_are_read() -> None:
    assert parse_day("2023-05-15") == parse_day("2023年5月15日") == parse_day("20230515") == dt.date(2023, 5, 15)
    assert parse_day("2023-02-30") is None
    assert parse_month("2023年05月") == parse_month("202305") == "2023-05"
    assert parse_month("202313") is None
    assert parse_clock("下午1时30分") == parse_clock("1:30 PM") == parse_clock("13:30:00") == (13, 30, 0)
