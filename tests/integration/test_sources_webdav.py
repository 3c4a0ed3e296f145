"""The file drop over WebDAV, against servers that fail, hang and refuse."""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.model import Pull, RemoteDocument
from loaders.sources import DocumentError, SourceError, retry
from loaders.sources.files.file_drop import FileDropSource
from tests.support.servers.certificates import make_certificate
from tests.support.servers.error_text import full_error_text
from tests.support.servers.source_contracts import file_drop
from tests.support.servers.webdav import WebdavServer

pytestmark = pytest.mark.integration

LONG_AGO = dt.datetime(2023, 6, 3, 10, 0, tzinfo=dt.UTC)
CONTENT = os.urandom(2_500_000)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (("2023-05/441302_5月 100%.csv", CONTENT), ("2023-05/441303_a+b#.csv", b"b")):
        path = tmp_path / "drop" / "共享" / "visits" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (LONG_AGO.timestamp(),) * 2)
    return tmp_path / "drop"


@pytest.fixture
def server(folder: Path) -> Iterator[WebdavServer]:
    running = WebdavServer(folder)
    yield running
    running.close()


def source_at(url: str, timeout: float = 10.0) -> FileDropSource:
    report = file_drop()
    return FileDropSource(report, report.source, url, timeout)


def pull(source: FileDropSource) -> Pull:
    return source.pull(None, frozenset(), None)


def fetched(source: FileDropSource, document: RemoteDocument) -> bytes:
    target = io.BytesIO()
    source.fetch(document, target)
    return target.getvalue()


def check_files(source: FileDropSource) -> None:
    first, second = pull(source).remote_documents
    assert (first.uri, second.uri) == ("drop:/visits/2023-05/441302_5月 100%.csv", "drop:/visits/2023-05/441303_a+b#.csv")
    assert (first.size, first.modified_at, first.unit) == (len(CONTENT), LONG_AGO, "441302")
    assert (fetched(source, first), fetched(source, second)) == (CONTENT, b"b")
    source.close()


def test_files_come_whole_with_their_names_and_times(server: WebdavServer) -> None:
    check_files(source_at(server.url(path="/共享")))


def test_tls_is_checked_by_its_own_authority(folder: Path, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    server = WebdavServer(folder, certificate)
    try:
        check_files(source_at(server.url(path="/共享", ca=str(certificate))))
        with pytest.raises(SourceError, match=r"not trusted.*add \?ca=PATH"):
            pull(source_at(server.url(path="/共享")))
    finally:
        server.close()


def test_a_wrong_password_and_a_missing_folder_are_reported_without_the_password(server: WebdavServer) -> None:
    with pytest.raises(SourceError, match="check user and password") as refused:
        pull(source_at(server.url(password="geheim/1")))
    assert "geheim" not in full_error_text(refused.value)
    with pytest.raises(SourceError, match=r"correct source\.folder"):
        pull(source_at(server.url(path="/nowhere")))


def test_one_file_that_may_not_be_read_does_not_stop_the_others(server: WebdavServer) -> None:
    server.failures.denied.add("441302")
    source = source_at(server.url(path="/共享"))
    first, second = pull(source).remote_documents
    with pytest.raises(DocumentError, match="may not read"):
        fetched(source, first)
    assert fetched(source, second) == b"b"
    source.close()


def test_answers_that_fail_are_asked_again(server: WebdavServer) -> None:
    server.failures.answers_to_fail = 2
    check_files(source_at(server.url(path="/共享")))


def test_an_answer_that_does_not_come_is_given_up(server: WebdavServer) -> None:
    server.failures.answers_to_hang = 0.6
    with pytest.raises(SourceError, match="the line broke again and again"):
        pull(source_at(server.url(path="/共享"), timeout=0.2))
