"""What was read of a workbook against what was planned and what LibreOffice shows, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loaders.checking import CheckedDocument
from loaders.model import Issue, Severity
from loaders.reading.model.sheets import address
from tests.support.libreoffice.differential.contract import NAMES
from tests.support.libreoffice.differential.oracle import Expected, expected
from tests.support.libreoffice.differential.plan import PlannedBook, PlannedCell, PlannedSheet

Shown = Mapping[str, Sequence[Sequence[str]]]
_ADDITIVE = frozenset({"visit_persons", "amount_yuan"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that went another way than it may."""

    file: str
    cell: str
    column: str
    code: str
    stored: str
    shown: str
    ours: str
    wanted: str

    def __str__(self) -> str:
        return (
            f"{self.file} {self.cell} {self.column}: stored {self.stored} under {self.code}, shown “{self.shown}”; "
            f"ours: {self.ours}; wanted: {self.wanted}"
        )


ALL_ROWS_REJECTED = "all_rows_rejected"


@dataclass(slots=True)
class Tally:
    """All differences, and how many cells were compared."""

    differences: list[Difference] = field(default_factory=list)
    cells: Counter[str] = field(default_factory=Counter)


class BookComparison:
    """Compares one workbook."""

    def __init__(self, book: PlannedBook, checked: CheckedDocument, shown: Shown, tally: Tally) -> None:
        self.book = book
        self._checked = checked
        self.shown = shown
        self.tally = tally
        rows = checked.result.accepted.to_pylist() if checked.result else []
        self.loaded = {(row["_sheet"], row["_row"]): row for row in rows}
        self._issues = list(checked.issues)
        self._claimed: set[int] = set()

    def run(self) -> None:
        """Compare every cell of every sheet, then see what was said of nothing that was planned."""
        # A document of which no row is left is refused, and what was said of each row is compared all the same.
        refusal = self._checked.refusal
        if refusal is not None and refusal.rule != ALL_ROWS_REJECTED:
            self.differ("", "", None, "", f"refused: {refusal.message_en}", "a document that is read")
            return
        for sheet in self.book.sheets:
            _SheetComparison(self, sheet).run()
        planned = sum(len(sheet.rows) for sheet in self.book.sheets)
        result = self._checked.result
        found = result.accepted.num_rows + result.rejected.num_rows if result else 0
        if found != planned and refusal is None:
            self.differ("", "", None, "", f"{found} rows", f"{planned} rows")
        for number, issue in enumerate(self._issues):
            if number not in self._claimed and issue.rule != ALL_ROWS_REJECTED:
                self.differ(f"{issue.sheet}!{issue.cell or issue.row}", issue.column or "", None, "", _said([issue]), "no word")

    def differ(self, place: str, column: str, cell: PlannedCell | None, shown: str, ours: str, wanted: str) -> None:
        stored, code = ("", "") if cell is None else (repr(cell.runs or cell.value), str(cell.format.code))
        struck = ", struck" if cell is not None and cell.struck else ""
        self.tally.differences.append(Difference(self.book.name, place, column, code, stored + struck, shown, ours, wanted))

    def take(self, sheet: str, row: int, column: str | None, place: str | None) -> list[Issue]:
        """The issues of a cell, or those of a row that name no cell; each is then accounted for."""
        taken = []
        for number, issue in enumerate(self._issues):
            at_cell = issue.cell == place or (issue.column == column and issue.column is not None)
            fits = at_cell if place else issue.cell is None and issue.column is None
            if issue.sheet == sheet and issue.row == row and fits:
                self._claimed.add(number)
                taken.append(issue)
        return taken


class _SheetComparison:
    """One sheet of a workbook."""

    def __init__(self, book: BookComparison, sheet: PlannedSheet) -> None:
        self._book = book
        self._sheet = sheet
        self._lines = book.shown.get(sheet.name, [])
        self._merged = {(place, m.column) for m in sheet.merges for place in range(m.first, m.last + 1)}
        self._told_rows: set[int] = set()

    def run(self) -> None:
        for place, row in enumerate(self._sheet.rows):
            if self._take_row(place, "struck" if row.struck else "hidden" if row.hidden else ""):
                self._told_rows.add(place)
            for name in NAMES:
                if (place, name) not in self._merged:
                    self._compare(place, name, row.cells.get(name), is_struck_row=row.struck)
        for merge in self._sheet.merges:
            self._compare_merge(merge)

    def _take_row(self, place: int, look: str) -> bool:
        """Whether a row that looks like this is remarked on; the remark may stand at the first row of several in a row."""
        if not look:
            return False
        above = self._sheet.rows[place - 1] if place else None
        if above is not None and getattr(above, look) and place - 1 in self._told_rows:
            return True
        issues = self._book.take(self._sheet.name, self._sheet.row_of(place), None, None)
        if not issues:
            self._book.differ(self._place(place, ""), "", None, "", f"no word about a {look} row", "a remark")
        return bool(issues)

    def _compare(self, place: int, name: str, cell: PlannedCell | None, *, is_struck_row: bool) -> None:
        issues = self._issues_at(place, name)
        shown = self._shown_at(place, name) if cell else ""
        wanted = Expected(lambda value: value is None, False, False, "nothing")
        if cell is not None:
            wanted = expected(name, cell, shown, since_1904=self._book.book.since_1904)
            self._book.tally.cells[f"{cell.format.group} in {name}"] += 1
            self._book.tally.cells["agree" if wanted.agrees else "differ"] += 1
        row = self._book.loaded.get((self._sheet.name, self._sheet.row_of(place)))
        value = row[name] if row else None
        if is_struck_row:
            return
        if issues:
            is_held = any(issue.severity is Severity.ERROR for issue in issues)
            if not (wanted.may_hold if is_held else wanted.may_remark):
                self._differ(place, name, cell, shown, _said(issues), wanted.words)
            elif not wanted.may_hold and row is not None and not wanted.loads(value):
                self._differ(place, name, cell, shown, f"loaded {value!r}", wanted.words)
        elif row is not None and not wanted.loads(value):
            self._differ(place, name, cell, shown, f"loaded {value!r}", wanted.words)

    def _compare_merge(self, merge: Any) -> None:
        """Amounts count once at most; what is shown counts for each of the rows else; what lies beneath is told."""
        places = range(merge.first, merge.last + 1)
        issues = [issue for place in places for issue in self._issues_at(place, merge.column)]
        rows = [self._book.loaded.get((self._sheet.name, self._sheet.row_of(place))) for place in places]
        values = [row[merge.column] for row in rows if row is not None]
        top = self._sheet.rows[merge.first].cells[merge.column]
        shown = self._shown_at(merge.first, merge.column)
        self._book.tally.cells[f"merge in {merge.column}"] += 1
        wanted = expected(merge.column, top, shown, since_1904=self._book.book.since_1904)
        loaded = [value for value in values if value is not None]
        if not all(map(wanted.loads, loaded)):
            self._differ(merge.first, merge.column, top, shown, f"loaded {values} of merged rows", wanted.words)
        if merge.column in _ADDITIVE:
            if len(loaded) > 1:
                self._differ(merge.first, merge.column, top, shown, f"loaded {len(loaded)} times: {values}", "once at most")
        elif not issues and loaded != values:
            self._differ(merge.first, merge.column, top, shown, f"loaded {values}", "the shown value in each row")
        if merge.stale and not issues:
            self._differ(merge.first, merge.column, top, shown, "no word about the values beneath a merge", "a remark")
        if not merge.stale and issues and merge.column not in _ADDITIVE:
            self._differ(merge.first, merge.column, top, shown, _said(issues), "no word: nothing lies beneath")

    def _issues_at(self, place: int, name: str) -> list[Issue]:
        row, column = self._sheet.row_of(place), self._sheet.column_of(name)
        return self._book.take(self._sheet.name, row, name, address(row, column))

    def _shown_at(self, place: int, name: str) -> str:
        line, column = self._sheet.row_of(place) - 1, self._sheet.column_of(name) - 1
        return self._lines[line][column] if line < len(self._lines) and column < len(self._lines[line]) else ""

    def _place(self, place: int, name: str) -> str:
        row = self._sheet.row_of(place)
        return f"{self._sheet.name}!{address(row, self._sheet.column_of(name)) if name else row}"

    def _differ(self, place: int, name: str, cell: PlannedCell | None, shown: str, ours: str, wanted: str) -> None:
        self._book.differ(self._place(place, name), name, cell, shown, ours, wanted)


def _said(issues: Sequence[Issue]) -> str:
    return "; ".join(f"{issue.severity} {issue.rule}: {issue.message_en}" for issue in issues)


def compare_books(books: Sequence[PlannedBook], checked_documents: Sequence[CheckedDocument], shown: Sequence[Shown]) -> Tally:
    """Compare all workbooks."""
    tally = Tally()
    for book, checked, texts in zip(books, checked_documents, shown, strict=True):
        BookComparison(book, checked, texts, tally).run()
    return tally
