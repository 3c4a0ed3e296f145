"""Checks of a contract's rules before any document comes: each must exist, take its arguments, and run on a sound row."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from loaders.contract import Column, ColumnType, Report
from loaders.divisions import Divisions
from loaders.model import ROW, SHEET, Reading
from loaders.period import Period, PeriodKind
from loaders.validation.conversion.pseudonyms import Pseudonymizer
from loaders.validation.conversion.typed_columns import ColumnConverter
from loaders.validation.model.documents import ValidationInput
from loaders.validation.model.row_batch import RowBatch
from loaders.validation.model.row_rule import RowRule, RuleError, with_value_set
from loaders.validation.rules.declared_rules import declared_rule
from loaders.validation.rules.derived_rules import derived_rules
from loaders.validation.rules.engines.gx_suite import GxSuite
from loaders.validation.rules.engines.validation_frame import build_validation_frame

_NO_DIVISIONS = Divisions(())
_PERIOD = Period(PeriodKind.YEAR, 2023, 1)
_VALID_TEXTS = {
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
    ColumnType.DIVISION_CODE: "110101",
}


def rule_errors(report: Report) -> list[str]:
    """Every fault of a contract's rules, one line each."""
    return list(_errors(report))


def _errors(report: Report) -> Iterator[str]:
    trial_row = _TrialRow(report)
    for derived in derived_rules(report):
        yield from trial_row.errors_of(derived)
    for rule in report.rules:
        try:
            declared = declared_rule(report, rule)
        except RuleError as error:
            yield str(error)
        else:
            yield from trial_row.errors_of(declared)


class _TrialRow:
    """One row in which every column holds a value of its type, and each rule run on it alone."""

    def __init__(self, report: Report) -> None:
        texts = {column.name: pa.array([_valid_text(column)], pa.string()) for column in report.columns}
        rows = pa.table({SHEET: pa.array(["1"]), ROW: pa.array([1], pa.int32()), **texts})
        self._report = report
        self._batch = RowBatch.of([ValidationInput(Reading(rows, 1), "", _PERIOD)])
        self._typed = ColumnConverter(report, _NO_DIVISIONS, Pseudonymizer(b"only for a trial")).convert(self._batch)

    def errors_of(self, rule: RowRule) -> Iterator[str]:
        """Why the rule cannot be run, if it cannot."""
        try:
            suite = GxSuite(self._report.report, [with_value_set(self._report, rule, _NO_DIVISIONS)])
            suite.run(build_validation_frame(self._report, self._batch, self._typed, suite.columns))
        except RuleError as error:
            yield " ".join(str(error).split())


def _valid_text(column: Column) -> str:
    return column.choices[0] if column.choices else _VALID_TEXTS[column.type]
