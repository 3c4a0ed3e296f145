"""Columns that identify what a row is about, and which of them identify the same things in two reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from loaders.contract import BetweenReports, Column, ColumnType, Replaces, Report
from loaders.overlap.model import ColumnPlace
from loaders.overlap.wording import phrase_of, subject_of, terms, title_words, wording_of

_PERIODS = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})
_IDENTITY_TYPES = frozenset({ColumnType.USCC, ColumnType.RESIDENT_ID})
_CODE_ENDS = ("_code", "_no", "_id")
_SIMILAR_TITLES = 0.6
_SAME_LABEL = 0.7
_BY_TYPE, _BY_LABEL, _BY_NAME, _BY_AREA, _BY_UNIT = 0.95, 0.9, 0.8, 0.9, 0.85


@dataclass(frozen=True, slots=True)
class Link:
    """How the rows of two reports are brought together: pairs of columns, how sure it is, and the code of the reason.

    Without pairs, all rows of one unit belong together.
    """

    pairs: tuple[tuple[str, str], ...]
    weight: float
    reason: str


@dataclass(frozen=True)
class ReportSubjects:
    """A report with the columns that identify things, and what its row is about."""

    report: Report

    @cached_property
    def row_key(self) -> tuple[Column, ...]:
        """The key without periods: what tells one row of a document from another."""
        return tuple(column for column in self.report.columns if column.key and column.type not in _PERIODS)

    @cached_property
    def nouns(self) -> frozenset[str]:
        """What one row stands for, in nouns."""
        return subject_of(self.report.grain.zh)

    @cached_property
    def phrase(self) -> str:
        """What one row stands for, in the contract's words."""
        return phrase_of(self.report.grain.zh)

    @cached_property
    def identifiers(self) -> tuple[Column, ...]:
        """Columns whose value names one thing: codes, credit codes, identity numbers, and names that are keys."""
        return tuple(column for column in self.report.columns if self._identifies(column))

    def is_about(self, column: Column) -> bool:
        """Whether each row stands for one thing that this column identifies, in its period at most."""
        # Several rows of one thing, one per kind of funds, are about it too.
        if tuple(one for one in self.row_key if one.type is not ColumnType.CHOICE) == (column,):
            return True
        # A register has a code of its own beside the identity numbers of its people; `matched_uscc` is that of another.
        is_own = column.type in _IDENTITY_TYPES and not role_of(column) and not _names_another(column)
        return is_own and len(self.row_key) == 1 and self.report.replaces is Replaces.REGISTER

    def _identifies(self, column: Column) -> bool:
        if column.type in _PERIODS:
            return False
        if column.type in _IDENTITY_TYPES:
            return not _names_another(column)
        if column.type is ColumnType.DIVISION_CODE or column.known_in is not None:
            return self.row_key == (column,)
        is_code = column.name.endswith(_CODE_ENDS) or "attribute:code" in wording_of(column.header).weights
        return column.type is ColumnType.TEXT and not column.is_personal and (column.key or is_code)


def links_between(one: ReportSubjects, other: ReportSubjects, declared: Mapping[ColumnPlace, int]) -> Iterator[Link]:
    """Yields the ways in which rows of two reports are brought together, each with one pair of columns.

    Args:
        one: the report whose form is asked about.
        other: the report that could fill it in.
        declared: columns of all reports with the number of the group in which the contracts' rules put them.
    """
    for here in one.identifiers:
        for there in other.identifiers:
            groups = [
                declared.get(ColumnPlace(side.report.report, column.name)) for side, column in ((one, here), (other, there))
            ]
            if groups[0] is not None and groups[0] == groups[1]:
                yield Link(((here.name, there.name),), 1.0, "link_declared")
            elif (found := _undeclared(one, here, other, there)) is not None:
                yield found
    yield from _by_whole_keys(one, other)
    yield from _by_names(one, other)
    yield from _by_areas(one, other)
    if not (one.row_key and other.row_key) and set(one.report.units) & set(other.report.units):
        yield Link((), _BY_UNIT, "link_unit")


def declared_groups(reports: Mapping[str, Report]) -> dict[ColumnPlace, int]:
    """Numbers groups of columns that identify the same things by the contracts' own rules: references and joins."""
    parents: dict[ColumnPlace, ColumnPlace] = {}

    def root(place: ColumnPlace) -> ColumnPlace:
        while (above := parents.setdefault(place, place)) != place:
            place = above
        return place

    for report in reports.values():
        for rule in report.cross_rules:
            if isinstance(rule, BetweenReports) and rule.other_report in reports:
                for own, other in identifying_pairs(rule):
                    parents[root(ColumnPlace(report.report, own))] = root(ColumnPlace(rule.other_report, other))
    numbers = {place: number for number, place in enumerate(sorted({root(place) for place in parents}))}
    return {place: numbers[root(place)] for place in list(parents)}


def role_of(identifier: Column) -> str:
    """`matched` of `matched_uscc`, the role in which a row names the thing; empty for `uscc` and `station_code`."""
    parts = identifier.name.split("_")
    return parts[0] if identifier.type is ColumnType.USCC and len(parts) == 2 else ""


def identifying_pairs(rule: BetweenReports) -> tuple[tuple[str, str], ...]:
    """The pairs of a rule by which a row is found, not those whose values it compares."""
    joined: Mapping[str, str] | None = getattr(rule, "join_on", None)
    return tuple(joined.items()) if joined is not None else rule.pairs


def _undeclared(one: ReportSubjects, here: Column, other: ReportSubjects, there: Column) -> Link | None:
    pair = ((here.name, there.name),)
    if here.type is there.type and here.type in _IDENTITY_TYPES:
        return None if _is_enterprise(here) != _is_enterprise(there) else Link(pair, _BY_TYPE, "link_type")
    if here.known_in is not None or there.known_in is not None:
        both = here.known_in is not None and here.known_in == there.known_in
        return Link(pair, _BY_AREA, "link_area") if both else None
    first, second = wording_of(here.header), wording_of(there.header)
    if first.similarity(second) < _SAME_LABEL or not (here.key or there.key):
        return None
    nouns = (first.nouns or one.nouns) & (second.nouns or other.nouns)
    # `示范点编号`, where no list has the word; a serial number says nothing.
    if not nouns and not (one.phrase and {*one.phrase} <= {*first.letters} & {*second.letters}):
        return None
    # `活动编号`: each ledger of activities has codes of its own, unless both are about the same activities.
    if nouns and nouns <= terms().events and not _have_similar_titles(one.report, other.report):
        return None
    return Link(pair, _BY_LABEL, "link_label")


def _by_whole_keys(one: ReportSubjects, other: ReportSubjects) -> Iterator[Link]:
    """Yields keys of several columns that both reports have: an organization's name within its town."""
    if len(one.row_key) < 2 or len(one.row_key) != len(other.row_key):
        return
    pairs = []
    for column in one.row_key:
        same = [each for each in other.row_key if each.type is column.type and each.known_in == column.known_in]
        counterpart = next((each for each in same if column.known_in is not None or _same_words(column, each)), None)
        if counterpart is None:
            return
        pairs.append((column.name, counterpart.name))
    yield Link(tuple(pairs), _BY_LABEL, "link_key")


def _by_names(one: ReportSubjects, other: ReportSubjects) -> Iterator[Link]:
    """Yields names as a link where a form has no other identifier of what its row is about."""
    for side, counterpart in ((one, other), (other, one)):
        if len(side.row_key) != 1 or not _is_name(side.row_key[0]) or not side.nouns:
            continue
        for column in counterpart.report.columns:
            is_own_name = column not in counterpart.row_key and counterpart.nouns == side.nouns
            if is_own_name and _is_name(column) and _same_words(side.row_key[0], column):
                names = (side.row_key[0].name, column.name)
                yield Link((names if side is one else names[::-1],), _BY_NAME, "link_name")


def _by_areas(one: ReportSubjects, other: ReportSubjects) -> Iterator[Link]:
    """Yields the code of an area that each row of one report is about, and where the other report's rows name theirs."""
    for side, counterpart in ((one, other), (other, one)):
        for area in side.row_key if len(side.row_key) == 1 else ():
            for column in counterpart.report.columns:
                is_same_list = area.known_in is not None and area.known_in == column.known_in
                if is_same_list and column.type is ColumnType.DIVISION_CODE and counterpart.row_key != (column,):
                    names = (area.name, column.name)
                    yield Link((names if side is one else names[::-1],), _BY_AREA, "link_area")


def _is_name(column: Column) -> bool:
    return column.type is ColumnType.TEXT and "attribute:name" in wording_of(column.header).weights and not column.is_personal


def _same_words(one: Column, other: Column) -> bool:
    return wording_of(one.header).similarity(wording_of(other.header)) >= _SAME_LABEL


def _names_another(column: Column) -> bool:
    """Whether the number is that of a representative, a contact or a guardian."""
    return wording_of(column.header).opposites["person_role"] != {"self"}


def _is_enterprise(column: Column) -> bool:
    return "enterprise" in wording_of(column.header).nouns


def _have_similar_titles(one: Report, other: Report) -> bool:
    return title_words(one.title.zh).similarity(title_words(other.title.zh)) >= _SIMILAR_TITLES
