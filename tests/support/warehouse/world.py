"""A warehouse, a post office, a folder and contracts of a test's own: the whole way without a scheduler."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import email
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.policy import default
from pathlib import Path
from typing import Any

import psycopg
import yaml

from loaders import pipeline
from loaders.period import local_today
from loaders.settings import Settings
from sample_city.servers.mail_server import start_mail
from tests.support.documents.contracts import VISIT

COLUMNS = [
    {"name": "code", "header": "编号", "required": True, "key": True},
    {"name": "amount", "header": "数量", "type": "integer"},
]
PATTERN = r"(?P<period>\d{4}-\d{2})/(?P<unit>441302|441303)_[^/]*\.csv"
DROP = {"kind": "file_drop", "connection": "drop", "folder": "visits", "pattern": PATTERN, "settle_seconds": 0.01}
LONG_AGO = 1_680_000_000


def table(*rows: tuple[str, int]) -> bytes:
    """Makes a document of the contract's columns."""
    return ("编号,数量\n" + "".join(f"{code},{amount}\n" for code, amount in rows)).encode()


class World:
    """A warehouse, a post office, and contracts of a test's own."""

    def __init__(self, home: Path, warehouse_url: str, mail_port: int) -> None:
        self.home = home
        self.drop = home / "drop"
        self.mails = home / "mail"
        (self.drop / "visits").mkdir(parents=True)
        self.settings = Settings(
            home=home / "huimin",
            warehouse_url=warehouse_url,
            pii_key=b"k" * 48,
            connections={"drop": f"file://{self.drop}"},
            smtp_url=f"smtp://127.0.0.1:{mail_port}",
            operators_mail="engineers@example.org",
            expectations=home / "expectations",
        )
        self._number = 0
        self._day = local_today()

    def connect(self, name: str, url: str) -> None:
        self.settings = dataclasses.replace(self.settings, connections={**self.settings.connections, name: url})

    def contract(self, **changes: Any) -> None:
        facts = {"units": ["441302", "441303"], "columns": COLUMNS, "source": DROP} | changes
        path = self.settings.expectations / "social_work" / f"{facts.get('name', 'visit')}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(VISIT | facts, allow_unicode=True), encoding="utf-8")

    def put(self, name: str, *rows: tuple[str, int], folder: str = "visits") -> Path:
        return self.put_bytes(name, table(*rows), folder=folder)

    def put_bytes(self, name: str, content: bytes, folder: str = "visits") -> Path:
        path = self.drop / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self._number += 1
        os.utime(path, (LONG_AGO + self._number, LONG_AGO + self._number))
        return path

    def load(self, report: str = "visit") -> None:
        for batch in pipeline.extract(report, self.settings):
            pipeline.load_batch(report, batch, self.settings)

    def letters(self) -> dict[Path, Any]:
        """All mails that arrived, by their files."""
        return {path: email.message_from_bytes(path.read_bytes(), policy=default) for path in self.mails.glob("*.eml")}

    def reported(self, report: str = "visit") -> list[str]:
        """The texts of the mails that a feedback sends, with their recipient before each. Each is on a day of its own."""
        before = self.letters()
        self._day += dt.timedelta(days=1)
        pipeline.notify_owners(report, self.settings)
        pipeline.send_digests(self.settings, day=self._day)
        letters = [letter for path, letter in self.letters().items() if path not in before]
        return sorted(f"{letter['To']}: {letter.get_body(('plain',)).get_content()}" for letter in letters)

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.settings.warehouse_url) as connection:
            return connection.execute(text).fetchall()

    def query_all(self, text: str) -> None:
        with psycopg.connect(self.settings.warehouse_url, autocommit=True) as connection:
            connection.execute(text)

    def current(self) -> set[tuple[str, str]]:
        """(period, code) of each current row."""
        rows = self.query("select to_char(_period_start, 'YYYY-MM'), code from raw.visit where _superseded_at is null")
        assert len(rows) == len(set(rows))
        return set(rows)

    def check_account(self) -> None:
        assert self.query("select report, source_uri, difference from ops.account where difference is distinct from 0") == []


@contextmanager
def running_world(home: Path, warehouse_url: str) -> Iterator[World]:
    """Starts the post office, and stops it afterwards."""
    home.mkdir(exist_ok=True)
    loop = asyncio.new_event_loop()
    server, port = loop.run_until_complete(start_mail(home / "mail"))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield World(home, warehouse_url, port)
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
