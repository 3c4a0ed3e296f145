"""Warnings come in one digest a day over all reports, weekly summaries once a week, and nothing while it is quiet."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from loaders import pipeline
from loaders.contract import load_contracts
from loaders.outgoing_messages import Attachment
from loaders.stages.notifying.conversations import Conversations
from loaders.stages.notifying.routes import Routes
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import Warehouse
from tests.support.warehouse.world import COLUMNS, DROP, World, running_world

pytestmark = pytest.mark.integration

OWNER, WEST = "a@example.org", "west@station.gov.cn"
WARNED = {"severity": "warning", "meaning": {"zh": "数量一般不超过100", "en": "seldom above 100"}}
RULE = {"expect": "expect_column_values_to_be_between", "arguments": {"column": "amount", "max_value": 100}} | WARNED
DAY = dt.date(2023, 5, 8)


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str) -> Iterator[World]:
    with running_world(tmp_path / "world", warehouse_url) as running:
        for name, folder in (("visit", "visits"), ("meal", "meals")):
            (running.drop / folder).mkdir(exist_ok=True)
            facts = {"name": name, "source": DROP | {"folder": folder}, "columns": COLUMNS, "rules": [RULE]}
            running.contract(**facts, code="SW90" if name == "visit" else "SW91", replaces="period", reject_limit_pct=100)
        yield running


def with_people(world: World, tmp_path: Path, **changes: object) -> None:
    person = {"level": "unit", "role": {"zh": "西站", "en": "west"}, "units": ["441302"], "addresses": {"mail": WEST}}
    path = tmp_path / "people.yml"
    path.write_text(yaml.safe_dump({"people": [person | changes]}), encoding="utf-8")
    world.settings = replace(world.settings, people=path)


def received(world: World, known: set[Path]) -> list[tuple[str, str]]:
    """(address, subject) of the letters since the last call."""
    new = {path: letter for path, letter in world.letters().items() if path not in known}
    known.update(new)
    return sorted((str(letter["To"]), str(letter["Subject"])) for letter in new.values())


def load(world: World, name: str, *rows: tuple[str, int]) -> None:
    for report, folder in (("visit", "visits"), ("meal", "meals")):
        world.put(name, *rows, folder=folder)
        world.load(report)
        pipeline.notify_owners(report, world.settings, day=DAY)


def test_warnings_of_all_reports_come_in_one_message_a_day(world: World, tmp_path: Path) -> None:
    with_people(world, tmp_path)
    known: set[Path] = set()
    load(world, "2023-04/441302_a.csv", ("x", 500), ("y", 1))
    assert received(world, known) == [], "warnings do not come at once"
    subject = "【数据质量提醒汇总】2张报表：2个问题"
    assert pipeline.send_digests(world.settings, day=DAY) == 2
    assert received(world, known) == [(OWNER, subject), (WEST, subject)]
    load(world, "2023-04/441303_b.csv", ("z", 600))
    assert pipeline.send_digests(world.settings, day=DAY) == 0, "there was one today"
    assert pipeline.send_digests(world.settings, day=DAY + dt.timedelta(days=1)) == 1
    assert received(world, known) == [(OWNER, subject)]
    assert pipeline.send_digests(world.settings, day=DAY + dt.timedelta(days=2)) == 0
    assert world.query("select count(*), count(distinct address) from ops.conversation") == [(6, 2)]


def test_warnings_beside_errors_come_with_them(world: World) -> None:
    known: set[Path] = set()
    load(world, "2023-04/441302_a.csv", ("x", 500), ("y", -1), ("z", "许多"))  # type: ignore[arg-type]
    assert [subject for _, subject in received(world, known)] == ["【数据质量反馈】探访表 2023-04：2个问题"] * 2
    assert pipeline.send_digests(world.settings, day=DAY) == 0


def test_quiet_hours_keep_a_message_until_they_end(world: World, tmp_path: Path) -> None:
    with_people(world, tmp_path, quiet_hours={"since": "00:00", "until": "23:59:59"})
    load(world, "2023-04/441302_a.csv", ("x", "许多"), ("y", 1))  # type: ignore[arg-type]
    assert {address for address, _ in received(world, set())} == {OWNER}
    waiting = "select address, next_attempt_at > now() from ops.outbox_message where state = 'queued'"
    assert world.query(waiting) == [(WEST, True)] * 2


def test_a_unit_gets_its_own_document_back_and_nobody_else(world: World, tmp_path: Path) -> None:
    with_people(world, tmp_path)
    world.put("2023-04/441302_a.csv", ("x", "许多"), ("y", 1))  # type: ignore[arg-type]
    world.load()
    own = Attachment("441302_a.xlsx", b"marked", "application/octet-stream")
    routes = Routes.load(world.settings, DAY)
    conversations = Conversations(Warehouse(world.settings.warehouse_url), routes, world.settings, attachments=lambda _: [own])
    assert conversations.queue_errors(load_contracts(world.settings.expectations).reports["visit"]) == 2
    Mailer(world.settings).send_due()
    names = {
        str(letter["To"]): [part.get_filename() for part in letter.iter_attachments()] for letter in world.letters().values()
    }
    table = "SW90_2023-04_问题清单.csv"
    assert names == {OWNER: [table], WEST: [table, own.name]}


def test_the_summary_comes_once_a_week_while_something_is_open(world: World) -> None:
    known: set[Path] = set()
    load(world, "2023-04/441302_a.csv", ("x", "许多"), ("y", 1))  # type: ignore[arg-type]
    received(world, known)
    sent = {}
    for day in (DAY, DAY, DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=7)):
        pipeline.chase(world.settings, day=day)
        sent[day] = sent.get(day, []) + [subject for _, subject in received(world, known) if "周报" in subject]
    one = "【数据质量周报】2张报表有待处理事项"
    assert sent == {DAY: [one], DAY + dt.timedelta(days=1): [], DAY + dt.timedelta(days=7): [one]}
    text = next(
        letter.get_body(("plain",)).get_content() for letter in world.letters().values() if "周报" in str(letter["Subject"])
    )
    assert "《探访表》：未了结的问题 1 个" in text
