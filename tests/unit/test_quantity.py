import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.quantity import parse_numeral, parse_quantity

VECTORS = json.loads((Path(__file__).parent / "code_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS["numbers"], ids=lambda case: case["text"])
def test_numbers_of_the_domain(case: dict[str, Any]) -> None:
    found = parse_quantity(case["text"])
    assert found.value == Decimal(case["value"])
    assert (found.unit, found.qualifier) == (case.get("unit"), case.get("qualifier"))


@pytest.mark.parametrize(
    "text", [*VECTORS["no_numbers"], "", "abc", "1,23", "1和2", "12-13", "1.2.3", "((1))", "(-1)", "万", "5/8"]
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1e3", "1000", None),
        ("4.41302E+17", "441302000000000000", None),
        ("-5", "-5", None),
        ("−5", "-5", None),
        ("负五", "-5", None),
        ("￥1,234.50", "1234.50", None),
        ("13.5万盒", "135000", "盒"),
        ("2亿元", "200000000", "元"),
        ("2千亿元", "200000000000", "元"),
        ("三十", "30", None),
        ("一万零五十", "10050", None),
        ("壹佰贰拾元", "120", "元"),
        ("5‰", "0.005", "‰"),
        ("12百分点", "12", "百分点"),
        ("共12件", "12", "件"),
    ],
)
def test_numbers_as_clerks_write_them(text: str, value: str, unit: str | None) -> None:
    found = parse_quantity(text)
    assert (found.value, found.unit, found.qualifier) == (Decimal(value), unit, None)


def test_a_cell_that_names_its_magnitude_says_so() -> None:
    assert parse_quantity("3万").multiplier == 10_000
    assert parse_quantity("30000").multiplier == 1


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_every_amount_is_read_in_every_writing(amount: Decimal) -> None:
    plain, grouped = f"{amount:f}", f"{amount:,f}"
    full_width = plain.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    for text in (plain, grouped, full_width, f" {grouped}\u00a0", f"{grouped}元"):
        assert parse_quantity(text).value == amount


_NUMERALS = "零一二三四五六七八九"


def _numeral(number: int) -> str:
    """A whole number below 10^12 as it is read aloud."""
    for unit, word in ((10**8, "亿"), (10**4, "万")):
        if number >= unit:
            rest = number % unit
            gap = "零" if 0 < rest < unit // 10 else ""
            return _numeral(number // unit) + word + (gap + _numeral(rest) if rest else "")
    for unit, word in ((1000, "千"), (100, "百"), (10, "十")):
        if number >= unit:
            rest = number % unit
            gap = "零" if 0 < rest < unit // 10 else ""
            return _NUMERALS[number // unit] + word + (gap + _numeral(rest) if rest else "")
    return _NUMERALS[number]


@given(st.integers(0, 10**12 - 1) | st.integers(0, 20_000))
def test_every_number_is_read_as_it_is_said(number: int) -> None:
    assert parse_numeral(_numeral(number)) == number


@pytest.mark.parametrize(
    ("numeral", "value"), [("十二", 12), ("二〇二三", 2023), ("一亿二千万", 120_000_000), ("两万亿", 2 * 10**12)]
)
def test_chinese_numerals(numeral: str, value: int) -> None:
    assert parse_numeral(numeral) == value


@pytest.mark.parametrize(
    "numeral", ["二三十", "五十三百", "一万二万", "一亿二亿", "三亿万", "二百五", "二千八", "一万五", "百", "亿"]
)
def test_a_numeral_that_is_wrong_or_read_in_two_ways_is_refused(numeral: str) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        parse_numeral(numeral)
