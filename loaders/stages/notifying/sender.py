"""A process that does nothing but send what waits in the outbox, beside the scheduler or without one."""

from __future__ import annotations

import logging
import threading

import psycopg

from loaders.settings import Settings
from loaders.stages.notifying.sending import Mailer

ALIVE = "outbox.alive"
"""The file of the home folder that is touched after each look at the outbox; its age tells whether the sender is well."""
_log = logging.getLogger(__name__)


def send_until(stop: threading.Event, settings: Settings, seconds: float) -> int:
    """Sends what is due every so many seconds until `stop` is set; a message under way is finished. Returns how many were sent.

    While the warehouse cannot be reached it goes on trying, and the file of its home is not touched.
    """
    alive, sent = settings.home / ALIVE, 0
    alive.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            sent += Mailer(settings).send_due()
            alive.touch()
        except psycopg.Error as error:
            _log.error("the outbox cannot be reached: %s", type(error).__name__)
        if stop.wait(seconds):
            return sent
