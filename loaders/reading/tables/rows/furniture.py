"""Furniture: kinds of non-data rows: blank, total, signature, prose, group row, code row, repeated header.

Every removed row has a kind. A row that fills the required columns is data, unless it is labeled as a total. An ambiguous row is
data, which the rules validate.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from loaders.reading.tables.headers.header_text import exact_form


class RowKind(StrEnum):
    """Kind of a row that counts as furniture."""

    TITLE = "title"
    BLANK = "blank"
    HEADER = "header"
    LETTER_CODES = "letter_codes"
    PROSE = "prose"
    SUBTOTAL = "subtotal"
    TOTAL = "total"
    GROUP = "group_row"
    SIGNATURE = "signature"
    CONTINUATION = "continuation"
    FORM_LINE = "form_line"
    OTHER_TABLE = "other_table"
    OTHER_SHEET = "other_sheet"


_LEVELS = (
    re.compile(r"^[一二三四五六七八九十]{1,3}(?:[、.]|$)"),
    re.compile(r"^\([一二三四五六七八九十]{1,3}\)"),
    re.compile(r"^\d{1,2}[、.](?!\d)"),
)
# `合计(万元)`
_BRACKETS_AT_END = re.compile(r"\([^)]*\)$")
# `北京市(92所)`
_COUNTED_GROUP = re.compile(r"^(?P<name>.+?)\((?:共|计|合计)?(?P<count>\d+)(?:所|家|个|名|人|条|项|户|处|间|场|次)\)$")


def is_total(label: str, words: tuple[str, ...]) -> bool:
    """Checks whether a row's label marks a total: one of the words, alone or after a place (`惠城区小计`)."""
    bare = _BRACKETS_AT_END.sub("", exact_form(label))
    return any(bare.endswith(word) and len(bare) <= len(word) + 10 for word in _exact_forms(words))


@lru_cache(maxsize=1_000)
def _exact_forms(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(exact_form, words))


def is_subtotal(label: str) -> bool:
    """Checks whether a total is a subtotal."""
    return "小计" in exact_form(label) or "其中" in exact_form(label)


def group_count(label: str) -> int | None:
    """Returns the number of rows that a group row states (`北京市（92所）`); None without one."""
    match = _COUNTED_GROUP.match(exact_form(label))
    return int(match["count"]) if match else None


def group_level(label: str) -> int | None:
    """Returns the level of a numbered group: 1 for `一、`, 2 for `（一）`, 3 for `1.`; None for a label without such a number."""
    form = exact_form(label)
    return next((level for level, pattern in enumerate(_LEVELS, start=1) if pattern.match(form)), None)
