"""One judgement over the rows of a stack: converted, run through the report's suite, repeated keys settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.table import Severity
from loaders.validation.findings import Finding
from loaders.validation.frame import judged_frame
from loaders.validation.personal import KeyMaker
from loaders.validation.repeats import Hashes, key_hashes, those_that_go
from loaders.validation.row_rule import DOCUMENT, NOT_NULL, UNIQUE, RowRule, key_columns, with_list
from loaders.validation.rules import rules_of
from loaders.validation.stack import Stack
from loaders.validation.texts import Mask, Positions
from loaders.validation.typed import Typed, Typing

if TYPE_CHECKING:
    from loaders.validation.quick import QuickSuite
    from loaders.validation.run import Suite


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with the rows of a stack, and which of them are rejected."""

    stack: Stack
    typed: Typed
    findings: tuple[Finding, ...]
    rejected: Mask


class RowJudge:
    """Judges stacks of one report; with `quick`, without Great Expectations where the report's rules allow it.

    Raises:
        RuleError: the contract has a rule that cannot be run.
    """

    def __init__(self, report: Report, divisions: Divisions, pii_key: bytes, *, quick: bool = False) -> None:
        self._report = report
        self._typing = Typing(report, divisions, KeyMaker(pii_key))
        rules = [with_list(report, rule, divisions) for rule in rules_of(report)]
        self._suite = _suite_of(report, rules, quick=quick)
        self._suite_of_distinct = _suite_of(report, [rule for rule in rules if rule.expect != UNIQUE], quick=quick)
        self.key = report.key
        self._key = [report.column(name) for name in report.key]

    def judge(self, stack: Stack, *, keys_are_distinct: bool = False) -> Judgement:
        """Judge the rows. With `keys_are_distinct` the caller knows that no two of them share a key.

        Raises:
            RuleError: a rule failed on these rows; nothing is judged then.
        """
        typed = self._typing.convert(stack)
        suite = self._suite_of_distinct if keys_are_distinct else self._suite
        frame = judged_frame(self._report, stack, typed, suite.columns)
        findings = list(typed.findings)
        shared: tuple[RowRule, Positions] | None = None
        for rule, rows in zip(suite.rules, suite.run(frame), strict=True):
            if rule.expect == UNIQUE and not rule.is_written:
                shared = rule, rows
            elif len(rows := _to_be_told(rule, rows, stack, typed)):
                findings.append(Finding(rule.expect, rule.severity, rule.columns, rule.expected, rows, rule.is_written))
        rejected = _rejected(stack, findings)
        if shared is not None and len(shared[1]):
            findings += self._repeats(*shared, frame, typed, rejected)
        return Judgement(stack, typed, tuple(findings), rejected)

    def key_hashes(self, stack: Stack) -> Hashes:
        """A number for each row that is equal where the keys are equal."""
        return key_hashes([self._typing.key(column, stack) for column in self._key])

    def _repeats(self, rule: RowRule, rows: Positions, frame: pd.DataFrame, typed: Typed, rejected: Mask) -> Iterator[Finding]:
        """The rows that repeat another; they are marked as rejected too. A row without a whole key repeats nothing."""
        for column in self._key:
            useless = typed.unfit.get(column.name)
            if useless is not None:
                rows = rows[~useless[rows]]
            if column.required:
                rows = rows[typed.values[column.name].take(rows).is_valid().to_numpy(zero_copy_only=False)]
        goes, stays = those_that_go(frame[[DOCUMENT, *key_columns(self._report)]], rows, rejected)
        rejected[goes] = True
        if len(goes):
            yield Finding(rule.expect, rule.severity, rule.columns, rule.expected, goes, instead_of=stays)


def _suite_of(report: Report, rules: Sequence[RowRule], *, quick: bool) -> Suite | QuickSuite:
    if quick:
        from loaders.validation.quick import QuickSuite, can_judge

        if can_judge(report, rules):
            return QuickSuite(report.report, rules)
    from loaders.validation.run import Suite

    return Suite(report.report, rules)


def _to_be_told(rule: RowRule, rows: Positions, stack: Stack, typed: Typed) -> Positions:
    """Without blanks that are no news: those that stand for an unfit text, and those of a column that a table does not have."""
    if rule.expect != NOT_NULL or not len(rows):
        return rows
    known = [typed.unfit.get(rule.columns[0]), None if rule.is_written else stack.lacking(rule.columns[0])]
    for mask in known:
        rows = rows if mask is None else rows[~mask[rows]]
    return rows


def _rejected(stack: Stack, findings: list[Finding]) -> Mask:
    rejected = np.zeros(len(stack), dtype=bool)
    for finding in findings:
        if finding.severity is Severity.ERROR:
            rejected[finding.rows] = True
    rejected[[place for place, _ in stack.row_problems()]] = True
    return rejected
