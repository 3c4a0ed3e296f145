"""A mail server that is down stops and delays no load, and what it did not take is told by the next run, once."""

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from loaders import pipeline
from loaders.feedback import ChannelDown, ChannelError, SmtpChannel
from loaders.outgoing_messages import Message
from loaders.settings import PROJECT_ROOT, Settings
from loaders.warehouse import Outbox, RetryRules
from tests.support.servers import smtp
from tests.support.servers.background import Background
from tests.support.servers.sftp import SftpServer
from tests.support.servers.smtp import SmtpServer, smtp_server
from tests.support.warehouse.file_drop import station_form

pytestmark = pytest.mark.integration

MESSAGE = Message("owner@example.org", "subject", "text")
MESSAGE_SECONDS = 0.5
# However often a fast machine tries in half a second, no message is given up.
AT_ONCE = RetryRules(first_pause=dt.timedelta(0), longest_pause=dt.timedelta(0), max_attempts=1_000_000)
OPERATORS = "engineers@example.org"
HARMFUL = b"<!DOCTYPE html><html><head><title>login</title></head><body>user</body></html>"


@pytest.fixture
def mail() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def drop(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    monkeypatch.setattr("loaders.sources.retry.FIRST_PAUSE_SECONDS", 0.01)
    folder = Path(settings.connection("social_work_sftp").removeprefix("file://"))
    with Background() as background:
        server = SftpServer(background, folder)
        yield server
        server.close()


@pytest.fixture
def reported(settings: Settings, drop: SftpServer, mail: SmtpServer) -> Settings:
    """Two documents that can be had, one that may not be read, and one that is refused by its reader."""
    for name, content in {"441302": station_form(), "441303": station_form(), "441322": HARMFUL}.items():
        path = Path(os.fsdecode(drop.folder)) / "station" / "2023-05" / f"{name}_名册.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1.7e9, 1.7e9))
    drop.failures.denied.add("441303")
    connections = {"social_work_sftp": drop.url()}
    return replace(settings, connections=connections, smtp_url=mail.url, operators_mail=OPERATORS)


@pytest.mark.parametrize("state", smtp.DOWN)
def test_a_server_that_is_down_is_known_in_bounded_time(mail: SmtpServer, state: str) -> None:
    mail.state = state
    started = time.monotonic()
    with pytest.raises(ChannelDown, match="the next run tries again"):
        SmtpChannel(mail.url, "huimin@localhost", message_seconds=MESSAGE_SECONDS).send(MESSAGE)
    assert time.monotonic() - started < MESSAGE_SECONDS + 3
    assert mail.messages == []


@pytest.mark.parametrize("state", smtp.REJECTING)
def test_a_server_that_does_not_take_one_message_may_take_others(mail: SmtpServer, state: str) -> None:
    mail.state = state
    with pytest.raises(ChannelError, match=r"\d{3}") as refused:
        SmtpChannel(mail.url, "huimin@localhost").send(MESSAGE)
    assert not isinstance(refused.value, ChannelDown)


def test_a_server_that_is_down_is_asked_once_in_a_run(mail: SmtpServer, settings: Settings) -> None:
    mail.state = smtp.DROPS
    outbox = Outbox(settings.warehouse_url)
    for number in range(5):
        outbox.queue(MESSAGE, topic="test", key=str(number))
    mailer = pipeline.Mailer(replace(settings, smtp_url=mail.url), rules=AT_ONCE)
    assert [mailer.send_due() for _ in range(3)] == [0, 0, 0]
    assert (mail.connection_count, len(mailer.failures)) == (1, 1)


def run(settings: Settings) -> tuple[dict[str, int], int, list[str]]:
    """What one run of a report comes to: states, mails sent, what the mail server did not take."""
    states: dict[str, int] = {}
    for batch in pipeline.extract("station", settings):
        states |= pipeline.load_batch("station", batch, settings)
    mailer = pipeline.Mailer(settings, message_seconds=MESSAGE_SECONDS, rules=AT_ONCE)
    started = time.monotonic()
    sent = pipeline.notify_owners("station", settings, mailer)
    assert time.monotonic() - started < MESSAGE_SECONDS + 5
    return states, sent, mailer.failures


@pytest.mark.parametrize("state", [smtp.REFUSED, smtp.HANGS, smtp.DROPS, smtp.NOT_NOW, smtp.REFUSES])
def test_documents_are_loaded_and_reported_when_the_server_is_well_again(
    reported: Settings, mail: SmtpServer, state: str
) -> None:
    mail.state = state
    states, sent, failures = run(replace(reported, smtp_url=mail.url))
    assert (states, sent) == ({"accepted": 1, "rejected": 1}, 0)
    assert failures and all("the next run tries again" in failure for failure in failures)
    mail.state = smtp.HEALTHY
    assert run(reported) == ({}, 2, [])
    assert run(reported) == ({}, 0, [])
    assert {str(letter["To"]) for letter in mail.messages} == {OPERATORS, "stations@social-work.huizhou.example"}


def test_a_document_that_cannot_be_had_is_reported_once_and_again_when_it_comes_back(
    reported: Settings, mail: SmtpServer, drop: SftpServer
) -> None:
    assert run(reported)[1] == 2
    assert [run(reported)[1] for _ in range(3)] == [0, 0, 0]
    (letter,) = [letter for letter in mail.messages if letter["To"] == OPERATORS]
    assert "441303_名册.xlsx" in letter.get_content()
    drop.failures.denied.clear()
    run(reported)
    path = Path(os.fsdecode(drop.folder)) / "station" / "2023-05" / "441303_名册.xlsx"
    path.write_bytes(station_form() + b"\0")
    os.utime(path, (1.7e9 + 60, 1.7e9 + 60))
    drop.failures.denied.add("441303")
    assert [run(reported)[1] for _ in range(2)] == [1, 0]
    assert [str(letter["To"]) for letter in mail.messages].count(OPERATORS) == 2


def test_a_failed_task_is_reported_or_not_but_never_fails_in_reporting(mail: SmtpServer, settings: Settings) -> None:
    mail.state = smtp.BUSY
    with_mail = replace(settings, smtp_url=mail.url, operators_mail=OPERATORS)
    pipeline.notify_operators(with_mail, task="load_station.extract", run="r", error=ValueError("x"))
    pipeline.notify_operators(replace(with_mail, smtp_url="http://x"), task="t", run="r", error=None)
    mail.state = smtp.HEALTHY
    for _ in range(2):
        pipeline.notify_operators(with_mail, task="load_station.extract", run="r", error=ValueError("x"))
    assert mail.subjects() == []
    # What the server did not take when the task failed is not lost.
    Outbox(settings.warehouse_url).retry()
    pipeline.Mailer(with_mail).send_due()
    assert sorted(mail.subjects()) == ["[huimin] load_station.extract failed", "[huimin] t failed"]


def test_a_task_that_fails_without_a_warehouse_is_reported_all_the_same(mail: SmtpServer, settings: Settings) -> None:
    alone = replace(settings, smtp_url=mail.url, operators_mail=OPERATORS, warehouse_url="postgresql://u@127.0.0.1:9/none")
    pipeline.notify_operators(alone, task="load_station.extract", run="r", error=None)
    assert mail.subjects() == ["[huimin] load_station.extract failed"]


def test_the_command_says_which_mails_wait_and_its_exit_code_is_that_of_the_load(reported: Settings, mail: SmtpServer) -> None:
    mail.state = smtp.BUSY
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))} | {
        "HUIMIN_HOME": str(reported.home),
        "HUIMIN_WAREHOUSE_URL": reported.warehouse_url,
        "HUIMIN_PII_KEY": "k" * 48,
        "HUIMIN_SMTP_URL": mail.url,
        "HUIMIN_OPERATORS_MAIL": OPERATORS,
        "AIRFLOW_CONN_SOCIAL_WORK_SFTP": reported.connection("social_work_sftp"),
    }
    command = [sys.executable, "-c", "from loaders.cli import main; main()", "load", "station", "--no-build"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "station: 1 accepted, 1 rejected" in done.stdout
    assert "mail not sent, the next run sends it" in done.stderr
    with psycopg.connect(reported.warehouse_url) as connection:
        assert connection.execute("select count(*) from raw.station where _superseded_at is null").fetchone() == (1,)
    folder = reported.home / "expectations"
    shutil.copytree(PROJECT_ROOT / "expectations", folder)
    (folder / "charity" / "community_fund.yml").write_text("report: [", encoding="utf-8")
    mail.state = smtp.HEALTHY
    Outbox(reported.warehouse_url).retry()
    command[3:] = ["load", "community_fund", "station", "--no-build"]
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env=environment | {"HUIMIN_EXPECTATIONS": str(folder), "HUIMIN_SMTP_URL": mail.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "community_fund: ContractError: charity/community_fund.yml: file:" in done.stderr
    assert "station: nothing new" in done.stdout
    assert sorted(mail.subjects())[:2] == ["[huimin] fault(s) in contracts: 1", "[huimin] station: document(s) not fetched: 1"]
