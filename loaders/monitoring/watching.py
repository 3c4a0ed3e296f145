"""Looks at everything, and tells the operators what is new and what is over: `huimin watch`, apart from the scheduler.

The alarms are rows of the warehouse, opened and closed in the transaction that queues the message, so that each matter is told
once however often it is looked at. Their messages are sent here and not by the scheduler, which may be what is dead. While the
warehouse itself does not answer, a file in its place remembers that the operators know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from loaders.contract import Report, load_contracts
from loaders.messages import phrase
from loaders.monitoring.airflow_checks import CONNECTION as AIRFLOW
from loaders.monitoring.airflow_checks import AirflowAnswers
from loaders.monitoring.ledger_checks import CONNECTION, DISK, KINDS, connection_matters, disk_matters, ledger_matters
from loaders.monitoring.matters import PREFIX, Matter, kind_of, matter
from loaders.monitoring.source_schedule import watched_reports
from loaders.outgoing_messages import Message
from loaders.settings import Settings
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import Outbox
from loaders.warehouse.connection import connect
from loaders.warehouse.outbox.deliveries import ALARM_TOPIC

LAST_LOOK = "last_look"
"""The file below `watch/` of the home that each look touches, for a health check of the process."""


@dataclass(frozen=True)
class Look:
    """What a look found: all `matters`, and the causes of those that are new and that are over. `failures`: mails not taken."""

    matters: tuple[Matter, ...]
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    failures: tuple[str, ...]


def watch(settings: Settings, *, with_connections: bool = False, mailer: Mailer | None = None) -> Look:
    """Looks at the scheduler (where the connection `airflow_api` is set), the ledger and the disk, and tells the operators.

    `with_connections`: also at the connections that contracts name, in a process that has those of loads.
    """
    mailer = mailer or Mailer(settings)
    reports = {report.report: report for report in watched_reports(load_contracts(settings.expectations).reports.values())}
    matters, kinds = _outside_of_warehouse(settings, reports, with_connections=with_connections)
    try:
        with connect(settings.warehouse_url) as connection:
            found = ledger_matters(connection, reports, dt.datetime.now(dt.UTC))
        look = _tell(settings, [*matters, *found], kinds | KINDS, mailer)
        _tell_of_warehouse(settings, None, mailer)
    except psycopg.OperationalError as error:
        down = matter("warehouse", "PostgreSQL", error=type(error).__name__)
        is_new = _tell_of_warehouse(settings, down, mailer)
        look = Look((*matters, down), (down.cause,) if is_new else (), (), tuple(mailer.failures))
    _state_file(settings, LAST_LOOK).touch()
    return look


def _outside_of_warehouse(
    settings: Settings, reports: dict[str, Report], *, with_connections: bool
) -> tuple[list[Matter], set[str]]:
    """Returns what can be seen without the warehouse, and the kinds of the checks that were made."""
    matters, kinds = list(disk_matters(settings)), {DISK}
    url = settings.connections.get(AIRFLOW)
    if url:
        answers = AirflowAnswers(url)
        answers.look()
        matters += answers.matters
        kinds |= answers.kinds
    if with_connections:
        matters += connection_matters(settings, reports)
        kinds.add(CONNECTION)
    return matters, kinds


def _tell(settings: Settings, matters: Sequence[Matter], kinds: set[str], mailer: Mailer) -> Look:
    by_cause = {one.cause: one for one in matters}
    opened, closed = Outbox(settings.warehouse_url).sync_alarms(
        PREFIX,
        {cause: one.text.en for cause, one in by_cause.items()},
        lambda cause: kind_of(cause) in kinds,
        lambda causes, is_over: _message(mailer, causes, by_cause, is_over=is_over),
    )
    mailer.send_due(topic=ALARM_TOPIC)
    return Look(tuple(matters), tuple(opened), tuple(closed), tuple(mailer.failures))


def _message(mailer: Mailer, causes: Sequence[str], found: dict[str, Matter], *, is_over: bool) -> Message | None:
    """Returns one message about some causes; None where nobody is to be told."""
    if mailer.operators is None:
        return None
    code = "watch.over" if is_over else "watch"
    names = [cause.removeprefix(PREFIX) for cause in causes]
    subject, opening = phrase(f"{code}.subject", count=len(names), first=names[0]), phrase(f"{code}.opening")
    lines = [opening.zh, opening.en, ""]
    for cause, name in zip(causes, names, strict=True):
        lines += [f"- {name}", *_words(found.get(cause))]
    return Message(mailer.operators, f"[huimin] {subject.en}", "\n".join(lines) + "\n")


def _words(found: Matter | None) -> Iterable[str]:
    return () if found is None else (f"  {found.text.zh}", f"  {found.text.en}")


def _tell_of_warehouse(settings: Settings, down: Matter | None, mailer: Mailer) -> bool:
    """Tells once that the warehouse is down, and once that it is back; returns whether that is news. Remembered when taken."""
    file = _state_file(settings, "warehouse_unreachable")
    cause = f"{PREFIX}warehouse:PostgreSQL"
    if (down is not None) is file.exists():
        return False
    message = _message(mailer, [cause], {} if down is None else {cause: down}, is_over=down is None)
    if message is None or not mailer.send_at_once(message):
        return False
    if down is None:
        file.unlink()
    else:
        file.touch()
    return True


def _state_file(settings: Settings, name: str) -> Path:
    folder = settings.home / "watch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name
