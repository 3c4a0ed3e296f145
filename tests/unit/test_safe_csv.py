"""Whatever a spreadsheet may open holds no text that it would run; numbers stay numbers, other texts stay as they are."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.safe_csv import csv_bytes, escape_formula

COMMAND = "cmd|' /C calc'!A0"
DANGEROUS = [
    "=1+1",
    f"={COMMAND}",
    "+1+1",
    f"-5+{COMMAND}",
    "-1-1",
    "-",
    "-e5",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "﹦1",
    "﹢1",
    "﹣1",
    "﹫x",
    "\t=1",
    "\r=1",
    "\n=1",
    "\r\n=1",
    "\v=1",
    "\x00=1",
    " =1",
    "\u00a0=1",
    "\u3000=1",
    "\u2009＝1",
    "\u200b=1",
    "\ufeff=1",
    "\u2060@x",
    "\u202e=1",
    "\u2028=1",
    "\u00ad-1+2",
    "|calc",
    "%0A=1",
    "｜x",
    "\n说明",
    "+8613800138000",
    "+86 138 0013 8000",
    "-1,23,456",
    "-1.2.3",
    "-５",
    "--5",
    "=",
    "-12%+1",
    "-1 2",
]
HARMLESS = [
    "",
    "-5",
    "+3.2",
    "-1,234.50",
    "-12%",
    "+12.5%",
    "-.5",
    "-5.",
    "-1e5",
    "+1.5E-3",
    " -5 ",
    "-0",
    "5",
    "1,234",
    "12%",
    "甲=乙",
    "a+b",
    "a@b.example",
    "2023-05-01",
    "—",
    "——",
    "−5",
    "·",
    "'=1",
    '"=1"',
    "(=1)",
    "（-5）",
    "A|B",
    "约-5",
    "①",
    " 说明",
    "\u3000惠城区",
    "\ufeff惠城区",
    "张三\n=1",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_it_would_not_run_stays_as_it_is(text: str) -> None:
    assert escape_formula(text) == text


@given(st.text(st.sampled_from("=+-@＝＋－＠|%\t\r\n \u00a0\ufeff\u200b1２.,a甲'\""), max_size=8))
def test_nothing_that_begins_like_a_formula_is_left_and_nothing_is_lost(text: str) -> None:
    shown = escape_formula(text)
    assert shown in {text, f"'{text}"}
    assert escape_formula(shown) == shown
    begins = text.strip(" \t\r\n\u00a0\ufeff\u200b")[:1]
    if shown == text and begins and begins in "=＝@＠＋－|%":
        pytest.fail(f"{text!r} would be run")
    if shown == text and begins and begins in "+-":
        float(text.strip().rstrip("%").replace(",", ""))


@given(
    st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
)
def test_every_number_stays_a_number(number: object) -> None:
    assert escape_formula(str(number)) == str(number)


def test_a_table_holds_every_text_as_it_is_but_for_the_guard() -> None:
    rows = [["甲", "=1"], ['x,"y"\nz', "-5"]]
    content = csv_bytes(["=heading", "b"], rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["'=heading", "b"],
        ["甲", "'=1"],
        ['x,"y"\nz', "-5"],
    ]
