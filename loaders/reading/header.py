"""Where the table's header is and which contract column each sheet column is.

A header is one to five rows deep. A sheet column's words are what stands above its data, top to bottom, with merges spread both
ways; they match a contract header as a whole path, or by the lowest word. Required columns that are missing, columns that the
contract does not know and two candidates for one column are faults, and are never passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from loaders.contract import Column, Layout, Report
from loaders.period import Period
from loaders.reading.headers import exact_form, loose_form, unit_of_header
from loaders.reading.sheets import Sheet, column_letter
from loaders.reading.units import scale_of

MAX_HEADER_ROWS = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a header does not fit: the rule, the headers or columns that it is about."""

    rule: str
    found: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


@dataclass(slots=True)
class HeaderMatch:
    """A header that was compared with a layout: place, column numbers by contract name, faults."""

    sheet: str
    first_row: int
    last_row: int
    layout: str
    columns: dict[str, int]
    words: dict[int, str]
    faults: list[Fault] = field(default_factory=list)
    left_out: tuple[int, ...] = ()

    @property
    def score(self) -> int:
        """How much of the contract was found; faults weigh against it."""
        return len(self.columns) * 2 - sum(max(len(fault.found), len(fault.expected)) for fault in self.faults)

    def letters(self) -> dict[str, str]:
        """The column letter of each contract column."""
        return {name: column_letter(number) for name, number in self.columns.items()}


class Vocabulary:
    """The headers of one layout of a report, ready to be looked up."""

    def __init__(self, report: Report, layout: Layout) -> None:
        self.layout = layout
        self.columns = [column for column in report.columns if column.name not in layout.without]
        self.required = {column.name for column in self.columns if not column.may_be_absent}
        self._exact: dict[str, str | None] = {}
        self._loose: dict[str, set[str | None]] = {}
        for column in self.columns:
            for header in self.headers_of(column):
                self._add(header, column.name)
        for header in report.left_out:
            self._add(header, None)

    def headers_of(self, column: Column) -> tuple[str, ...]:
        """The accepted prints of a column's header in this layout."""
        renamed = self.layout.headers.get(column.name)
        own = (renamed, *column.synonyms) if renamed else column.headers
        return (*own, column.field) if column.field else own

    def _add(self, header: str, name: str | None) -> None:
        self._exact.setdefault(exact_form(header), name)
        self._loose.setdefault(loose_form(header), set()).add(name)

    def look_up(self, text: str) -> tuple[bool, str | None]:
        """(known, contract column); a known header without a column is one that the contract leaves out."""
        exact = exact_form(text)
        if exact in self._exact:
            return True, self._exact[exact]
        names = self._loose.get(loose_form(text), set())
        if len(names) == 1:
            return True, next(iter(names))
        return False, None

    def look_up_path(self, path: Iterable[str]) -> tuple[bool, str | None]:
        """Look up a header of several rows: the whole path first, then its tails, down to the lowest word."""
        words = list(path)
        for start in range(len(words)):
            known, name = self.look_up("".join(words[start:]))
            if known:
                return known, name
        return False, None


def vocabularies(report: Report, period: Period | None) -> list[Vocabulary]:
    """One vocabulary for each layout that was in force in the period, in the contract's order."""
    fitting = [layout for layout in report.layouts if _in_force(layout, period)]
    return [Vocabulary(report, layout) for layout in fitting or report.layouts or (Layout(name="default"),)]


def _in_force(layout: Layout, period: Period | None) -> bool:
    if period is None:
        return True
    since = Period.parse(layout.since).start if layout.since else None
    until = Period.parse(layout.until).end if layout.until else None
    return (since is None or period.end >= since) and (until is None or period.start <= until)


class HeaderFinder:
    """Finds the headers of one report in sheets."""

    def __init__(self, report: Report, period: Period | None) -> None:
        self._vocabularies = vocabularies(report, period)

    def find(self, sheet: Sheet, first_row: int = 1) -> HeaderMatch | None:
        """The first complete header from `first_row` on, else the closest to one that has at least two columns right."""
        spread = Spread(sheet)
        best: HeaderMatch | None = None
        for row in sorted(number for number in sheet.rows if number >= first_row):
            if len(sheet.rows[row]) < 2:
                continue
            match = self.match_at(spread, row)
            if match is None:
                continue
            if not match.faults:
                return self._without_lines_above(spread, match)
            if best is None or match.score > best.score:
                best = match
        return best if best and len(best.columns) >= 2 else None

    def _without_lines_above(self, spread: Spread, match: HeaderMatch) -> HeaderMatch:
        """The same header without the lines above it that no column needs (填报单位：…), but with its words for groups."""
        while match.first_row < match.last_row and not spread.groups_columns(match.first_row, set(match.columns.values())):
            shorter = self.match_at(spread, match.first_row + 1)
            if shorter is None or shorter.faults or shorter.columns != match.columns:
                break
            match = shorter
        return match

    def match_at(self, spread: Spread, row: int) -> HeaderMatch | None:
        """The best match of a header that begins in this row."""
        best: HeaderMatch | None = None
        for vocabulary in self._vocabularies:
            if not any(vocabulary.look_up(word)[0] for depth in range(MAX_HEADER_ROWS) for word in spread.words(row + depth)):
                continue
            for depth in range(1, MAX_HEADER_ROWS + 1):
                match = _compare(spread, row, depth, vocabulary)
                if match.columns and not match.faults:
                    return match
                if match.columns and (best is None or match.score > best.score):
                    best = match
        return best


class Spread:
    """A sheet's words with merges spread over the cells that they cover."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._covered: dict[int, dict[int, tuple[int, int]]] = {}
        for area in sheet.merges:
            if area.last_row - area.first_row > MAX_HEADER_ROWS or area.last_column - area.first_column > 300:
                continue
            for row in range(area.first_row, area.last_row + 1):
                cover = self._covered.setdefault(row, {})
                for column in range(area.first_column, area.last_column + 1):
                    cover[column] = (area.first_row, area.first_column)

    def origin(self, row: int, column: int) -> tuple[int, int]:
        """The cell that holds what this place shows."""
        return self._covered.get(row, {}).get(column, (row, column))

    def columns(self, row: int) -> set[int]:
        """The columns of a row that show something."""
        own = {column for column, cell in self.sheet.rows.get(row, {}).items() if cell.text}
        return own | {column for column, (top, left) in self._covered.get(row, {}).items() if self.sheet.text(top, left)}

    def words(self, row: int) -> Iterator[str]:
        """The texts that stand in a row."""
        return (cell.text for cell in self.sheet.rows.get(row, {}).values() if cell.text)

    def groups_columns(self, row: int, columns: set[int]) -> bool:
        """Whether a row holds words over several of these columns, but not over all, and is no line of labels (`单位：万元`)."""
        if any(":" in word or "：" in word for word in self.words(row)):
            return False
        wide = [a for a in self.sheet.merges if a.first_row <= row <= a.last_row and a.first_column < a.last_column]
        return any(1 < len(columns & set(range(a.first_column, a.last_column + 1))) < len(columns) for a in wide)

    def path(self, row: int, depth: int, column: int) -> list[str]:
        """The words above a column, top to bottom, each merged word once."""
        seen: list[tuple[int, int]] = []
        for number in range(row, row + depth):
            place = self.origin(number, column)
            if place not in seen and place[0] >= row and self.sheet.text(*place):
                seen.append(place)
        return [self.sheet.text(*place) for place in seen]


def _compare(spread: Spread, row: int, depth: int, vocabulary: Vocabulary) -> HeaderMatch:
    candidates: dict[str, list[int]] = {}
    unknown: list[str] = []
    left_out: list[int] = []
    words: dict[int, str] = {}
    last_row = row + depth - 1
    for column in sorted(set().union(*(spread.columns(number) for number in range(row, last_row + 1)))):
        path = spread.path(row, depth, column)
        words[column] = " ".join(path)
        known, name = vocabulary.look_up_path(path)
        if name is not None:
            candidates.setdefault(name, []).append(column)
        elif known:
            left_out.append(column)
        else:
            unknown.append(words[column])
    match = HeaderMatch(spread.sheet.name, row, last_row, vocabulary.layout.name, {n: c[0] for n, c in candidates.items()}, words)
    match.left_out = tuple(left_out)
    match.faults = list(_faults(candidates, unknown, words, vocabulary))
    return match


def _faults(
    candidates: Mapping[str, list[int]], unknown: list[str], words: Mapping[int, str], vocabulary: Vocabulary
) -> Iterator[Fault]:
    missing = [column for column in vocabulary.columns if column.name in vocabulary.required and column.name not in candidates]
    if missing:
        yield Fault("missing_column", tuple(unknown), tuple(vocabulary.headers_of(column)[0] for column in missing))
    if unknown:
        yield Fault("unknown_column", tuple(unknown), tuple(vocabulary.headers_of(column)[0] for column in missing))
    for name, columns in candidates.items():
        if len(columns) > 1:
            found = tuple(f"{words[column]} ({column_letter(column)})" for column in columns)
            yield Fault("ambiguous_column", found, (name,))


def scales(match: HeaderMatch, report: Report, label_units: tuple[str, ...]) -> dict[str, Decimal]:
    """The factors from printed units to the contract's, by column: from the header, else the sheet's label, else the contract."""
    found = {}
    for name, number in match.columns.items():
        factor = scale_of(report.column(name), unit_of_header(match.words[number]), label_units)
        if factor != 1:
            found[name] = factor
    return found
