"""A reader that is ended from outside: its document is tried again, and its office is not blamed."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from dataclasses import replace

import psycopg
import pytest

from loaders import pipeline
from loaders.settings import Settings
from tests.support.processes import children_of
from tests.support.servers.smtp import smtp_server
from tests.support.warehouse.file_drop import VISIT_HEADER, load, put

pytestmark = pytest.mark.integration

OPERATORS = "engineers@example.org"
VISIT = "2023-05-04,S1,桥东街道,441302001,G1,D1,,2,入户,30,0,,"


def kill_readers(until: threading.Event) -> None:
    """Kill every reader again and again: at its start, at work, whenever."""
    while not until.wait(0.2):
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in children_of(os.getpid()):
                os.kill(child, signal.SIGKILL)


def test_its_office_is_reported_nothing_and_the_engineers_once(settings: Settings) -> None:
    rows = "".join(f"TF{number},{VISIT}\r\n" for number in range(400_000))
    put(settings, "home_visit/2023-05/441302_记录.csv", f"{VISIT_HEADER}\r\n{rows}".encode("gb18030"))
    ended = threading.Event()
    killer = threading.Thread(target=kill_readers, args=(ended,))
    with smtp_server() as mail:
        told = replace(settings, smtp_url=mail.url, operators_mail=OPERATORS)
        killer.start()
        load("home_visit", told)
        ended.set()
        killer.join()
        sent = [pipeline.notify_owners("home_visit", told) for _ in range(2)]
        recipients = [message["To"] for message in mail.messages]
    with psycopg.connect(settings.warehouse_url) as connection:
        states = connection.execute(
            "select s.state, i.rule from ops.submission as s inner join ops.issue as i using (submission_id)"
        ).fetchall()
    assert states == [("rejected", "reader_interrupted")]
    assert (sent, recipients) == ([1, 0], [OPERATORS])
    for batch in pipeline.extract("home_visit", settings, again=True):
        assert pipeline.load_batch("home_visit", batch, settings)
    with psycopg.connect(settings.warehouse_url) as connection:
        assert connection.execute("select count(*) from raw.home_visit where _superseded_at is null").fetchone() == (400_000,)
