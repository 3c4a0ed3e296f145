"""A finding of a rule between reports as an issue: what stands where, what the other side says, and who is to look at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loaders import identifiers
from loaders.contract import BetweenReports, CrossRule, NonDecreasingRule, ReconciliationRule, ReferenceRule, Report
from loaders.model import Issue, Severity
from loaders.warehouse.cross_rules.compiler import CheckQuery

_CHECK = ("本行已接收，请核对；如有误请更正。", "the row was taken, please check it")
_CHECK_OTHER = ("请核对本报表；如有误请更正。", "please check this report")


def build_issue(rule: CrossRule, own: Report, other: Report | None, check_query: CheckQuery, violation: dict[str, Any]) -> Issue:
    """The issue that tells a finding, in the words of the report whose owner gets it."""
    is_other_responsible = other is not None and isinstance(rule, BetweenReports) and rule.told == "other"
    told, columns = (other, check_query.other_columns) if is_other_responsible and other else (own, check_query.own_columns)
    found = _redact_values(told, columns, violation["found"])
    expected = None if violation["expected"] is None else [identifiers.redact(text or "") for text in violation["expected"]]
    zh, en = _describe(rule, own, other, _describe_columns(told, columns, found), expected)
    request = _CHECK_OTHER if is_other_responsible else _CHECK
    return Issue(
        rule=rule.name,
        severity=Severity.WARNING,
        message_zh=f"{rule.meaning.zh}；{zh}。{request[0]}",
        message_en=f"expected: {rule.meaning.en}; found: {en}; {request[1]}",
        sheet=violation["sheet"],
        row=violation["row"],
        column=columns[0],
        found="；".join(found),
        expected=_expected(rule, other, expected),
    )


def _describe(
    rule: CrossRule, own: Report, other: Report | None, here: tuple[str, str], expected: Sequence[str] | None
) -> tuple[str, str]:
    value = expected[0] if expected else ""
    if isinstance(rule, NonDecreasingRule) and expected:
        return f"{here[0]}，前一期（{expected[1]}）为“{value}”", f'{here[1]}, after "{value}" in {expected[1]}'
    if other is None or not isinstance(rule, BetweenReports):
        raise ValueError(f"rule {rule.name} of report {own.report} compares nothing")
    if isinstance(rule, ReferenceRule):
        return _describe_missing(rule, own, other, here)
    source = own if rule.told == "other" else other
    zh, en = ("同期合计为", "adds up to") if isinstance(rule, ReconciliationRule) and rule.told == "own" else ("中为", "says")
    return f"{here[0]}，《{source.title.zh}》{zh}“{value}”", f'{here[1]}, {source.report} {en} "{value}"'


def _describe_missing(rule: ReferenceRule, own: Report, other: Report, here: tuple[str, str]) -> tuple[str, str]:
    if rule.told == "other":
        return (
            f"《{own.title.zh}》中有{here[0]}的记录，本报表中没有相符的",
            f"{own.report} has rows with {here[1]}, which this report does not hold",
        )
    return f"{here[0]}，《{other.title.zh}》中没有相符的记录", f"{here[1]}, which {other.report} does not hold"


def _expected(rule: CrossRule, other: Report | None, expected: Sequence[str] | None) -> str | None:
    if isinstance(rule, NonDecreasingRule) and expected:
        return f">= {expected[0]}"
    if expected is None:
        return f"《{other.title.zh}》中的记录" if other else None
    return "；".join(expected)


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
