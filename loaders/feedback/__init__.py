"""Feedback: issues -> people. Words and channels only; which issues are new is decided by the ledger.

What may enter: composing messages, sending them. What may not: the warehouse, documents, plain personal numbers.
"""

from loaders.feedback.channels.errors import ChannelDown, ChannelError
from loaders.feedback.channels.registry import CHANNELS, Channel, messages_per_minute, open_channel, split_message
from loaders.feedback.channels.smtp import SmtpChannel
from loaders.feedback.closing_messages import compose_closing_message
from loaders.feedback.issue_messages import IssueSection, compose_issue_message, issue_sections, printed_header
from loaders.feedback.notice_messages import compose_notice_message, compose_task_failure_message
from loaders.feedback.reminder_messages import compose_reminder, compose_summary

__all__ = [
    "CHANNELS",
    "Channel",
    "ChannelDown",
    "ChannelError",
    "IssueSection",
    "SmtpChannel",
    "compose_closing_message",
    "compose_issue_message",
    "compose_notice_message",
    "compose_reminder",
    "compose_summary",
    "compose_task_failure_message",
    "issue_sections",
    "messages_per_minute",
    "open_channel",
    "printed_header",
    "split_message",
]
