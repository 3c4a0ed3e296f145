"""Great Expectations classes of the kinds that it does not have: an expectation and a metric, made from the registry's entry.

Importing this module registers them with Great Expectations.
"""

from __future__ import annotations

import os

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

from types import MappingProxyType
from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation, Expectation, MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import column_condition_partial
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import ColumnMapMetricProvider
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import (
    multicolumn_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import (
    MulticolumnMapMetricProvider,
)

from loaders.validation.rules.registry import rule_kinds
from loaders.validation.rules.rule_kind import Domain, RuleKind


def _condition(kind: RuleKind) -> Any:
    """The metric's function: the kind's own check over the values or rows that Great Expectations has chosen."""

    def pandas_condition(_cls: type, values: Any, **given: Any) -> pd.Series[Any]:
        return kind.check(values, {name: given.get(name) for name in kind.settings})

    partial: Any = column_condition_partial if kind.domain is Domain.COLUMN else multicolumn_condition_partial
    return partial(engine=PandasExecutionEngine)(pandas_condition)


def _register(kind: RuleKind) -> type[Expectation]:
    """Create the metric provider and the expectation; their metaclasses register them by name."""
    is_column = kind.domain is Domain.COLUMN
    metric = f"{'column_values' if is_column else 'multicolumn_values'}.{kind.expect.removeprefix('expect_')}"
    name = "".join(part.capitalize() for part in kind.expect.split("_"))
    provider: Any = ColumnMapMetricProvider if is_column else MulticolumnMapMetricProvider
    values = {"condition_metric_name": metric, "condition_value_keys": tuple(kind.settings), "_pandas": _condition(kind)}
    type(provider)(f"{name}Metric", (provider,), {"__module__": __name__, **values})
    base: Any = ColumnMapExpectation if is_column else MulticolumnMapExpectation
    members = {
        "__module__": __name__,
        "__annotations__": {"map_metric": ClassVar[str], "success_keys": ClassVar[tuple[str, ...]], **kind.settings},
        "map_metric": metric,
        "success_keys": (*kind.settings, "mostly"),
    }
    expectation: type[Expectation] = type(base)(name, (base,), members)
    return expectation


EXPECTATIONS = MappingProxyType({name: _register(kind) for name, kind in rule_kinds().items() if not kind.is_stock})
