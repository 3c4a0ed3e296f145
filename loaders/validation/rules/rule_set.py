"""The rules of a report as one list, and whether all of them can be run."""

from __future__ import annotations

from loaders.contract import Report
from loaders.validation.model.row_rule import RowRule
from loaders.validation.rules.declared_rules import declared_rule
from loaders.validation.rules.derived_rules import derived_rules


def rules_of(report: Report) -> tuple[RowRule, ...]:
    """Every rule of a report, implied ones first."""
    return (*derived_rules(report), *(declared_rule(report, rule) for rule in report.rules))


def check_rules(report: Report) -> list[str]:
    """Every fault of a contract's rules, one line each; empty when all can be run."""
    from loaders.validation.rules.rule_lint import rule_errors

    return rule_errors(report)
