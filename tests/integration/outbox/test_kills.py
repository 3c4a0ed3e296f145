"""Senders are killed at random moments while every channel fails in its ways: no message is lost, none repeated but by a kill."""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from loaders.outgoing_messages import Message
from loaders.settings import Settings
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import Outbox
from tests.support.outbox.sender import SOON, send_without_end
from tests.support.servers import bots, smtp
from tests.support.servers.bots import BotServer, bot_server
from tests.support.servers.smtp import SmtpServer, smtp_server

pytestmark = pytest.mark.integration
SEED = int(os.environ.get("HUIMIN_FAULT_SEED", "20231231"))
CHANNELS = ("mail", "wecom", "dingtalk", "feishu")
MAIL_STATES = (smtp.HEALTHY, smtp.HEALTHY, smtp.BUSY, smtp.DROPS, smtp.FULL, smtp.NOT_NOW, smtp.CLOSING)
KILL_ON_ARRIVAL = 0.25


def settings_of(settings: Settings, mail: SmtpServer, bot: BotServer) -> Settings:
    connections = {vendor: bot.url(vendor, per_minute=1_000_000) for vendor in CHANNELS[1:]}
    return replace(settings, smtp_url=f"smtp://127.0.0.1:{mail.port}", connections=connections)


class Killer:
    """Starts a sender, and kills it at a random moment: soon after some requests, or while it waits for an answer.

    Moments follow from requests and not from time: on a busy machine a sender that just began sends nothing for seconds.
    """

    def __init__(self, settings: Settings, chance: random.Random, requests: Callable[[], int]) -> None:
        self._settings = settings
        self._chance = chance
        self._requests = requests
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.support.outbox.sender"])
        self._process: multiprocessing.process.BaseProcess | None = None
        self.kills = 0

    def arrived(self, *_: str) -> None:
        """Kills the sender of what just arrived, sometimes."""
        process = self._process
        if process is not None and process.pid is not None and self._chance.random() < KILL_ON_ARRIVAL:
            os.kill(process.pid, signal.SIGKILL)

    def run_and_kill(self) -> None:
        last = self._requests() + self._chance.randint(1, 10)
        self._process = self._context.Process(target=send_without_end, args=(self._settings,))
        self._process.start()
        ends_at = time.monotonic() + 10
        while self._process.exitcode is None and self._requests() < last and time.monotonic() < ends_at:
            self._process.join(0.005)
        self._process.join(self._chance.uniform(0.0, 0.05))
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        assert self._process.exitcode == -signal.SIGKILL
        self.kills += 1


def check_outbox_survives(settings: Settings, kills: int, queue_more: Callable[[Outbox, int], None]) -> None:
    chance = random.Random(SEED)
    with smtp_server() as mail, bot_server() as bot:
        settings = settings_of(settings, mail, bot)
        outbox = Outbox(settings.warehouse_url)
        killer = Killer(settings, chance, lambda: mail.connection_count + bot.request_count)
        mail.before_answer, bot.before_answer, bot.state, bot.hang_seconds = killer.arrived, killer.arrived, None, 0.2
        # A bot that is muted is not asked for minutes; another test has that.
        bot.states = tuple(state for state in bots.STATES if state != bots.MUTED)
        while killer.kills < kills:
            queue_more(outbox, killer.kills)
            mail.state = chance.choice(MAIL_STATES)
            killer.run_and_kill()
        mail.state, bot.state = smtp.HEALTHY, "well"
        mail.before_answer, bot.before_answer = lambda: None, lambda _: None
        ends_at = time.monotonic() + 600
        while outbox.messages("queued") and time.monotonic() < ends_at:
            Mailer(settings, rules=SOON).send_due()
            time.sleep(0.02)
        arrived = Counter(str(letter["Message-ID"]) for letter in mail.messages)
        references = Counter(text.rpartition("#")[2] for texts in bot.texts.values() for text in texts)
    with psycopg.connect(settings.warehouse_url) as connection:
        queued = connection.execute("select channel, header_id, state from ops.outbox_message").fetchall()
    assert {state for *_, state in queued} == {"sent"}
    assert arrived.keys() == {header for channel, header, _ in queued if channel == "mail"}, f"seed {SEED}"
    assert references.keys() == {header[1:9] for channel, header, _ in queued if channel != "mail"}, f"seed {SEED}"
    repeats = arrived.total() - len(arrived) + references.total() - len(references)
    assert 0 < repeats <= killer.kills, "no kill fell between the answer and the mark, or a message was repeated without one"


def queue_per_kill(outbox: Outbox, number: int) -> None:
    """Queues two messages: enough that a sender has always something to send."""
    for channel in (CHANNELS[number % 4], CHANNELS[(number + 1) % 4]):
        recipient = "owner@example.org" if channel == "mail" else channel
        key = f"{channel} {number}"
        outbox.queue(Message(recipient, f"消息 {key}", "text", channel=channel), topic="test", key=key)


def test_no_message_is_lost_by_twenty_kills(settings: Settings) -> None:
    check_outbox_survives(settings, 20, queue_per_kill)


@pytest.mark.faults
@pytest.mark.timeout(1200)
def test_no_message_is_lost_by_two_hundred_kills(settings: Settings) -> None:
    check_outbox_survives(settings, 200, queue_per_kill)
