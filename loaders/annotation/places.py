"""Where issues stand: one mark per cell, with the texts of all its issues."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loaders.messages import phrase
from loaders.model import Issue, OpenIssue, Severity
from loaders.reading.model.sheets import MAX_COLUMN, MAX_ROW, parse_address

MarkedIssue = Issue | OpenIssue
Place = tuple[int, int]

# `D7`
_ADDRESS = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}")
# Beyond this number, drawings of notes slow every spreadsheet program down.
MOST_NOTES = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """A cell to be filled, in row and column from 1. `note` is what its note says, None for a cell that gets none."""

    row: int
    column: int
    is_error: bool
    note: str | None


def place_of(issue: MarkedIssue, first_cell_of: Callable[[int], int], column_of: Callable[[str], int | None]) -> Place | None:
    """Returns the row and column of an issue; None for one that is about a whole sheet or document.

    An issue of a whole row stands at the row's first cell. `first_cell_of` finds it; `column_of` finds a column of the contract.
    """
    if issue.cell and _ADDRESS.fullmatch(issue.cell):
        row, column = parse_address(issue.cell)
        return (row, column) if row <= MAX_ROW and column <= MAX_COLUMN else None
    if not issue.row or issue.row > MAX_ROW:
        return None
    named = column_of(issue.column) if issue.column else None
    return issue.row, named or first_cell_of(issue.row)


def marks_of(placed: Sequence[tuple[Place, MarkedIssue]], lang: str, notes_left: int) -> list[Mark]:
    """Returns one mark per cell, in the order of the sheet. The first `notes_left` of them have a note."""
    cells: dict[Place, list[MarkedIssue]] = {}
    for place, issue in placed:
        cells.setdefault(place, []).append(issue)
    return [
        Mark(
            row,
            column,
            any(issue.severity != Severity.WARNING for issue in issues),
            _note(issues, lang) if number < notes_left else None,
        )
        for number, ((row, column), issues) in enumerate(sorted(cells.items()))
    ]


def message_of(issue: MarkedIssue, lang: str) -> str:
    """Returns what is wrong and how to fix it, in one language."""
    return issue.message_zh if lang == "zh" else issue.message_en


def _note(issues: Sequence[MarkedIssue], lang: str) -> str:
    messages = list(dict.fromkeys(message_of(issue, lang) for issue in issues))
    text = messages[0] if len(messages) == 1 else "\n".join(f"{number}. {text}" for number, text in enumerate(messages, start=1))
    return str(getattr(phrase("annotation.note", messages=text), lang))
