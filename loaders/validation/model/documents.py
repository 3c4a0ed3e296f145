"""What stands of a document as a whole: whose it is, of which period, and whether it may be judged row by row at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.contract import FileDrop, Report
from loaders.divisions import Divisions
from loaders.model import Issue, Reading, Severity
from loaders.period import Period


@dataclass(frozen=True, slots=True)
class ValidationInput:
    """A document that was read, and whose it is: the unit and the period that its name or its query said."""

    reading: Reading
    unit_code: str
    period: Period | None = None


def period_of(report: Report, item: ValidationInput) -> Period | None:
    """The period that the rows are judged by: the name's, else the one that the document says of itself."""
    if item.period is not None:
        return item.period
    stated = item.reading.period
    return stated if stated is not None and stated.kind is report.period_kind else None


def refusal_of(report: Report, divisions: Divisions, item: ValidationInput) -> Issue | None:
    """Why the document cannot be judged, if it cannot: unreadable, empty, or at odds with its own name."""
    return item.reading.refusal or next(_refusals(report, divisions, item), None)


def too_many_rejects(report: Report, rejected: int, total: int, rules: str) -> Issue | None:
    """The refusal of a document in which more rows fail than the contract lets pass. `rules` names what failed most."""
    if rejected * 100 <= report.reject_limit_pct * total:
        return None
    limit = f"{report.reject_limit_pct:g}%"
    share = f"{rejected * 100 / total:.0f}%"
    worst_zh, worst_en = (f"最常见的问题：{rules}。", f"Most of them: {rules}. ") if rules else ("", "")
    return _refusal(
        "too_many_rejects",
        f"{rejected}/{total}",
        f"<= {limit}",
        f"{total} 行中有 {rejected} 行（{share}）不合格，超过 {limit}，整份文件未入库。{worst_zh}"
        "请按所列问题修改后重新报送整份文件。",
        f"{rejected} of {total} rows ({share}) are wrong, more than {limit}: the whole document is refused. "
        f"{worst_en}Correct the problems listed and send the whole document again",
    )


def _refusals(report: Report, divisions: Divisions, item: ValidationInput) -> Iterator[Issue]:
    stated = item.reading.unit_text
    unit = divisions.unit_code_for(stated) if stated and _name_has_unit(report) else None
    if stated and unit is not None and not divisions.is_same_or_nested(unit, item.unit_code):
        yield _unit_conflict(divisions, item.unit_code, unit, stated)
    period = item.reading.period
    if item.period is not None and period is not None and not _overlap(item.period, period):
        yield _period_conflict(item.period, period)
    if item.reading.rows.num_rows == 0 and report.empty_batch == "refuse":
        yield _empty(report)


def _name_has_unit(report: Report) -> bool:
    """Whether a document's unit comes from its name; without that, the ledger's unit is only a default."""
    return isinstance(report.source, FileDrop) and "unit" in report.source.groups


def _overlap(named: Period, stated: Period) -> bool:
    """Whether one lies within the other; a title that says only the year does not contradict the month of the name."""
    return (named.start <= stated.start and stated.end <= named.end) or (stated.start <= named.start and named.end <= stated.end)


def _unit_conflict(divisions: Divisions, named: str, stated: str, text: str) -> Issue:
    names = {code: divisions.by_code[code].name if code in divisions.by_code else code for code in (named, stated)}
    return _refusal(
        "unit_conflict",
        f"{stated} {names[stated]}（{text}）",
        f"{named} {names[named]}",
        f"文件名称写的是“{names[named]}”（{named}），表内填报单位却是“{text}”（{names[stated]}，{stated}）。"
        "请核实是哪个单位的报表，改正文件名称或填报单位后重新报送。",
        f'the name says unit {named} ({names[named]}), the document says "{text}" ({stated}): '
        "correct the name or the unit inside and send it again",
    )


def _period_conflict(named: Period, stated: Period) -> Issue:
    return _refusal(
        "period_conflict",
        str(stated),
        str(named),
        f"文件名称写的报告期是 {named}，表内写的却是 {stated}。请核实是哪一期的报表，改正文件名称或表内日期后重新报送。",
        f"the name says period {named}, the document says {stated}: correct the name or the period inside and send it again",
    )


def _empty(report: Report) -> Issue:
    return _refusal(
        "empty_batch",
        "0",
        "1+",
        f"《{report.title.zh}》中没有一行数据。请填写后重新报送；如本期确无数据，请与报表负责人联系。",
        "the document holds no row of data: fill it in and send it again, "
        "or ask the owner to set empty_batch: accept when there can be nothing to report",
    )


def _refusal(rule: str, found: str, expected: str, zh: str, en: str) -> Issue:
    return Issue(rule, Severity.DOCUMENT, message_zh=zh, message_en=en, found=found, expected=expected)
