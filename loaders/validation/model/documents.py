"""What stands of a document as a whole: whose it is, of which period, and whether it may be validated row by row at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.contract import FileDrop, Mailbox, Report
from loaders.divisions import Divisions
from loaders.messages import issue_of, phrase
from loaders.model import Issue, Reading
from loaders.period import Period


@dataclass(frozen=True, slots=True)
class ValidationInput:
    """A document that was read, and whose it is: the unit and the period that its name or its query said."""

    reading: Reading
    unit_code: str
    period: Period | None = None


def period_of(report: Report, item: ValidationInput) -> Period | None:
    """The period that the rows are validated by: the name's, else the one that the document says of itself."""
    if item.period is not None:
        return item.period
    stated = item.reading.period
    return stated if stated is not None and stated.kind is report.period_kind else None


def refusal_of(report: Report, divisions: Divisions, item: ValidationInput) -> Issue | None:
    """Why the document cannot be validated, if it cannot: unreadable, empty, or at odds with its own name."""
    return item.reading.refusal or next(_refusals(report, divisions, item), None)


def warnings_about(report: Report, divisions: Divisions, item: ValidationInput) -> tuple[Issue, ...]:
    """What is remarkable about a document as a whole that is taken nevertheless."""
    if report.when_unit_closed == "refuse" or _unit_existed(report, divisions, item):
        return ()
    return (_unit_closed("unit_closed.warning", divisions, item, period_of(report, item)),)


def too_many_rejects(report: Report, rejected: int, total: int, rules: str) -> Issue | None:
    """The refusal of a document in which more rows fail than the contract lets pass, or all. `rules` names what failed most."""
    worst = phrase("worst_rules", rules=rules) if rules else ""
    if rejected * 100 <= report.reject_limit_pct * total:
        return issue_of("all_rows_rejected", total=total, worst=worst) if 0 < total == rejected else None
    limit = f"{report.reject_limit_pct:g}%"
    share = f"{rejected * 100 / total:.0f}%"
    return issue_of(
        "too_many_rejects",
        total=total,
        rejected=rejected,
        share=share,
        limit=limit,
        worst=worst,
    )


def _refusals(report: Report, divisions: Divisions, item: ValidationInput) -> Iterator[Issue]:
    stated = item.reading.unit_text
    period_of_rows = period_of(report, item)
    unit = divisions.unit_code_for(stated, period_of_rows) if stated and _name_has_unit(report) else None
    if stated and unit is not None and not divisions.is_same_or_nested(unit, item.unit_code):
        yield _unit_conflict(divisions, item.unit_code, unit, stated)
    period = item.reading.period
    if item.period is not None and period is not None and not _overlap(item.period, period):
        yield _period_conflict(item.period, period)
    if period_of_rows is not None and report.retired is not None and period_of_rows.start >= report.retired.first_day:
        yield issue_of(
            "report_retired", found=str(period_of_rows), since=report.retired.since, title=report.title.zh, why=report.retired.why
        )
    if report.when_unit_closed == "refuse" and not _unit_existed(report, divisions, item):
        yield _unit_closed("unit_closed", divisions, item, period_of_rows)
    if item.reading.rows.num_rows == 0 and report.empty_batch == "refuse":
        yield _empty(report)


def _unit_existed(report: Report, divisions: Divisions, item: ValidationInput) -> bool:
    """Whether the unit existed on a day of the document's period. A document without a period asks nothing."""
    period = period_of(report, item)
    return period is None or divisions.spells.existed(item.unit_code, period.start, period.end)


def _unit_closed(code: str, divisions: Divisions, item: ValidationInput, period: Period | None) -> Issue:
    unit = divisions.by_code[item.unit_code].name if item.unit_code in divisions.by_code else item.unit_code
    spells = "、".join(map(str, divisions.spells.by_unit[item.unit_code]))
    return issue_of(code, found=str(period), unit=unit, code=item.unit_code, spells=spells)


def _name_has_unit(report: Report) -> bool:
    """Whether a document's unit comes from its name; without that, the ledger's unit is only a default."""
    return isinstance(report.source, FileDrop | Mailbox) and "unit" in report.source.groups


def _overlap(named: Period, stated: Period) -> bool:
    """Whether one lies within the other; a title that says only the year does not contradict the month of the name."""
    return (named.start <= stated.start and stated.end <= named.end) or (stated.start <= named.start and named.end <= stated.end)


def _unit_conflict(divisions: Divisions, named: str, stated: str, text: str) -> Issue:
    names = {code: divisions.by_code[code].name if code in divisions.by_code else code for code in (named, stated)}
    return issue_of(
        "unit_conflict",
        named_code=named,
        named_unit=names[named],
        stated_code=stated,
        stated_unit=names[stated],
        text=text,
    )


def _period_conflict(named: Period, stated: Period) -> Issue:
    return issue_of("period_conflict", found=str(stated), expected=str(named))


def _empty(report: Report) -> Issue:
    return issue_of("empty_batch", title=report.title.zh)
