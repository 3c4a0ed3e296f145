"""Room `feedback`: problems -> people. Words and channels only; which problems are new is the ledger's to say.

What may enter: composing messages, sending them. What may not: the warehouse, documents, plain personal numbers.
"""

from loaders.feedback.compose import compose
from loaders.feedback.notices import compose_notices
from loaders.feedback.smtp import ChannelDown, ChannelError, SmtpChannel

__all__ = ["ChannelDown", "ChannelError", "SmtpChannel", "compose", "compose_notices"]
