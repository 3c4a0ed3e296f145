"""Alarms the operators of a run of the scheduler that does not end: once per DAG, and once when its late runs are over.

The scheduler says when a run is late. That one has ended is not relied on to be said: whoever ends it, by hand too, need not tell
us, so each sending of the outbox looks whether the late runs are still active.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from loaders.contract import LocalizedText
from loaders.messages import phrase
from loaders.outgoing_messages import Message
from loaders.settings import Settings
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import Outbox

AnyActive = Callable[[str, Sequence[str]], bool]
"""Tells, of a DAG and the ids of some of its runs, whether any of them is queued or running."""

_CAUSE = "stuck_run:"
_log = logging.getLogger(__name__)


def alarm_stuck_run(settings: Settings, *, dag: str, run: str, minutes: int) -> bool:
    """Tells the operators that a run has not ended within some minutes, unless they know of another one of its DAG.

    Returns:
        Whether they were told by this.
    """
    _log.warning("run %s of %s has not ended within %s minutes", run, dag, minutes)
    mailer = Mailer(settings)
    subject = phrase("stuck_run.alarm.subject", dag=dag, minutes=minutes)
    message = _message(mailer, subject, phrase("stuck_run.alarm", dag=dag, run=run, minutes=minutes))
    is_new = Outbox(settings.warehouse_url).open_alarm(_CAUSE + dag, run, message)
    if is_new:
        mailer.send_due()
    return is_new


def close_stuck_runs(settings: Settings, is_any_active: AnyActive, mailer: Mailer) -> int:
    """Queues a message to the operators about each DAG of which no late run is active any more; returns the number of DAGs."""
    outbox, closed = Outbox(settings.warehouse_url), 0
    for alarm in outbox.open_alarms(_CAUSE):
        dag = alarm.cause.removeprefix(_CAUSE)
        if not is_any_active(dag, alarm.details):
            text = phrase("stuck_run.over", dag=dag, runs=", ".join(alarm.details))
            closed += outbox.close_alarm(alarm.cause, _message(mailer, phrase("stuck_run.over.subject", dag=dag), text))
    return closed


def _message(mailer: Mailer, subject: LocalizedText, text: LocalizedText) -> Message | None:
    """Returns a message to the operators; None where nobody is to be told."""
    if mailer.operators is None:
        return None
    return Message(mailer.operators, f"[huimin] {subject.en}", f"{text.zh}\n{text.en}\n")
