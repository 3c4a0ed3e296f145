"""A contract as people read it: columns and rules in words, when it is due, its layouts. For the pages and for static HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loaders.contract import Cadence, Column, ColumnType, FileDrop, LocalizedText, Mailbox, Records, Report, ReportSystem
from loaders.messages import phrase
from loaders.model import Severity
from loaders.period import Period, local_today
from loaders.schedule import ReportingCalendar
from loaders.validation.model.type_descriptions import describe_type
from loaders.validation.rules.rule_set import rules_of

_PERIODS_SHOWN = 4
# One value of each type that passes; of personal numbers, none is shown.
_SAMPLES: Mapping[ColumnType, str] = {
    ColumnType.INTEGER: "12",
    ColumnType.DECIMAL: "1234.50",
    ColumnType.DATE: "2023-06-15",
    ColumnType.DATETIME: "2023-06-15 09:30",
    ColumnType.MONTH: "2023-06",
    ColumnType.QUARTER: "2023Q2",
    ColumnType.YEAR: "2023",
    ColumnType.BOOLEAN: "是",
}


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column: what it holds in words, and a value that would pass, if one can be shown."""

    column: Column
    holds: LocalizedText
    sample: str


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """A rule in words: its columns' headers, what it asks for, and what a breach does."""

    headers: tuple[str, ...]
    words: LocalizedText
    severity: Severity


@dataclass(frozen=True, slots=True)
class DueDay:
    """A period and the last day on which its report is on time."""

    period: Period
    due_date: dt.date


def column_facts(report: Report) -> list[ColumnFacts]:
    """Returns the columns in the order of the form."""
    return [ColumnFacts(column, describe_type(column), _sample(column)) for column in report.columns]


def rule_facts(report: Report) -> list[RuleFacts]:
    """Returns the rules: those of rows, those that follow from columns first, then those between reports."""
    headers = {column.name: column.header for column in report.columns}
    rows = [RuleFacts(tuple(headers[name] for name in rule.columns), rule.expected, rule.severity) for rule in rules_of(report)]
    between = [
        RuleFacts(tuple(headers[name] for name in rule.own_columns if name in headers), rule.meaning, Severity.WARNING)
        for rule in report.cross_rules
    ]
    return list(dict.fromkeys([*rows, *between]))


def due_words(report: Report) -> LocalizedText:
    """Returns when the report is due, in words."""
    if report.due_day is None:
        return phrase("page.due.none")
    return phrase(f"page.due.{report.due_rule}", day=report.due_day)


def next_due_days(report: Report, calendar: ReportingCalendar, today: dt.date) -> list[DueDay]:
    """Returns the due days of the period before today's and of those after it; none for a report without periods."""
    if report.period_kind is None or report.cadence is Cadence.AD_HOC:
        return []
    periods: list[Period] = [Period.containing(today, report.period_kind).previous()]
    while len(periods) < _PERIODS_SHOWN:
        periods.append(periods[-1].next())
    dated = ((period, calendar.due_date(report, period)) for period in periods)
    return [DueDay(period, due_date) for period, due_date in dated if due_date is not None]


def layout_changes(report: Report) -> Iterator[tuple[str, str, list[str]]]:
    """Yields name, span and differences of each layout: other prints of headers, and columns that it lacks."""
    headers = {column.name: column.header for column in report.columns}
    for layout in report.layouts:
        renamed = [f"{headers[name]} → {text}" for name, text in layout.headers.items()]
        absent = [f"− {headers[name]}" for name in layout.without]
        yield layout.name, f"{layout.since or '…'} – {layout.until or '…'}", [*renamed, *absent]


def has_template(report: Report) -> bool:
    """Whether people fill in the report by hand, so that an empty document can be made."""
    return isinstance(report.source, FileDrop | Mailbox) and not isinstance(report.format, Records)


def reports_context(reports: Mapping[str, Report], systems: Mapping[str, ReportSystem]) -> dict[str, Any]:
    """Returns what the template of the list of reports takes."""
    grouped = [(system.title, [one for one in reports.values() if one.system == name]) for name, system in systems.items()]
    return {"systems": [(title, found) for title, found in grouped if found], "due_words": due_words}


def report_context(report: Report, calendar: ReportingCalendar, systems: Mapping[str, ReportSystem]) -> dict[str, Any]:
    """Returns what the template of one report takes."""
    today = local_today()
    return {
        "report": report,
        "system": systems[report.system].title,
        "columns": column_facts(report),
        "rules": rule_facts(report),
        "due": due_words(report),
        "due_days": next_due_days(report, calendar, today),
        "owner": report.owner_on(today),
        "layouts": list(layout_changes(report)),
        "has_template": has_template(report),
    }


def _sample(column: Column) -> str:
    if column.is_personal:
        return ""
    return column.choices[0] if column.choices else _SAMPLES.get(column.type, "")
