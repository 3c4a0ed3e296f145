"""A small quarter: units send late, wrong, twice wrong or never, then put it right. Each mailbox holds what the table says."""

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
import yaml
from openpyxl import load_workbook

from loaders import pipeline
from loaders.operations import declaring
from loaders.settings import PROJECT_ROOT
from tests.support.servers.bots import BotServer, bot_server
from tests.support.warehouse.world import World, running_world

pytestmark = pytest.mark.integration

OWNER, WEST, COUNTY = "a@example.org", "west@station.gov.cn", "county@mzj.gov.cn"
# 441302 has addresses of its own; 441303 is told through the owner.
PEOPLE = {
    "people": [
        {
            "level": "unit",
            "role": {"zh": "西站", "en": "west"},
            "units": ["441302"],
            "addresses": {"mail": WEST, "wecom": "west_group"},
        },
        {"level": "county", "role": {"zh": "县局", "en": "county"}, "units": ["441302"], "addresses": {"mail": COUNTY}},
    ]
}
WRONG = (("x", "许多"), ("ok", 1))


@pytest.fixture
def bots() -> Iterator[BotServer]:
    with bot_server() as server:
        yield server


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str, bots: BotServer) -> Iterator[World]:
    with running_world(tmp_path / "world", warehouse_url) as running:
        running.connect("west_group", bots.url("wecom", per_minute=1000))
        people = tmp_path / "people.yml"
        people.write_text(yaml.safe_dump(PEOPLE, allow_unicode=True), encoding="utf-8")
        running.settings = replace(running.settings, people=people)
        shutil.copy(PROJECT_ROOT / "deployment.yml", running.home)
        running.contract(first_period="2023-04", due_day=10, due_rule="next_working_day", replaces="period", reject_limit_pct=100)
        yield running


def set_day(world: World, day: str) -> dt.date:
    """Sets the clock of the warehouse for connections to come."""
    with psycopg.connect(world.settings.warehouse_url, autocommit=True) as connection:
        connection.execute(f"alter database {connection.info.dbname} set huimin.today = '{day}'")
    return dt.date.fromisoformat(day)


def received(world: World, bots: BotServer, known: set[tuple[str, ...]]) -> list[tuple[str, str]]:
    """(address, subject) of what arrived since the last call."""
    letters = {(str(path), str(letter["To"]), str(letter["Subject"])) for path, letter in world.letters().items()}
    new = sorted(letters - known)
    known |= letters
    groups = [("west_group", text.splitlines()[0]) for text in bots.texts["wecom"]]
    bots.texts["wecom"].clear()
    return sorted([(address, subject) for _, address, subject in new] + groups)


def both(subject: str) -> list[tuple[str, str]]:
    return [(OWNER, subject), (WEST, subject), ("west_group", subject)]


FEEDBACK, SETTLED = "【数据质量反馈】探访表 {}：{}个问题", "【数据质量反馈】探访表 {}：{}个问题已全部了结"
# Day, what is sent before it, and who gets what: address and subject.
QUARTER: tuple[tuple[str, dict[str, tuple[tuple[str, object], ...]], list[tuple[str, str]]], ...] = (
    ("2023-05-04", {"2023-04/441302_a.csv": WRONG}, both(FEEDBACK.format("2023-04", 1))),
    # The same once more: nobody hears of the same issue twice.
    ("2023-05-04", {}, []),
    # Corrected, and wrong in another row.
    (
        "2023-05-05",
        {"2023-04/441302_a.csv": (("x", 1), ("y", "很多"))},
        sorted(both(FEEDBACK.format("2023-04", 1))),
    ),
    # Now all is right: one closing message to the same people.
    ("2023-05-08", {"2023-04/441302_a.csv": (("x", 1), ("y", 2))}, both(SETTLED.format("2023-04", 2))),
    ("2023-05-09", {}, []),
)


def test_each_mailbox_holds_what_the_table_says(world: World, bots: BotServer) -> None:
    known: set[tuple[str, ...]] = set()
    for day, documents, expected in QUARTER:
        today = set_day(world, day)
        for name, rows in documents.items():
            world.put(name, *rows)
        world.load()
        pipeline.notify_owners("visit", world.settings, day=today)
        pipeline.send_digests(world.settings, day=today)
        assert received(world, bots, known) == sorted(expected), day
    assert world.query("select count(*), count(closed_at) from ops.conversation") == [(3, 3)]
    assert world.query("select count(*) from ops.outbox_message where state <> 'sent'") == [(0,)]


def test_one_message_has_a_section_per_unit_and_a_unit_gets_its_own(world: World, bots: BotServer) -> None:
    world.put("2023-04/441302_a.csv", *WRONG)
    world.put("2023-04/441303_b.csv", ("u", "许多"), ("z", "也许"), ("ok2", 1))
    world.load()
    pipeline.notify_owners("visit", world.settings)
    texts = {str(letter["To"]): letter.get_body(("plain",)).get_content() for letter in world.letters().values()}
    assert texts.keys() == {OWNER, WEST}
    assert "有 3 个新问题，涉及 3 行" in texts[OWNER]
    assert "■ 惠城区：该行退回 1 个" in texts[OWNER] and "■ 惠阳区：该行退回 2 个" in texts[OWNER]
    assert texts[WEST].startswith("西站：") and "惠阳区" not in texts[WEST]
    (bot,) = bots.texts["wecom"]
    assert "■ 惠城区：该行退回 1 个" in bot and "见附件" not in bot


def test_what_was_settled_and_is_wrong_again_is_reported_again(world: World, bots: BotServer) -> None:
    known: set[tuple[str, ...]] = set()
    subjects = []
    for rows in (WRONG, (("x", 1),), WRONG, WRONG):
        world.put("2023-04/441303_b.csv", *rows)
        world.load()
        pipeline.notify_owners("visit", world.settings)
        subjects.append([subject for _, subject in received(world, bots, known)])
    told, settled = FEEDBACK.format("2023-04", 1), SETTLED.format("2023-04", 1)
    assert subjects == [[told], [settled], [told], []]


REMINDED = "【报送提醒】{}项报表待报送"
# The report of 2023-04 is due on 2023-05-10, a Wednesday. People worked on Saturday, 2023-05-06: the third working day before it.
CALENDAR: tuple[tuple[str, list[tuple[str, str]]], ...] = (
    ("2023-05-05", []),
    ("2023-05-06", [(OWNER, REMINDED.format(1)), (WEST, REMINDED.format(1)), ("west_group", REMINDED.format(1))]),
    ("2023-05-08", []),
    ("2023-05-10", [(OWNER, REMINDED.format(1)), (WEST, REMINDED.format(1)), ("west_group", REMINDED.format(1))]),
    ("2023-05-10", []),
    ("2023-05-11", [(OWNER, REMINDED.format(1)), (WEST, REMINDED.format(1)), ("west_group", REMINDED.format(1))]),
    ("2023-05-13", []),
    (
        "2023-05-17",
        [
            (OWNER, REMINDED.format(1)),
            (WEST, REMINDED.format(1)),
            (COUNTY, REMINDED.format(1)),
            ("west_group", REMINDED.format(1)),
        ],
    ),
    (
        "2023-05-24",
        [
            (OWNER, REMINDED.format(2)),
            (WEST, REMINDED.format(1)),
            (COUNTY, REMINDED.format(1)),
            ("west_group", REMINDED.format(1)),
        ],
    ),
    ("2023-05-25", []),
)


def test_reminders_follow_the_chinese_calendar_and_escalate(world: World, bots: BotServer) -> None:
    known: set[tuple[str, ...]] = set()
    world.load()
    for day, expected in CALENDAR:
        today = set_day(world, day)
        dry = pipeline.chase(world.settings, day=today, dry_run=True)
        pipeline.chase(world.settings, day=today)
        assert received(world, bots, known) == sorted(expected), day
        assert len(dry) == len(expected), day


def test_a_document_or_a_declaration_ends_the_reminders(world: World, bots: BotServer) -> None:
    world.put("2023-04/441303_b.csv", ("x", 1))
    world.load()
    today = set_day(world, "2023-05-11")
    assert {step.unit for one in pipeline.chase(world.settings, day=today, dry_run=True) for step in one.steps} == {"441302"}
    declaring.declare(world.settings, "visit", unit="441302", period="2023-04", why="无", by="王", revoke=False)
    assert pipeline.chase(world.settings, day=today, dry_run=True) == []


def test_a_unit_gets_its_document_back_with_the_issues_marked_and_nobody_else_does(world: World) -> None:
    world.put("2023-04/441302_a.csv", *WRONG)
    world.put("2023-04/441303_b.csv", ("u", "许多"))
    world.load()
    pipeline.notify_owners("visit", world.settings)
    names = {
        str(letter["To"]): [part.get_filename() for part in letter.iter_attachments()] for letter in world.letters().values()
    }
    assert names == {
        OWNER: ["SW90_2023-04_问题清单.csv"],
        WEST: ["SW90_2023-04_问题清单.csv", "441302_a.xlsx"],
    }
    (letter,) = (letter for letter in world.letters().values() if letter["To"] == WEST)
    copy = load_workbook(BytesIO(list(letter.iter_attachments())[1].get_content()))
    assert copy.sheetnames[0] == "问题清单"
    marked = [cell for row in copy.worksheets[1].iter_rows() for cell in row if cell.comment]
    assert [(cell.coordinate, cell.value) for cell in marked] == [("B2", "许多")]
    assert "附件另有标注问题的文件副本" in letter.get_body(("plain",)).get_content()


def test_copies_are_switched_off_by_the_contract(world: World) -> None:
    world.contract(annotated_copies=False, reject_limit_pct=100)
    world.put("2023-04/441302_a.csv", *WRONG)
    world.load()
    pipeline.notify_owners("visit", world.settings)
    (letter,) = (letter for letter in world.letters().values() if letter["To"] == WEST)
    assert [part.get_filename() for part in letter.iter_attachments()] == ["SW90_2023-04_问题清单.csv"]


def test_a_document_that_no_copy_can_be_made_of_is_reported_all_the_same(world: World) -> None:
    world.put("2023-04/441302_a.csv", *WRONG)
    world.load()
    for path in world.settings.landing.glob("??/??/*"):
        path.unlink()
    assert pipeline.notify_owners("visit", world.settings) >= 2
