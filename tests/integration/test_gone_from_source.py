"""The whole way, with real folders, servers and mails: what has gone from a source, and names that no contract knows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loaders import pipeline
from tests.support.servers.api import KEY, PATH, SECRET, Register
from tests.support.servers.background import Background
from tests.support.servers.sftp import SftpServer
from tests.support.servers.source_contracts import signed_register
from tests.support.warehouse.world import DROP, World, running_world

pytestmark = pytest.mark.integration


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str) -> Iterator[World]:
    with running_world(tmp_path, warehouse_url) as running:
        yield running


MOVES: dict[str, Callable[[World], object]] = {
    "renamed": lambda w: shutil.move(w.drop / "visits/2023-05/441302_a.csv", w.drop / "visits/2023-06/441302_a.csv"),
    "moved and changed": lambda w: (
        w.put("2023-06/441302_a.csv", ("k1", 1), ("k2", 2), ("k9", 9)),
        (w.drop / "visits/2023-05/441302_a.csv").unlink(),
    ),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_month_that_was_moved_counts_once_and_its_owner_is_reported_once(world: World, move: str) -> None:
    world.contract(when_gone="close")
    world.put("2023-05/441302_a.csv", ("k1", 1), ("k2", 2))
    world.put("2023-06/441303_b.csv", ("m1", 1))
    world.load()
    world.reported()
    MOVES[move](world)
    world.load()
    assert {code for period, code in world.current() if period == "2023-05"} == set()
    assert {("2023-06", "k1"), ("2023-06", "k2"), ("2023-06", "m1")} <= world.current()
    world.check_account()
    (letter,) = [text for text in world.reported() if "来源处不见了" in text]
    assert letter.startswith("a@example.org:") and "2023-05/441302_a.csv" in letter and "不再计入" in letter
    world.load()
    assert world.reported() == []


def test_a_month_that_is_gone_is_kept_and_reported_where_the_contract_says_nothing(world: World) -> None:
    world.contract()
    world.put("2023-05/441302_a.csv", ("k1", 1))
    world.put("2023-06/441302_a.csv", ("k2", 1))
    world.load()
    shutil.move(world.drop / "visits/2023-05/441302_a.csv", world.drop / "archive.csv")
    world.load()
    assert world.current() == {("2023-05", "k1"), ("2023-06", "k2")}
    (letter,) = world.reported()
    assert "2023-05/441302_a.csv" in letter and "仍计入结果" in letter
    world.load()
    assert world.reported() == []


def test_what_comes_back_with_the_same_bytes_counts_again(world: World) -> None:
    world.contract(when_gone="close")
    away = world.put("2023-05/441302_a.csv", ("k1", 1), ("k2", 2))
    world.put("2023-06/441302_a.csv", ("k3", 3))
    world.load()
    before = world.current()
    for _ in range(2):
        shutil.move(away, world.home / "away.csv")
        world.load()
        assert world.current() == {("2023-06", "k3")}
        assert world.query("select state, state_reason from ops.submission where period = '2023-05' order by 1 desc limit 1") == [
            ("withdrawn", "gone_from_source")
        ]
        shutil.move(world.home / "away.csv", away)
        world.load()
        assert world.current() == before
        world.check_account()
    assert not [text for text in world.reported() if "来源处不见了" in text], "it is back before anybody was told"


def test_an_empty_folder_and_a_mass_of_missing_files_are_held_and_reported(world: World) -> None:
    world.contract(when_gone="close")
    paths = [world.put(f"2023-{month:02d}/441302_a.csv", (f"k{month}", month)) for month in range(1, 7)]
    world.load()
    world.reported()
    everything = world.current()
    shutil.move(world.drop / "visits", world.home / "unmounted")
    (world.drop / "visits").mkdir()
    world.load()
    assert world.current() == everything
    letters = world.reported()
    assert [letter.partition(":")[0] for letter in letters] == ["a@example.org", "engineers@example.org"]
    assert all("6份在来源处一次不见了" in letter for letter in letters)
    world.load()
    assert world.reported() == []
    (world.drop / "visits").rmdir()
    shutil.move(world.home / "unmounted", world.drop / "visits")
    for path in paths[:2]:
        path.unlink()
    world.load()
    assert world.current() == everything, "two of six are more than a fifth"
    world.contract(when_gone="close", gone_limit_pct=50)
    world.load()
    assert world.current() == {(period, code) for period, code in everything if code not in {"k1", "k2"}}
    world.check_account()


def test_a_gone_document_stays_until_its_refused_replacement_is_put_right(world: World) -> None:
    world.contract(when_gone="close")
    old = world.put("2023-05/441302_a.csv", ("k1", 1))
    world.put("2023-06/441302_a.csv", ("k2", 2))
    world.load()
    old.unlink()
    new = world.put("2023-05/441302_a_更正.csv", ("k1", 5))
    new.write_text("错误的表头,数量\nk1,5\n", encoding="utf-8")
    world.load()
    assert ("2023-05", "k1") in world.current()
    world.put("2023-05/441302_a_更正.csv", ("k7", 5))
    world.load()
    assert world.current() == {("2023-05", "k7"), ("2023-06", "k2")}
    assert not [text for text in world.reported() if "来源处不见了" in text], "a correction under another name took its place"
    world.check_account()


def test_a_listing_that_fails_is_no_empty_one(world: World) -> None:
    world.contract(when_gone="close")
    with Background() as background:
        server = SftpServer(background, world.drop)
        world.connect("drop", server.url())
        world.put("2023-05/441302_a.csv", ("k1", 1))
        world.load()
        shutil.move(world.drop / "visits", world.drop / "elsewhere")
        with pytest.raises(Exception, match="there is no folder"):
            world.load()
        assert world.current() == {("2023-05", "k1")}
        server.close()


def test_a_process_that_dies_between_look_and_load_is_followed_by_one_that_ends_the_same(world: World) -> None:
    world.contract(when_gone="close")
    world.put("2023-05/441302_a.csv", ("k1", 1))
    world.put("2023-06/441303_b.csv", ("m1", 1))
    world.load()
    MOVES["moved and changed"](world)
    pipeline.extract("visit", world.settings)
    assert ("2023-05", "k1") in world.current(), "nothing is closed before what may replace it is loaded"
    world.load()
    assert {code for period, code in world.current() if period == "2023-06"} == {"k1", "k2", "k9", "m1"}
    assert not [code for period, code in world.current() if period == "2023-05"]
    world.check_account()


@pytest.mark.parametrize("replaces", ["period", "key"])
def test_rows_of_a_view_that_were_dated_anew_count_once(world: World, replaces: str) -> None:
    view = {"kind": "database", "connection": "front", "relation": "front.v", "updated_column": "at", "period_column": "month"}
    source = view | {"order_by": ["code"]}
    world.contract(
        source=source, format={"kind": "records"}, replaces=replaces, when_gone="close", ignored_headers=["month", "at"]
    )
    world.connect("front", world.settings.warehouse_url)
    world.query_all(
        "create schema front; create table front.v (month text, code text, amount int, at timestamptz);"
        "insert into front.v values ('2023-05', 'k1', 1, '2023-06-01'), ('2023-05', 'k2', 1, '2023-06-01'),"
        " ('2023-06', 'k3', 1, '2023-07-01'), ('2023-07', 'k4', 1, '2023-08-01')"
    )
    world.load()
    world.query_all("update front.v set month = '2023-06' where month = '2023-05'")
    world.load()
    assert world.current() == {("2023-06", "k1"), ("2023-06", "k2"), ("2023-06", "k3"), ("2023-07", "k4")}
    world.query_all("delete from front.v where code = 'k3'")
    world.load()
    assert world.current() == {("2023-06", "k1"), ("2023-06", "k2"), ("2023-07", "k4")}
    world.query_all("update front.v set month = '2023-05' where code = 'k1'")
    world.load()
    assert world.current() == {("2023-05", "k1"), ("2023-06", "k2"), ("2023-07", "k4")}
    world.check_account()


def test_records_that_an_api_no_longer_has_are_reported_or_closed(world: World) -> None:
    source = signed_register(PATH, key="code", page_size=2)
    facts = {
        "source": source,
        "format": {"kind": "records"},
        "replaces": "key",
        "period_kind": None,
        "ignored_headers": ["updatedAt"],
    }
    with Background() as background:
        records = [{"code": f"k{n}", "amount": n, "updatedAt": f"2023-05-{n:02d}T08:00:00+08:00"} for n in range(1, 9)]
        register = Register(background, records)
        world.connect(
            "register", f"http://{KEY}:{SECRET.replace('/', '%2F').replace('@', '%40').replace('#', '%23')}@{register.base}"
        )
        world.contract(**facts)
        world.load()
        del register.records[7]
        world.load()
        assert {code for _, code in world.current()} == {f"k{n}" for n in range(1, 9)}
        (letter,) = world.reported()
        assert "“编号”为“k8”的记录在来源处已不存在" in letter and "仍计入" in letter
        register.records[0]["updatedAt"] = "2023-06-01T08:00:00+08:00"
        world.load()
        assert world.reported() == [], "the same record is told once, whatever else changes"
        world.contract(**facts, when_gone="close")
        register.records[1]["updatedAt"] = "2023-06-02T08:00:00+08:00"
        world.load()
        assert {code for _, code in world.current()} == {f"k{n}" for n in range(1, 8)}
        register.records.append(records[0] | {"code": "k8"})
        world.load()
        assert {code for _, code in world.current()} == {f"k{n}" for n in range(1, 9)}
        del register.records[2:]
        world.load()
        assert {code for _, code in world.current()} == {f"k{n}" for n in range(1, 9)}, "too many at once"
        assert any("一次少了6条记录" in letter for letter in world.reported())
        world.check_account()
        register.close()


def test_a_full_comparison_comes_when_it_is_due(world: World) -> None:
    source = signed_register(PATH, key="code")
    with Background() as background:
        register = Register(background, [{"code": "k1", "amount": 1, "updatedAt": "2023-05-01T08:00:00+08:00"}])
        world.connect(
            "register", f"http://{KEY}:{SECRET.replace('/', '%2F').replace('@', '%40').replace('#', '%23')}@{register.base}"
        )
        world.contract(
            source=source, format={"kind": "records"}, replaces="register", period_kind=None, ignored_headers=["updatedAt"]
        )
        world.load()
        register.records[0]["amount"] = 2
        world.load()
        assert world.query("select amount from raw.visit where _superseded_at is null") == [(1,)]
        world.query_all("update ops.pull set closed_at = closed_at - interval '8 days'")
        world.load()
        assert world.query("select amount from raw.visit where _superseded_at is null") == [(2,)]
        register.close()


def test_a_file_that_no_contract_knows_is_reported_to_its_owner_once_in_words(world: World) -> None:
    world.contract()
    world.contract(
        name="tea",
        code="SW91",
        title={"zh": "茶话会表", "en": "Tea"},
        owner={"role": {"zh": "办", "en": "office"}, "email": "b@example.org"},
        source=DROP | {"pattern": r"(?P<period>\d{4}-\d{2})/茶话会（(?P<unit>\d{6})）\.csv"},
    )
    world.contract(
        name="inner", code="SW92", source=DROP | {"folder": "visits/inner", "pattern": r"(?P<period>\d{4}-\d{2})\.csv"}
    )
    world.put("2023-05/441302_a.CSV", ("k1", 1))
    world.put("2023-05/茶话会(441302).csv", ("t1", 1))
    stray = world.put("2023-05/441399说明.csv", ("k1", 1))
    world.put("inner/别的.csv", ("k1", 1))
    for name in ("441302_a.csv.part", "~$441302_a.csv", "x.tmp", "y.crdownload", "Thumbs.db", ".DS_Store", "desktop.ini"):
        world.put(f"2023-05/{name}")
    world.load()
    world.load("tea")
    assert world.current() == {("2023-05", "k1")}
    (letter,) = world.reported()
    assert letter.startswith("a@example.org:")
    assert "2023-05/441399说明.csv" in letter and "年-月/区划代码_名称.csv" in letter and "2023-06/441302_探访表.csv" in letter
    for known in ("441302_a", "别的", "茶话会(", "part", "Thumbs", "desktop"):
        assert f"“2023-05/{known}" not in letter and f"“inner/{known}" not in letter
    (other,) = world.reported("tea")
    assert other.startswith("b@example.org:") and "2023-05/441399说明.csv" in other
    world.load()
    assert world.reported() == [], "each is told once"
    stray.rename(stray.with_name("441302_说明.csv"))
    world.load()
    assert world.query("select count(*) from ops.notice where topic like 'unmatched:%a@example.org' and resolved_at is null") == [
        (0,)
    ]


@pytest.mark.parametrize("name", ["2023-05/441302_A.CSV", "２０２３－０５/441302＿a.csv", "2023-05/441302 _a.csv"])
def test_a_name_in_another_form_is_loaded(world: World, name: str) -> None:
    world.contract()
    world.put(name, ("k1", 1))
    world.load()
    assert world.current() == {("2023-05", "k1")}
    assert world.reported() == []
