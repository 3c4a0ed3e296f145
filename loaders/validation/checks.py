"""Checks of a contract's rules before any document comes: each must exist, take its arguments, and run on a sound row."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from loaders.contract import Column, ColumnType, Report
from loaders.divisions import Divisions
from loaders.period import Period, PeriodKind
from loaders.table import ROW, SHEET, Reading
from loaders.validation.documents import Judgeable
from loaders.validation.frame import judged_frame
from loaders.validation.implied import implied_rules
from loaders.validation.personal import KeyMaker
from loaders.validation.row_rule import RowRule, RuleError, with_list
from loaders.validation.run import Suite
from loaders.validation.stack import Stack
from loaders.validation.typed import Typing
from loaders.validation.written import written_rule

_NO_DIVISIONS = Divisions(())
_PERIOD = Period(PeriodKind.YEAR, 2023, 1)
_SOUND = {
    ColumnType.TEXT: "文字",
    ColumnType.INTEGER: "1",
    ColumnType.DECIMAL: "1",
    ColumnType.DATE: "2023-01-15",
    ColumnType.DATETIME: "2023-01-15 08:30:00",
    ColumnType.MONTH: "2023-01",
    ColumnType.QUARTER: "2023Q1",
    ColumnType.YEAR: "2023",
    ColumnType.BOOLEAN: "是",
    ColumnType.USCC: "51100000500009247D",
    ColumnType.RESIDENT_ID: "11010519491231002X",
    ColumnType.PHONE: "13800138000",
    ColumnType.BANK_ACCOUNT: "6222021234567890",
    ColumnType.DIVISION_CODE: "441302",
}


def faults_of_rules(report: Report) -> list[str]:
    """Every fault of a contract's rules, one line each."""
    return list(_faults(report))


def _faults(report: Report) -> Iterator[str]:
    trial = _Trial(report)
    for implied in implied_rules(report):
        yield from trial.faults_of(implied)
    for rule in report.rules:
        try:
            written = written_rule(report, rule)
        except RuleError as error:
            yield str(error)
        else:
            yield from trial.faults_of(written)


class _Trial:
    """One row in which every column holds a value of its type, and each rule run on it alone."""

    def __init__(self, report: Report) -> None:
        texts = {column.name: pa.array([_sound_text(column)], pa.string()) for column in report.columns}
        rows = pa.table({SHEET: pa.array(["1"]), ROW: pa.array([1], pa.int32()), **texts})
        self._report = report
        self._stack = Stack.of([Judgeable(Reading(rows, 1), "", _PERIOD)])
        self._typed = Typing(report, _NO_DIVISIONS, KeyMaker(b"only for a trial")).convert(self._stack)

    def faults_of(self, rule: RowRule) -> Iterator[str]:
        """Why the rule cannot be run, if it cannot."""
        try:
            suite = Suite(self._report.report, [with_list(self._report, rule, _NO_DIVISIONS)])
            suite.run(judged_frame(self._report, self._stack, self._typed, suite.columns))
        except RuleError as error:
            yield " ".join(str(error).split())


def _sound_text(column: Column) -> str:
    return column.choices[0] if column.choices else _SOUND[column.type]
