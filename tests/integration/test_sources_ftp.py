"""The file drop over FTP and FTPS, against servers that break, hang, refuse and lie."""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loaders.model import Pull, RemoteDocument
from loaders.sources import DocumentError, SourceError, retry
from loaders.sources.files.file_drop import FileDropSource
from tests.support.documents.archives import raw_name_zip
from tests.support.servers.certificates import make_certificate
from tests.support.servers.error_text import full_error_text
from tests.support.servers.ftp import FtpServer
from tests.support.servers.source_contracts import file_drop
from tests.support.warehouse.world import World, running_world, table

pytestmark = pytest.mark.integration

LONG_AGO = dt.datetime(2023, 6, 3, 10, 0, tzinfo=dt.UTC)
CONTENT = os.urandom(400_000)
Started = Callable[..., FtpServer]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "drop"
    put(root / "visits" / "2023-05" / "441302_5月.csv", CONTENT)
    put(root / "visits" / "2023-05" / "441303_5 月（更正）.csv", b"b\r\nc\n")
    return root


@pytest.fixture
def start(folder: Path) -> Iterator[Started]:
    servers: list[FtpServer] = []

    def started(**facts: Any) -> FtpServer:
        servers.append(FtpServer(folder, **facts))
        return servers[-1]

    yield started
    for server in servers:
        server.close()


def put(path: Path, content: bytes, at: dt.datetime = LONG_AGO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def source_at(url: str, timeout: float = 10.0) -> FileDropSource:
    report = file_drop()
    return FileDropSource(report, report.source, url, timeout)


def pull(source: FileDropSource) -> Pull:
    return source.pull(None, frozenset(), None)


def fetched(source: FileDropSource, document: RemoteDocument) -> bytes:
    target = io.BytesIO()
    source.fetch(document, target)
    return target.getvalue()


@pytest.mark.parametrize("tls", [None, "explicit", "implicit"])
@pytest.mark.parametrize("without", [(), ("MLSD", "MLST"), ("MLSD", "MLST", "MDTM")])
def test_files_come_whole_with_their_names_and_times(
    start: Started, tmp_path: Path, tls: str | None, without: tuple[str, ...]
) -> None:
    certificate = make_certificate(tmp_path)
    server = start(tls=tls, certificate=certificate, without=without)
    source = source_at(server.url(ca=str(certificate)) if tls else server.url())
    found = pull(source)
    assert [document.uri for document in found.remote_documents] == [
        "drop:/visits/2023-05/441302_5月.csv",
        "drop:/visits/2023-05/441303_5 月（更正）.csv",
    ]
    first = found.remote_documents[0]
    assert (first.unit, str(first.period), first.size) == ("441302", "2023-05", len(CONTENT))
    exact = abs((first.modified_at - LONG_AGO).total_seconds())
    assert exact == 0 if "MDTM" not in without else exact <= 86_400, "a listing without a time of day is off by hours"
    assert [fetched(source, document) for document in found.remote_documents] == [CONTENT, b"b\r\nc\n"]
    source.close()


@pytest.mark.parametrize("without", [(), ("MLSD", "MLST")])
def test_names_in_gbk_are_read_with_the_encoding_of_the_url(start: Started, without: tuple[str, ...]) -> None:
    server = start(encoding="gb18030", without=without)
    source = source_at(server.url(encoding="gb18030"))
    assert "441302_5月.csv" in pull(source).remote_documents[0].uri
    assert fetched(source, pull(source).remote_documents[0]) == CONTENT
    source.close()
    wrong = source_at(server.url())
    assert len(pull(wrong).remote_documents) + len(pull(wrong).unmatched) == 2, "no name hides the others"
    wrong.close()
    with pytest.raises(SourceError, match="correct encoding in the URL"):
        pull(source_at(server.url(encoding="gbx")))


def test_certificates_are_checked(start: Started, tmp_path: Path) -> None:
    server = start(tls="explicit", certificate=make_certificate(tmp_path))
    for query in ({}, {"ca": str(make_certificate(tmp_path, "other"))}):
        with pytest.raises(SourceError, match=r"not trusted.*add \?ca=PATH"):
            pull(source_at(server.url(**query)))
    with pytest.raises(SourceError, match="correct ca in the URL"):
        pull(source_at(server.url(ca="/nowhere.pem")))
    with pytest.raises(SourceError, match="correct tls in the URL"):
        pull(source_at(server.url(tls="perhaps")))


def test_a_wrong_password_and_a_missing_folder_are_reported_without_the_password(start: Started) -> None:
    server = start()
    with pytest.raises(SourceError, match="check user and password") as refused:
        pull(source_at(server.url(password="geheim/1")))
    assert "geheim" not in full_error_text(refused.value)
    with pytest.raises(SourceError, match=r"correct source\.folder"):
        pull(source_at(server.url(path="/nowhere")))


def test_a_server_that_asks_for_tls_says_so(start: Started, tmp_path: Path) -> None:
    server = start(tls="explicit", certificate=make_certificate(tmp_path))
    with pytest.raises(SourceError, match="ftps:// where it asks for TLS"):
        pull(source_at(server.url().replace("ftps://", "ftp://")))


def test_a_file_that_may_not_be_read_does_not_stop_the_others(start: Started) -> None:
    server = start()
    server.failures.denied.add("441302")
    source = source_at(server.url())
    first, second = pull(source).remote_documents
    with pytest.raises(DocumentError, match="may not read"):
        fetched(source, first)
    assert fetched(source, second) == b"b\r\nc\n"
    source.close()


def test_a_size_that_is_not_true_is_reported_and_costs_one_file(start: Started) -> None:
    server = start(without=("MLSD", "MLST", "MDTM"))
    server.failures.listed_sizes["441303_5 月（更正）.csv"] = 6
    source = source_at(server.url())
    first, second = pull(source).remote_documents
    assert fetched(source, first) == CONTENT
    with pytest.raises(DocumentError, match="lists 6 bytes and sent 5"):
        fetched(source, second)
    source.close()


def test_a_line_that_breaks_is_opened_again(start: Started) -> None:
    server = start()
    source = source_at(server.url())
    document = pull(source).remote_documents[0]
    server.failures.lines_to_break = 2
    assert fetched(source, document) == CONTENT and server.failures.lines_to_break == 0
    source.close()


def test_a_listing_that_hangs_is_given_up(start: Started) -> None:
    server = start()
    server.failures.listings_to_hang = 1.0
    with pytest.raises(SourceError, match="the line broke again and again"):
        pull(source_at(server.url(), timeout=0.3))


def test_a_server_that_is_not_there_is_an_error_of_the_line(start: Started) -> None:
    server = start()
    server.close()
    with pytest.raises(SourceError, match="the line broke again and again"):
        pull(source_at(server.url(), timeout=1.0))


def test_ftps_and_a_zip_with_names_in_gbk_feed_a_report(start: Started, folder: Path, tmp_path: Path, warehouse_url: str) -> None:
    certificate = make_certificate(tmp_path)
    names = {f"{unit}_探访.csv".encode("gbk"): table((f"k{unit}", 1)) for unit in ("441302", "441303")}
    put(folder / "报表" / "2023-05.zip", raw_name_zip(names))
    server = start(tls="implicit", certificate=certificate, encoding="gb18030")
    with running_world(tmp_path / "world", warehouse_url) as world:
        run(world, server.url(encoding="gb18030", ca=str(certificate)))


def run(world: World, url: str) -> None:
    world.connect("office_ftp", url)
    world.contract(
        source={
            "kind": "file_drop",
            "connection": "office_ftp",
            "folder": "报表",
            "pattern": r"(?P<period>\d{4}-\d{2})\.zip",
            "container": {"kind": "zip", "members": r"(?P<unit>\d{6})_[^/]*\.csv"},
        }
    )
    world.load()
    assert world.current() == {("2023-05", "k441302"), ("2023-05", "k441303")}
    assert world.query("select distinct split_part(source_uri, '!/', 1) from ops.submission") == [
        ("office_ftp:/报表/2023-05.zip",)
    ]
    world.load()
    assert world.query("select count(*) from ops.container") == [(1,)]
    world.check_account()
