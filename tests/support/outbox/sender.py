"""A process that sends what is in the outbox until it is killed."""

from __future__ import annotations

import datetime as dt
import logging
import time

from loaders.settings import Settings
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import RetryRules

SOON = RetryRules(dt.timedelta(milliseconds=5), dt.timedelta(milliseconds=40), max_attempts=100_000)


def send_without_end(settings: Settings) -> None:
    """Sends what is due, again and again."""
    logging.disable(logging.CRITICAL)
    while True:
        Mailer(settings, message_seconds=1.0, rules=SOON).send_due()
        time.sleep(0.01)
