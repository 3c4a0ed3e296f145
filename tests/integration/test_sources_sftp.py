"""The file drop over SFTP, against a server that breaks, hangs, refuses and lies."""

import datetime as dt
import io
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncssh
import pytest

from loaders.contract import Report
from loaders.landing import land
from loaders.model import KnownVersion, Pull, RemoteDocument
from loaders.sources import DocumentError, Source, SourceError, StillChanging, retry
from loaders.sources.files.file_drop import FileDropSource
from tests.support.servers import sftp
from tests.support.servers.background import Background
from tests.support.servers.error_text import full_error_text
from tests.support.servers.sftp import PASSWORD, SftpServer
from tests.support.servers.source_contracts import file_drop

pytestmark = pytest.mark.integration

CONTENT = os.urandom(3_000_000)
LONG_AGO = dt.datetime(2023, 6, 3, 10, 0, tzinfo=dt.UTC)
FEW_SECONDS = 10.0


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "drop"
    put(root / "visits" / "2023-05" / "441302_5月.csv", CONTENT)
    put(root / "visits" / "2023-05" / "441303_5月.csv", b"b")
    put(root / "visits" / "2023-06" / "441302_6月.csv", b"c")
    return root


@pytest.fixture
def server(folder: Path) -> Iterator[SftpServer]:
    with Background() as background:
        running = SftpServer(background, folder)
        yield running
        running.close()


@pytest.fixture
def drop(server: SftpServer) -> Iterator[FileDropSource]:
    source = source_at(server.url())
    yield source
    source.close()


def put(path: Path, content: bytes, at: dt.datetime = LONG_AGO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def source_at(url: str, report: Report | None = None, timeout: float = FEW_SECONDS) -> FileDropSource:
    report = report or file_drop()
    return FileDropSource(report, report.source, url, timeout)


def pull(source: Source) -> Pull:
    return source.pull(None, frozenset(), None)


def fetched(source: Source, remote_document: RemoteDocument) -> bytes:
    target = io.BytesIO()
    source.fetch(remote_document, target)
    return target.getvalue()


def names(pulled: Pull) -> list[str]:
    return [remote_document.uri for remote_document in pulled.remote_documents]


def test_files_come_with_what_their_names_say_and_whole(drop: FileDropSource) -> None:
    found = pull(drop)
    assert names(found) == [
        "drop:/visits/2023-05/441302_5月.csv",
        "drop:/visits/2023-05/441303_5月.csv",
        "drop:/visits/2023-06/441302_6月.csv",
    ]
    first = found.remote_documents[0]
    assert (first.unit, str(first.period), first.size, first.modified_at) == ("441302", "2023-05", len(CONTENT), LONG_AGO)
    assert fetched(drop, first) == CONTENT
    assert found.cursor_to == LONG_AGO.isoformat()
    assert not found.unmatched and not found.waiting


def test_ssh_is_another_name_of_sftp(server: SftpServer, drop: FileDropSource) -> None:
    source = source_at(server.url().replace("sftp://", "ssh://"))
    assert names(pull(source)) == names(pull(drop))
    source.close()


def test_what_the_ledger_knows_is_not_offered_and_a_new_state_of_it_is(drop: FileDropSource, folder: Path) -> None:
    seen = [
        KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)
        for remote_document in pull(drop).remote_documents
    ]
    assert drop.pull("2023-06-03", seen, None).remote_documents == ()
    put(folder / "visits" / "2023-05" / "441303_5月.csv", b"b", LONG_AGO + dt.timedelta(hours=1))
    assert names(drop.pull(None, seen, None)) == ["drop:/visits/2023-05/441303_5月.csv"]


def test_a_line_that_breaks_in_the_middle_is_opened_again(drop: FileDropSource, server: SftpServer, tmp_path: Path) -> None:
    remote_document = pull(drop).remote_documents[0]
    server.failures.lines_to_break = 2
    server.failures.break_after_bytes = 1_500_000
    landed = land(tmp_path / "landing", lambda target: drop.fetch(remote_document, target))
    assert landed.path.read_bytes() == CONTENT
    assert server.failures.lines_to_break == 0 and server.logins == 3


def test_a_line_that_breaks_every_time_ends_as_one_error(drop: FileDropSource, server: SftpServer, tmp_path: Path) -> None:
    remote_document = pull(drop).remote_documents[0]
    server.failures.lines_to_break = 1_000
    with pytest.raises(SourceError, match="the line broke again and again"):
        land(tmp_path / "landing", lambda target: drop.fetch(remote_document, target))
    assert server.logins == retry.TRIES, "the first attempt uses the session of the listing"
    assert list((tmp_path / "landing").rglob("*.*")) == list((tmp_path / "landing" / "incoming").iterdir()) == []


def test_a_read_that_hangs_is_given_up_and_tried_again(server: SftpServer) -> None:
    source = source_at(server.url(), timeout=1.0)
    remote_document = pull(source).remote_documents[0]
    server.failures.reads_to_hang = 1
    began = time.monotonic()
    assert fetched(source, remote_document) == CONTENT
    assert 1.0 <= time.monotonic() - began < 20
    source.close()


def test_a_listing_that_hangs_for_ever_ends_as_one_error(server: SftpServer) -> None:
    source = source_at(server.url(), timeout=0.2)
    server.failures.listings_to_hang = 1_000
    with pytest.raises(SourceError, match="the line broke again and again"):
        pull(source)
    source.close()


def test_a_host_that_takes_calls_and_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        source = source_at(f"sftp://u:{PASSWORD[:4]}@127.0.0.1:{mute.getsockname()[1]}/?host_key_check=no", timeout=0.1)
        began = time.monotonic()
        with pytest.raises(SourceError, match=r"cannot be reached.*the next run tries again"):
            pull(source)
        assert time.monotonic() - began < 20


def test_a_host_that_is_not_there_is_named_without_the_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(SourceError) as failure:
        pull(source_at(f"sftp://minzheng:hush@127.0.0.1:{port}/?host_key_check=no"))
    assert f"127.0.0.1:{port}" in str(failure.value) and "hush" not in full_error_text(failure.value)


def test_the_session_ends_with_the_source(server: SftpServer) -> None:
    source = source_at(server.url())
    pull(source)
    assert server.open_connections == 1
    source.close()
    wait_until(lambda: server.open_connections == 0)


@contextmanager
def growing_file(folder: Path, ahead: dt.timedelta = dt.timedelta()) -> Iterator[None]:
    """A file that somebody is writing, on a machine whose clock may be wrong."""
    path, stop = folder / "visits" / "2023-06" / "441303_6月.csv", threading.Event()

    def write_on() -> None:
        size = 1
        while not stop.wait(0.02):
            size += 1
            put(path, b"x" * size, dt.datetime.now(dt.UTC) + ahead)

    put(path, b"x", dt.datetime.now(dt.UTC) + ahead)
    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def test_a_file_that_grows_between_two_looks_waits(drop: FileDropSource, folder: Path) -> None:
    with growing_file(folder):
        found = pull(drop)
    assert found.waiting == ("drop:/visits/2023-06/441303_6月.csv",)
    assert len(found.remote_documents) == 3
    assert "drop:/visits/2023-06/441303_6月.csv" in names(pull(drop)), "it is taken once it keeps still"


@pytest.mark.parametrize("ahead", [dt.timedelta(hours=-9), dt.timedelta(hours=9)])
def test_a_growing_file_waits_though_the_server_has_a_wrong_clock(
    drop: FileDropSource, folder: Path, ahead: dt.timedelta
) -> None:
    with growing_file(folder, ahead):
        found = pull(drop)
    assert found.waiting == ("drop:/visits/2023-06/441303_6月.csv",)


def test_a_file_that_changes_after_the_listing_is_left(drop: FileDropSource, folder: Path) -> None:
    remote_document = pull(drop).remote_documents[1]
    put(folder / "visits" / "2023-05" / "441303_5月.csv", b"longer", LONG_AGO)
    with pytest.raises(StillChanging, match="441303_5月"):
        fetched(drop, remote_document)


def test_a_file_that_is_gone_after_the_listing_is_left(drop: FileDropSource, folder: Path) -> None:
    remote_document = pull(drop).remote_documents[1]
    (folder / "visits" / "2023-05" / "441303_5月.csv").unlink()
    with pytest.raises(StillChanging):
        fetched(drop, remote_document)


def test_unfinished_names_are_passed_over_and_unknown_ones_are_reported(drop: FileDropSource, folder: Path) -> None:
    month = folder / "visits" / "2023-05"
    for name in ("441302_7月.csv.part", "441302_7月.csv.filepart", ".441302_7月.csv", "~$441302_7月.csv", "441302_7月.TMP"):
        put(month / name, b"x")
    for name in ("说明.txt", "441302_7月.CSV2"):
        put(month / name, b"x")
    found = pull(drop)
    assert len(found.remote_documents) == 3
    assert set(found.unmatched) == {"drop:/visits/2023-05/说明.txt", "drop:/visits/2023-05/441302_7月.CSV2"}


def test_hostile_names_are_reported_and_never_followed(drop: FileDropSource, folder: Path, server: SftpServer) -> None:
    month = folder / "visits" / "2023-05"
    put(month / "441302_\n伪造日志.csv", b"x")
    put(Path(os.fsdecode(bytes(month) + b"/441302_" + "五月".encode("gb18030") + b".csv")), b"x")
    put(folder / "visits" / "2023-13" / "441302_x.csv", b"x")
    (month / "441302_link.csv").symlink_to("/etc/passwd")
    server.failures.strange_names = [b"../../../etc/passwd", b"441302_" + b"x" * 5_000 + b".csv", b"441302_\x00.csv"]
    found = pull(drop)
    assert len(found.remote_documents) == 3
    assert len(found.unmatched) == 7
    assert all(len(name) <= 1_100 and name.isprintable() for name in found.unmatched)
    assert any("\\n伪造日志" in name for name in found.unmatched)
    assert "drop:/visits/2023-05/../../../etc/passwd" in found.unmatched


def test_a_name_that_leads_out_of_the_folder_is_refused_by_any_pattern(server: SftpServer) -> None:
    server.failures.strange_names = [b"../../../secret.csv"]
    found = pull(source_at(server.url(), file_drop(pattern=r".*\.csv")))
    assert len(found.remote_documents) == 3
    assert found.unmatched == ("drop:/visits/2023-05/../../../secret.csv",)


def test_names_in_the_declared_encoding_are_read(server: SftpServer, folder: Path) -> None:
    put(Path(os.fsdecode(bytes(folder / "visits") + b"/2023-07/441302_" + "七月".encode("gb18030") + b".csv")), b"seven")
    for path in (folder / "visits" / "2023-05").iterdir():
        path.unlink()
    (folder / "visits" / "2023-06" / "441302_6月.csv").unlink()
    source = source_at(server.url(host_key_check="no", path_encoding="gb18030"))
    found = pull(source)
    assert names(found) == ["drop:/visits/2023-07/441302_七月.csv"]
    assert fetched(source, found.remote_documents[0]) == b"seven"
    source.close()


def test_names_that_look_like_urls_or_patterns_are_only_names(drop: FileDropSource, folder: Path) -> None:
    for name in ("441304_a?b=c#d.csv", "441305_[1-9]*.csv", "441306_100%25.csv", "441307_　全角.csv"):
        put(folder / "visits" / "2023-07" / name, name.encode())
    found = [remote_document for remote_document in pull(drop).remote_documents if str(remote_document.period) == "2023-07"]
    assert len(found) == 4
    for remote_document in found:
        assert fetched(drop, remote_document).decode() == remote_document.uri.rpartition("/")[2]


def test_a_server_that_tells_no_times_is_read(drop: FileDropSource, server: SftpServer) -> None:
    server.failures.without_times = True
    assert {remote_document.modified_at for remote_document in pull(drop).remote_documents} == {
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    }


def test_a_wrong_host_key_ends_before_the_password_is_sent(server: SftpServer) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with pytest.raises(SourceError, match=r"does not let us in.*check user, password and host key"):
        pull(source_at(server.url(host_key=other)))
    assert server.logins == 0


def test_a_wrong_password_is_tried_once_and_not_reported(server: SftpServer) -> None:
    with pytest.raises(SourceError, match="does not let us in") as failure:
        pull(source_at(server.url(password="hush-hush")))
    assert server.logins == 1, "a second try could lock the account"
    assert "hush" not in full_error_text(failure.value)


def test_a_url_without_a_host_key_is_refused(server: SftpServer) -> None:
    with pytest.raises(SourceError, match="does not say which host key to trust"):
        pull(source_at(server.url(user="x", other="y")))


def test_a_known_hosts_file_is_read_or_missed(server: SftpServer, tmp_path: Path) -> None:
    parts = urlsplit(server.url())
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{parts.port} {parse_qs(parts.query)['host_key'][0]}\n")
    source = source_at(server.url(known_hosts=str(known)))
    assert len(pull(source).remote_documents) == 3
    source.close()
    with pytest.raises(SourceError, match="there is no file"):
        pull(source_at(server.url(known_hosts=str(tmp_path / "none"))))


def test_a_host_key_with_a_bare_plus_sign_is_understood(server: SftpServer) -> None:
    source = source_at(unquote(server.url().replace("+", "%20")).replace(PASSWORD, "p%40ss%2Fword%231").replace("#", "%23"))
    assert len(pull(source).remote_documents) == 3
    source.close()


def test_a_missing_folder_is_an_error_and_no_empty_drop(server: SftpServer) -> None:
    with pytest.raises(SourceError, match=r'there is no folder "/nowhere"; make it, or correct source.folder'):
        pull(source_at(server.url(), file_drop(folder="nowhere")))


def test_an_empty_folder_is_an_empty_drop(server: SftpServer, folder: Path) -> None:
    (folder / "empty").mkdir()
    source = source_at(server.url(), file_drop(folder="empty"))
    assert pull(source) == Pull(None)
    source.close()


def test_a_file_that_may_not_be_read_stops_only_itself(drop: FileDropSource, monkeypatch: pytest.MonkeyPatch) -> None:
    found = pull(drop)
    deny(monkeypatch, "441303")
    with pytest.raises(DocumentError, match=r"may not read /visits/2023-05/441303_5月\.csv; ask for read access"):
        fetched(drop, found.remote_documents[1])
    assert fetched(drop, found.remote_documents[2]) == b"c"


def test_a_folder_that_may_not_be_read_is_never_taken_for_an_empty_one(
    drop: FileDropSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    deny(monkeypatch, "2023-05")
    with pytest.raises(SourceError, match="may not read /visits/2023-05"):
        pull(drop)


def deny(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Let the server refuse what has `part` in its path (the test may run as root, whom no mode keeps out)."""
    for method in ("open", "scandir"):
        before = getattr(sftp._Folder, method)

        def refuse(self: asyncssh.SFTPServer, path: bytes, *rest: object, before=before) -> object:
            if part.encode() in path:
                raise asyncssh.SFTPPermissionDenied("no")
            return before(self, path, *rest)

        monkeypatch.setattr(sftp._Folder, method, refuse)


def wait_until(condition) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
