"""Messages about issues: one per recipient, with a section per unit; each names the number of rows and the first examples.

The text is short, so that it can be read in a chat. All issues are in the attached table, which opens in any spreadsheet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from loaders.contract import Report
from loaders.feedback.templates import render, render_lines
from loaders.model import OpenIssue, Severity
from loaders.outgoing_messages import Attachment, ConversationPart, Message, Recipient
from loaders.safe_csv import csv_bytes

EXAMPLES_PER_UNIT = 3
_HEADINGS = {
    "zh": ("填报单位", "文件", "工作表", "位置", "列", "填报内容", "要求", "问题与处理办法", "类别"),
    "en": ("reporting unit", "file", "sheet", "place", "column", "found", "expected", "what to do", "kind"),
}
_SEVERITIES = {
    "zh": {Severity.DOCUMENT: "整份文件退回", Severity.ERROR: "该行退回", Severity.WARNING: "提醒，已入库"},
    "en": {Severity.DOCUMENT: "document refused", Severity.ERROR: "row rejected", Severity.WARNING: "warning, loaded"},
}
_NO_PERIOD = {"zh": "（无报告期）", "en": "(no period)"}
_ORDER = list(Severity)


@dataclass(frozen=True, slots=True)
class IssueSection:
    """The issues of one report, unit and period; `unit_name` is how people call the unit."""

    report: Report
    unit_code: str
    unit_name: str
    period: str | None
    issues: tuple[OpenIssue, ...]

    @property
    def part(self) -> ConversationPart:
        """What a message with this section tells."""
        keys = tuple(dict.fromkeys(issue.issue_key for issue in self.issues))
        return ConversationPart(self.report.report, self.unit_code, self.period, keys)


def issue_sections(report: Report, issues: Iterable[OpenIssue], names: dict[str, str]) -> list[IssueSection]:
    """Groups issues by period and unit, in their order; refused documents come first. `names` are those of the units."""
    ordered = sorted(issues, key=lambda issue: (issue.period or "", issue.unit_code, *_place(issue)))
    return [
        IssueSection(report, unit, names.get(unit, unit), period or None, tuple(group))
        for (period, unit), group in groupby(ordered, key=lambda issue: (issue.period or "", issue.unit_code))
    ]


def compose_issue_message(
    recipient: Recipient,
    sections: Sequence[IssueSection],
    *,
    fix_by: dt.date,
    language: str = "zh",
    is_digest: bool = False,
    attachments: Sequence[Attachment] = (),
) -> Message:
    """The message to one recipient about some sections: of one report and period, or the digest of all warnings of a day.

    `attachments` go with it beside the table of issues, such as the sender's own document with notes.
    """
    first = sections[0]
    rows = [_row(section, issue, language) for section in sections for issue in section.issues]
    values = _template_values(recipient, sections, language) | {
        "is_digest": is_digest,
        "fix_by": fix_by.isoformat(),
        "has_copy": bool(attachments),
    }
    lines = render_lines(f"issue_message.{language}.txt", **values)
    name = "提醒汇总" if is_digest else "问题清单"
    table = Attachment(f"{first.report.code}_{first.period or 'all'}_{name}.csv", csv_bytes(_HEADINGS[language], rows))
    return Message(
        recipient=recipient.address,
        recipient_role=recipient.role_zh,
        channel=recipient.channel,
        not_before=recipient.not_before,
        subject=render(f"issue_subject.{language}.txt", **values).rstrip("\n"),
        body_text="\n".join(lines) + "\n",
        body_html=render("issue_message.html", lines=lines, language=language),
        attachments=(table, *attachments),
        unit_code=first.unit_code if len({section.unit_code for section in sections}) == 1 else None,
        period=None if is_digest else first.period,
        fix_by=None if is_digest else fix_by,
        conversation="" if is_digest else conversation_key(first.report, first.period, recipient.address),
        parts=tuple(section.part for section in sections),
    )


def printed_header(report: Report, column: str | None) -> str:
    """Returns the header of a column as the form prints it; whoever fills it in does not know our names."""
    return next((known.header for known in report.columns if known.name == column), column or "")


def conversation_key(report: Report, period: str | None, address: str) -> str:
    """Returns what messages of one report and period to one address have in common, so that mail programs show them together."""
    return f"issues/{report.report}/{period or ''}/{address}"


def _template_values(recipient: Recipient, sections: Sequence[IssueSection], language: str) -> dict[str, Any]:
    """What the templates name, of all sections together and of each."""
    first, issues = sections[0], [issue for section in sections for issue in section.issues]
    return {
        "role": recipient.role_zh if language == "zh" else recipient.role_en,
        "title": getattr(first.report.title, language),
        "code": first.report.code,
        "report": first.report.report,
        "period": first.period or _NO_PERIOD[language],
        "count": len(issues),
        "rows_count": len({(one.submission_id, one.sheet, one.row) for one in issues if one.row}),
        "reports_count": len({section.report.report for section in sections}),
        "counts": _counts(issues, language),
        "sections": [_shown(section, language) for section in sections],
        "has_table": recipient.channel == "mail",
    }


def _counts(issues: Sequence[OpenIssue], language: str) -> str:
    labels = _SEVERITIES[language]
    counted = [(labels[severity], sum(issue.severity == severity for issue in issues)) for severity in _ORDER]
    separator, unit = ("，", " 个") if language == "zh" else (", ", "")
    return separator.join(f"{label} {count}{unit}" for label, count in counted if count)


def _shown(section: IssueSection, language: str) -> dict[str, Any]:
    """One section as the templates name its parts."""
    rows = [_row(section, issue, language) for issue in section.issues[:EXAMPLES_PER_UNIT]]
    examples = []
    for row in rows:
        *location, _found, _expected, message, severity = row
        examples.append({"location": " / ".join(part for part in location if part), "message": message, "severity": severity})
    return {
        "title": getattr(section.report.title, language),
        "period": section.period or _NO_PERIOD[language],
        "unit": section.unit_name,
        "counts": _counts(section.issues, language),
        "examples": examples,
        "left": max(0, len(section.issues) - EXAMPLES_PER_UNIT),
    }


def _place(issue: OpenIssue) -> tuple[int, str, str, int]:
    return _ORDER.index(issue.severity), issue.source_uri, issue.sheet or "", issue.row or 0


def _row(section: IssueSection, issue: OpenIssue, language: str) -> tuple[str, ...]:
    line = (f"第{issue.row}行" if language == "zh" else f"row {issue.row}") if issue.row else ""
    return (
        section.unit_name,
        issue.source_uri.rsplit("/", 1)[-1],
        issue.sheet or "",
        issue.cell or line,
        printed_header(section.report, issue.column),
        issue.found or "",
        issue.expected or "",
        issue.message_zh if language == "zh" else issue.message_en,
        _SEVERITIES[language][issue.severity],
    )
