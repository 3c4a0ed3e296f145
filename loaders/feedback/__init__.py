"""Feedback: issues -> people. Words and channels only; which problems are new is the ledger's to say.

What may enter: composing messages, sending them. What may not: the warehouse, documents, plain personal numbers.
"""

from loaders.feedback.issue_messages import compose_issue_messages
from loaders.feedback.notice_messages import compose_notice_message, compose_task_failure_message
from loaders.feedback.smtp import ChannelDown, ChannelError, SmtpChannel

__all__ = [
    "ChannelDown",
    "ChannelError",
    "SmtpChannel",
    "compose_issue_messages",
    "compose_notice_message",
    "compose_task_failure_message",
]
