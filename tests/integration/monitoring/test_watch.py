"""Operators are told of each matter once, and once that it is over, by real mail; also when nothing but `huimin watch` works."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from typer.testing import CliRunner

from loaders.cli import app
from loaders.monitoring.watching import watch
from loaders.outgoing_messages import Message
from loaders.settings import Settings
from loaders.warehouse import Outbox
from tests.support.servers import smtp
from tests.support.servers.smtp import SmtpServer, smtp_server
from tests.support.warehouse.file_drop import load, put, visits

pytestmark = pytest.mark.integration
OPERATORS = "engineers@example.org"


@pytest.fixture
def mail() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def watched(settings: Settings, mail: SmtpServer) -> Settings:
    return replace(settings, smtp_url=mail.url, operators_mail=OPERATORS)


def execute(settings: Settings, statement: str) -> None:
    with psycopg.connect(settings.warehouse_url) as connection:
        connection.execute(statement)


def text_of(letter: object) -> str:
    return letter.get_content()  # type: ignore[attr-defined,no-any-return]


def test_nothing_is_reported_of_what_is_well(watched: Settings, mail: SmtpServer) -> None:
    put(watched, "home_visit/2023-05/441302_记录.csv", visits(range(9)))
    load("home_visit", watched)
    look = watch(watched)
    assert (look.matters, mail.messages) == ((), [])
    with psycopg.connect(watched.warehouse_url) as connection:
        row = connection.execute("select beat_at from ops.heartbeat where process = 'watch'").fetchone()
        rows = connection.execute("select report, unaccounted_rows_count from ops.account_check").fetchall()
    assert row is not None and dt.datetime.now(dt.UTC) - row[0] < dt.timedelta(minutes=1)
    assert rows == [("home_visit", 0)]


def test_an_overdue_source_is_reported_once_and_once_that_it_is_over(watched: Settings, mail: SmtpServer) -> None:
    put(watched, "home_visit/2023-05/441302_记录.csv", visits(range(9)))
    load("home_visit", watched)
    execute(watched, "update ops.pull set closed_at = now() - interval '40 days'")
    opened = [watch(watched).opened for _ in range(3)]
    assert opened == [("watch:source:home_visit",), (), ()]
    (letter,) = mail.messages
    assert letter["To"] == OPERATORS and "home_visit" in str(letter["Subject"])
    assert "social_work_sftp" in text_of(letter) and "huimin source try home_visit" in text_of(letter)
    load("home_visit", watched)
    assert watch(watched).closed == ("watch:source:home_visit",)
    assert mail.subjects()[1:] == ["[huimin] 1 over: source:home_visit"]
    execute(watched, "update ops.pull set closed_at = now() - interval '40 days'")
    assert watch(watched).opened == ("watch:source:home_visit",), "the next time is another matter"


def test_a_source_that_was_never_looked_at_is_late_once_its_report_was_expected_for_long(watched: Settings) -> None:
    put(watched, "home_visit/2023-05/441302_记录.csv", visits(range(9)))
    load("home_visit", watched)
    execute(watched, "delete from ops.watermark; update ops.submission set pull_id = null; delete from ops.pull")
    assert watch(watched).matters == ()
    execute(watched, "update ops.obligation set recorded_at = now() - interval '40 days'")
    assert [one.cause for one in watch(watched).matters] == ["watch:source:home_visit"]


def test_messages_that_nobody_sends_are_reported_without_sending_them(watched: Settings, mail: SmtpServer) -> None:
    Outbox(watched.warehouse_url).queue(Message("owner@example.org", "to the owner", "t"), topic="issues", key="k")
    execute(watched, "update ops.outbox_message set next_attempt_at = now() - interval '2 hours'")
    assert watch(watched).opened == ("watch:outbox:messages",)
    assert [letter["To"] for letter in mail.messages] == [OPERATORS]


def test_rows_that_are_nowhere_are_reported(watched: Settings, mail: SmtpServer) -> None:
    put(watched, "home_visit/2023-05/441302_记录.csv", visits(range(9)))
    load("home_visit", watched)
    execute(watched, "delete from raw.home_visit where _row = 3")
    assert watch(watched).opened == ("watch:account:home_visit",)
    assert "1 rows of home_visit" in text_of(mail.messages[0])


def test_builds_that_do_not_end_well_are_reported(watched: Settings) -> None:
    begun = "insert into ops.build (data_fingerprint, started_at) values ('f', now() - interval '{}')"
    execute(watched, begun.format("1 hour"))
    assert watch(watched).matters == ()
    execute(watched, begun.format("3 hours"))
    assert watch(watched).opened == ("watch:build:indicators",)
    execute(watched, begun.format("1 minute"))
    execute(watched, "update ops.build set ended_at = now() where build_id = (select max(build_id) from ops.build)")
    assert watch(watched).closed == ("watch:build:indicators",)


def test_a_scheduler_whose_interface_is_gone_is_reported_by_mail_that_waits_for_nobody(
    watched: Settings, mail: SmtpServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    down = replace(watched, connections={**watched.connections, "airflow_api": f"http://watch:secret-word@127.0.0.1:{port}"})
    assert watch(down).opened == ("watch:airflow:api_server",)
    assert "secret-word" not in text_of(mail.messages[0])
    # Whoever does not ask cannot say that it is over.
    assert watch(watched).closed == ()


def test_several_matters_are_one_message(watched: Settings, mail: SmtpServer) -> None:
    execute(watched, "insert into ops.build (data_fingerprint, started_at) values ('f', now() - interval '3 hours')")
    Outbox(watched.warehouse_url).queue(Message("owner@example.org", "s", "t"), topic="issues", key="k")
    execute(watched, "update ops.outbox_message set next_attempt_at = now() - interval '2 hours'")
    assert len(watch(watched).opened) == 2
    assert [str(letter["Subject"]).startswith("[huimin] 2 to look at") for letter in mail.messages] == [True]


def test_an_alarm_waits_for_a_mail_server_that_is_down(watched: Settings, mail: SmtpServer) -> None:
    mail.state = smtp.REFUSED
    execute(watched, "insert into ops.build (data_fingerprint, started_at) values ('f', now() - interval '3 hours')")
    look = watch(replace(watched, smtp_url=mail.url))
    assert look.opened and look.failures
    mail.state = smtp.HEALTHY
    execute(watched, "update ops.outbox_message set next_attempt_at = now(); update ops.outbox_server set retry_at = null")
    assert watch(watched).opened == ()
    assert mail.subjects() == ["[huimin] 1 to look at: build:indicators"]


def test_a_warehouse_that_is_down_is_reported_once_and_once_that_it_is_back(watched: Settings, mail: SmtpServer) -> None:
    down = replace(watched, warehouse_url="postgresql://nobody:secret-word@127.0.0.1:9/none")
    assert [watch(down).opened for _ in range(3)] == [("watch:warehouse:PostgreSQL",), (), ()]
    watch(watched)
    watch(watched)
    assert mail.subjects() == ["[huimin] 1 to look at: warehouse:PostgreSQL", "[huimin] 1 over: warehouse:PostgreSQL"]
    assert "secret-word" not in "".join(map(text_of, mail.messages))


def test_that_the_warehouse_is_down_is_reported_again_until_a_server_took_it(watched: Settings, mail: SmtpServer) -> None:
    down = replace(watched, warehouse_url="postgresql://nobody@127.0.0.1:9/none")
    mail.state = smtp.REFUSED
    assert watch(replace(down, smtp_url=mail.url)).opened == ()
    mail.state = smtp.HEALTHY
    assert watch(down).opened == ("watch:warehouse:PostgreSQL",)


def test_tables_of_an_earlier_revision_are_reported(watched: Settings) -> None:
    execute(watched, "update ops.alembic_version set version_num = 'r0038'; drop table ops.heartbeat")
    assert [one.cause for one in watch(watched).matters] == ["watch:migrations:behind"]


def test_connections_are_named_where_loads_have_them(watched: Settings) -> None:
    causes = {one.cause for one in watch(watched, with_connections=True).matters}
    assert "watch:connection:charity_sftp" in causes
    assert "watch:connection:social_work_sftp" not in causes


def test_the_command_says_what_it_found(watched: Settings, mail: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "WAREHOUSE_URL": watched.warehouse_url,
        "HOME": str(watched.home),
        "SMTP_URL": mail.url,
        "OPERATORS_MAIL": OPERATORS,
    }.items():
        monkeypatch.setenv(f"HUIMIN_{name}", value)
    execute(watched, "insert into ops.build (data_fingerprint, started_at) values ('f', now() - interval '3 hours')")
    done = CliRunner().invoke(app, ["watch"])
    assert done.exit_code == 0 and "1 to look at, 1 of them new; 0 over" in done.output
    assert (watched.home / "watch" / "last_look").exists()
    mail.state = smtp.REFUSED
    monkeypatch.setenv("HUIMIN_SMTP_URL", mail.url)
    execute(watched, "update ops.build set ended_at = now()")
    assert CliRunner().invoke(app, ["watch"]).exit_code == 1
