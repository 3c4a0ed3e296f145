"""What the columns of rules between reports must agree on: within one contract, and over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from loaders.contract.choosing import faults_of_where
from loaders.contract.columns import Column, ColumnType
from loaders.contract.cross import BetweenReports, ExistsIn, SumAgrees

if TYPE_CHECKING:
    from loaders.contract.report import Report

_NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})
_DAYS = frozenset({ColumnType.DATE, ColumnType.DATETIME})
_TEXTS = frozenset({ColumnType.TEXT, ColumnType.CHOICE, ColumnType.USCC, ColumnType.DIVISION_CODE})
Columns = Mapping[str, Column]


def faults_within(report: Report) -> Iterator[str]:
    """What the contract alone shows of its rules between reports."""
    known = {column.name: column for column in report.columns}
    for name, count in Counter(rule.name for rule in report.cross_rules).items():
        if count > 1:
            yield f"cross rule {name} is described {count} times"
    for rule in report.cross_rules:
        told = f"cross rule {rule.name}"
        named = {*rule.own_columns, *rule.where, *rule.own_days}
        yield from (f"{told} names column {name}, which is not described" for name in sorted(named - known.keys()))
        yield from faults_of_where(told, rule.where, known)
        yield from (f"{told} where {name}: personal values cannot be chosen" for name in _personal(known, rule.where))
        yield from _not_of(told, rule.own_numbers, known, _NUMBERS)
        yield from _not_of(told, rule.own_days, known, _DAYS)
        if rule.needs_period and report.period_kind is None:
            yield f"{told} needs the period of the documents: say period_kind"
        if isinstance(rule, ExistsIn) and rule.told == "other":
            missing = _personal(known, rule.columns)
            yield from (f"{told}: a missing person ({name}) cannot be named to another owner" for name in missing)


def faults_between(report: Report, reports: Mapping[str, Report], unread: Collection[str]) -> Iterator[tuple[int, str]]:
    """What the other contracts show of each rule, by its number; `unread` names those that have faults of their own."""
    known = {column.name: column for column in report.columns}
    for number, rule in enumerate(report.cross_rules):
        if not isinstance(rule, BetweenReports) or rule.other in unread:
            continue
        if rule.other not in reports:
            yield number, f"in: there is no report {rule.other}"
            continue
        for fault in _faults_with(rule, known, reports[rule.other]):
            yield number, fault


def _faults_with(rule: BetweenReports, own: Columns, other: Report) -> Iterator[str]:
    told = f"report {other.report}"
    known = {column.name: column for column in other.columns}
    named = {*(there for _, there in rule.pairs), *rule.other_days, *rule.other_numbers}
    yield from (f"{told} has no column {name}" for name in sorted(named - known.keys()))
    yield from _not_of(told, rule.other_days, known, _DAYS)
    yield from _not_of(told, rule.other_numbers, known, _NUMBERS)
    if isinstance(rule, SumAgrees) and other.period_kind is None:
        yield f"{told} has no period_kind, so that its rows cannot be added up by period"
    for here, there in rule.pairs:
        if here in own and there in known and _family(own[here]) != _family(known[there]):
            yield f"{here} ({_words(own[here])}) and {other.report}.{there} ({_words(known[there])}) cannot be compared"


def _not_of(told: str, names: Collection[str], known: Columns, types: frozenset[ColumnType]) -> Iterator[str]:
    for name in names:
        if name in known and known[name].type not in types:
            yield f"{told}: column {name} must be of type {' or '.join(sorted(types))}, not {known[name].type}"


def _personal(known: Columns, names: Collection[str]) -> list[str]:
    return [name for name in names if name in known and known[name].is_personal]


def _family(column: Column) -> str:
    """Columns of one family are compared as they stand in the warehouse: texts, numbers, hashes of the same kind of number."""
    if column.is_personal:
        return f"personal {column.type}"
    if column.type in _TEXTS:
        return "text"
    return "number" if column.type in _NUMBERS else str(column.type)


def _words(column: Column) -> str:
    return f"{column.type}, personal" if column.is_personal else str(column.type)
