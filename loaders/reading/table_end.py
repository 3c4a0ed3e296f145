"""Where a table ends: which of the lines below its last full row close the document, and which are rows of it.

A closing line is a row of data when it looks like the values above it (an office below offices, a date below dates) and nothing
sets it apart. Where both readings are open, the line is remarked on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from loaders.contract import Column
from loaders.reading.closing_lines import Piece, continues_note, pattern_of
from loaders.reading.furniture import Kind
from loaders.reading.row_sorter import Look
from loaders.reading.sheets import Cell
from loaders.table import Issue, Severity

ROWS_COMPARED = 200
MOST_CLOSING_LINES = 200
_CLOSED = {Kind.TOTAL, Kind.SIGNATURE, Kind.PROSE}
Pattern = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A row below the last full one: its number, its cells, what it looks like."""

    number: int
    cells: Mapping[int, Cell]
    look: Look


@dataclass(frozen=True, slots=True)
class Settled:
    """What a line is (None: a row of data), and whether it could be the other."""

    line: Line
    kind: Kind | None
    is_open: bool = False


class TableEnd:
    """Settles the lines below one table. `rows_above` gives the last rows of data, `columns` are the contract's."""

    def __init__(self, columns: Mapping[int, Column], rows_above: Callable[[], Iterable[Mapping[int, Cell]]]) -> None:
        self._columns = columns
        self._rows_above = rows_above

    def settle(self, lines: Sequence[Line]) -> list[Settled]:
        """What each line is."""
        closing = [line for line in lines if line.look.closes]
        if not closing or len(closing) > MOST_CLOSING_LINES:
            return [Settled(line, None if line.look.closes else line.look.kind) for line in lines]
        above = list(self._rows_above())
        splittable = {number for number, column in self._columns.items() if column.may_be_split}
        walk = _Walk(self._patterns(above, closing), splittable, has_lone_rows=not above or any(map(_is_lone, above)))
        return [walk.settle(line, lines[place + 1] if place + 1 < len(lines) else None) for place, line in enumerate(lines)]

    def _patterns(self, above: Sequence[Mapping[int, Cell]], closing: Sequence[Line]) -> dict[int, set[Pattern]]:
        """How the values of each column look; where no row is above, what several of the lines have in common."""
        fewest = 1 if above else 2
        counts: dict[int, Counter[Pattern]] = {}
        for cells in above or [line.cells for line in closing]:
            for column in self._columns & cells.keys():
                pattern = pattern_of(cells[column].text) if cells[column].text else None
                if pattern is not None:
                    counts.setdefault(column, Counter())[pattern] += 1
        return {column: {one for one, count in seen.items() if count >= fewest} for column, seen in counts.items()}

    def open_issues(self, settled: Iterable[Settled], sheet: str | None) -> Iterator[Issue]:
        """A warning for each line that could as well be the other: a row, or a closing line."""
        for one in settled:
            if one.is_open:
                yield _open(one, self._quoted(one.line), sheet)

    def _quoted(self, line: Line) -> str:
        personal = {number for number, column in self._columns.items() if column.is_personal}
        return "、".join("***" if column in personal else cell.text for column, cell in sorted(line.cells.items()) if cell.text)


class _Walk:
    """Goes down the lines and remembers what came before."""

    def __init__(self, patterns: Mapping[int, set[Pattern]], splittable: set[int], *, has_lone_rows: bool) -> None:
        self._patterns = patterns
        self._splittable = splittable
        self._has_lone_rows = has_lone_rows
        self._is_attached = True
        self._is_closed = False
        self._in_note = False

    def settle(self, line: Line, following: Line | None) -> Settled:
        look = line.look
        if look.closes:
            return self._closing(line, following)
        if look.kind is None and self._in_note and look.is_leading and _is_lone(line.cells) and _continues(line.cells):
            return Settled(line, Kind.PROSE)
        self._is_closed = look.kind in _CLOSED or (look.kind is Kind.BLANK and self._is_closed)
        self._in_note = Piece.NOTE in look.pieces or (look.kind is Kind.BLANK and self._in_note)
        self._is_attached = look.kind is not Kind.BLANK
        return Settled(line, look.kind)

    def _closing(self, line: Line, following: Line | None) -> Settled:
        if self._is_attached and not self._is_closed and self._may_be_rest(line):
            return Settled(line, None)
        is_alike = self._is_alike(line)
        is_followed = following is not None and _closes(following) and following.look.pieces != line.look.pieces
        if is_alike and self._is_attached and not self._is_closed and not is_followed:
            return Settled(line, None, is_open=line.look.is_full and not self._has_lone_rows)
        is_open = is_alike and not self._is_closed
        self._is_closed, self._is_attached = True, True
        self._in_note = Piece.NOTE in line.look.pieces or (self._in_note and Piece.SENTENCE in line.look.pieces)
        return Settled(line, line.look.kind, is_open=is_open)

    def _may_be_rest(self, line: Line) -> bool:
        """Whether a line can be the rest of a name that begins in the row above (武汉市 / 第七医院)."""
        shown = {column for column, cell in line.cells.items() if cell.text}
        return line.look.pieces == (Piece.OFFICE,) and shown <= self._splittable

    def _is_alike(self, line: Line) -> bool:
        """Whether all of a line looks like values that its columns hold above."""
        seen = [(column, pattern_of(cell.text)) for column, cell in line.cells.items() if cell.text]
        known = [(column, pattern) for column, pattern in seen if pattern is not None]
        return bool(known) and all(pattern in self._patterns.get(column, ()) for column, pattern in known)


def _open(one: Settled, text: str, sheet: str | None) -> Issue:
    if one.kind is None:
        zh = "已按一行数据读取；如是落款，请与表格空一行，并写上日期"
        en = "it was read as a row: if it is the signature, leave a blank row above it and add the date"
    else:
        zh = "已按落款处理，未读取；如是一行数据，请补全该行，并紧接上一行填写"
        en = "it was taken for the signature and not read: if it is a row, complete it and put it directly below the others"
    return Issue(
        "row_or_closing_line",
        Severity.WARNING,
        message_zh=f"第 {one.line.number} 行只有“{text}”，可能是一行数据，也可能是表后的落款；{zh}",
        message_en=f'row {one.line.number} holds nothing but "{text}", which may be a row or the signature below; {en}',
        sheet=sheet or None,
        row=one.line.number,
        found=text,
    )


def _closes(line: Line) -> bool:
    return line.look.closes or line.look.kind in {Kind.SIGNATURE, Kind.PROSE}


def _is_lone(cells: Mapping[int, Cell]) -> bool:
    return sum(1 for cell in cells.values() if cell.text) == 1


def _continues(cells: Mapping[int, Cell]) -> bool:
    return continues_note(next(cell.text for cell in cells.values() if cell.text))
