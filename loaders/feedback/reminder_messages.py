"""Messages that remind of what units owe, and the weekly summary of what is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from loaders.contract import Report
from loaders.feedback.templates import render
from loaders.outgoing_messages import Message, Recipient, ReminderStep

_STEPS = {
    "zh": {"before": "即将到期", "due": "今日到期", "late": "已逾期", "county": "已逾期，报县（区）", "city": "已逾期，报市级"},
    "en": {
        "before": "due soon",
        "due": "due today",
        "late": "overdue",
        "county": "overdue, to the county",
        "city": "overdue, to the city",
    },
}


def compose_reminder(
    recipient: Recipient, steps: Sequence[ReminderStep], reports: Mapping[str, Report], names: Mapping[str, str], *, language: str
) -> Message:
    """The message to one recipient about all that he is reminded of on one day; `names` are those of the units."""
    ordered = sorted(steps, key=_heading)
    sections = []
    for (due_date, report, period, step), group in groupby(ordered, key=_heading):
        units = [names.get(one.unit, one.unit) for one in group]
        title = getattr(reports[report].title, language)
        sections.append({"title": title, "period": period, "due_date": due_date, "step": _STEPS[language][step], "units": units})
    values: dict[str, Any] = {
        "role": recipient.role_zh if language == "zh" else recipient.role_en,
        "sections": sections,
        "count": len(steps),
    }
    return Message(
        recipient=recipient.address,
        recipient_role=recipient.role_zh,
        channel=recipient.channel,
        not_before=recipient.not_before,
        subject=render(f"reminder_subject.{language}.txt", **values).rstrip("\n"),
        body_text=render(f"reminder_message.{language}.txt", **values),
    )


def compose_summary(
    recipient: Recipient, rows: Sequence[Mapping[str, Any]], reports: Mapping[str, Report], *, language: str
) -> Message:
    """The weekly summary to one recipient.

    Each row has a report, the number of its open issues, the days since the first of them was opened, and the number of units and
    periods that are missing.
    """
    shown = [{**row, "title": getattr(reports[row["report"]].title, language)} for row in rows]
    values = {"role": recipient.role_zh if language == "zh" else recipient.role_en, "rows": shown}
    return Message(
        recipient=recipient.address,
        recipient_role=recipient.role_zh,
        channel=recipient.channel,
        not_before=recipient.not_before,
        subject=render(f"summary_subject.{language}.txt", **values).rstrip("\n"),
        body_text=render(f"summary_message.{language}.txt", **values),
    )


def _heading(one: ReminderStep) -> tuple[str, str, str, str]:
    return one.due_date.isoformat(), one.report, one.period, one.step
