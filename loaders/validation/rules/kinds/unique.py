"""The key of a row occurs once per document.

Parts of a key may be null. Two keys with a null in the same part are equal, as in the raw table's own index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from loaders.contract import Column, LocalizedText, Report
from loaders.messages import localized, phrase
from loaders.model import Severity
from loaders.validation.model.row_rule import DOCUMENT, PERIOD_TYPES, UNIQUE, RowRule, key_columns
from loaders.validation.rules.export_forms import ExportForm, QueryForm, identifier
from loaders.validation.rules.rule_kind import Arguments, Domain, RuleKind


class _Arguments(Arguments):
    column_list: list[str]
    ignore_row_if: str


def describe(columns: Sequence[Column]) -> LocalizedText:
    """What is asked of the key."""
    headers = "、".join(f"“{column.header}”" for column in columns)
    names = ", ".join(column.name for column in columns)
    return phrase("expected.unique", columns=localized(headers, names))


def _check(columns: pd.DataFrame, _: Mapping[str, Any]) -> pd.Series[Any]:
    return ~columns.duplicated(keep=False)


def _derive(report: Report) -> Iterator[RowRule]:
    if report.key:
        columns = [report.column(name) for name in report.key]
        arguments = {"column_list": [DOCUMENT, *key_columns(report)], "ignore_row_if": "never"}
        # A message begins with the columns that tell most about the row; its period does not.
        ordered = sorted(columns, key=lambda column: column.type in PERIOD_TYPES)
        yield RowRule(UNIQUE, arguments, tuple(column.name for column in ordered), Severity.ERROR, describe(columns))


def _export(rule: RowRule) -> ExportForm:
    """The stock expectation takes two nulls for different values, a window does not."""
    parts = ", ".join(map(identifier, rule.arguments["column_list"]))
    # Column names only, quoted.
    counted = f'(select b.*, count(*) over (partition by {parts}) as "_copies" from (select * from {{batch}}) as b)'  # noqa: S608
    return QueryForm('"_copies" > 1', counted)


KIND = RuleKind(
    expect=UNIQUE,
    domain=Domain.COLUMNS,
    arguments=_Arguments,
    check=_check,
    is_stock=True,
    sees_nulls=True,
    derive=_derive,
    rank=1,
    export=_export,
)
