"""A finding of a rule between reports as an issue: what stands where, what the other side says, and who is to look at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loaders import identifiers
from loaders.contract import BetweenReports, CrossRule, LocalizedText, Report
from loaders.messages import issue_of, join_texts, phrase
from loaders.model import Issue
from loaders.warehouse.cross_rules.cross_rule_kind import CheckQuery, Violation
from loaders.warehouse.cross_rules.registry import kind_of


def build_issue(rule: CrossRule, own: Report, other: Report, check_query: CheckQuery, row: dict[str, Any]) -> Issue:
    """The issue of one violation, in the words of the report whose owner gets it."""
    is_other_responsible = isinstance(rule, BetweenReports) and rule.is_other_responsible
    report, columns = (other, check_query.other_columns) if is_other_responsible else (own, check_query.own_columns)
    found = _redact_values(report, columns, row["found"])
    expected = [identifiers.redact(text or "") for text in row["expected"] or ()]
    kind = kind_of(rule)
    violation = Violation(own, other, _describe_columns(report, columns, found), expected)
    return issue_of(
        "cross_rule.other" if is_other_responsible else "cross_rule",
        rule=rule.name,
        sheet=row["sheet"],
        row=row["row"],
        column=columns[0],
        found="；".join(found),
        expected=kind.expected(violation),
        meaning=rule.meaning,
        finding=kind.describe(rule, violation),
    )


def _describe_columns(report: Report, columns: Sequence[str], found: Sequence[str]) -> LocalizedText:
    headers = [report.column(name).header for name in columns]
    pairs = zip(headers, found, strict=False)
    return join_texts((phrase("value.found", header=header, text=text) for header, text in pairs), zh="，")


def _redact_values(report: Report, columns: Sequence[str], found: Sequence[str | None]) -> list[str]:
    """What was found, with any personal number in it masked."""
    redacted = []
    for name, text in zip(columns, found, strict=False):
        plain = text or ""
        redacted.append(plain if report.column(name).names_no_person else identifiers.redact(plain))
    return redacted
