"""What exports put around codes is taken away; formulas, names and quotations are told apart from it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from loaders.characters.cleaning import clean_text
from loaders.characters.spreadsheet_escapes import FORMULA, is_code, is_formula, is_long_code, strip_leading_quote


@pytest.mark.parametrize(
    ("wrapped", "shown"),
    [
        ('="JZ2305002"', "JZ2305002"),
        ('= "0000012"', "0000012"),
        ('=""00012""', "00012"),
        ('="a""b"', 'a"b'),
        ('＝"0752"', "0752"),
        ("=“0752”", "0752"),
        ("=＂0752＂", "0752"),
        ('\u200b ="0752" ', "0752"),
        ('=" 0752 "', "0752"),
        ('="捐赠编号"', "捐赠编号"),
        ('=""', ""),
        ('="a,b"', "a,b"),
    ],
)
def test_a_formula_that_is_a_text_shows_it(wrapped: str, shown: str) -> None:
    assert clean_text(wrapped) == shown


FORMULAS = [
    "=A1+B1",
    "=$A$1",
    "=a1",
    "=SUM(A1:A9)",
    '=HYPERLINK("x","y")',
    '="a"&"b"',
    '="a"&B1',
    "='表 1'!A1",
    "=表1!A1",
    "=5+3",
    "=-5",
    "= 12",
    "＝A1*2",
    "=(1+2)*3",
    "=@A1",
    "=_xlfn.XLOOKUP(A1,B:B,C:C)",
    '="JZ2305',
]
NO_FORMULAS = [
    *("==", "=>", "=_=", "=合计", "=A4纸", "=1楼", "=D", "= ", "=", "x=1", "a=b+c", "1=1", "+86 138", "-5", "=今天!好", "=。="),
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_known(text: str) -> None:
    assert is_formula(clean_text(text))


@pytest.mark.parametrize("text", NO_FORMULAS)
def test_other_texts_are_no_formulas(text: str) -> None:
    assert not is_formula(text)
    assert clean_text(text) == text.strip()


def test_both_engines_know_the_same_formulas() -> None:
    texts = [*FORMULAS, *NO_FORMULAS]
    assert pc.match_substring_regex(pa.array(texts), FORMULA).to_pylist() == [is_formula(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        *((f"{mark}0752", "0752") for mark in "'`‘’＇｀´"),
        ("' 0752", "0752"),
        ('\'="0752"', "0752"),
        ("'s-Hertogenbosch", "s-Hertogenbosch"),
        *((text, None) for text in ("'甲'", "O'Neil", "'", "", "''", "'12'", "“甲”", "12'", "‘甲’", "it's")),
    ],
)
def test_a_leading_mark_stands_alone(text: str, rest: str | None) -> None:
    assert strip_leading_quote(text) == rest


@pytest.mark.parametrize("text", ["JZ2305003", "0752-2888888", "ABC", "A1", "a1", "1.2.3", "AB/2023/001", "00012"])
def test_codes(text: str) -> None:
    assert is_code(text) == (text != "a1")


def test_only_what_can_be_nothing_else_is_a_long_code() -> None:
    assert all(map(is_long_code, ("0752", "JZ2305", "AB/2023")))
    assert not any(map(is_long_code, ("90s", "23", "AB12", "ABCD", "2023年", "s-1234")))
