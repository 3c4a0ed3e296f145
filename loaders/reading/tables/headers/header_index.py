"""Header index: maps the header texts of one layout of a report to its columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from loaders.contract import Column, Layout, Report
from loaders.period import Period
from loaders.reading.tables.headers.header_text import exact_form, form_with_footnote_marks, is_qualifier, loose_form

LookupResult = tuple[bool, str | None]
_UNKNOWN: LookupResult = (False, None)
# Words that an index remembers, before the next document gets a new one.
_MOST_WORDS = 20_000


class HeaderIndex:
    """Index of the headers of one layout of a report."""

    def __init__(self, report: Report, layout: Layout) -> None:
        self.layout = layout
        self.columns = [column for column in report.columns if column.name not in layout.without]
        self.required = {column.name: self.headers_of(column)[0] for column in self.columns if not column.may_be_absent}
        self._exact: dict[str, set[str | None]] = {}
        self._by_marked_form: dict[str, str | None] = {}
        self._loose: dict[str, set[str | None]] = {}
        self._seen: dict[str, LookupResult] = {}
        self._parts_seen: dict[str, bool] = {}
        self._seen_paths: dict[tuple[str, ...], LookupResult] = {}
        for column in self.columns:
            for header in self.headers_of(column):
                self._add(header, column.name)
        for header in report.ignored_headers:
            self._add(header, None)
        self._differ_by_marks = any(len(names) > 1 for names in self._exact.values())
        self._all_headers = "\n".join(self._exact)
        self._longest = max(map(len, self._exact)) * 2 + 40
        self.has_numbers = any(header.isdigit() for header in self._exact)

    @property
    def words_seen(self) -> int:
        """Returns how many texts the index remembers."""
        return len(self._seen) + len(self._parts_seen) + len(self._seen_paths)

    def headers_of(self, column: Column) -> tuple[str, ...]:
        """Returns the accepted texts of a column's header in this layout."""
        renamed = self.layout.headers.get(column.name)
        own = (renamed, *column.synonyms) if renamed else column.headers
        return (*own, column.field) if column.field else own

    def look_up(self, text: str) -> LookupResult:
        """Looks up a text and returns (known, contract column).

        A known header without a column is one that the contract ignores.
        """
        if len(text) > self._longest:
            return _UNKNOWN
        found = self._seen.get(text)
        if found is None:
            found = self._seen[text] = self._find(text)
        return found

    def is_part_of_header(self, text: str) -> bool:
        """Checks whether a text is a header, or a part of one that a multi-row header could print in one cell."""
        if len(text) > self._longest:
            return False
        found = self._parts_seen.get(text)
        if found is None:
            form = exact_form(text)
            found = self._parts_seen[text] = (len(form) > 1 and form in self._all_headers) or self.look_up(text)[0]
        return found

    def look_up_path(self, words: tuple[str, ...]) -> LookupResult:
        """Looks up a multi-row header: the whole path, its tails, then the same without units and notes at its end."""
        found = self._seen_paths.get(words)
        if found is None:
            looked_up = (self.look_up("".join(path)) for path in _parts(words))
            found = self._seen_paths[words] = next((result for result in looked_up if result[0]), _UNKNOWN)
        return found

    def _add(self, header: str, name: str | None) -> None:
        self._by_marked_form.setdefault(form_with_footnote_marks(header), name)
        self._exact.setdefault(exact_form(header), set()).add(name)
        self._loose.setdefault(loose_form(header), set()).add(name)

    def _find(self, text: str) -> LookupResult:
        if self._differ_by_marks and (marked_form := form_with_footnote_marks(text)) in self._by_marked_form:
            return True, self._by_marked_form[marked_form]
        exact = self._exact.get(exact_form(text), set())
        names = (exact - {None} if len(exact) > 1 else exact) or self._loose.get(loose_form(text), set())
        return (True, next(iter(names))) if len(names) == 1 else _UNKNOWN


def header_indexes(report: Report, period: Period | None) -> list[HeaderIndex]:
    """Builds an index for each layout that was in force in the period, in the contract's order.

    The next documents of the same report get the same ones, which know the words of their headers by then.
    """
    fitting = tuple(number for number, layout in enumerate(report.layouts) if _in_force(layout, period))
    if _Last.report is not report:
        _Last.report, _Last.indexes = report, {}
    found = _Last.indexes.get(fitting)
    if found is None or any(index.words_seen > _MOST_WORDS for index in found):
        layouts = [report.layouts[number] for number in fitting] or report.layouts or (Layout(name="default"),)
        found = _Last.indexes[fitting] = [HeaderIndex(report, layout) for layout in layouts]
    return found


class _Last:
    """The indexes of the report that was asked for last in this process, by their layouts. Reports are not altered."""

    report: Report | None = None
    indexes: ClassVar[dict[tuple[int, ...], list[HeaderIndex]]] = {}


def _parts(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yields all runs of words, the longest and lowest first. Words at the end are dropped only if they are units or notes."""
    end = len(words)
    while end:
        yield from (words[start:end] for start in range(end))
        if not is_qualifier(words[end - 1]):
            return
        end -= 1


def _in_force(layout: Layout, period: Period | None) -> bool:
    if period is None:
        return True
    since = Period.parse(layout.since).start if layout.since else None
    until = Period.parse(layout.until).end if layout.until else None
    return (since is None or period.end >= since) and (until is None or period.start <= until)
