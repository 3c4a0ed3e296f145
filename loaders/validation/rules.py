"""The rules of a report as one list, and whether all of them can be run."""

from __future__ import annotations

from loaders.contract import Report
from loaders.validation.implied import implied_rules
from loaders.validation.row_rule import RowRule
from loaders.validation.written import written_rule


def rules_of(report: Report) -> tuple[RowRule, ...]:
    """Every rule of a report, implied ones first."""
    return (*implied_rules(report), *(written_rule(report, rule) for rule in report.rules))


def check_rules(report: Report) -> list[str]:
    """Every fault of a contract's rules, one line each; empty when all can be run."""
    from loaders.validation.checks import faults_of_rules

    return faults_of_rules(report)
