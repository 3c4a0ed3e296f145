"""The outbox: what is queued is sent once by whichever sender, waits while a server fails, and is never lost without an alarm."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest

from loaders.outgoing_messages import Attachment, Message
from loaders.settings import Settings
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import Outbox, RetryRules
from tests.support.servers import bots, smtp
from tests.support.servers.bots import BotServer, bot_server
from tests.support.servers.smtp import SmtpServer, smtp_server

pytestmark = pytest.mark.integration

OPERATORS = "engineers@example.org"
AT_ONCE = RetryRules(dt.timedelta(0), dt.timedelta(0), max_attempts=3)
MESSAGE = Message("owner@example.org", "subject", "text", attachments=(Attachment("名册.csv", b"1"),))


@pytest.fixture
def mail() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def bot() -> Iterator[BotServer]:
    with bot_server() as server:
        yield server


@pytest.fixture
def with_mail(settings: Settings, mail: SmtpServer) -> Settings:
    return replace(settings, smtp_url=mail.url, operators_mail=OPERATORS)


def query(settings: Settings, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(settings.warehouse_url) as connection:
        return connection.execute(text).fetchall()


def test_a_key_is_queued_once_and_its_message_sent_once(with_mail: Settings, mail: SmtpServer) -> None:
    outbox = Outbox(with_mail.warehouse_url)
    assert [outbox.queue(MESSAGE, topic="test", key="a") for _ in range(3)] == [True, False, False]
    assert [Mailer(with_mail).send_due() for _ in range(2)] == [1, 0]
    (letter,) = mail.messages
    (attached,) = letter.iter_attachments()
    assert (letter["To"], attached.get_filename(), attached.get_payload(decode=True)) == (MESSAGE.recipient, "名册.csv", b"1")
    kept = "select a.name, a.bytes_count, a.content from ops.outbox_attachment as a"
    assert query(with_mail, kept) == [("名册.csv", 1, None)], "what was sent is not kept"


def test_many_senders_send_each_message_once(with_mail: Settings, mail: SmtpServer) -> None:
    outbox = Outbox(with_mail.warehouse_url)
    for number in range(40):
        outbox.queue(replace(MESSAGE, subject=str(number)), topic="test", key=str(number))
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: Mailer(with_mail).send_due(), range(4)))
    assert sum(sent) == 40
    assert sorted(mail.subjects(), key=int) == [str(number) for number in range(40)]


def test_a_message_is_sent_again_later_each_time_under_the_same_number(with_mail: Settings, mail: SmtpServer) -> None:
    rules = RetryRules()
    pauses = [rules.pause(failures) for failures in (1, 2, 3, 12, 500)]
    for pause, longest in zip(pauses, (60, 120, 240, 21_600, 21_600), strict=True):
        assert longest / 2 <= pause.total_seconds() <= longest
    mail.state = smtp.FULL
    outbox = Outbox(with_mail.warehouse_url)
    outbox.queue(MESSAGE, topic="test", key="a")
    assert [Mailer(with_mail).send_due() for _ in range(3)] == [0, 0, 0]
    assert query(with_mail, "select outcome from ops.outbox_attempt") == [("refused",)], "it is not due yet"
    (row,) = outbox.messages()
    assert (row["state"], row["attempts_count"]) == ("queued", 1) and "452" in row["last_error"]
    mail.state = smtp.HEALTHY
    outbox.retry()
    assert Mailer(with_mail).send_due() == 1
    (header,) = query(with_mail, "select header_id from ops.outbox_message")
    assert [str(letter["Message-ID"]) for letter in mail.messages] == [header[0]]


def test_operators_hear_of_one_cause_once_and_once_when_it_is_over(with_mail: Settings, mail: SmtpServer) -> None:
    outbox = Outbox(with_mail.warehouse_url)
    for number in range(6):
        outbox.queue(replace(MESSAGE, subject=str(number)), topic="test", key=str(number))
    mail.state = smtp.NEVER
    for _ in range(AT_ONCE.max_attempts):
        Mailer(with_mail, rules=AT_ONCE).send_due(6)
    assert [row["state"] for row in outbox.messages() if row["topic"] == "test"] == ["dead"] * 6
    mail.state = smtp.HEALTHY
    Mailer(with_mail, rules=AT_ONCE).send_due()
    assert mail.subjects() == ["[huimin] messages do not go out: mail:owner@example.org"]
    assert str(mail.messages[0]["To"]) == OPERATORS
    assert outbox.retry() == 6
    Mailer(with_mail, rules=AT_ONCE).send_due()
    assert sorted(mail.subjects()[1:7]) == [str(number) for number in range(6)]
    assert mail.subjects()[7:] == ["[huimin] messages go out again: mail:owner@example.org"]
    assert query(with_mail, "select count(*), count(closed_at) from ops.outbox_alarm") == [(1, 1)]


@pytest.mark.parametrize("state", [bots.BROKEN, bots.MUTED])
def test_a_bot_that_is_down_delays_no_mail_and_its_alarm_comes_before_a_message_is_given_up(
    with_mail: Settings, mail: SmtpServer, bot: BotServer, state: str
) -> None:
    settings = replace(with_mail, connections={"group": bot.url("dingtalk")})
    outbox = Outbox(settings.warehouse_url)
    bot.state = state
    for number in range(3):
        outbox.queue(Message("group", str(number), "text", channel="dingtalk"), topic="test", key=f"bot {number}")
    outbox.queue(MESSAGE, topic="test", key="mail")
    patient = replace(AT_ONCE, max_attempts=50)
    for _ in range(6):
        Mailer(settings, rules=patient).send_due()
        outbox.retry()
    assert mail.subjects() == ["subject", "[huimin] messages do not go out: dingtalk:group"]
    bot.state = bots.HEALTHY
    Mailer(settings, rules=patient).send_due()
    assert sorted(text[0] for text in bot.texts["dingtalk"]) == ["0", "1", "2"]
    assert mail.subjects()[2:] == ["[huimin] messages go out again: dingtalk:group"]
    kept = "".join(
        str(row) for row in query(settings, "select m.*, a.error from ops.outbox_message as m, ops.outbox_attempt as a")
    )
    assert bots.TOKEN not in kept and bots.SECRET not in kept


def test_a_bot_gets_no_more_messages_a_minute_than_it_takes(with_mail: Settings, bot: BotServer) -> None:
    settings = replace(with_mail, connections={"group": bot.url("wecom", per_minute=4)})
    outbox = Outbox(settings.warehouse_url)
    for number in range(9):
        outbox.queue(Message("group", str(number), "text", channel="wecom"), topic="test", key=str(number))
    with ThreadPoolExecutor(3) as pool:
        sent = list(pool.map(lambda _: Mailer(settings).send_due(), range(3)))
    sent.append(Mailer(settings).send_due())
    assert (sum(sent), bot.request_count) == (4, 4)
    waits = "select retry_at between now() and now() + interval '1 minute', failures_count from ops.outbox_server"
    assert query(settings, waits) == [(True, 0)]


def test_what_a_sender_does_not_know_is_no_failure(with_mail: Settings, bot: BotServer) -> None:
    outbox = Outbox(with_mail.warehouse_url)
    outbox.queue(Message("group", "subject", "text", channel="feishu"), topic="test", key="bot")
    outbox.queue(MESSAGE, topic="test", key="mail")
    mailer = Mailer(replace(with_mail, smtp_url=None))
    assert (mailer.send_due(), mailer.failures) == (0, [])
    assert query(with_mail, "select count(*) from ops.outbox_attempt") == [(0,)]
    assert Mailer(replace(with_mail, connections={"group": bot.url("feishu")})).send_due() == 2


def test_a_message_for_later_waits(with_mail: Settings, mail: SmtpServer) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    Outbox(with_mail.warehouse_url).queue(replace(MESSAGE, not_before=later), topic="test", key="a")
    assert Mailer(with_mail).send_due() == 0
