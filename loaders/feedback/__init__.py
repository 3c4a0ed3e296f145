"""Feedback: issues -> people. Words and channels only; which issues are new is decided by the ledger.

What may enter: composing messages, sending them. What may not: the warehouse, documents, plain personal numbers.
"""

from loaders.feedback.channels.errors import ChannelDown, ChannelError
from loaders.feedback.channels.registry import CHANNELS, Channel, messages_per_minute, open_channel, split_message
from loaders.feedback.channels.smtp import SmtpChannel
from loaders.feedback.issue_messages import compose_issue_messages
from loaders.feedback.notice_messages import compose_notice_message, compose_task_failure_message

__all__ = [
    "CHANNELS",
    "Channel",
    "ChannelDown",
    "ChannelError",
    "SmtpChannel",
    "compose_issue_messages",
    "compose_notice_message",
    "compose_task_failure_message",
    "messages_per_minute",
    "open_channel",
    "split_message",
]
