"""The message that ends conversations: all issues of which somebody was told are settled."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.contract import Report
from loaders.feedback.issue_messages import conversation_key
from loaders.feedback.templates import render
from loaders.outgoing_messages import Message, SettledConversation


def compose_closing_message(
    report: Report, settled: Sequence[SettledConversation], names: dict[str, str], *, language: str = "zh"
) -> Message:
    """The message to one address about its settled conversations of one report and period; `names` are those of the units."""
    first = settled[0]
    values = {
        "role": first.recipient_role or first.address,
        "title": getattr(report.title, language),
        "code": report.code,
        "period": first.period or {"zh": "（无报告期）", "en": "(no period)"}[language],
        "count": sum(one.issues_count for one in settled),
        "sections": [{"unit": names.get(one.unit_code, one.unit_code), "count": one.issues_count} for one in settled],
    }
    return Message(
        recipient=first.address,
        recipient_role=first.recipient_role,
        channel=first.channel,
        subject=render(f"closing_subject.{language}.txt", **values).rstrip("\n"),
        body_text=render(f"closing_message.{language}.txt", **values),
        unit_code=first.unit_code if len(settled) == 1 else None,
        period=first.period,
        conversation=conversation_key(report, first.period, first.address),
    )
