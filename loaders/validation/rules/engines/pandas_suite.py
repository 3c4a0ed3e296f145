"""Runs rules of registered kinds on pandas alone, where nobody has loaded Great Expectations before.

Loading Great Expectations takes three seconds, reading and checking a small document a fifth of one. Both engines run the same
entry of the registry on the same frame (a property test compares them for every kind). A report with any other rule is left to
Great Expectations, and the scheduler always uses it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import ValidationError

from loaders.contract import Report
from loaders.validation.model.row_rule import RowRule, RuleError
from loaders.validation.rules.registry import rule_kinds

Rows = npt.NDArray[np.int64]


class PandasSuite:
    """The rules of one report, all of them of registered kinds (see `can_evaluate`)."""

    def __init__(self, report: str, rules: Sequence[RowRule]) -> None:
        self._report = report
        self.rules = tuple(rules)
        self.columns = frozenset(name for rule in self.rules for name in rule.frame_columns)

    def run(self, frame: pd.DataFrame) -> list[Rows]:
        """The rows (positions in the frame) that break each rule, in the order of the rules.

        Raises:
            RuleError: a rule failed on these rows; nothing is validated then.
        """
        return [self._failing_rows(frame, rule) for rule in self.rules]

    def _failing_rows(self, frame: pd.DataFrame, rule: RowRule) -> Rows:
        for name, values in rule.where.items():
            frame = frame[frame[name].isin(list(values))]
        try:
            passes = rule_kinds()[rule.expect].passes(frame, rule.arguments)
        except (TypeError, ValueError) as error:
            where = f"report={self._report}: rule {rule.expect} on {', '.join(rule.columns)}"
            raise RuleError(f"{where} could not be run: {error}") from error
        return np.asarray(passes.index[~passes.to_numpy(dtype=bool, na_value=False)], dtype=np.int64)


def can_evaluate(report: Report, rules: Sequence[RowRule]) -> bool:
    """Whether every rule is of a registered kind, with arguments and columns that the kind's own check compares."""
    return all(_is_supported(report, rule) for rule in rules)


def _is_supported(report: Report, rule: RowRule) -> bool:
    kind = rule_kinds().get(rule.expect)
    if kind is None:
        return False
    if not kind.is_stock:
        return True
    try:
        kind.arguments.model_validate(dict(rule.arguments))
    except ValidationError:
        return False
    return kind.supports(report, rule.arguments)
