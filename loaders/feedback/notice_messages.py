"""One message about matters that somebody is told once: a document that cannot be had, a contract that cannot be used, …

The body shows the first ones; when there are more, all of them are in the attached table.
"""

from __future__ import annotations

from collections.abc import Sequence

from loaders.feedback.templates import render
from loaders.model import Notice
from loaders.outgoing_messages import Attachment, Message
from loaders.safe_csv import csv_bytes

MOST_IN_BODY = 40


def compose_notice_message(recipient: str, subject: str, opening: str, notices: Sequence[Notice]) -> Message:
    """The message that tells `notices`, in their order, after the `opening` that says what they have in common."""
    is_cut = len(notices) > MOST_IN_BODY
    shown = notices[:MOST_IN_BODY]
    table = csv_bytes(["about", "message"], [(notice.key, notice.message) for notice in notices])
    return Message(
        recipient=recipient,
        subject=subject,
        body_text=render("notice_message.txt", opening=opening, notices=shown, count=len(notices), is_cut=is_cut),
        attachments=(Attachment("notices.csv", table),) if is_cut else (),
    )


def compose_task_failure_message(recipient: str, task: str, run: str, error: str) -> Message:
    """The message that tells the data engineers that a task failed for good, and of what `error`."""
    text = render("failed_task.txt", task=task, run=run, error=error)
    return Message(recipient=recipient, subject=f"[huimin] {task} failed", body_text=text)
