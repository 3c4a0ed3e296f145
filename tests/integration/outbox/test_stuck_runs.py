"""Operators hear once of a DAG whose runs do not end, and once when all of them have ended; owners hear nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import psycopg
import pytest

from loaders import pipeline
from loaders.settings import Settings
from loaders.stages.notifying.stuck_runs import alarm_stuck_run
from tests.support.servers import smtp
from tests.support.servers.smtp import SmtpServer, smtp_server

pytestmark = pytest.mark.integration

OPERATORS = "engineers@example.org"


@pytest.fixture
def mail() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def with_mail(settings: Settings, mail: SmtpServer) -> Settings:
    return replace(settings, smtp_url=mail.url, operators_mail=OPERATORS)


def alarms(settings: Settings) -> list[tuple[object, ...]]:
    with psycopg.connect(settings.warehouse_url) as connection:
        return connection.execute("select cause, detail, closed_at is null from ops.outbox_alarm order by alarm_id").fetchall()


def look(settings: Settings, active: set[str]) -> int:
    """A sending of the outbox that sees these runs active."""

    def is_any_active(dag: str, runs: Sequence[str]) -> bool:
        return any(f"{dag}/{run}" in active for run in runs)

    return pipeline.send_outbox(settings, is_any_active=is_any_active)


def test_a_cause_is_reported_once_and_once_when_the_last_of_its_runs_is_over(with_mail: Settings, mail: SmtpServer) -> None:
    reported = [alarm_stuck_run(with_mail, dag="load_station", run=run, minutes=60) for run in ("first", "second", "first")]
    assert reported == [True, False, False]
    assert alarm_stuck_run(with_mail, dag="build_indicators", run="first", minutes=60)
    assert [letter["To"] for letter in mail.messages] == [OPERATORS] * 2
    assert alarms(with_mail)[0] == ("stuck_run:load_station", "first\nsecond", True)
    assert look(with_mail, {"load_station/second", "build_indicators/first"}) == 0
    assert look(with_mail, {"build_indicators/first"}) == 1
    assert look(with_mail, {"build_indicators/first"}) == 0
    assert mail.subjects()[2:] == ["[huimin] no longer stuck: load_station"]
    assert "first, second" in mail.messages[2].get_content()
    # The next time is another cause.
    assert alarm_stuck_run(with_mail, dag="load_station", run="third", minutes=60)
    assert [is_open for *_, is_open in alarms(with_mail)] == [False, True, True]


def test_an_alarm_waits_for_a_mail_server_that_is_down(with_mail: Settings, mail: SmtpServer) -> None:
    mail.state = smtp.REFUSED
    down = replace(with_mail, smtp_url=mail.url)
    assert alarm_stuck_run(down, dag="load_station", run="first", minutes=5)
    assert look(down, set()) == 0
    mail.state = smtp.HEALTHY
    with psycopg.connect(with_mail.warehouse_url) as connection:
        connection.execute("update ops.outbox_message set next_attempt_at = now()")
        connection.execute("update ops.outbox_server set retry_at = null")
    assert pipeline.send_outbox(with_mail) == 2
    assert mail.subjects() == ["[huimin] not done after 5 minutes: load_station", "[huimin] no longer stuck: load_station"]


def test_without_an_address_of_operators_the_ledger_alone_knows(settings: Settings) -> None:
    assert alarm_stuck_run(settings, dag="load_station", run="first", minutes=5)
    look(settings, set())
    assert alarms(settings) == [("stuck_run:load_station", "first", False)]


def test_a_failed_task_is_reported_to_operators_and_to_nobody_else(with_mail: Settings, mail: SmtpServer) -> None:
    pipeline.notify_operators(with_mail, task="load_station.load_batch", run="r", error=ValueError("44130219900307451X"))
    (letter,) = mail.messages
    assert (letter["To"], letter["Cc"], letter["Bcc"]) == (OPERATORS, None, None)
    assert "load_station.load_batch" in letter.get_content() and "441302" not in letter.get_content()
