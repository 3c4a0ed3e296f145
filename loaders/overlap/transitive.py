"""Facts of two reports that both are the same as a fact of a third."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from loaders.contract import Report
from loaders.overlap.model import ColumnPlace, Evidence, Overlap, Relation


def transitive_overlaps(overlaps: Iterable[Overlap], reports: Mapping[str, Report]) -> Iterator[Overlap]:
    """Yields pairs of columns that two reports share with a third, whose rows both name by the same columns."""
    by_known: dict[tuple[ColumnPlace, tuple[str, ...]], list[Overlap]] = {}
    for overlap in overlaps:
        if overlap.relation is Relation.SAME:
            by_known.setdefault((overlap.known, tuple(sorted(there for _, there in overlap.link))), []).append(overlap)
    for (third, _), sharing in by_known.items():
        for one, other in combinations(sharing, 2):
            if one.asked.report != other.asked.report:
                yield _through(third, one, other, reports)


def _through(third: ColumnPlace, one: Overlap, other: Overlap, reports: Mapping[str, Report]) -> Overlap:
    by_third = {there: here for here, there in other.link}
    link = tuple((here, by_third[there]) for here, there in one.link)
    known = reports[third.report]
    words = (("report", known.title.zh), ("header", known.column(third.column).header))
    senders = reports[one.asked.report].units, reports[other.asked.report].units
    units = tuple(unit for unit in senders[0] if unit in senders[1])
    reason = Evidence("third", round(one.score * other.score, 3), words)
    return Overlap(Relation.SAME, one.asked, other.asked, link, round(one.score * other.score, 3), (reason,), units)
