"""What the columns of rules between reports must agree on: within one contract, and over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from loaders.contract.columns import Column, ColumnType
from loaders.contract.cross_rules.base import BetweenReports
from loaders.contract.selectors import selector_errors
from loaders.contract.terms.key_scope import join_errors
from loaders.contract.terms.lifecycle import former_names

if TYPE_CHECKING:
    from loaders.contract.report import Report

_NUMBER_TYPES = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
_DATE_TYPES = frozenset({ColumnType.DATE, ColumnType.DATETIME})
_TEXT_TYPES = frozenset({ColumnType.TEXT, ColumnType.CHOICE, ColumnType.USCC, ColumnType.DIVISION_CODE})
Columns = Mapping[str, Column]


def cross_rule_errors(report: Report) -> Iterator[str]:
    """What the contract alone shows of its rules between reports."""
    known = {column.name: column for column in report.columns}
    for name, count in Counter(rule.name for rule in report.cross_rules).items():
        if count > 1:
            yield f"cross rule {name} is described {count} times"
    for rule in report.cross_rules:
        subject = f"cross rule {rule.name}"
        named = {*rule.own_columns, *rule.where, *rule.own_date_columns}
        yield from (f"{subject} names column {name}, which is not described" for name in sorted(named - known.keys()))
        yield from selector_errors(subject, rule.where, known)
        yield from (f"{subject} where {name}: personal values cannot be chosen" for name in _personal_columns(known, rule.where))
        yield from _wrong_type(subject, rule.own_number_columns, known, _NUMBER_TYPES)
        yield from _wrong_type(subject, rule.own_date_columns, known, _DATE_TYPES)
        if rule.needs_period and report.period_kind is None:
            yield f"{subject} needs the period of the documents: say period_kind"
        if isinstance(rule, BetweenReports):
            missing = _personal_columns(known, rule.missing_columns)
            yield from (f"{subject}: a missing person ({name}) cannot be named to another owner" for name in missing)


def cross_report_errors(report: Report, reports: Mapping[str, Report], unread: Collection[str]) -> Iterator[tuple[int, str]]:
    """What the other contracts show of each rule, by its number; `unread` names those that have faults of their own."""
    known = {column.name: column for column in report.columns}
    for number, rule in enumerate(report.cross_rules):
        if not isinstance(rule, BetweenReports) or rule.other_report in unread:
            continue
        if rule.other_report not in reports:
            renamed = former_names(reports).get(rule.other_report)
            hint = f"; it is now {renamed}" if renamed is not None else ""
            yield number, f"other_report: there is no report {rule.other_report}{hint}"
            continue
        other = reports[rule.other_report]
        for error in (*_errors_with_report(rule, known, other), *join_errors(rule.pairs, report, other)):
            yield number, error


def _errors_with_report(rule: BetweenReports, own: Columns, other: Report) -> Iterator[str]:
    subject = f"report {other.report}"
    known = {column.name: column for column in other.columns}
    named = {*(there for _, there in rule.pairs), *rule.other_date_columns, *rule.other_number_columns}
    yield from (f"{subject} has no column {name}" for name in sorted(named - known.keys()))
    yield from _wrong_type(subject, rule.other_date_columns, known, _DATE_TYPES)
    yield from _wrong_type(subject, rule.other_number_columns, known, _NUMBER_TYPES)
    if rule.needs_other_period and other.period_kind is None:
        yield f"{subject} has no period_kind, so that its rows cannot be added up by period"
    for here, there in rule.pairs:
        if here in own and there in known and _comparison_type(own[here]) != _comparison_type(known[there]):
            types = _describe_type(own[here]), _describe_type(known[there])
            yield f"{here} ({types[0]}) and {other.report}.{there} ({types[1]}) cannot be compared"


def _wrong_type(subject: str, names: Collection[str], known: Columns, types: frozenset[ColumnType]) -> Iterator[str]:
    for name in names:
        if name in known and known[name].type not in types:
            yield f"{subject}: column {name} must be of type {' or '.join(sorted(types))}, not {known[name].type}"


def _personal_columns(known: Columns, names: Collection[str]) -> list[str]:
    return [name for name in names if name in known and known[name].is_personal]


def _comparison_type(column: Column) -> str:
    """Columns of one family are compared as they stand in the warehouse: texts, numbers, hashes of the same kind of number."""
    if column.is_personal:
        return f"personal {column.type}"
    if column.type in _TEXT_TYPES:
        return "text"
    return "number" if column.type in _NUMBER_TYPES else str(column.type)


def _describe_type(column: Column) -> str:
    return f"{column.type}, personal" if column.is_personal else str(column.type)
