"""Number formats: the text that each kind of code shows, what is plain, and what a shown number gives back."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.quantity import parse_quantity
from loaders.reading.number_formats import FormatKind, format_of_code, number_format

MOMENT = dt.datetime(2023, 5, 31, 13, 5, 7, 345600)  # noqa: DTZ001 - a cell has no time zone
SERIAL = Decimal("45077.545")


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("General", "1.5", "1.5"),
        ("G/通用格式", "35000", "35000"),
        ('G/通用格式"元"', "0.5", "0.5元"),
        ("@", "12", "12"),
        ("0", "0.5", "1"),
        ("0.00", "3.14159", "3.14"),
        ("0.00", "1.005", "1.01"),
        ("0.##", "1", "1."),
        ("#.00", "0.5", ".50"),
        ("#", "0", ""),
        ("?.??", "1.5", "1.5 "),
        ("#,##0", "1234567", "1,234,567"),
        ("#,##0.00", "-1234.5", "-1,234.50"),
        ("0,000", "5", "0,005"),
        ("000000", "23051", "023051"),
        ('"GA2305"000', "1", "GA2305001"),
        (r"\S\G0000", "12", "SG0012"),
        ('"SG-"0000', "12345", "SG-12345"),
        ("000-0000", "5551234", "555-1234"),
        ('0000"年"00"月"', "202305", "2023年05月"),
        ("#,##0,", "1280000", "1,280"),
        ("0.0,,", "1280000", "1.3"),
        ("0!.0,", "35000", "3.5"),
        (r"0\.0,", "123456", "12.3"),
        ("0!.0000", "35123", "3.5123"),
        ('0"万"0000', "35123", "3万5123"),
        ("0%", "0.705", "71%"),
        ("0.0%;[Red]-0.0%", "-0.5", "-50.0%"),
        ("0.00E+00", "12345", "1.23E+04"),
        ("0.0E-0", "0.00012", "1.2E-4"),
        ("##0.0E+0", "123456", "123.5E+3"),
        ("0.0E+0", "9.99", "1.0E+1"),
        ("# ?/?", "1.25", "1 1/4"),
        ("# ??/??", "3.14159", "3 14/99"),
        ("?/8", "0.5", "4/8"),
        ("# ?/?", "5", "5    "),
        ("0;(0)", "-5", "(5)"),
        ("0;[Red]0", "-5", "5"),
        ("0;-0;;@", "0", ""),
        (";;;", "5", ""),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "0", " -   "),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-1234.5", " -1,234.50 "),
        ('[=1]"是";[=0]"否"', "0", "否"),
        ('[>=10000]0!.0,"万";0', "35000", "3.5万"),
        ('[>=10000]0!.0,"万";0', "500", "500"),
        ("[<100]0.00;[<1000]0.0;0", "123.45", "123.5"),
        ("[<=-1000]-0,;0", "-35000", "-35"),
        ("[$¥-804]#,##0.00", "-3", "-¥3.00"),
        ("[$$-409]#,##0", "1280", "$1,280"),
        ("[DBNum1][$-804]General", "10005", "一万〇五"),
        ("[DBNum1]General", "123.4", "一百二十三.四"),
        ("[DBNum2][$-804]G/通用格式", "1203", "壹仟贰佰零叁"),
        ("[DBNum1]0", "123", "一二三"),
        ("[DBNum3]0", "123", "１２３"),
        ("[红色]0.0", "5", "5.0"),
        ('0*x"人"', "5", "5人"),
        ("0.00_);(0.00)", "5", "5.00 "),
        ("#,##0", "1" + "0" * 40, "10," + ",".join(["000"] * 13)),
    ],
)
def test_what_a_number_looks_like(code: str, number: str, shown: str) -> None:
    assert format_of_code(code).show_number(Decimal(number)) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("yyyy/m/d", "2023/5/31"),
        ("yy-mm-dd", "23-05-31"),
        ('yyyy"年"m"月"d"日"', "2023年5月31日"),
        ("yyyy年m月", "2023年5月"),
        ('[DBNum1][$-804]yyyy"年"m"月"d"日"', "二〇二三年五月三十一日"),
        ("mmm-yy", "May-23"),
        ("[$-804]mmmm", "五月"),
        ("[$-804]aaaa", "星期三"),
        ("dddd", "Wednesday"),
        ("[$-F800]dddd, mmmm dd, yyyy", "2023年5月31日"),
        ("h:mm", "13:05"),
        ("h:mm AM/PM", "1:05 PM"),
        ('上午/下午h"时"mm"分"', "下午1时05分"),
        ("mm:ss.0", "05:07.3"),
        ("yyyy-mm-dd hh:mm:ss", "2023-05-31 13:05:07"),
        ("[h]:mm", "1081861:05"),
        ('yyyy"年"Q', "2023年Q2"),
        ("m", "5"),
        ('e"年"', "2023年"),
    ],
)
def test_what_a_moment_looks_like(code: str, shown: str) -> None:
    days = Decimal(45077) + Decimal(13 * 3600 + 5 * 60 + 7) / 86_400

    assert format_of_code(code).show_datetime(MOMENT, days) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (14, "2023/5/31"),
        (17, "May-23"),
        (27, "2023年5月"),
        (31, "2023年5月31日"),
        (36, "2023年5月"),
        (57, "2023年5月"),
        (58, "5月31日"),
    ],
)
def test_formats_that_no_file_spells_out(number: int, shown: str) -> None:
    assert number_format(number, None).show_datetime(MOMENT, SERIAL) == shown
    assert number_format(14, "mm-dd-yy").code == "yyyy/m/d", "the short date of the computer, whatever the file calls it"


@pytest.mark.parametrize(
    ("code", "text", "shown"),
    [
        ("@", "甲", "甲"),
        ('"GA"@', "2305", "GA2305"),
        ('@"元"', "5", "5元"),
        ("0;-0;;@", "甲", "甲"),
        (";;;", "甲", ""),
        ("0.00", "甲", "甲"),
        ('0;0;0;"无"', "甲", "无"),
        ("0_ ;@_ ", "甲", "甲 "),
    ],
)
def test_what_a_text_looks_like(code: str, text: str, shown: str) -> None:
    shown_as = format_of_code(code)

    assert shown_as.show_text(text) == shown
    assert shown_as.adds_to_text is (shown.strip() != text)


PLAIN = ["General", "@", "0", "0.00", "#,##0", "#,##0.00_ ", "0%", "0.00%", "0.00E+00", "#,##0;-#,##0", "#,##0_);(#,##0)"]
PLAIN += ['_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "[Red]0", "0;[Red]-0", "0_);[Red](0)", '0;-0;"—"', "[Blue]General", "# ?/?"]
WITH_AFFIXES = [
    '"GA"0',
    '0"元"',
    "#,##0,",
    "0!.0,",
    "0;[Red]0",
    "0;0",
    ";;;",
    "0;-0;;@",
    '[=1]"是";0',
    "(0)",
    "-0",
    "000-0000",
    "#",
]
WITH_AFFIXES += ["[$¥-804]0", '0"000"', "0%;0%", '0;-0;"无"', "[>=10000]0!.0,;0", "+0;0"]


@pytest.mark.parametrize("code", PLAIN)
def test_plain_formats_cost_nothing(code: str) -> None:
    assert format_of_code(code).is_plain


@pytest.mark.parametrize("code", WITH_AFFIXES)
def test_formats_that_show_more_than_the_number(code: str) -> None:
    assert not format_of_code(code).is_plain


@pytest.mark.parametrize(
    ("code", "is_plain"), [("#,##0", True), ("0", True), ("0.00", False), ("000", False), ("[DBNum1]0", False)]
)
def test_plain_as_text_is_only_what_shows_the_digits(code: str, is_plain: bool) -> None:
    assert format_of_code(code).is_plain_text is is_plain


@pytest.mark.parametrize(
    ("code", "number", "kind"),
    [
        ('[=0]"";yyyy-mm-dd', "45077", FormatKind.DATE),
        ('[=0]"";yyyy-mm-dd', "0", FormatKind.DATE),
        ("[<1]h:mm;yyyy-m-d", "0.5", FormatKind.TIME),
        ("[<1]h:mm;yyyy-m-d", "45077", FormatKind.DATE),
        ("[<1]0%;0", "2", FormatKind.NUMBER),
        ("[<1]0%;0", "0.5", FormatKind.PERCENT),
        ('0"d"', "1", FormatKind.NUMBER),
        ("0!d", "1", FormatKind.NUMBER),
    ],
)
def test_the_section_that_shows_a_number_says_its_kind(code: str, number: str, kind: FormatKind) -> None:
    assert format_of_code(code).kind_of(Decimal(number)) is kind


NUMBERS = st.decimals(min_value=-(10**12), max_value=10**12, places=6, allow_nan=False)
PLAIN_CODES = [
    "0",
    "0.0",
    "0.00",
    "#,##0",
    "#,##0.000",
    "0.00_);(0.00)",
    "0.0;[Red]-0.0",
    '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
]


@given(NUMBERS, st.sampled_from(PLAIN_CODES))
def test_a_plain_number_is_given_back_to_the_shown_places(number: Decimal, code: str) -> None:
    shown_as = format_of_code(code)
    shown = shown_as.show_number(number).strip()
    places = len(shown.strip("()").partition(".")[2])

    if shown.strip(" -"):
        assert parse_quantity(shown).value == number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    else:
        assert number == 0


@given(NUMBERS, st.integers(0, 6), st.integers(0, 2), st.sampled_from(["", "万", "元", "人次"]))
def test_shown_digits_times_the_scale_are_the_number(number: Decimal, places: int, commas: int, unit: str) -> None:
    code = "0" + ("." + "0" * places if places else "") + "," * commas + (f'"{unit}"' if unit else "")
    shown_as = format_of_code(code)
    said = shown_as.affixes(number)

    assert said is not None
    digits = Decimal(shown_as.show_number(number).removesuffix(unit))
    assert abs(digits * said.scale - number) <= said.scale * Decimal("0.5").scaleb(-places)


@given(st.text(alphabet='0#?.,%;"\\!_*[]@/EeyYmdhsGgAa<>=-+$ 万元红', max_size=25), NUMBERS)
def test_no_code_is_too_odd_to_be_shown(code: str, number: Decimal) -> None:
    shown_as = format_of_code(code)

    assert isinstance(shown_as.show_number(number), str)
    assert isinstance(shown_as.show_datetime(MOMENT, SERIAL), str)
    assert isinstance(shown_as.show_text("甲"), str)
    shown_as.affixes(number)
