"""The file drop in an S3 bucket, against a local server of the protocol."""

import datetime as dt
import io
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from moto.server import ThreadedMotoServer

from loaders.model import KnownVersion, Pull
from loaders.sources import SourceError, StillChanging, retry
from loaders.sources.files.file_drop import FileDropSource
from tests.support.servers.error_text import full_error_text
from tests.support.servers.source_contracts import file_drop

pytestmark = pytest.mark.integration

KEY, SECRET, BUCKET = "huimin", "s3cret/with@signs+", "reports"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(retry, "TRIES", 2)
    # What an account on the machine may have set must not matter.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str) -> Any:
    client = boto3.resource(
        "s3", endpoint_url=endpoint, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1"
    )
    made = client.create_bucket(Bucket=BUCKET)
    made.objects.all().delete()
    for month, unit, content in (("2023-05", "441302", b"a" * 9_000_000), ("2023-06", "441303", b"b")):
        made.put_object(Key=f"in/visits/{month}/{unit}_探访#1.csv", Body=content)
    return made


def source_at(endpoint: str, *, bucket: str = BUCKET, timeout: float = 20.0, **changes: Any) -> FileDropSource:
    contract = file_drop(settle_seconds=0.05, **changes)
    url = f"s3://{KEY}:{quote(SECRET, safe='')}@{bucket}/in?endpoint_url={quote(endpoint)}"
    return FileDropSource(contract, contract.source, url, timeout)


def pull(source: FileDropSource) -> Pull:
    return source.pull(None, frozenset(), None)


def names(pulled: Pull) -> list[str]:
    return [remote_document.uri for remote_document in pulled.remote_documents]


def test_keys_come_as_files_and_whole(endpoint: str, bucket: Any) -> None:
    source = source_at(endpoint)
    found = pull(source)
    assert names(found) == ["drop:/visits/2023-05/441302_探访#1.csv", "drop:/visits/2023-06/441303_探访#1.csv"]
    target = io.BytesIO()
    source.fetch(found.remote_documents[0], target)
    assert target.getvalue() == b"a" * 9_000_000
    assert abs(dt.datetime.now(dt.UTC) - found.remote_documents[0].modified_at) < dt.timedelta(minutes=1)
    seen = [
        KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)
        for remote_document in found.remote_documents
    ]
    assert source.pull(None, seen, None).remote_documents == ()


def test_a_key_that_is_written_anew_after_the_listing_is_left(endpoint: str, bucket: Any) -> None:
    source = source_at(endpoint)
    remote_document = pull(source).remote_documents[1]
    bucket.put_object(Key="in/visits/2023-06/441303_探访#1.csv", Body=b"longer")
    with pytest.raises(StillChanging):
        source.fetch(remote_document, io.BytesIO())
    bucket.Object("in/visits/2023-06/441303_探访#1.csv").delete()
    with pytest.raises(StillChanging):
        source.fetch(remote_document, io.BytesIO())


def test_hostile_keys_are_reported(endpoint: str, bucket: Any) -> None:
    for key in ("../../etc/passwd", "2023-05//441302_x.csv", "2023-05/441302_" + "x" * 900):
        bucket.put_object(Key=f"in/visits/{key}", Body=b"x")
    bucket.put_object(Key="in/visits/2023-05/", Body=b"")
    found = pull(source_at(endpoint))
    assert len(found.remote_documents) == 2
    assert all(name.isprintable() for name in found.unmatched)
    assert len(found.unmatched) >= 3


def test_a_prefix_without_keys_is_an_empty_drop_and_a_missing_bucket_is_not(endpoint: str, bucket: Any) -> None:
    assert pull(source_at(endpoint, folder="later")) == Pull(None)
    with pytest.raises(SourceError, match='there is no folder "nowhere/in/visits"'):
        pull(source_at(endpoint, bucket="nowhere"))


def test_an_endpoint_that_is_not_there_ends_as_one_error_without_the_secret() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(SourceError, match="the line broke again and again") as failure:
        pull(source_at(f"http://127.0.0.1:{port}"))
    assert "cret" not in full_error_text(failure.value)


def test_an_endpoint_that_hangs_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        with pytest.raises(SourceError, match="the line broke again and again"):
            pull(source_at(f"http://127.0.0.1:{mute.getsockname()[1]}", timeout=0.2))
    assert 2 * 0.2 <= time.monotonic() - began < 20


def test_a_refusal_is_reported_at_once() -> None:
    asked = 0

    def refuse(listener: socket.socket) -> None:
        nonlocal asked
        body = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>no</Message></Error>"
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                line.recv(65_536)
                asked += 1
                line.sendall(b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=refuse, args=(listener,), daemon=True).start()
        with pytest.raises(SourceError, match="may not read reports/in/visits; ask for read access"):
            pull(source_at(f"http://127.0.0.1:{listener.getsockname()[1]}"))
        listener.shutdown(socket.SHUT_RDWR)
    assert asked <= 2
