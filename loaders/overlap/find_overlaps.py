"""The way to the overlaps: link the rows of two reports, then compare their columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from loaders.contract import Cadence, Column, ColumnType, Replaces, Report
from loaders.overlap.belonging import belonging
from loaders.overlap.column_similarity import column_similarity
from loaders.overlap.declared_facts import declared_facts
from loaders.overlap.identifiers import Link, ReportSubjects, declared_groups, links_between
from loaders.overlap.model import ColumnPlace, Evidence, Overlap, Relation
from loaders.overlap.totals import declared_totals, totals
from loaders.overlap.transitive import transitive_overlaps
from loaders.overlap.wording import wording_of

LEAST_SCORE = 0.5
_PERIODS = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})
# They say something of the row that no other form could know.
_REMARKS = frozenset({"备注", "说明", "序号"})
_OFTEN_FIRST = (Cadence.DAILY, Cadence.WEEKLY, Cadence.MONTHLY, Cadence.QUARTERLY, Cadence.ANNUAL, Cadence.AD_HOC)


def find_overlaps(reports: Mapping[str, Report], least_score: float = LEAST_SCORE) -> list[Overlap]:
    """Finds the facts that are asked for more than once, the surest first.

    Args:
        reports: the contracts by name; retired ones are left out.
        least_score: what is less sure is left out.
    """
    valid = {name: report for name, report in sorted(reports.items()) if report.retired is None}
    best: dict[frozenset[ColumnPlace], Overlap] = {}
    _keep_best(best, _Search(valid).overlaps(), least_score)
    _keep_best(best, list(transitive_overlaps(best.values(), valid)), least_score)
    return sorted(best.values(), key=lambda one: (-one.score, one.asked, one.known))


def _keep_best(best: dict[frozenset[ColumnPlace], Overlap], overlaps: Iterable[Overlap], least_score: float) -> None:
    for overlap in overlaps:
        pair = frozenset({overlap.asked, overlap.known})
        if overlap.score >= least_score and (pair not in best or overlap.score > best[pair].score):
            best[pair] = overlap


@dataclass(frozen=True, slots=True)
class _Side:
    """A report, the column by which its rows are linked (None for all rows of a unit), and what that names."""

    subjects: ReportSubjects
    key: Column | None
    nouns: frozenset[str]
    has_whole_key: bool

    @property
    def report(self) -> Report:
        return self.subjects.report

    @property
    def is_about(self) -> bool:
        return not self.subjects.row_key if self.key is None else self.has_whole_key or self.subjects.is_about(self.key)

    @property
    def phrase(self) -> str:
        return self.subjects.phrase if self.is_about else ""

    def share_of(self, column: Column) -> float:
        """How surely a column is about what the link names."""
        if self.is_about or self.key is None:
            return 1.0
        return belonging(self.subjects, column, self.key, self.nouns)

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Which of two reports fills in the other: the register, then the one about the thing, then the more frequent."""
        is_register = self.is_about and self.report.replaces is Replaces.REGISTER
        return not is_register, not self.is_about, _OFTEN_FIRST.index(self.report.cadence)

    def facts(self) -> Iterator[Column]:
        """Yields what the report asks beside periods, identifiers and remarks."""
        for column in self.report.columns:
            is_fact = column.type not in _PERIODS and column not in self.subjects.identifiers and column != self.key
            if is_fact and column.header not in _REMARKS:
                yield column

    def place(self, column: str) -> ColumnPlace:
        return ColumnPlace(self.report.report, column)


class _Search:
    def __init__(self, reports: Mapping[str, Report]) -> None:
        self._reports = reports
        self._subjects = {name: ReportSubjects(report) for name, report in reports.items()}
        self._groups = declared_groups(reports)
        self._nouns: dict[int, set[str]] = {}
        for place, number in self._groups.items():
            subjects = self._subjects[place.report]
            self._nouns.setdefault(number, set()).update(_nouns_of(subjects, subjects.report.column(place.column)))

    def overlaps(self) -> Iterator[Overlap]:
        """Yields all that is found, a pair of columns perhaps several times."""
        yield from self._declared()
        names = list(self._subjects)
        for at, one in enumerate(names):
            for other in names[at + 1 :]:
                for link in links_between(self._subjects[one], self._subjects[other], self._groups):
                    yield from self._linked(self._subjects[one], self._subjects[other], link)

    def _declared(self) -> Iterator[Overlap]:
        for asked, known, link, rule in declared_facts(self._reports):
            reason = Evidence("declared", 1.0, (("rule", rule),))
            yield self._overlap(Relation.SAME, asked, known, link, (reason,))
        for report in self._reports.values():
            for total, relation, known in declared_totals(report):
                if known.report in self._reports:
                    reason = Evidence("declared", 1.0, (("rule", total.name),))
                    asked = ColumnPlace(report.report, total.column)
                    yield self._overlap(relation, asked, known, tuple(total.join_on.items()), (reason,))

    def _linked(self, one: ReportSubjects, other: ReportSubjects, link: Link) -> Iterator[Overlap]:
        keys = link.pairs[0] if link.pairs else (None, None)
        columns = [None if name is None else side.report.column(name) for side, name in zip((one, other), keys, strict=True)]
        nouns = frozenset().union(*(self._named(side, key) for side, key in zip((one, other), columns, strict=True)))
        first, second = (_Side(side, key, nouns, len(link.pairs) > 1) for side, key in zip((one, other), columns, strict=True))
        if second.rank > first.rank:
            first, second = second, first
            link = replace(link, pairs=tuple((there, here) for here, there in link.pairs))
        reason = Evidence(link.reason, link.weight, tuple(zip(("asked", "known"), _headers(first, second), strict=True)))
        # What an event says of its place is not what a report on the place says.
        if link.pairs and (link.reason != "link_area" or (first.is_about and second.is_about)):
            yield from self._same_facts(first, second, link, reason)
        yield from self._totals(first, second, link, reason)
        turned = replace(link, pairs=tuple((there, here) for here, there in link.pairs))
        yield from self._totals(second, first, turned, reason)

    def _same_facts(self, asked: _Side, known: _Side, link: Link, reason: Evidence) -> Iterator[Overlap]:
        for here in asked.facts():
            for there in known.facts():
                similarity, evidence = column_similarity(here, there, asked.nouns or {known.phrase}, (asked.phrase, known.phrase))
                if not similarity:
                    continue
                share = min(asked.share_of(here), known.share_of(there))
                reasons = (reason, *evidence, Evidence("belongs", share))
                score = link.weight * similarity * share
                relation = _relation(asked.report, known.report, here)
                places = asked.place(here.name), known.place(there.name)
                yield self._overlap(relation, *places, link.pairs, reasons, round(score, 3))

    def _totals(self, asked: _Side, known: _Side, link: Link, reason: Evidence) -> Iterator[Overlap]:
        # A year's rows do not say how it was in a month.
        is_coarser = _OFTEN_FIRST.index(known.report.cadence) > _OFTEN_FIRST.index(asked.report.cadence)
        if not asked.is_about or known.is_about or (is_coarser and known.report.replaces is not Replaces.REGISTER):
            return
        for total in totals(asked.subjects, known.subjects):
            score = round(link.weight * total.weight, 3)
            places = asked.place(total.asked.name), known.place(total.known)
            yield self._overlap(total.relation, *places, link.pairs, (reason, *total.evidence), score)

    def _overlap(
        self,
        relation: Relation,
        asked: ColumnPlace,
        known: ColumnPlace,
        link: tuple[tuple[str, str], ...],
        evidence: tuple[Evidence, ...],
        score: float = 1.0,
    ) -> Overlap:
        senders = self._reports[asked.report].units, self._reports[known.report].units
        units = tuple(unit for unit in senders[0] if unit in senders[1])
        return Overlap(relation, asked, known, link, score, evidence, units)

    def _named(self, subjects: ReportSubjects, key: Column | None) -> frozenset[str]:
        if key is None:
            return frozenset()
        group = self._groups.get(ColumnPlace(subjects.report.report, key.name))
        return frozenset(self._nouns.get(group, ()) if group is not None else ()) | _nouns_of(subjects, key)


def _nouns_of(subjects: ReportSubjects, key: Column) -> frozenset[str]:
    people = frozenset({"person"}) if key.type is ColumnType.RESIDENT_ID else frozenset()
    return people | wording_of(key.header).nouns | (subjects.nouns if subjects.is_about(key) else frozenset())


def _relation(asked: Report, known: Report, column: Column) -> Relation:
    """A number of a quarter is the sum of those of its months, unless it says how much there is at a time."""
    is_flow = column.unit is not None and wording_of(column.header).opposites["span"] == {"current"}
    is_longer = _OFTEN_FIRST.index(asked.cadence) > _OFTEN_FIRST.index(known.cadence)
    return Relation.SUM if is_flow and is_longer and known.replaces is Replaces.PERIOD else Relation.SAME


def _headers(*sides: _Side) -> Iterator[str]:
    for side in sides:
        yield side.key.header if side.key is not None else ""
