"""One message per report, period and owner: every new problem with its file, sheet, row, column, value and rule.

The body shows the first problems; all of them are in the attached table, which opens in any spreadsheet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from loaders.contract import Owner, Report
from loaders.divisions import Divisions
from loaders.feedback.templates import render, render_lines
from loaders.model import Attachment, Message, OpenIssue
from loaders.period import local_today
from loaders.safe_csv import csv_bytes

MOST_IN_BODY = 40
_HEADINGS = ("填报单位", "文件", "工作表", "位置", "列", "填报内容", "要求", "问题与处理办法", "类别")
_SEVERITIES = {"document": "整份文件退回", "error": "该行退回", "warning": "提醒，已入库"}
_NO_PERIOD = "（无报告期）"


def compose_issue_messages(
    report: Report, issues: Iterable[OpenIssue], divisions: Divisions, *, day: dt.date | None = None
) -> list[Message]:
    """The messages that tell `issues`, one a period, in the order of the periods; documents that were refused come first.

    They go to the owner of `day` (without it, of today), whatever the period of the documents.
    """
    owner = report.owner_on(day or local_today())
    ordered = sorted(issues, key=lambda issue: (issue.period or "", *_place(issue)))
    return [
        _message(report, owner, period or None, list(group), divisions)
        for period, group in groupby(ordered, key=lambda issue: issue.period or "")
    ]


def _place(issue: OpenIssue) -> tuple[int, str, str, str, int]:
    severity = list(_SEVERITIES).index(issue.severity)
    return severity, issue.unit_code, issue.source_uri, issue.sheet or "", issue.row or 0


def _message(report: Report, owner: Owner, period: str | None, issues: Sequence[OpenIssue], divisions: Divisions) -> Message:
    rows = [_row(report, issue, divisions) for issue in issues]
    about = {"title": report.title.zh, "period": period or _NO_PERIOD, "count": len(issues)}
    counts = [(label, sum(issue.severity == severity for issue in issues)) for severity, label in _SEVERITIES.items()]
    parts = {
        "opening": render_lines(
            "issue_opening.txt",
            role=owner.role.zh,
            code=report.code,
            counts=[(label, count) for label, count in counts if count],
            **about,
        ),
        "closing": render_lines("issue_closing.txt", count=len(rows), most_in_body=MOST_IN_BODY),
        "rows": [_as_template_row(row) for row in rows[:MOST_IN_BODY]],
    }
    return Message(
        recipient=owner.email,
        recipient_role=owner.role.zh,
        subject=render("issue_subject.txt", **about).rstrip("\n"),
        body_text=render("issue_message.txt", **parts),
        body_html=render("issue_message.html", headings=_HEADINGS, **parts),
        attachments=(Attachment(f"{report.code}_{period or 'all'}_问题清单.csv", csv_bytes(_HEADINGS, rows)),),
        period=period,
        issue_keys=tuple(dict.fromkeys(issue.issue_key for issue in issues)),
    )


def _as_template_row(row: tuple[str, ...]) -> dict[str, Any]:
    """One issue as the templates name its parts."""
    *location, _found, _expected, message, severity = row
    return {"location": " / ".join(part for part in location if part), "message": message, "severity": severity, "cells": row}


def _row(report: Report, issue: OpenIssue, divisions: Divisions) -> tuple[str, ...]:
    unit = divisions.by_code.get(issue.unit_code)
    place = issue.cell or (f"第{issue.row}行" if issue.row else "")
    return (
        unit.name if unit else issue.unit_code,
        issue.source_uri.rsplit("/", 1)[-1],
        issue.sheet or "",
        place,
        _header(report, issue.column),
        issue.found or "",
        issue.expected or "",
        issue.message_zh,
        _SEVERITIES[issue.severity],
    )


def _header(report: Report, column: str | None) -> str:
    """The header as the form prints it; the sender does not know our names."""
    return next((known.header for known in report.columns if known.name == column), column or "")
