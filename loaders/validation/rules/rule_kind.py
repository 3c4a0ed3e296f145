"""Entry of the rule registry: what a kind of row rule takes, checks, follows from and becomes in a stock suite.

Both engines are made from it: `pandas_suite` calls `check` directly, `gx_suite` through the Great Expectations expectation of
the same name. Nothing here imports Great Expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from loaders.contract import Report, Rule
from loaders.validation.model.row_rule import RowRule
from loaders.validation.rules.export_forms import ExportForm, StockForm
from loaders.validation.rules.typed_arguments import typed_arguments

if TYPE_CHECKING:
    import pandas as pd

Check = Callable[[Any, Mapping[str, Any]], "pd.Series[Any]"]
"""Whether each value (or each row of the columns) passes; takes the values and the rule's settings."""


class Arguments(BaseModel):
    """Arguments of a kind as a contract writes them; closed and without conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class ColumnArguments(Arguments):
    """One column and nothing else."""

    column: str


class Domain(StrEnum):
    """What a kind looks at in each row."""

    COLUMN = "column"
    PAIR = "pair"
    COLUMNS = "columns"

    def columns_of(self, arguments: Mapping[str, Any]) -> list[str]:
        """The columns of the validation frame that the arguments name."""
        if self is Domain.COLUMN:
            return [arguments["column"]]
        if self is Domain.PAIR:
            return list(dict.fromkeys([arguments["column_A"], arguments["column_B"]]))
        return list(arguments["column_list"])


def _always(_report: Report, _arguments: Mapping[str, Any]) -> bool:
    return True


def _never(_report: Report) -> Iterable[RowRule]:
    return ()


def stock_form(rule: RowRule) -> ExportForm:
    """The rule under its own name and with its own arguments."""
    return StockForm(rule.expect, rule.arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleKind:
    """One kind of row rule, named by its expectation.

    `arguments` checks what a contract writes. `compile` turns that into arguments over the validation frame. `settings` are
    those of them that `check` takes besides the columns, with their types. `is_stock` says that Great Expectations has the
    expectation itself. `supports` says whether `check` compares values of these columns as Great Expectations does; other
    rules of a stock kind are left to its own implementation. `derive` gives the rules that follow from column definitions,
    ordered by `rank` first.
    """

    expect: str
    domain: Domain
    arguments: type[Arguments]
    check: Check
    settings: Mapping[str, Any] = field(default_factory=dict)
    is_stock: bool = False
    sees_nulls: bool = False
    names_period: bool = False
    compile: Callable[[Report, Rule], dict[str, Any]] = typed_arguments
    supports: Callable[[Report, Mapping[str, Any]], bool] = _always
    derive: Callable[[Report], Iterable[RowRule]] = _never
    rank: int = 2
    export: Callable[[RowRule], ExportForm] = stock_form

    def passes(self, frame: pd.DataFrame, arguments: Mapping[str, Any]) -> pd.Series[Any]:
        """Whether each validated row of the frame passes; rows with a null are not validated, unless the kind sees nulls."""
        names = self.domain.columns_of(arguments)
        values: Any = frame[names[0]] if self.domain is Domain.COLUMN else frame[names]
        if not self.sees_nulls:
            values = values.dropna()
        return self.check(values, {name: arguments.get(name) for name in self.settings})
