"""Marks beside values: they never become digits, and are split off only where there is no doubt."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.characters.footnote_marks import (
    nfkc_keeping_marks,
    split_footnote_mark,
    split_superscript,
    to_subscript,
    to_superscript,
)

# Whatever NFKC turns into digits and is no digit: superscripts, subscripts, circled, bracketed and dotted numbers, fractions.
TURNED = [
    character
    for character in map(chr, range(0x20, 0x20000))
    if unicodedata.category(character) == "No" and unicodedata.normalize("NFKC", character) != character
]


@given(st.text("0123456789１２.,-", min_size=1), st.sampled_from(TURNED), st.text("0123456789"))
def test_no_mark_becomes_a_digit(before: str, mark: str, after: str) -> None:
    assert nfkc_keeping_marks(before + mark + after) == unicodedata.normalize("NFKC", before) + mark + after


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("１２，３４５．６", "12,345.6"),
        ("（４）", "(4)"),
        ("120㎡", "120m2"),
        ("120m²", "120m2"),
        ("3㎞²", "3km2"),
        ("5立方米，3km³", "5立方米,3km3"),
        ("50米²", "50米2"),
        ("№５", "No5"),
        ("㈱甲", "(株)甲"),
        ("Ⅱ级", "II级"),
        ("２５℃", "25°C"),
        ("2023年㋄㏠", "2023年5月1日"),
        ("4㋀", "4㋀"),
        ("E²", "E²"),
        ("第①组", "第①组"),
        ("𝟏𝟐", "12"),
    ],
)
def test_what_is_no_mark_is_folded_as_ever(text: str, folded: str) -> None:
    assert nfkc_keeping_marks(text) == folded


@pytest.mark.parametrize(
    ("text", "value", "mark"),
    [
        ("4①", "4", "①"),
        ("4❶", "4", "❶"),
        ("4⑴", "4", "⑴"),
        ("4㈠", "4", "㈠"),
        ("4⓪", "4", "⓪"),
        ("4①②", "4", "①②"),
        ("4①、②", "4", "①、②"),
        ("5²", "5", "²"),
        ("110²", "110", "²"),
        ("4⁽¹⁾", "4", "⁽¹⁾"),
        ("4[¹]", "4", "[¹]"),
        ("4ᵃ", "4", "ᵃ"),
        ("4*", "4", "*"),
        ("4†", "4", "†"),
        ("4‡*", "4", "‡*"),
        ("4§", "4", "§"),
        ("4※", "4", "※"),
        ("4[1]", "4", "[1]"),
        ("4【注1】", "4", "【注1】"),
        ("4注1", "4", "注1"),
        ("4（注１）", "4", "（注１）"),
        ("4（注）", "4", "（注）"),
        ("4(见注2)", "4", "(见注2)"),
        ("4（①）", "4", "（①）"),
        ("4 ①", "4", "①"),
        ("4\n①", "4", "①"),
        ("4件①", "4件", "①"),
        ("2023-3-1②", "2023-3-1", "②"),
        ("100m²①", "100m2", "①"),
    ],
)
def test_a_mark_behind_a_value_is_split_off(text: str, value: str, mark: str) -> None:
    assert split_footnote_mark(text) == (value, mark)


@pytest.mark.parametrize(
    "text",
    [
        *("①4", "①", "¹", "*4", "4", "4件", "4**", "1***", "4（1）", "(4)", "4)", "4⒈", "4₁", "4½", "4⁻", "10⁻²"),
        *("10²", "10³", "1.5×10³", "100m²", "100㎡", "4注", "4#", "4▲", "4★", "4%", "4℃", "4)①2", "①" * 201),
    ],
)
def test_what_is_no_mark_or_may_be_more_stays(text: str) -> None:
    assert split_footnote_mark(text) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("惠城区¹", ("惠城区", "¹")),
        ("惠城区¹，²", ("惠城区", "¹，²")),
        ("惠城区⁽¹⁾", ("惠城区", "⁽¹⁾")),
        ("惠城区注¹", ("惠城区", "注¹")),
        ("甲（乙）²", ("甲（乙）", "²")),
        ("A-01³", ("A-01", "³")),
        ("惠城区ᵃ", ("惠城区", "ᵃ")),
        ("惠城区", None),
        ("惠城区①", None),
        ("创意E²", None),
        ("120m²", None),
        ("50米²", None),
        ("¹", None),
        ("²号楼", None),
    ],
)
def test_the_superscript_behind_a_name(text: str, parts: tuple[str, str] | None) -> None:
    assert split_superscript(text) == parts


def test_raised_and_lowered_text_in_the_characters_that_show_it() -> None:
    assert [to_superscript(text) for text in ("12", "１", "(1)", "a", "注1", "th", "①", "*")] == [
        "¹²",
        "¹",
        "⁽¹⁾",
        "ᵃ",
        "注¹",
        "th",
        "①",
        "*",
    ]
    assert [to_subscript(text) for text in ("2", "x2")] == ["₂", "x₂"]
