"""Messages to people, between who composes them, the outbox that keeps them, and the channels that send them. Values only.

Shared layer: it imports nothing of ours.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told: an address of mail, or the name of a bot's connection, and the office that answers there.

    `not_before` is the end of the quiet hours in which it is now.
    """

    channel: str
    address: str
    role_zh: str
    role_en: str
    not_before: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ConversationPart:
    """The issues of one report, unit and period of which a message tells."""

    report: str
    unit_code: str
    period: str | None
    issue_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettledConversation:
    """A conversation of whose issues none is open any more, and whose address was not told so yet."""

    conversation_id: int
    report: str
    unit_code: str
    period: str | None
    channel: str
    address: str
    recipient_role: str | None
    issues_count: int


@dataclass(frozen=True, slots=True)
class ReminderStep:
    """What a unit owes, and the step of reminding of it that a day asks for: before, due, late, county or city."""

    report: str
    unit: str
    period: str
    due_date: dt.date
    step: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    content: bytes = field(repr=False)
    media_type: str = "text/csv"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address: about some issues of one report and period, or (without issues) about another matter.

    `recipient` is an address of mail, or the name of the connection of a bot: `channel` says which. `unit_code` is None when it
    speaks of several units. `recipient_role` is the office that the recipient answered for when the message was written; None
    for the operators. `fix_by` is the day by which it asks to correct, if it does. Messages of one `conversation` refer to each
    other. `header_id` (the Message-ID), `thread_id` (that of the conversation) and `written_at` are set by the outbox.
    """

    recipient: str
    subject: str
    body_text: str
    body_html: str = ""
    unit_code: str | None = None
    period: str | None = None
    issue_keys: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    recipient_role: str | None = None
    channel: str = "mail"
    conversation: str = ""
    parts: tuple[ConversationPart, ...] = ()
    not_before: dt.datetime | None = None
    fix_by: dt.date | None = None
    header_id: str = ""
    thread_id: str = ""
    written_at: dt.datetime | None = None
