"""A finding of a rule between reports as an issue: what stands where, what the other side says, and who is to look at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loaders import identifiers
from loaders.contract import BetweenReports, CrossRule, Report
from loaders.model import Issue, Severity
from loaders.warehouse.cross_rules.cross_rule_kind import CheckQuery, Violation
from loaders.warehouse.cross_rules.registry import kind_of

_CHECK = ("本行已接收，请核对；如有误请更正。", "the row was taken, please check it")
_CHECK_OTHER = ("请核对本报表；如有误请更正。", "please check this report")


def build_issue(rule: CrossRule, own: Report, other: Report, check_query: CheckQuery, row: dict[str, Any]) -> Issue:
    """The issue of one violation, in the words of the report whose owner gets it."""
    is_other_responsible = isinstance(rule, BetweenReports) and rule.is_other_responsible
    report, columns = (other, check_query.other_columns) if is_other_responsible else (own, check_query.own_columns)
    found = _redact_values(report, columns, row["found"])
    expected = [identifiers.redact(text or "") for text in row["expected"] or ()]
    kind = kind_of(rule)
    violation = Violation(own, other, _describe_columns(report, columns, found), expected)
    zh, en = kind.describe(rule, violation)
    request = _CHECK_OTHER if is_other_responsible else _CHECK
    return Issue(
        rule=rule.name,
        severity=Severity.WARNING,
        message_zh=f"{rule.meaning.zh}；{zh}。{request[0]}",
        message_en=f"expected: {rule.meaning.en}; found: {en}; {request[1]}",
        sheet=row["sheet"],
        row=row["row"],
        column=columns[0],
        found="；".join(found),
        expected=kind.expected(violation),
    )


def _describe_columns(report: Report, columns: Sequence[str], found: Sequence[str]) -> tuple[str, str]:
    headers = [report.column(name).header for name in columns]
    pairs = list(zip(headers, found, strict=False))
    return (
        "，".join(f"“{header}”填的是“{text}”" for header, text in pairs),
        ", ".join(f'"{header}" is "{text}"' for header, text in pairs),
    )


def _redact_values(report: Report, columns: Sequence[str], found: Sequence[str | None]) -> list[str]:
    """What was found, with any personal number in it masked."""
    redacted = []
    for name, text in zip(columns, found, strict=False):
        plain = text or ""
        redacted.append(plain if report.column(name).names_no_person else identifiers.redact(plain))
    return redacted
