"""The file drop on a folder of this machine."""

import datetime as dt
import io
import os
from pathlib import Path

import pytest

from loaders.contract import Report
from loaders.model import KnownVersion, Pull, Selection
from loaders.period import Period
from loaders.settings import Settings
from loaders.sources import SourceError, StillChanging, open_source, retry
from loaders.sources.files.file_drop import FileDropSource
from tests.support.servers.source_contracts import file_drop

LONG_AGO = dt.datetime(2023, 6, 3, 10, 0, 0, 123_456, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.001)


def put(path: Path, content: bytes = b"x", at: dt.datetime = LONG_AGO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    moment = round(at.timestamp() * 1_000_000) * 1_000
    os.utime(path, ns=(moment, moment))
    return path


def source_at(root: Path, report: Report | None = None) -> FileDropSource:
    report = report or file_drop(settle_seconds=0.01)
    return FileDropSource(report, report.source, f"file://{root}", 1)


def pull(source: FileDropSource, only: Selection | None = None) -> Pull:
    return source.pull(None, frozenset(), only)


def test_the_contract_opens_its_own_source(tmp_path: Path) -> None:
    put(tmp_path / "visits" / "2023-05" / "441302_a.csv", b"rows")
    settings = Settings(home=tmp_path, warehouse_url="", pii_key=b"", connections={"drop": f"file://{tmp_path}"})
    with open_source(file_drop(), settings) as source:
        remote_documents = source.pull(None, frozenset(), None).remote_documents
        target = io.BytesIO()
        source.fetch(remote_documents[0], target)
    assert target.getvalue() == b"rows"


def test_a_file_is_known_by_name_size_and_time_to_the_microsecond(tmp_path: Path) -> None:
    path = put(tmp_path / "visits" / "2023-05" / "441302_a.csv")
    source = source_at(tmp_path)
    remote_document = pull(source).remote_documents[0]
    assert remote_document.modified_at == LONG_AGO
    seen = [KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)]
    assert source.pull(None, seen, None).remote_documents == ()
    put(path, b"y", LONG_AGO + dt.timedelta(microseconds=1))
    assert len(source.pull(None, seen, None).remote_documents) == 1


def test_chosen_documents_are_offered_though_known(tmp_path: Path) -> None:
    for month in ("2023-05", "2023-06"):
        for unit in ("441302", "441303"):
            put(tmp_path / "visits" / month / f"{unit}_a.csv")
    source = source_at(tmp_path)
    seen = [
        KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)
        for remote_document in pull(source).remote_documents
    ]
    choices = (
        (Selection(periods=(Period.parse("2023-05"),)), 2),
        (Selection(units=("441303",)), 2),
        (Selection(units=("441303",), periods=(Period.parse("2023-05"),)), 1),
        (Selection(uris=("drop:/visits/2023-06/441302_a.csv",)), 1),
        (Selection(uris=("drop:/visits/none",)), 0),
    )
    for only, expected in choices:
        assert len(source.pull(None, seen, only).remote_documents) == expected, only


def test_links_and_pipes_are_reported_and_not_read(tmp_path: Path) -> None:
    secret = put(tmp_path / "secret.csv")
    month = tmp_path / "drop" / "visits" / "2023-05"
    put(month / "441302_a.csv")
    (month / "441303_link.csv").symlink_to(secret)
    os.mkfifo(month / "441304_pipe.csv")
    (month.parent / "2023-06").symlink_to(month)
    found = pull(source_at(tmp_path / "drop"))
    assert [remote_document.uri for remote_document in found.remote_documents] == ["drop:/visits/2023-05/441302_a.csv"]
    assert set(found.unmatched) == {
        "drop:/visits/2023-05/441303_link.csv",
        "drop:/visits/2023-05/441304_pipe.csv",
        "drop:/visits/2023-06",
    }


def test_a_period_of_another_kind_or_none_is_reported(tmp_path: Path) -> None:
    for name in ("2023-05/441302_a.csv", "2023-13/441302_a.csv", "0000-05/441302_a.csv"):
        put(tmp_path / "visits" / name)
    found = pull(source_at(tmp_path))
    assert len(found.remote_documents) == 1 and len(found.unmatched) == 2
    quarterly = file_drop(settle_seconds=0.01).model_copy(update={"period_kind": "quarter"})
    found = pull(source_at(tmp_path, quarterly))
    assert not found.remote_documents and len(found.unmatched) == 3


def test_a_deep_folder_is_not_followed_for_ever(tmp_path: Path) -> None:
    put(tmp_path.joinpath("visits", *"abcdefghijklmnopqrst") / "441302_a.csv")
    assert pull(source_at(tmp_path, file_drop(pattern=".*"))) == Pull(None)


def test_the_root_itself_may_be_the_folder(tmp_path: Path) -> None:
    put(tmp_path / "2023-05" / "441302_a.csv")
    found = pull(source_at(tmp_path, file_drop(folder="", settle_seconds=0.01)))
    assert [remote_document.uri for remote_document in found.remote_documents] == ["drop:/2023-05/441302_a.csv"]


def test_an_empty_file_is_a_document(tmp_path: Path) -> None:
    put(tmp_path / "visits" / "2023-05" / "441302_a.csv", b"")
    source = source_at(tmp_path)
    target = io.BytesIO()
    source.fetch(pull(source).remote_documents[0], target)
    assert target.getvalue() == b""


def test_only_the_bytes_after_the_targets_start_are_taken_back(tmp_path: Path) -> None:
    put(tmp_path / "visits" / "2023-05" / "441302_a.csv", b"rows")
    source = source_at(tmp_path)
    target = io.BytesIO(b"head")
    target.seek(4)
    source.fetch(pull(source).remote_documents[0], target)
    assert target.getvalue() == b"headrows"


def test_a_file_replaced_by_one_of_the_same_size_is_left(tmp_path: Path) -> None:
    path = put(tmp_path / "visits" / "2023-05" / "441302_a.csv", b"old")
    source = source_at(tmp_path)
    remote_document = pull(source).remote_documents[0]
    put(path, b"new", LONG_AGO + dt.timedelta(seconds=1))
    with pytest.raises(StillChanging):
        source.fetch(remote_document, io.BytesIO())


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file://data/drop", "absolute path"),
        ("nfs://host/x", "expected a file://, sftp://, ssh://, s3://, ftp://, ftps://, webdav://, webdavs:// URL"),
        ("sftp://u:pa/ss@host", "percent-encode"),
        ("", "expected a file://"),
    ],
)
def test_a_url_that_cannot_be_used_is_reported_before_anything_is_tried(url: str, reason: str) -> None:
    report = file_drop()
    with pytest.raises(SourceError, match=reason) as failure:
        FileDropSource(report, report.source, url, 1)
    assert "pa" not in str(failure.value).replace("path", "").replace("password", "")


def test_escapes_in_a_url_are_undone(tmp_path: Path) -> None:
    put(tmp_path / "入 口" / "visits" / "2023-05" / "441302_a.csv")
    report = file_drop(settle_seconds=0.01)
    source = FileDropSource(report, report.source, f"file://{tmp_path}/%E5%85%A5%20%E5%8F%A3", 1)
    assert len(pull(source).remote_documents) == 1
