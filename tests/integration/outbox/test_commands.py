"""`huimin outbox`, `routes` and `chase` on a real warehouse."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from loaders.cli import app
from loaders.outgoing_messages import Message
from loaders.settings import Settings
from loaders.warehouse import Outbox
from tests.support.servers import smtp
from tests.support.servers.smtp import SmtpServer, smtp_server

pytestmark = pytest.mark.integration


@pytest.fixture
def mail() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def huimin(settings: Settings, mail: SmtpServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    people = tmp_path / "people.yml"
    person = {"level": "unit", "role": {"zh": "惠城", "en": "huicheng"}, "units": ["441302"], "addresses": {"mail": "w@x.cn"}}
    people.write_text(yaml.safe_dump({"people": [person]}), encoding="utf-8")
    made = replace(settings, smtp_url=mail.url, people=people)
    for module in ("outbox", "chase"):
        monkeypatch.setattr(f"loaders.commands.notifying.{module}.reading_settings", lambda: made)
    return made


def output(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == code, done.output
    return done.output


def test_the_outbox_is_listed_sent_and_retried(huimin: Settings, mail: SmtpServer) -> None:
    Outbox(huimin.warehouse_url).queue(Message("a@x.cn", "one", "text"), topic="test", key="one")
    mail.state = smtp.FULL
    assert "0 message(s) sent" in output("outbox", "send", code=1)
    (row,) = json.loads(output("outbox", "list", "--state", "queued", "--json"))
    assert (row["address"], row["attempts_count"]) == ("a@x.cn", 1)
    mail.state = smtp.HEALTHY
    assert "0 message(s) sent" in output("outbox", "send"), "it is not due yet"
    assert "1 message(s) queued" in output("outbox", "retry", str(row["message_id"]))
    assert "1 message(s) sent" in output("outbox", "send")
    assert json.loads(output("outbox", "list", "--state", "dead", "--json")) == []
    output("outbox", "retry", code=2)
    output("outbox", "retry", "1", "--all", code=2)


def test_routes_say_who_is_notified_of_what(huimin: Settings) -> None:
    rows = json.loads(output("routes", "--dry-run", "--report", "home_visit", "--unit", "441302", "--json"))
    assert [(row["level"], row["address"]) for row in rows] == [
        ("unit", "w@x.cn"),
        ("owner", "visits@social-work.huizhou.example"),
    ]
    everything = json.loads(output("routes", "--json"))
    assert {row["report"] for row in everything} >= {"home_visit", "station", "donation"}
    assert huimin.smtp_url is not None
    for words in (
        ["--report", "nothing"],
        ["--report", "home_visit", "--unit", "999999"],
        ["--unit", "nothing"],
        ["--period", "soon"],
    ):
        output("routes", *words, code=2)


def test_a_dry_run_of_chase_tells_nobody(huimin: Settings, mail: SmtpServer) -> None:
    assert json.loads(output("chase", "--dry-run", "--json")) == []
    assert Outbox(huimin.warehouse_url).messages() == []
    assert mail.messages == []
