"""Rules of a contract as a standard Great Expectations suite, over a table of typed rows (see `typed_rows`).

A rule of ours that no stock expectation expresses becomes an `UnexpectedRowsExpectation`, or is listed in the suite's meta under
`no_stock_form` with the reason.
"""

from __future__ import annotations

import os

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from great_expectations.core.expectation_suite import ExpectationSuite
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.registry import get_expectation_impl
from great_expectations.expectations.row_conditions import Column as ConditionColumn
from great_expectations.expectations.row_conditions import Condition

from loaders.contract import ColumnType, Report
from loaders.divisions import Divisions
from loaders.model import ROW, SHEET, Severity
from loaders.raw_schema import key_name
from loaders.validation.model.row_rule import DOCUMENT, RowRule, with_value_set
from loaders.validation.rules.export_forms import ExportForm, NoStockForm, QueryForm, StockForm, identifier, literal
from loaders.validation.rules.registry import rule_kinds
from loaders.validation.rules.rule_kind import stock_form
from loaders.validation.rules.rule_set import rules_of

ROW_ID = (DOCUMENT, SHEET, ROW)
"""The columns of the table of rows that tell one row from another."""
_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "warning"}


@dataclass(frozen=True, slots=True)
class ExportedSuite:
    """A suite as JSON, and each rule that has no stock form, with the reason."""

    content: dict[str, Any]
    no_stock_form: tuple[tuple[RowRule, str], ...]


def export_suite(report: Report, divisions: Divisions) -> ExportedSuite:
    """The rules of a report, derived and declared.

    Raises:
        RuleError: the contract has a rule that cannot be run.
    """
    expectations: list[Expectation] = []
    missing: list[tuple[RowRule, str]] = []
    for rule in rules_of(report):
        form = export_form(report, with_value_set(report, rule, divisions))
        if isinstance(form, NoStockForm):
            missing.append((rule, form.reason))
        else:
            expectations.append(_expectation(report, rule, form))
    meta = {
        "report": report.report,
        "row_id": list(ROW_ID),
        "key_scope": report.key_scope,
        "no_stock_form": [
            {"rule": rule.expect, "columns": list(rule.columns), "expected": rule.expected.en, "reason": reason}
            for rule, reason in missing
        ],
    }
    suite = ExpectationSuite(name=report.report, expectations=expectations, meta=meta)
    return ExportedSuite(suite.to_json_dict(), tuple(missing))


def export_form(report: Report, rule: RowRule) -> ExportForm:
    """The form of one rule.

    A personal column is in the table of rows as its hash only, which shows whether it is null.
    """
    kind = rule_kinds().get(rule.expect)
    personal = {column.name for column in report.columns if column.is_personal} & set(rule.frame_columns)
    form = stock_form(rule) if kind is None else kind.export(rule)
    if not personal or isinstance(form, NoStockForm):
        return form
    if kind is not None and kind.sees_nulls and isinstance(form, StockForm) and not personal & set(rule.where):
        column = report.column(rule.arguments["column"])
        return replace(form, arguments={**form.arguments, "column": key_name(column)})
    return NoStockForm(f"{', '.join(sorted(personal))} is personal, so the table of rows has its hash only")


def _expectation(report: Report, rule: RowRule, form: StockForm | QueryForm) -> Expectation:
    meta = {"rule": rule.expect, "columns": list(rule.columns), "expected": rule.expected.model_dump()}
    facts: dict[str, Any] = {"severity": _SEVERITIES[rule.severity], "meta": meta}
    if isinstance(form, QueryForm):
        return UnexpectedRowsExpectation(unexpected_rows_query=_query(report, rule, form), **facts)
    condition = _row_condition(report, rule.where)
    if condition is not None:
        facts["row_condition"] = condition
    arguments = {name: value for name, value in form.arguments.items() if value is not None}
    expectation: Expectation = get_expectation_impl(form.expect)(**arguments, **facts)
    return expectation


def _row_condition(report: Report, where: Mapping[str, tuple[Any, ...]]) -> Condition | None:
    joined: Condition | None = None
    for name, values in where.items():
        column = ConditionColumn(name)
        if report.column(name).type is not ColumnType.BOOLEAN:
            condition: Condition = column.is_in(list(values))
        elif len(set(values)) == 1:
            condition = column == bool(values[0])
        else:
            condition = column.is_not_null()
        joined = condition if joined is None else joined & condition
    return joined


def _query(report: Report, rule: RowRule, form: QueryForm) -> str:
    conditions = [form.violated]
    for name, values in rule.where.items():
        is_boolean = report.column(name).type is ColumnType.BOOLEAN
        listed = ", ".join(literal(bool(value) if is_boolean else value) for value in values)
        conditions.append(f"{identifier(name)} in ({listed})")
    # Braces and colons are placeholders, of Great Expectations and of SQLAlchemy.
    filters = " and ".join(conditions).replace("{", "{{").replace("}", "}}").replace(":", "\\:")
    return f"select * from {form.source} as r where {filters}"  # noqa: S608 - names and values of a contract
