"""Numbers of one report that are sums over the rows of another, or how many rows there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.characters.confusables import comparison_form
from loaders.contract import Column, ColumnType, Report
from loaders.contract.cross_rules.kinds.reconciles import ReconciliationRule
from loaders.overlap.column_similarity import column_similarity
from loaders.overlap.identifiers import ReportSubjects
from loaders.overlap.model import ColumnPlace, Evidence, Relation
from loaders.overlap.wording import Wording, terms, wording_of

_NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
_THINGS = frozenset({"个", "件", "项", "家", "起", "例", "户", "名", "支", "站"})
_PERSONS = frozenset({"人", "名"})
_COUNTED = ("noun:", "opposite:", "attribute:number")
_OWN_SUM = "expect_column_to_equal_sum"
_SUM, _COUNT, _BY_TITLE = 0.95, 0.9, 0.8
# Per letter or word of a header that the name of the rows does not explain.
_UNEXPLAINED = 0.35


@dataclass(frozen=True, slots=True)
class Total:
    """A number that follows from rows: `known` is the column that is added up, empty where rows are counted."""

    relation: Relation
    asked: Column
    known: str
    weight: float
    evidence: tuple[Evidence, ...]


def totals(asked: ReportSubjects, known: ReportSubjects) -> Iterator[Total]:
    """Yields the numbers of `asked` that follow from the rows of `known`, several of which belong to one of its rows."""
    own_sums = {rule.columns[0] for rule in asked.report.rules if rule.expect == _OWN_SUM}
    for total in asked.report.columns:
        # What is the sum of columns beside it counts more than one ledger.
        if total.type not in _NUMBERS or total.key or total.name in own_sums:
            continue
        for addend in known.report.columns:
            if addend.type in _NUMBERS and _share_special_word(total, addend):
                similarity, evidence = column_similarity(total, addend)
                yield Total(Relation.SUM, total, addend.name, _SUM * similarity, (*evidence, Evidence("sum_of_rows", _SUM)))
        share = _counts(total, known)
        if share:
            counted = Evidence("counted", round(share, 2), (("grain", known.report.grain.zh), ("header", total.header)))
            yield Total(Relation.COUNT, total, "", _COUNT * share, (counted,))


def declared_totals(report: Report) -> Iterator[tuple[ReconciliationRule, Relation, ColumnPlace]]:
    """Yields the rules of a contract by which a column is a sum or a count of another report, with what is counted."""
    for rule in report.cross_rules:
        if isinstance(rule, ReconciliationRule):
            relation = Relation.COUNT if rule.sum is None else Relation.SUM
            yield rule, relation, ColumnPlace(rule.other_report, rule.sum or "")


def _names_ledger(total: Column, words: Wording, known: ReportSubjects) -> bool:
    """Whether a number is called as the ledger: `微实事件数`, of a ledger of `微实事`."""
    name = "".join(words.letters)
    is_number = total.unit in _THINGS and words.opposites["restriction"] == {"all"}
    return is_number and not words.nouns and len(name) > 1 and name in comparison_form(known.report.title.zh)


def _share_special_word(one: Column, other: Column) -> bool:
    """Whether two headers share more than words that any ledger has, such as `支出` or `人次`."""
    first, second = (wording_of(column.header, is_number=True) for column in (one, other))
    shared = {name for name in first.weights.keys() & second.weights.keys() if name.startswith(("attribute:", "noun:"))}
    special = shared - terms().general - {f"noun:{name}" for name in terms().events}
    return bool(special) or len({*first.letters} & {*second.letters}) > 1


def _counts(total: Column, known: ReportSubjects) -> float:
    """How surely a number says how many rows there are: it names what one row stands for, and little else."""
    words = wording_of(total.header, is_number=True)
    if _names_ledger(total, words, known):
        return _BY_TITLE
    named = words.nouns & known.nouns - terms().events
    is_person = bool(named & terms().people)
    if not named or words.nouns - known.nouns or total.unit not in (_PERSONS if is_person else _THINGS):
        return 0.0
    if words.opposites["restriction"] != {"all"} or words.opposites["span"] == {"cumulative"}:
        return 0.0
    others = [weight for name, weight in words.weights.items() if not name.startswith(_COUNTED)]
    return max(0.0, 1 - _UNEXPLAINED * sum(others))
