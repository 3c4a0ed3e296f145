"""Rules derived from column definitions: required, unique, well-formed, known."""

from __future__ import annotations

from loaders.contract import Report
from loaders.validation.model.row_rule import RowRule
from loaders.validation.rules.registry import rule_kinds


def derived_rules(report: Report) -> list[RowRule]:
    """The rules that every registered kind derives, by the rank of the kind, then in the order of the columns."""
    place = {column.name: number for number, column in enumerate(report.columns)}
    ranked = [(kind.rank, rule) for kind in rule_kinds().values() for rule in kind.derive(report)]
    return [rule for _, rule in sorted(ranked, key=lambda pair: (pair[0], place[pair[1].columns[0]]))]
