"""The whole way of containers: each member is a document; what is replaced, goes, breaks or is lost, and a process that dies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loaders import pipeline
from loaders.landing import landed_path
from loaders.operations.ledger_rebuild import rebuild_ledger
from loaders.reading.containers import member_folder
from loaders.settings import Settings
from loaders.stages.landing_repair import verify_landing
from tests.support.documents.archives import broken_member, gz_of, raw_name_zip, tar_of, zip_of
from tests.support.warehouse.world import DROP, World, running_world, table

pytestmark = pytest.mark.integration

PATTERN = r"(?P<period>\d{4}-\d{2})/[^/]*\.(zip|gz|tgz|csv)"
MEMBERS = r"(?:.*/)?(?P<unit>441302|441303)_[^/]*\.csv"
ZIPS = DROP | {"pattern": PATTERN, "container": {"kind": "zip", "members": MEMBERS}}
PLACE = "drop:/visits/2023-05/市.zip"


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str) -> Iterator[World]:
    with running_world(tmp_path, warehouse_url) as running:
        yield running


def zips(**container: Any) -> dict[str, Any]:
    return ZIPS | {"container": {"kind": "zip", "members": MEMBERS} | container}


def states(world: World) -> dict[str, str]:
    rows = world.query("select source_uri, state from ops.submission order by submission_id")
    return {uri.removeprefix("drop:/visits/"): state for uri, state in rows}


def containers(world: World) -> int:
    return int(world.query("select count(*) from ops.container")[0][0])


def test_each_member_of_a_zip_is_a_document_and_the_zip_is_fetched_once(world: World) -> None:
    world.contract(source=ZIPS)
    names = {f"惠州市/{unit}_探访.csv".encode("gbk"): table((f"k{unit}", 1)) for unit in ("441302", "441303")}
    world.put_bytes("2023-05/市.zip", raw_name_zip(names))
    world.load()
    assert world.current() == {("2023-05", "k441302"), ("2023-05", "k441303")}
    assert states(world) == {f"2023-05/市.zip!/惠州市/{unit}_探访.csv": "accepted" for unit in ("441302", "441303")}
    ((uri, sha256, documents),) = world.query("select source_uri, sha256, documents from ops.container")
    assert uri == PLACE and len(documents) == 2
    assert landed_path(world.settings.landing, sha256).read_bytes() == (world.drop / "visits/2023-05/市.zip").read_bytes()
    world.check_account()
    assert world.reported() == []
    (world.drop / "visits/2023-05/市.zip").chmod(0)
    world.load()
    assert containers(world) == 1 and len(states(world)) == 2
    assert verify_landing(world.settings) == []


def test_nested_zips_packed_tables_and_plain_files_come_together(world: World) -> None:
    world.contract(source=zips(members=r"(?:.*/)?(?P<unit>441302|441303)_[^/]*\.csv"))
    inner = zip_of({"441302_a.csv": table(("k1", 1)), "深/441303_a.csv.gz": gz_of(table(("k2", 2)))})
    world.put_bytes("2023-05/市.zip", zip_of({"惠城区.zip": inner, "__MACOSX/._x": b"x", "Thumbs.db": b"x"}))
    world.put("2023-06/441302_x.csv", ("k3", 3))
    world.load()
    assert world.current() == {("2023-05", "k1"), ("2023-05", "k2"), ("2023-06", "k3")}
    assert set(states(world)) == {
        "2023-05/市.zip!/惠城区.zip!/441302_a.csv",
        "2023-05/市.zip!/惠城区.zip!/深/441303_a.csv.gz!/441303_a.csv",
        "2023-06/441302_x.csv",
    }
    assert world.reported() == []
    world.check_account()


@pytest.mark.parametrize("name", ["2023-05/441302_a.csv.gz", "2023-05/a.tgz"])
def test_a_packed_table_and_a_packed_tar_file_load(world: World, name: str) -> None:
    kind = "tar" if name.endswith("tgz") else "gz"
    world.contract(source=zips(kind=kind))
    content = table(("k1", 1))
    world.put_bytes(name, gz_of(tar_of({"441302_a.csv": content}) if kind == "tar" else content))
    world.load()
    assert world.current() == {("2023-05", "k1")}
    assert [uri.rpartition("!/")[2] for uri in states(world)] == ["441302_a.csv"]


@pytest.mark.slow
def test_a_replaced_zip_loads_what_changed_and_its_missing_member_counts_as_gone(world: World) -> None:
    world.contract(source=ZIPS, when_gone="close", gone_limit_pct=100)
    first, second = {"441302_a.csv": table(("k1", 1))}, {"441303_a.csv": table(("k2", 2))}
    world.put_bytes("2023-05/市.zip", zip_of(first | second))
    world.load()
    world.put_bytes("2023-05/市.zip", zip_of({"441302_a.csv": table(("k1", 5))} | second))
    world.load()
    assert world.query("select count(*) from ops.submission") == [(3,)], "the unchanged member is no new load"
    assert world.query("select amount from raw.visit where _superseded_at is null and code = 'k1'") == [(5,)]
    world.put_bytes("2023-05/市.zip", zip_of(second))
    world.load()
    assert world.current() == {("2023-05", "k2")}
    (letter,) = [text for text in world.reported() if "来源处不见了" in text]
    assert "市.zip!/441302_a.csv" in letter
    world.put_bytes("2023-05/市.zip", zip_of({"441302_a.csv": table(("k1", 5))} | second))
    world.load()
    assert world.current() == {("2023-05", "k1"), ("2023-05", "k2")}, "what is back counts again"
    (world.drop / "visits/2023-05/市.zip").rename(world.drop / "市.zip")
    world.put("2023-06/441302_x.csv", ("k9", 9))
    world.load()
    assert world.current() == {("2023-06", "k9")}
    (world.drop / "市.zip").rename(world.drop / "visits/2023-05/市.zip")
    world.load()
    assert world.current() == {("2023-05", "k1"), ("2023-05", "k2"), ("2023-06", "k9")}
    world.check_account()
    assert verify_landing(world.settings) == []


@pytest.mark.slow
def test_too_many_missing_members_are_not_believed_however_often_the_zip_is_seen(world: World) -> None:
    world.contract(source=ZIPS, when_gone="close", units=["441302", "441303"])
    members = {f"{month}/441302_a.csv": table((f"k{month}", month)) for month in range(1, 7)}
    source = zips(members=r"(?P<period>\d)/(?P<unit>441302)_[^/]*\.csv") | {"pattern": r"[^/]*\.zip"}
    source["container"]["members"] = r"(?P<period>2023-0\d)/(?P<unit>441302)_[^/]*\.csv"
    world.contract(source=source, when_gone="close")
    packed = {f"2023-0{name}": content for name, content in members.items()}
    world.put_bytes("市.zip", zip_of(packed))
    world.load()
    assert len(world.current()) == 6
    world.put_bytes("市.zip", zip_of(dict(list(packed.items())[:2])))
    world.load()
    world.load()
    assert len(world.current()) == 6
    assert any("一次不见了" in letter for letter in world.reported())
    world.contract(source=source, when_gone="close", gone_limit_pct=90)
    world.load()
    assert len(world.current()) == 2


HARMFUL: dict[str, tuple[dict[str, bytes], str]] = {
    "a path that leads elsewhere": ({"../441303_x.csv": table(("x", 1))}, "文件名不可用"),
    "an unknown name": ({"说明.txt": b"x"}, "不符合约定"),
    "zips without end": ({"1.zip": zip_of({"2.zip": zip_of({"3.zip": zip_of({"441303_x.csv": b"x"})})})}, "嵌套过深"),
    "a bomb": ({"441303_x.csv": bytes(70 * 1024**2)}, "压缩比异常"),
    "a damaged zip inside": ({"x.zip": zip_of({"441303_x.csv": table(("x", 1))})[:-9]}, "已损坏"),
}


@pytest.mark.parametrize("harm", HARMFUL)
def test_what_is_wrong_with_one_member_is_reported_once_and_costs_the_others_nothing(world: World, harm: str) -> None:
    members, word = HARMFUL[harm]
    world.contract(source=ZIPS)
    world.put_bytes("2023-05/市.zip", zip_of({**members, "441302_a.csv": table(("k1", 1))}))
    world.load()
    assert world.current() == {("2023-05", "k1")}
    (letter,) = world.reported()
    assert letter.startswith("a@example.org:") and word in letter and "市.zip" in letter
    world.load()
    assert world.reported() == []
    world.check_account()
    world.put_bytes("2023-05/市.zip", zip_of({"441302_a.csv": table(("k1", 1))}))
    world.load()
    assert world.query("select count(*) from ops.notice where resolved_at is null") == [(0,)]


def test_broken_and_ambiguous_members_and_a_broken_zip_are_reported(world: World) -> None:
    world.contract(source=ZIPS)
    content = zip_of([("441303_a.csv", table(*((f"k{n}", n) for n in range(90)))), ("441302_a.csv", table(("k1", 1)))])
    world.put_bytes("2023-05/市.zip", broken_member(content, "441303_a.csv"))
    world.put_bytes("2023-06/市.zip", zip_of([("441302_b.csv", table(("k2", 1))), ("441302_b.csv", table(("k3", 1)))]))
    world.put_bytes("2023-07/市.zip", content[:-30])
    world.put_bytes("2023-08/x.gz", gz_of(b"x"))
    world.load()
    assert world.current() == {("2023-05", "k1")}
    letter = "\n".join(world.reported())
    for word in ("已损坏", "441303_a.csv", "同名文件", "441302_b.csv", "2023-07", "格式为 gz，约定为 zip"):
        assert word in letter
    world.check_account()


def test_a_member_that_breaks_in_a_new_version_is_not_gone(world: World) -> None:
    world.contract(source=ZIPS, when_gone="close", gone_limit_pct=100)
    content = zip_of([("441303_a.csv", table(*((f"k{n}", n) for n in range(90)))), ("441302_a.csv", table(("k1", 1)))])
    world.put_bytes("2023-05/市.zip", content)
    world.load()
    before = world.current()
    world.put_bytes("2023-05/市.zip", broken_member(content, "441303_a.csv"))
    world.load()
    world.load()
    world.put_bytes("2023-05/市.zip", content[:-30])
    world.load()
    world.load()
    assert world.current() == before


def test_a_zip_under_a_password_loads_once_the_password_is_right(world: World) -> None:
    import io

    import pyzipper

    target = io.BytesIO()
    with pyzipper.AESZipFile(target, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword("密码/1".encode())
        archive.writestr("441302_a.csv", table(("k1", 1)))
    world.contract(source=ZIPS)
    world.put_bytes("2023-05/市.zip", target.getvalue())
    world.load()
    letters = world.reported()
    assert {letter.partition(":")[0] for letter in letters} == {"a@example.org", "engineers@example.org"}
    assert all("source.container.password" in letter for letter in letters)
    world.connect("zip_password", "generic://:wrong@")
    world.contract(source=zips(password="zip_password"))
    world.load()
    assert world.current() == set() and all("密码不正确" in letter for letter in world.reported())
    world.connect("zip_password", "generic://:%E5%AF%86%E7%A0%81%2F1@")
    world.load()
    assert world.current() == {("2023-05", "k1")}
    assert world.query("select count(*) from ops.notice where resolved_at is null") == [(0,)]


@pytest.mark.slow
def test_a_changed_pattern_opens_known_zips_again(world: World) -> None:
    world.contract(source=ZIPS)
    world.put_bytes("2023-05/市.zip", zip_of({"441302_a.csv": table(("k1", 1)), "441303-a.csv": table(("k2", 2))}))
    world.load()
    assert "441303-a.csv" in world.reported()[0]
    world.contract(source=zips(members=r"(?P<unit>441302|441303)[_-][^/]*\.csv"))
    world.load()
    assert world.current() == {("2023-05", "k1"), ("2023-05", "k2")}


def test_two_reports_share_a_zip_and_nobody_is_notified_of_the_others_members(world: World) -> None:
    world.contract(source=zips(members=r"(?P<unit>441302)_探访\.csv"))
    world.contract(
        name="tea", code="SW91", source=zips(members=r"(?P<unit>441302)_茶话\.csv"), title={"zh": "茶话会表", "en": "Tea"}
    )
    world.put_bytes("2023-05/市.zip", zip_of({"441302_探访.csv": table(("k1", 1)), "441302_茶话.csv": table(("t1", 1))}))
    world.load()
    world.load("tea")
    assert world.current() == {("2023-05", "k1")}
    assert world.query("select code from raw.tea") == [("t1",)]
    assert world.reported() == [] and world.reported("tea") == []


def test_chosen_members_are_loaded_alone_and_again(world: World) -> None:
    world.contract(source=ZIPS)
    world.put_bytes("2023-05/市.zip", zip_of({f"{unit}_a.csv": table((f"k{unit}", 1)) for unit in ("441302", "441303")}))

    def extract(**choice: Any) -> list[int]:
        return [number for batch in pipeline.extract("visit", world.settings, **choice) for number in batch]

    (number,) = extract(units=["441303"])
    pipeline.load_batch("visit", [number], world.settings)
    assert world.current() == {("2023-05", "k441303")}
    world.load()
    assert len(world.current()) == 2
    again = extract(uris=[PLACE], again=True)
    assert len(again) == 2, "the documents of a chosen zip"
    assert len(extract(uris=[f"{PLACE}!/441302_a.csv"], again=True)) == 2, "those that wait are not doubled"


@pytest.mark.parametrize("at", ["loaders.stages.container_landing.write_record", "loaders.pipeline.register_container"])
def test_a_process_that_dies_between_a_zip_and_its_members_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    world.contract(source=ZIPS)
    world.put_bytes("2023-05/市.zip", zip_of({f"{unit}_a.csv": table((f"k{unit}", 1)) for unit in ("441302", "441303")}))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(at, die)
    with pytest.raises(KeyboardInterrupt):
        world.load()
    assert containers(world) == 0 and states(world) == {}
    monkeypatch.undo()
    world.load()
    assert containers(world) == 1 and len(world.current()) == 2
    world.check_account()
    assert not list((world.settings.home / "unpacking").iterdir())


def lose(settings: Settings, world: World, query: str) -> None:
    for (sha256,) in world.query(query):
        landed_path(settings.landing, sha256).unlink()


@pytest.mark.parametrize("is_container_lost", [False, True])
def test_a_lost_member_is_taken_from_its_container(world: World, is_container_lost: bool) -> None:
    world.contract(source=ZIPS)
    inner = zip_of({"441302_a.csv": table(("k1", 1))})
    file = world.put_bytes("2023-05/市.zip", zip_of({"x.zip": inner, "441303_a.csv": table(("k2", 2))}))
    world.load()
    lose(world.settings, world, "select sha256 from ops.submission")
    if is_container_lost:
        lose(world.settings, world, "select sha256 from ops.container")
    else:
        file.unlink()
    found = verify_landing(world.settings, repair=True)
    assert len(found) == 2 + is_container_lost and all(row["is_repaired"] for row in found)
    assert verify_landing(world.settings) == []


def test_the_ledger_is_rebuilt_with_containers_and_without_the_lost_members(world: World, warehouse_url: str) -> None:
    world.contract(source=ZIPS, when_gone="close")
    world.put_bytes("2023-05/市.zip", zip_of({f"{unit}_a.csv": table((f"k{unit}", 1)) for unit in ("441302", "441303")}))
    world.load()
    before = world.query("select source_uri, documents, unpacked_by, arrived_at from ops.container")
    lose(world.settings, world, "select sha256 from ops.submission where unit_code = '441302'")
    world.query_all(
        "set session_replication_role = replica;"
        "truncate ops.container, ops.submission, ops.known_version, ops.pull, ops.watermark, ops.gone_document, raw.visit cascade"
    )
    rebuilt = rebuild_ledger(world.settings)
    assert (rebuilt.arrivals, rebuilt.skipped) == (3, [])
    assert len(world.current()) == 2
    assert world.query("select source_uri, documents, unpacked_by, arrived_at from ops.container") == before
    world.load()
    assert world.query("select count(*) from ops.submission") == [(2,)] and containers(world) == 1
    assert verify_landing(world.settings) == []
    world.check_account()


@pytest.mark.slow
def test_a_reader_that_is_ended_by_a_limit_costs_its_zip_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits are those of the worker: a bomb that needs more time than that is ended with it."""
    import dataclasses

    from loaders.settings import ReadingLimits

    world.settings = dataclasses.replace(world.settings, reading=ReadingLimits(memory_mb=512, cpu_seconds=1))
    world.contract(source=ZIPS)
    slow = zip_of({f"441303_{number}.csv": bytes(member_folder.RATIO_COUNTS_FROM_BYTES + 1) for number in range(60)})
    world.put_bytes("2023-05/市.zip", slow)
    world.put_bytes("2023-06/市.zip", zip_of({"441302_a.csv": table(("k1", 1))}))
    world.load()
    assert world.current() == {("2023-06", "k1")}
    (letter,) = world.reported()
    assert "市.zip" in letter and "drop:/visits/2023-05" in letter
