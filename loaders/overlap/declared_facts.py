"""Facts that the contracts' own rules compare: what two reports must agree on is asked for twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loaders.contract import Report
from loaders.contract.cross_rules.kinds.matches import MatchRule
from loaders.overlap.model import ColumnPlace

# The column, the one that it must agree with, the pairs of columns by which the row is found, and the rule's name.
Fact = tuple[ColumnPlace, ColumnPlace, tuple[tuple[str, str], ...], str]


def declared_facts(reports: Mapping[str, Report]) -> Iterator[Fact]:
    """Yields what rules of the kind `matches` compare, and what follows, and the names beside codes."""
    for report in reports.values():
        yield from _of_report(report, reports)


def _of_report(report: Report, reports: Mapping[str, Report]) -> Iterator[Fact]:
    for rule in report.cross_rules:
        if not isinstance(rule, MatchRule) or rule.other_report not in reports:
            continue
        for own, other in (*rule.columns.items(), *_names_of_codes(rule, report, reports[rule.other_report])):
            places = ColumnPlace(report.report, own), ColumnPlace(rule.other_report, other)
            yield *places, tuple(rule.join_on.items()), rule.name


def _names_of_codes(rule: MatchRule, own: Report, other: Report) -> Iterator[tuple[str, str]]:
    """Yields `town_name` where `town_code` agrees."""
    columns = {column.name for column in own.columns}, {column.name for column in other.columns}
    for pair in rule.columns.items():
        names = tuple(f"{code.removesuffix('_code')}_name" for code in pair if code.endswith("_code"))
        if len(names) == 2 and names[0] in columns[0] and names[1] in columns[1] and names[0] not in rule.columns:
            yield names[0], names[1]
