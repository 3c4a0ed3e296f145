"""Code row: a row below the header that labels the columns with codes: A, B, C; 甲, 乙, 1, 2; A, B, D1, D2, G91; 1, 2, 3=1+2, —.

Data rows may contain short codes, too. Three properties distinguish them: values that a column cannot hold (a letter in a number
column), the sequence of the codes, and the row below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from loaders.contract import Column, ColumnType
from loaders.reading.model.sheets import Cell
from loaders.reading.tables.headers.header_text import exact_form

# `a`, `g91`, `(1)`, `3=1+2`
_CODE = re.compile(r"^\(?(?P<letters>[a-z]{1,2})?(?P<number>\d{1,3})?\)?(?P<formula>=[\w()+\-*/×÷.%]+)?$")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_NEUTRAL = {"栏次", "行次", "序号", "—", "-", "--", "——", "/", "×"}
_NUMBERS = {ColumnType.INTEGER, ColumnType.DECIMAL}
_NO_CODES = {ColumnType.DATE, ColumnType.DATETIME, ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR, ColumnType.USCC}


@dataclass(frozen=True, slots=True, order=True)
class _Code:
    """Code: its style (Heavenly Stems and letters before numbers), its letters, its number."""

    is_number: bool
    length: int
    letters: str
    number: int

    @property
    def is_letter(self) -> bool:
        return not self.is_number and self.number < 0


def is_code_row(cells: Mapping[int, Cell], columns: Mapping[int, Column], following: Mapping[int, Cell] | None = None) -> bool:
    """Checks whether a row directly below the header labels the columns with codes.

    `columns` are the contract's by column number, `following` is the row below.
    """
    shown = {column: exact_form(cells[column].text) for column in sorted(cells) if cells[column].text}
    named = {column: text for column, text in shown.items() if text not in _NEUTRAL}
    codes = {column: code for column, text in named.items() if (code := _code_of(text)) is not None}
    if len(codes) < len(named) or len(shown) < (2 if len(columns) == 2 else 3):
        return False
    in_order = list(codes.values())
    if any(one >= other for one, other in pairwise(in_order)):
        return False
    if any("=" in text for text in named.values()) or any(_cannot_hold(columns.get(column), codes[column]) for column in codes):
        return True
    if len(shown) < 3 or _is_chosen(named, columns) or _continues_below(codes, following):
        return False
    return _is_consecutive(in_order) or _is_in_place(codes)


def _code_of(text: str) -> _Code | None:
    bare = text.strip("()")
    if bare and bare in _STEMS:
        return _Code(False, 0, str(_STEMS.index(bare)), -1)
    match = _CODE.match(text)
    if match is None or not (match["letters"] or match["number"]):
        return None
    letters = match["letters"] or ""
    return _Code(not letters, len(letters), letters, int(match["number"] or -1))


def _cannot_hold(column: Column | None, code: _Code) -> bool:
    """Checks whether a code is no valid value of a column: a letter in a number column, any short code in a date column."""
    return column is not None and (column.type in _NO_CODES or (column.type in _NUMBERS and not code.is_number))


def _is_chosen(named: Mapping[int, str], columns: Mapping[int, Column]) -> bool:
    """Checks whether each code is one of its column's choices, so that the row is data."""
    choices = (
        {exact_form(word) for word in (*columns[column].choices, *columns[column].aliases)} if column in columns else set()
        for column in named
    )
    return all(text in words for text, words in zip(named.values(), choices, strict=True))


def _continues_below(codes: Mapping[int, _Code], following: Mapping[int, Cell] | None) -> bool:
    """Checks whether the row below continues the first column (1 and 2, 甲 and 乙), so that both rows are data."""
    first = min(codes)
    below = following.get(first) if following else None
    code = _code_of(exact_form(below.text)) if below is not None and below.text else None
    if code is None:
        return False
    if code.is_letter and codes[first].is_letter:
        return code > codes[first]
    return code.letters == codes[first].letters and code.number == codes[first].number + 1


def _is_consecutive(codes: list[_Code]) -> bool:
    """Checks whether letters or stems continue from the first without a gap, and numbers from 0 or 1.

    More than three letters may have gaps.
    """
    letters = [code for code in codes if not code.is_number]
    numbers = [code.number for code in codes if code.is_number]
    if numbers and (numbers[0] not in {0, 1} or numbers != list(range(numbers[0], numbers[0] + len(numbers)))):
        return False
    if not letters:
        return bool(numbers)
    from_first = letters[0].letters in {"a", "0"} and letters[0].is_letter
    places = [ord(code.letters) for code in letters if len(code.letters) == 1 and code.is_letter]
    is_run = len(places) == len(letters) and places == list(range(places[0], places[0] + len(places)))
    return from_first and (is_run or len(letters) > 3)


def _is_in_place(codes: Mapping[int, _Code]) -> bool:
    """Checks whether each letter is that of its position in the row (A, B, blank, D), if all codes are letters."""
    first = min(codes)
    return all(
        code.is_letter and len(code.letters) == 1 and ord(code.letters) - column == ord(codes[first].letters) - first
        for column, code in codes.items()
    )
