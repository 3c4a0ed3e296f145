"""Runs the rules of a report on Great Expectations over one frame and returns the rows that break each.

Every rule becomes an expectation; the conditions of all of them are resolved in one metric graph on the pandas engine. Only
the conditions: counts, samples and renderings, which a full result would add for each rule, are not needed.
"""

from __future__ import annotations

import os

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from great_expectations.exceptions.exceptions import GreatExpectationsError
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.registry import get_expectation_impl, get_metric_kwargs
from great_expectations.expectations.row_conditions import Column as ConditionColumn
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.metrics_calculator import MetricsCalculator

import loaders.validation.rules.engines.gx_expectations  # noqa: F401  (registers the project's own)
from loaders.validation.model.row_rule import RowRule, RuleError

Rows = npt.NDArray[np.int64]


class GxSuite:
    """The expectations of one report, ready to be run on any number of frames.

    Raises:
        RuleError: Great Expectations knows no such expectation, it takes no such arguments, or it does not validate rows.
    """

    def __init__(self, report: str, rules: Sequence[RowRule]) -> None:
        self._report = report
        self.rules = tuple(rules)
        self.columns = frozenset(name for rule in self.rules for name in rule.frame_columns)
        self._conditions = [self._condition(rule) for rule in rules]

    def run(self, frame: pd.DataFrame) -> list[Rows]:
        """The rows (positions in the frame) that break each rule, in the order of the rules.

        Raises:
            RuleError: a rule failed on these rows; nothing is validated then.
        """
        engine = PandasExecutionEngine()
        for columns in {rule.frame_columns for rule in self.rules}:
            engine.load_batch_data(_batch_id(columns), frame[list(columns)])
        try:
            return self._failing_rows(engine)
        finally:
            # The engine and what it loaded hold each other; without this the frames stay until the collector comes by.
            engine.batch_manager.batch_data_cache.clear()

    def _failing_rows(self, engine: PandasExecutionEngine) -> list[Rows]:
        calculator = MetricsCalculator(engine, show_progress_bars=False)
        try:
            resolved, aborted = calculator.compute_metrics(self._conditions, runtime_configuration={"catch_exceptions": False})
        except GreatExpectationsError as error:
            failed = {metric.id for metric in getattr(error, "failed_metrics", ())}
            raise self._error(failed, str(error)) from error
        if aborted or any(condition.id not in resolved for condition in self._conditions):
            raise self._error(set(aborted), "not computed")
        return [_unexpected(resolved[condition.id][0]) for condition in self._conditions]

    def _condition(self, rule: RowRule) -> MetricConfiguration:
        expectation = self._expectation(rule)
        metric = getattr(expectation, "map_metric", None)
        if not metric:
            raise RuleError(f"report={self._report}: {rule.expect} judges a whole column, not rows; it cannot reject a row")
        name = f"{metric}.unexpected_count"
        kwargs = get_metric_kwargs(name, expectation.configuration, {"result_format": "BOOLEAN_ONLY"})
        domain = {**kwargs["metric_domain_kwargs"], "batch_id": _batch_id(rule.frame_columns)}
        return MetricConfiguration(f"{metric}.condition", domain, kwargs["metric_value_kwargs"])

    def _expectation(self, rule: RowRule) -> Expectation:
        arguments: dict[str, Any] = dict(rule.arguments)
        for name, values in rule.where.items():
            condition = ConditionColumn(name).is_in(values)
            arguments["row_condition"] = arguments["row_condition"] & condition if "row_condition" in arguments else condition
        try:
            return get_expectation_impl(rule.expect)(**arguments)
        except GreatExpectationsError as error:
            raise RuleError(f"report={self._report}: there is no rule {rule.expect}: {error}") from error
        except (ValueError, TypeError) as error:
            raise RuleError(f"report={self._report}: rule {rule.expect} on {rule.columns}: {error}") from error

    def _error(self, failed: set[Any], message: str) -> RuleError:
        names = [
            f"{rule.expect} on {', '.join(rule.columns)}"
            for rule, condition in zip(self.rules, self._conditions, strict=True)
            if condition.id in failed
        ]
        return RuleError(f"report={self._report}: rule {'; '.join(names) or 'unknown'} could not be run: {message}")


def _batch_id(columns: tuple[str, ...]) -> str:
    return ",".join(columns)


def _unexpected(mask: pd.Series[Any]) -> Rows:
    return np.asarray(mask.index[mask.to_numpy(dtype=bool, na_value=True)], dtype=np.int64)
