"""A landing in a bucket, against a local server of the protocol: the same promises as a folder keeps."""

import dataclasses
import datetime as dt
import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from loaders.landing import (
    ContentMismatch,
    DiscrepancyKind,
    DocumentTooLarge,
    FileState,
    LandingError,
    fetch_landed,
    inspect,
    land,
    landed_path,
    landed_place,
    open_batch,
    open_store,
    plan_purge,
    read_records,
    readable_states,
    state_of,
    write_record,
    write_records,
)
from loaders.landing import bucket as bucket_module
from loaders.landing.landed_cache import LandedCache
from loaders.setting_values.landing_address import BucketAddress, parse_landing_address
from tests.support.servers.bucket import BucketServer, bucket_server
from tests.unit.test_landing_records import CAME, DECISION, arrival

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server() -> Iterator[BucketServer]:
    with bucket_server() as running:
        yield running


@pytest.fixture(params=[False, True], ids=["plain", "locking"])
def address(request: pytest.FixtureRequest, server: BucketServer, tmp_path: Path) -> BucketAddress:
    return server.landing(tmp_path / "cache", is_locking=request.param)


def elsewhere(address: BucketAddress, tmp_path: Path) -> BucketAddress:
    """The same landing, seen by a machine that has read nothing of it."""
    return dataclasses.replace(address, cache=tmp_path / "another machine")


def content_of(server: BucketServer, address: BucketAddress, sha256: str) -> bytes:
    content: bytes = server.client.get_object(**server.key(address, sha256))["Body"].read()
    return content


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_bytes_lie_under_their_hash_and_can_be_read_here_and_elsewhere(
    server: BucketServer, address: BucketAddress, tmp_path: Path
) -> None:
    content = os.urandom(300_000)
    landed = land(address, lambda target: target.write(content))
    assert (landed.sha256, landed.size) == (hashlib.sha256(content).hexdigest(), 300_000)
    assert content_of(server, address, landed.sha256) == content
    assert landed_place(address, landed.sha256).startswith(f"s3://{address.bucket}/city/landing/{landed.sha256[:2]}/")
    assert landed.path == landed_path(address, landed.sha256) and landed.path.read_bytes() == content
    other = elsewhere(address, tmp_path)
    assert fetch_landed(other, landed.sha256).read_bytes() == content
    assert landed_path(other, landed.sha256).stat().st_mode & 0o777 == 0o440
    assert state_of(address, landed.sha256) is FileState.INTACT


def test_what_is_there_is_never_written_again(server: BucketServer, address: BucketAddress, tmp_path: Path) -> None:
    first = land(address, lambda target: target.write(b"rows"))
    before = server.versions(address)
    assert land(elsewhere(address, tmp_path), lambda target: [target.write(b"ro"), target.write(b"ws")]).sha256 == first.sha256
    assert server.versions(address) == before and len(before) == 1


def test_other_bytes_under_a_name_are_found_and_written_anew(
    server: BucketServer, address: BucketAddress, tmp_path: Path
) -> None:
    landed = land(address, lambda target: target.write(b"rows"))
    server.client.put_object(**server.key(address, landed.sha256), Body=b"rows of an attacker")
    assert state_of(address, landed.sha256) is FileState.ALTERED, "whatever this machine has read before"
    assert readable_states(address, [landed.sha256]) == {landed.sha256: FileState.INTACT}, "it has the bytes that were landed"
    other = elsewhere(address, tmp_path)
    with pytest.raises(ContentMismatch):
        fetch_landed(other, landed.sha256)
    assert files_below(other.cache) == []
    land(other, lambda target: target.write(b"rows"))
    assert content_of(server, address, landed.sha256) == b"rows"
    assert state_of(address, landed.sha256) is FileState.INTACT


def test_an_altered_copy_is_not_read(address: BucketAddress) -> None:
    landed = land(address, lambda target: target.write(b"rows"))
    landed.path.chmod(0o600)
    landed.path.write_bytes(b"rowz")
    assert fetch_landed(address, landed.sha256).read_bytes() == b"rows"


def test_what_is_missing_is_said_to_be(address: BucketAddress) -> None:
    assert state_of(address, "a" * 64) is FileState.MISSING
    assert readable_states(address, ["a" * 64]) == {"a" * 64: FileState.MISSING}
    with pytest.raises(FileNotFoundError):
        fetch_landed(address, "a" * 64)


def test_what_fails_while_writing_leaves_nothing(server: BucketServer, address: BucketAddress) -> None:
    def break_off(target) -> None:
        target.write(b"half")
        raise ConnectionError("line lost")

    with pytest.raises(ConnectionError, match="line lost"):
        land(address, break_off)
    with pytest.raises(DocumentTooLarge):
        land(address, lambda target: target.write(b"x" * 1_001), max_bytes=1_000)
    with pytest.raises(ContentMismatch):
        land(address, lambda target: target.write(b"other"), allowed_hashes={"a" * 64})
    assert server.names(address) == files_below(address.cache) == []


def test_large_bytes_travel_in_parts(server: BucketServer, address: BucketAddress, tmp_path: Path) -> None:
    content = os.urandom(1_000_000) * 105
    landed = land(address, lambda target: target.write(content))
    assert fetch_landed(elsewhere(address, tmp_path), landed.sha256).stat().st_size == len(content)
    assert "-" in server.client.head_object(**server.key(address, landed.sha256))["ETag"], "it came in parts"
    if server.client.get_bucket_versioning(Bucket=address.bucket).get("Status") == "Enabled":
        hold = server.client.get_object_legal_hold(**server.key(address, landed.sha256))
        assert hold["LegalHold"]["Status"] == "ON"


def test_a_bucket_that_locks_lets_nobody_delete_a_landed_version(server: BucketServer, tmp_path: Path) -> None:
    address = server.landing(tmp_path / "cache", is_locking=True)
    landed = land(address, lambda target: target.write(b"rows"))
    write_record(address, arrival())
    for version in server.versions(address):
        with pytest.raises(server.client.exceptions.ClientError, match="AccessDenied"):
            server.client.delete_object(Bucket=address.bucket, Key=version["Key"], VersionId=version["VersionId"])
    server.client.delete_object(**server.key(address, landed.sha256))
    assert state_of(address, landed.sha256) is FileState.MISSING, "hidden by a marker"
    assert len([one for one in server.versions(address) if one.get("ETag")]) == 2, "and still kept"


def test_records_are_read_in_the_order_of_their_moments_and_never_written_over(address: BucketAddress) -> None:
    records = [arrival(arrived_at=CAME.replace(day=day, second=second)) for day in (3, 1, 2) for second in range(40)]
    names = write_records(address, [*records, DECISION])
    assert len(set(names)) == 121 and names[0].startswith("arrivals/2026-11/")
    found = list(read_records(address))
    assert [name.rpartition("/")[2] for name, _ in found] == sorted(name.rpartition("/")[2] for name in names)
    assert {str(record) for _, record in found} == {str(record) for record in (*records, DECISION)}
    write_record(address, dataclasses.replace(records[0], unit="441303"))
    assert dict(read_records(address))[names[0]] == records[0]
    write_record(address, dataclasses.replace(records[0], unit="441303"), overwrite=True)
    assert dict(read_records(address))[names[0]] == dataclasses.replace(records[0], unit="441303")
    assert files_below(address.cache) == []


def test_each_wrong_object_is_named_by_its_kind(server: BucketServer, address: BucketAddress) -> None:
    whole, altered, missing, unknown = (
        land(address, lambda target, c=c: target.write(c)).sha256 for c in (b"a", b"b", b"c", b"d")
    )
    known = [arrival(uri=f"drop:/{sha256}", sha256=sha256) for sha256 in (whole, altered, missing)]
    names = write_records(address, known)
    assert [found.kind for found in inspect(address, known)] == [DiscrepancyKind.EXTRA]
    server.client.put_object(**server.key(address, altered), Body=b"B")
    open_store(address).delete([f"{missing[:2]}/{missing[2:4]}/{missing}", names[0]])
    server.client.create_multipart_upload(**server.key(address, "e" * 64))
    found = {(one.kind, one.path.rpartition("/")[2]) for one in inspect(address, known)}
    assert found == {
        (DiscrepancyKind.ALTERED, altered),
        (DiscrepancyKind.MISSING, missing),
        (DiscrepancyKind.EXTRA, unknown),
        (DiscrepancyKind.MISSING, names[0].rpartition("/")[2]),
        (DiscrepancyKind.TEMPORARY, "e" * 64),
    }


def test_a_purge_leaves_no_version_and_no_copy(server: BucketServer, address: BucketAddress) -> None:
    own, shared = (land(address, lambda target, c=c: target.write(c)).sha256 for c in (b"own", b"shared"))
    server.client.put_object(**server.key(address, own), Body=b"own, altered")
    write_records(address, [arrival(sha256=own), arrival(sha256=shared), arrival(report="other", sha256=shared)])
    plan = plan_purge(address, {"home_visit"}, [])
    assert [name.rpartition("/")[2] for name in plan.landed_files] == [own] and len(plan.records) == 2
    plan.execute()
    assert {version["Key"].rpartition("/")[2] for version in server.versions(address) if version["Key"].endswith(own)} == set()
    assert not landed_path(address, own).exists()
    assert [record.report for _, record in read_records(address)] == ["other"]
    assert state_of(address, shared) is FileState.INTACT


def test_a_version_that_the_bucket_retains_is_not_said_to_be_purged(server: BucketServer, tmp_path: Path) -> None:
    address = server.landing(tmp_path / "cache", is_locking=True)
    landed = land(address, lambda target: target.write(b"rows"))
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=30)
    key = server.key(address, landed.sha256)
    server.client.put_object_retention(**key, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until})
    (name,) = server.names(address)
    with pytest.raises(LandingError, match="Access Denied"):
        open_store(address).delete([name])
    assert server.names(address) == [name]
    assert server.client.get_object_legal_hold(**key)["LegalHold"]["Status"] == "ON"


def test_a_bucket_that_is_away_is_named_with_what_to_check(server: BucketServer, tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        away = dataclasses.replace(server, endpoint=f"http://127.0.0.1:{taken.getsockname()[1]}")
        for address in (
            BucketAddress("landing", "", tmp_path, away.connection),
            BucketAddress("no-such-bucket", "x", tmp_path, server.connection),
        ):
            with pytest.raises(LandingError, match=r"the landing s3://.* cannot be used: .*huimin_landing") as failure:
                land(address, lambda target: target.write(b"rows"))
            assert "s3cret" not in str(failure.value)
            for use in (lambda: state_of(address, "a" * 64), lambda: list(read_records(address))):  # noqa: B023
                with pytest.raises(LandingError):
                    use()


def test_an_upload_that_fails_fails_the_whole_batch(
    server: BucketServer, address: BucketAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LandingError, match="cannot be used"), open_batch(address) as batch:
        batch.add(lambda target: target.write(b"one"))
        monkeypatch.setattr(batch._bucket._system, "put_file", _refuse)  # type: ignore[attr-defined]
        batch.add(lambda target: target.write(b"two"))
        batch.flush()
    monkeypatch.undo()
    two = hashlib.sha256(b"two").hexdigest()
    assert state_of(address, two) is FileState.MISSING and files_below(address.cache) == []


def _refuse(*_: object, **__: object) -> None:
    raise PermissionError("Access Denied")


def test_many_small_documents_travel_at_the_same_time(address: BucketAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each upload takes 0.2 s here, as over a slow line; 64 of them one after the other would take 13 s."""
    put, most, running = bucket_module.Bucket.put, [0], threading.Semaphore(bucket_module.MOST_AT_ONCE)

    def slowly(self: bucket_module.Bucket, *arguments: object, **options: object) -> bool:
        with running:
            most[0] = max(most[0], bucket_module.MOST_AT_ONCE - running._value)
            time.sleep(0.2)
        return put(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(bucket_module.Bucket, "put", slowly)
    started = time.monotonic()
    with open_batch(address) as batch:
        hashes = [batch.add(lambda target, number=number: target.write(b"%d" % number)).sha256 for number in range(64)]
        batch.flush()
    took = time.monotonic() - started
    assert most[0] > 16 and took < 6
    assert set(readable_states(address, hashes).values()) == {FileState.INTACT}


def test_copies_that_nobody_uses_go_and_those_in_use_stay(tmp_path: Path) -> None:
    cache, incoming = LandedCache(tmp_path, 25), tmp_path / "incoming"
    incoming.mkdir()
    paths = []
    for number, hours in enumerate((200, 5, 4, 3, 0)):
        content = b"%010d" % number
        (incoming / "x").write_bytes(content)
        path = cache.add(hashlib.sha256(content).hexdigest(), incoming / "x")
        moment = time.time() - hours * 3600
        os.utime(path, (moment, moment))
        paths.append(path)
    cache.trim()
    assert [path.exists() for path in paths] == [False, False, False, True, True], "a week, then the oldest above the limit"
    assert cache.find(paths[3].name) == paths[3]
    assert time.time() - paths[3].stat().st_mtime < 60


@pytest.mark.parametrize("text", ["ftp://host/x", "s3://", "s3://key:secret@bucket/x", "s3://bucket?endpoint_url=http://x"])
def test_an_address_that_is_none_or_holds_a_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected .*s3://bucket/prefix") as failure:
        parse_landing_address(text, Path("/cache"), "", 1)
    assert "secret@" not in str(failure.value)


def test_addresses(tmp_path: Path) -> None:
    assert parse_landing_address(str(tmp_path), Path("/cache"), "", 1) == tmp_path
    assert parse_landing_address("file:///a%20b", Path("/cache"), "", 1) == Path("/a b")
    assert str(parse_landing_address("s3://bucket/a/b/", Path("/cache"), "", 1)) == "s3://bucket/a/b"
    assert str(parse_landing_address("s3://bucket", Path("/cache"), "", 1)) == "s3://bucket"
