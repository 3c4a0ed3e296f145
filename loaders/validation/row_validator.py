"""One validation over the rows of a row batch: converted, run through the report's suite, repeated keys settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.model import Severity
from loaders.validation.conversion.pseudonyms import Pseudonymizer
from loaders.validation.conversion.typed_columns import ColumnConverter, TypedColumns
from loaders.validation.model.row_batch import RowBatch
from loaders.validation.model.row_rule import DOCUMENT, NOT_NULL, UNIQUE, RowRule, key_columns, with_value_set
from loaders.validation.model.rule_violation import RuleViolation
from loaders.validation.model.string_column import Mask, Positions
from loaders.validation.rules.engines.duplicate_keys import Hashes, key_hashes, split_duplicates
from loaders.validation.rules.engines.validation_frame import build_validation_frame
from loaders.validation.rules.rule_set import rules_of

if TYPE_CHECKING:
    from loaders.validation.rules.engines.gx_suite import GxSuite
    from loaders.validation.rules.engines.pandas_suite import PandasSuite


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What is wrong with the rows of a row batch, and which of them are rejected."""

    batch: RowBatch
    typed: TypedColumns
    violations: tuple[RuleViolation, ...]
    rejected: Mask


class RowValidator:
    """Validates row batches of one report; with `prefer_pandas`, without Great Expectations where the report's rules allow it.

    Raises:
        RuleError: the contract has a rule that cannot be run.
    """

    def __init__(self, report: Report, divisions: Divisions, pii_key: bytes, *, prefer_pandas: bool = False) -> None:
        self._report = report
        self._converter = ColumnConverter(report, divisions, Pseudonymizer(pii_key))
        self._rules = [with_value_set(report, rule, divisions) for rule in rules_of(report)]
        self._prefer_pandas = prefer_pandas
        self._suite = _make_suite(report, self._rules, prefer_pandas=prefer_pandas)
        self.key = report.key
        self._key = [report.column(name) for name in report.key]

    @cached_property
    def _suite_without_unique(self) -> GxSuite | PandasSuite:
        """The same rules without that of the key, for documents that are validated in chunks."""
        rules = [rule for rule in self._rules if rule.expect != UNIQUE]
        return _make_suite(self._report, rules, prefer_pandas=self._prefer_pandas)

    def validate(self, batch: RowBatch, *, keys_are_distinct: bool = False) -> BatchOutcome:
        """Validate the rows. With `keys_are_distinct` the caller knows that no two of them share a key.

        Raises:
            RuleError: a rule failed on these rows; nothing is validated then.
        """
        typed = self._converter.convert(batch)
        suite = self._suite_without_unique if keys_are_distinct else self._suite
        frame = build_validation_frame(self._report, batch, typed, suite.columns)
        violations = list(typed.violations)
        shared: tuple[RowRule, Positions] | None = None
        for rule, rows in zip(suite.rules, suite.run(frame), strict=True):
            if rule.expect == UNIQUE and not rule.is_declared:
                shared = rule, rows
            elif len(rows := _reportable_rows(rule, rows, batch, typed)):
                violations.append(_violation(rule, rows))
        rejected = _rejected(batch, violations)
        if shared is not None and len(shared[1]):
            violations += self._reject_duplicates(*shared, frame, typed, rejected)
        return BatchOutcome(batch, typed, tuple(violations), rejected)

    def key_hashes(self, batch: RowBatch) -> Hashes:
        """A number for each row that is equal where the keys are equal."""
        return key_hashes([self._converter.key(column, batch) for column in self._key])

    def _reject_duplicates(
        self, rule: RowRule, rows: Positions, frame: pd.DataFrame, typed: TypedColumns, rejected: Mask
    ) -> Iterator[RuleViolation]:
        """The rows that repeat another; they are marked as rejected too. A row without a whole key repeats nothing."""
        for column in self._key:
            invalid_keys = typed.invalid.get(column.name)
            if invalid_keys is not None:
                rows = rows[~invalid_keys[rows]]
            if column.required:
                rows = rows[typed.values[column.name].take(rows).is_valid().to_numpy(zero_copy_only=False)]
        duplicates, kept = split_duplicates(frame[[DOCUMENT, *key_columns(self._report)]], rows, rejected)
        rejected[duplicates] = True
        if len(duplicates):
            yield RuleViolation(rule.expect, rule.severity, rule.columns, rule.expected, duplicates, kept_rows=kept)


def _violation(rule: RowRule, rows: Positions) -> RuleViolation:
    return RuleViolation(
        rule.expect, rule.severity, rule.columns, rule.expected, rows, rule.is_declared, names_period=rule.names_period
    )


def _make_suite(report: Report, rules: Sequence[RowRule], *, prefer_pandas: bool) -> GxSuite | PandasSuite:
    if prefer_pandas:
        from loaders.validation.rules.engines.pandas_suite import PandasSuite, can_evaluate

        if can_evaluate(report, rules):
            return PandasSuite(report.report, rules)
    from loaders.validation.rules.engines.gx_suite import GxSuite

    return GxSuite(report.report, rules)


def _reportable_rows(rule: RowRule, rows: Positions, batch: RowBatch, typed: TypedColumns) -> Positions:
    """Without blanks that are no news: those that stand for an unfit text, and those of a column that a table does not have."""
    if rule.expect != NOT_NULL or not len(rows):
        return rows
    known = [typed.invalid.get(rule.columns[0]), None if rule.is_declared else batch.rows_without_column(rule.columns[0])]
    for mask in known:
        rows = rows if mask is None else rows[~mask[rows]]
    return rows


def _rejected(batch: RowBatch, violations: list[RuleViolation]) -> Mask:
    rejected = np.zeros(len(batch), dtype=bool)
    for violation in violations:
        if violation.severity is Severity.ERROR:
            rejected[violation.rows] = True
    rejected[[place for place, _ in batch.row_errors()]] = True
    return rejected
