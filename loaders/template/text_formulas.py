"""Formulas that say whether a text is well-formed: lengths, check characters, and simple regular expressions.

They hold no array constants, which no spreadsheet allows in a validation, and have at most 255 characters, as Excel demands.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from loaders.contract import Column, ColumnType
from loaders.identifiers.organizations import USCC_ALPHABET

MOST_CHARACTERS = 255
CODE_LENGTH = 18
_CODES = frozenset({ColumnType.USCC, ColumnType.RESIDENT_ID})
_DIGITS = string.digits
# `5`, `\d{11}`, `[0-9A-Z]{16}`, `[123]`
_ATOM = re.compile(r"(?:(?P<digit>\\d)|\[(?P<set>[0-9A-Za-z-]+)\]|(?P<literal>[\w-]))(?:\{(?P<count>\d+)\})?", re.ASCII)


def length_of(column: Column) -> int | None:
    """The number of characters of every value of a column; None where it differs."""
    return CODE_LENGTH if column.type in _CODES else None


def text_conditions(column: Column, patterns: Sequence[str], cell: str) -> list[str]:
    """Formulas that are true for sound texts in a cell, the most telling first; together they are short enough for one cell."""
    length = length_of(column)
    conditions = [f"LEN({cell})={length}"] if length is not None else []
    conditions += [one for pattern in patterns for one in _pattern_conditions(pattern, cell)]
    if column.type is ColumnType.RESIDENT_ID:
        conditions += [_resident_check(cell), f'ISNUMBER(--TEXT(MID({cell},7,8),"0000-00-00"))']
    elif column.type is ColumnType.USCC:
        conditions.append(_credit_code_check(cell))
    elif column.type is ColumnType.MONTH:
        conditions += [f"LEN({cell})=7", f'MID({cell},5,1)="-"', f'ISNUMBER(--({cell}&"-01"))']
    elif column.type is ColumnType.QUARTER:
        conditions += _pattern_conditions(r"^[12]\d{3}Q[1-4]$", cell)
    elif column.type is ColumnType.YEAR:
        conditions += [*_pattern_conditions(r"^[12]\d{3}$", cell), f"--{cell}>1899", f"--{cell}<2201"]
    return list(_fitting(conditions))


def all_of(conditions: Sequence[str]) -> str:
    """One formula that is true where all conditions are."""
    return f"=AND({','.join(conditions)})" if len(conditions) > 1 else f"={conditions[0]}"


def _fitting(conditions: Sequence[str]) -> Iterator[str]:
    left = MOST_CHARACTERS - len("=AND()")
    for condition in conditions:
        if len(condition) + 1 <= left:
            left -= len(condition) + 1
            yield condition


def _pattern_conditions(pattern: str, cell: str) -> list[str]:
    """The conditions of a regular expression of fixed width that begins with `^`; empty for any other."""
    if not pattern.startswith("^"):
        return []
    body, is_closed = (pattern[1:-1], True) if pattern.endswith("$") else (pattern[1:], False)
    runs: list[_Run] = []
    while body:
        atom = _ATOM.match(body)
        if atom is None:
            return []
        count = int(atom["count"] or 1)
        if atom["literal"]:
            runs.append(_Run(atom["literal"] * count, count, is_word=True))
        else:
            runs.append(_Run(_DIGITS if atom["digit"] else _expanded(atom["set"]), count))
        body = body[atom.end() :]
    total = sum(run.count for run in runs)
    # MID of a text that is too short is blank, which EXACT refuses and FIND takes for found.
    conditions = [f"LEN({cell}){'=' if is_closed else '>='}{total}"] if is_closed or total > 1 else []
    first = 1
    for run in _joined(runs):
        conditions.append(run.condition(cell, first))
        first += run.count
    return conditions


@dataclass(frozen=True, slots=True)
class _Run:
    """Some characters of a text: this word, or as many of these characters."""

    characters: str
    count: int
    is_word: bool = False

    def condition(self, cell: str, first: int) -> str:
        if self.is_word:
            return f'EXACT(MID({cell},{first},{self.count}),"{self.characters}")'
        if self.count == 1:
            return f'ISNUMBER(FIND(MID({cell},{first},1),"{self.characters}"))'
        rows = f"ROW(${first}:${first + self.count - 1})"
        return f'SUMPRODUCT(--ISNUMBER(FIND(MID({cell},{rows},1),"{self.characters}")))={self.count}'


def _joined(runs: Sequence[_Run]) -> Iterator[_Run]:
    """Yields the runs, words that follow each other as one."""
    for is_word, group in groupby(runs, key=lambda run: run.is_word):
        if is_word:
            word = "".join(run.characters for run in group)
            yield _Run(word, len(word), is_word=True)
        else:
            yield from group


def _expanded(characters: str) -> str:
    """The characters of a set such as `0-9A-Z` or `123`."""
    ranges = re.sub(r"(\w)-(\w)", lambda match: "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1))), characters)
    return "".join(dict.fromkeys(ranges))


def _resident_check(cell: str) -> str:
    """GB 11643: the weights are powers of two."""
    total = f"SUMPRODUCT(MID({cell},ROW($1:$17),1)*2^(18-ROW($1:$17)))"
    return f'MID("10X98765432",MOD({total},11)+1,1)=RIGHT({cell})'


def _credit_code_check(cell: str) -> str:
    """GB 32100: the weights are powers of three; that of the check character itself is one.

    The organization's own check character inside the code would not fit into the formula; the outer one is over it, too.
    """
    values = f'(FIND(MID({cell},ROW($1:$18),1),"{USCC_ALPHABET}")-1)'
    return f"MOD(SUMPRODUCT({values}*MOD(3^MOD(ROW($1:$18)-1,17),31)),31)=0"
