"""An upload that pauses is not whole: told by time over several looks, by a marker, by a manifest, or by a rename at the end."""

import datetime as dt
import hashlib
import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.contract import ContractError
from loaders.model import Pull
from loaders.settings import Settings
from loaders.sources import DocumentError, retry
from loaders.sources.files import settling
from loaders.sources.files.file_drop import FileDropSource
from loaders.warehouse import Warehouse
from tests.integration.conftest import fresh_database
from tests.support.servers.background import Background
from tests.support.servers.sftp import SftpServer
from tests.support.servers.source_contracts import file_drop
from tests.support.warehouse.file_drop import put as drop
from tests.support.warehouse.file_drop import query, visits

pytestmark = pytest.mark.integration

MINUTES = 120.0
MONTH = "visits/2023-05"
NAME = "441302_5月.csv"
URI = f"drop:/{MONTH}/{NAME}"
HALF, WHOLE = b"half of the rows", b"half of the rows and the other half"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(settling, "SHORT_SECONDS", 0.2)


class Looks:
    """Looks at one server from run to run: what waits is remembered in a real ledger, and time may be passed on."""

    def __init__(self, server: SftpServer, url: str, **source: Any) -> None:
        self.report = file_drop(**source)
        self._server = server
        self._warehouse = Warehouse(url)
        self._warehouse.save_waiting_files(self.report, (), delete_others=True)

    def look(self, *, minutes_later: float = 0) -> Pull:
        waiting = [
            type(file)(file.uri, file.size, file.modified_at, file.first_seen_at - dt.timedelta(minutes=minutes_later))
            for file in self._warehouse.waiting_files(self.report)
        ]
        self.source = FileDropSource(self.report, self.report.source, self._server.url(), 10, waiting)
        found = self.source.pull(None, self._warehouse.known_versions(self.report), None)
        self._warehouse.save_waiting_files(self.report, found.waiting_files, delete_others=True)
        return found

    def taken(self, **options: float) -> list[str]:
        """The names of what a look takes; all else that is there waits or is told."""
        return [remote_document.uri.rpartition("/")[2] for remote_document in self.look(**options).remote_documents]

    def fetched(self, found: Pull) -> bytes:
        target = io.BytesIO()
        self.source.fetch(found.remote_documents[0], target)
        return target.getvalue()


@pytest.fixture(scope="module")
def ledger(postgres: EmbeddedPostgres) -> str:
    """One ledger for all tests here: each begins with what no look has seen."""
    return postgres.url(fresh_database(postgres))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drop" / MONTH).mkdir(parents=True)
    return tmp_path / "drop"


@pytest.fixture
def server(folder: Path) -> Iterator[SftpServer]:
    with Background() as background:
        running = SftpServer(background, folder)
        yield running
        running.close()


def put(folder: Path, name: str, content: bytes, *, minutes_ago: float = 0) -> Path:
    path = folder / MONTH / name
    path.write_bytes(content)
    moment = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes_ago)).timestamp()
    os.utime(path, (moment, moment))
    return path


@contextmanager
def paused_upload(folder: Path, *, clock_minutes: float = 0) -> Iterator[threading.Event]:
    """An uploader that writes half, pauses until it is told to go on, and writes the rest, on a machine with its own clock."""
    go_on = threading.Event()
    put(folder, NAME, HALF, minutes_ago=-clock_minutes)

    def write_the_rest() -> None:
        go_on.wait(60)
        put(folder, NAME, WHOLE, minutes_ago=-clock_minutes)

    uploader = threading.Thread(target=write_the_rest)
    uploader.start()
    try:
        yield go_on
    finally:
        go_on.set()
        uploader.join()


def test_an_upload_that_pauses_for_longer_than_two_looks_waits_until_it_is_whole(
    server: SftpServer, folder: Path, ledger: str
) -> None:
    looks = Looks(server, ledger, settle_seconds=MINUTES)
    with paused_upload(folder):
        for _ in range(3):
            found = looks.look()
            assert (found.remote_documents, found.waiting) == ((), (URI,))
    assert looks.taken() == [], "whole, but changed just now"
    found = looks.look(minutes_later=3)
    assert looks.fetched(found) == WHOLE


@pytest.mark.parametrize("clock_minutes", [9 * 60, 30, 1], ids=["9 h ahead", "30 min ahead", "1 min ahead"])
def test_a_clock_that_is_ahead_says_nothing_and_two_looks_decide(
    server: SftpServer, folder: Path, ledger: str, clock_minutes: float
) -> None:
    looks = Looks(server, ledger, settle_seconds=MINUTES)
    with paused_upload(folder, clock_minutes=clock_minutes) as go_on:
        assert looks.taken() == []
        assert looks.taken(minutes_later=1) == [], "one minute is not two"
        go_on.set()
    assert looks.taken(minutes_later=3) == [], "it changed since"
    assert looks.taken(minutes_later=3) == [NAME]


def test_a_clock_that_is_behind_is_found_out_by_a_file_that_was_seen_growing(
    server: SftpServer, folder: Path, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its time the file is hours old; but it was shorter at the last look."""
    looks = Looks(server, ledger, settle_seconds=MINUTES)
    nine_hours = 9 * 60
    put(folder, NAME, HALF[:5], minutes_ago=nine_hours)

    def grow_meanwhile(_: float) -> None:
        put(folder, NAME, HALF, minutes_ago=nine_hours)

    monkeypatch.setattr(settling.time, "sleep", grow_meanwhile)
    assert looks.taken() == [], "it grows under our eyes"
    monkeypatch.undo()
    put(folder, NAME, HALF + b"!", minutes_ago=nine_hours)
    assert looks.taken() == [], "it paused, and its time lies before the last look, at which it was shorter"
    assert looks.taken(minutes_later=1) == []
    assert looks.taken(minutes_later=3) == [NAME]


def test_a_file_that_has_been_at_rest_is_taken_at_the_first_look(server: SftpServer, folder: Path, ledger: str) -> None:
    put(folder, NAME, WHOLE, minutes_ago=3)
    put(folder, "441303_5月.csv", WHOLE, minutes_ago=60 * 24 * 30)
    put(folder, "441304_5月.csv", WHOLE, minutes_ago=-60 * 24 * 30)
    assert len(Looks(server, ledger, settle_seconds=MINUTES).taken()) == 3


def test_a_short_settle_time_is_waited_for_within_the_look(server: SftpServer, folder: Path, ledger: str) -> None:
    put(folder, NAME, WHOLE)
    assert Looks(server, ledger, settle_seconds=0.1).taken() == [NAME]
    assert Looks(server, ledger, settle_seconds=0).taken() == [NAME]


def test_a_file_that_is_gone_is_not_remembered(server: SftpServer, folder: Path, ledger: str) -> None:
    looks = Looks(server, ledger, settle_seconds=MINUTES)
    path = put(folder, NAME, HALF)
    looks.look()
    path.unlink()
    assert looks.taken(minutes_later=3) == []
    put(folder, NAME, HALF)
    assert looks.taken(minutes_later=3) == [], "it is a new file"


MARKERS = ["{name}.ok", "{stem}.done", "done/{name}", ".{name}.ok"]


@pytest.mark.parametrize("marker", MARKERS)
def test_a_file_waits_for_its_marker_however_long_it_rests(server: SftpServer, folder: Path, ledger: str, marker: str) -> None:
    looks = Looks(server, ledger, complete_when={"marker": marker})
    put(folder, NAME, WHOLE, minutes_ago=60)
    found = looks.look(minutes_later=60)
    assert (found.remote_documents, found.waiting, found.unmatched) == ((), (URI,), ())
    name = marker.replace("{name}", NAME).replace("{stem}", NAME.removesuffix(".csv"))
    (folder / MONTH / name).parent.mkdir(exist_ok=True)
    put(folder, name, b"", minutes_ago=1)
    found = looks.look()
    assert (found.waiting, found.unmatched) == ((), ()) and looks.fetched(found) == WHOLE


def test_the_marker_of_an_earlier_upload_says_nothing_of_the_next(server: SftpServer, folder: Path, ledger: str) -> None:
    looks = Looks(server, ledger, complete_when={"marker": "{name}.ok"})
    put(folder, NAME, WHOLE, minutes_ago=60)
    put(folder, f"{NAME}.ok", b"", minutes_ago=50)
    assert looks.taken() == [NAME]
    put(folder, NAME, HALF, minutes_ago=1)
    assert looks.taken() == []
    put(folder, f"{NAME}.ok", b"")
    assert looks.taken() == [NAME]


def manifest(*files: tuple[str, bytes], heading: str = "name,size,sha256", with_hash: bool = True) -> bytes:
    lines = [
        f"{name},{len(content)}" + (f",{hashlib.sha256(content).hexdigest()}" if with_hash else "") for name, content in files
    ]
    return "\r\n".join([heading, *lines, ""]).encode()


@pytest.mark.parametrize(
    "listed",
    [
        manifest((NAME, WHOLE)),
        manifest((NAME, WHOLE), heading="name,size", with_hash=False),
        manifest((NAME, WHOLE), heading="文件名,大小,SHA256"),
        "\ufeff".encode() + manifest((NAME, WHOLE)),
        manifest((NAME, WHOLE)).decode().encode("gb18030"),
        manifest(("other.csv", b"x"), (NAME, WHOLE)),
        manifest((NAME, WHOLE)).upper().replace(NAME.upper().encode(), NAME.encode()),
        f"size,name\n{len(WHOLE)},{NAME}\n".encode(),
    ],
    ids=["hash", "size only", "Chinese", "BOM", "GB18030", "others too", "capitals", "other order"],
)
def test_a_file_is_whole_when_the_manifest_lists_it_in_its_size(
    server: SftpServer, folder: Path, ledger: str, listed: bytes
) -> None:
    looks = Looks(server, ledger, complete_when={"manifest": "manifest.csv"})
    put(folder, NAME, HALF)
    assert looks.taken() == [], "no manifest yet"
    put(folder, "manifest.csv", listed)
    assert looks.taken() == [], "another size than the manifest says"
    put(folder, NAME, WHOLE)
    found = looks.look()
    assert (found.waiting, found.unmatched) == ((), ()) and looks.fetched(found) == WHOLE


@pytest.mark.parametrize("broken", [b"", b"\n", b"nonsense", b"name,size\n441302,x\n", b"name\n441302_5.csv\n", b"\xff\xfe\x00"])
def test_a_manifest_that_cannot_be_read_lists_nothing(server: SftpServer, folder: Path, ledger: str, broken: bytes) -> None:
    put(folder, NAME, WHOLE, minutes_ago=60)
    put(folder, "manifest.csv", broken)
    assert Looks(server, ledger, complete_when={"manifest": "manifest.csv"}).taken(minutes_later=60) == []


def test_bytes_that_the_manifest_does_not_announce_are_refused_by_name(server: SftpServer, folder: Path, ledger: str) -> None:
    looks = Looks(server, ledger, complete_when={"manifest": "manifest.csv"})
    put(folder, "manifest.csv", manifest((NAME, WHOLE)))
    put(folder, NAME, WHOLE[::-1])
    found = looks.look()
    with pytest.raises(DocumentError, match=r"441302_5月\.csv: the manifest lists SHA-256 .*upload it again"):
        looks.fetched(found)


def test_a_name_is_taken_at_once_where_uploads_are_renamed_at_their_end(server: SftpServer, folder: Path, ledger: str) -> None:
    looks = Looks(server, ledger, complete_when="renamed", settle_seconds=MINUTES)
    uploading = put(folder, f"{NAME}.part", HALF)
    assert looks.taken() == []
    uploading.rename(folder / MONTH / NAME)
    assert looks.taken() == [NAME]


@pytest.mark.parametrize(
    "complete_when",
    [{"marker": "done.ok"}, {"marker": "{name}"}, {"marker": "{name}{date}.ok"}, {"manifest": "a/b.csv"}, {}, "later"],
)
def test_a_convention_that_says_nothing_is_a_fault_of_the_contract(complete_when: Any) -> None:
    with pytest.raises((ValueError, ContractError)):
        file_drop(complete_when=complete_when)


def test_a_run_remembers_what_the_run_before_saw(settings: Settings) -> None:
    """On the whole way, with the time that a contract has when it says none."""
    name = "home_visit/2023-05/441302_记录.csv"
    drop(settings, name, visits(range(3)), hours_ago=0)
    assert pipeline.extract("home_visit", settings) == []
    assert len(query(settings, "select * from ops.waiting_file")) == 1
    drop(settings, name, visits(range(5)), hours_ago=0.05)
    assert pipeline.extract("home_visit", settings) == [], "its time says three minutes, but it was another file just now"
    with psycopg.connect(settings.warehouse_url) as connection:
        connection.execute("update ops.waiting_file set first_seen_at = first_seen_at - interval '3 minutes'")
    (batch,) = pipeline.extract("home_visit", settings)
    pipeline.load_batch("home_visit", batch, settings)
    assert query(settings, "select count(*) from raw.home_visit") == [(5,)]
    assert query(settings, "select * from ops.waiting_file") == []
