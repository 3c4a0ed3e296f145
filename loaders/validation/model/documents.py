"""What stands of a document as a whole: whose it is, of which period, and whether it may be judged row by row at all."""

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
    return issue_of(
        "too_many_rejects",
        total=total,
        rejected=rejected,
        share=share,
        limit=limit,
        worst=phrase("worst_rules", rules=rules) if rules else "",
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
