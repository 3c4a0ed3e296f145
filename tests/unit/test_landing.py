import errno
import hashlib
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from loaders.landing import DocumentTooLarge, LandingError, land, landed_files, landed_path


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_bytes_lie_under_their_hash_for_reading_only(tmp_path: Path) -> None:
    content = os.urandom(300_000)
    landed = land(tmp_path / "landing", lambda target: target.write(content))
    sha256 = hashlib.sha256(content).hexdigest()
    assert (landed.sha256, landed.size) == (sha256, 300_000)
    assert landed.path == landed_path(tmp_path / "landing", sha256)
    assert landed.path.read_bytes() == content
    assert landed.path.stat().st_mode & 0o777 == 0o440
    assert files_below(tmp_path) == [landed.path]


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    first = land(tmp_path, lambda target: target.write(b"rows"))
    before = first.path.stat()
    second = land(tmp_path, lambda target: [target.write(b"ro"), target.write(b"ws")])
    assert second == first
    assert (second.path.stat().st_ino, second.path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert files_below(tmp_path) == [first.path]


@pytest.mark.parametrize("damage", [b"rows of an attacker", b"", b"rowz"])
def test_a_damaged_file_is_written_anew(tmp_path: Path, damage: bytes) -> None:
    landed = land(tmp_path, lambda target: target.write(b"rows"))
    landed.path.chmod(0o600)
    landed.path.write_bytes(damage)
    assert land(tmp_path, lambda target: target.write(b"rows")) == landed
    assert landed.path.read_bytes() == b"rows"
    assert landed.path.stat().st_mode & 0o777 == 0o440


def test_what_fails_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def break_off(target) -> None:
        target.write(b"half")
        raise ConnectionError("line lost")

    with pytest.raises(ConnectionError, match="line lost"):
        land(tmp_path, break_off)
    assert files_below(tmp_path) == []


def test_a_second_attempt_starts_over(tmp_path: Path) -> None:
    def write_twice(target) -> None:
        start = target.tell()
        target.write(b"the first attempt, longer than the second")
        target.seek(start)
        target.truncate()
        target.write(b"second")

    landed = land(tmp_path, write_twice)
    assert landed.path.read_bytes() == b"second"
    assert (landed.sha256, landed.size) == (hashlib.sha256(b"second").hexdigest(), 6)


@pytest.mark.parametrize("move", [(3, os.SEEK_SET), (-1, os.SEEK_END), (1, os.SEEK_CUR)])
def test_the_only_way_back_is_to_the_start(tmp_path: Path, move: tuple[int, int]) -> None:
    def seek(target) -> None:
        target.write(b"rows of a table")
        target.seek(*move)

    with pytest.raises(OSError, match="expected a seek to the start"):
        land(tmp_path, seek)
    with pytest.raises(OSError, match="expected a truncation"):
        land(tmp_path, lambda target: [target.write(b"rows"), target.truncate(2)])
    assert files_below(tmp_path) == []


def test_a_document_beyond_the_limit_is_refused_alone(tmp_path: Path) -> None:
    with pytest.raises(DocumentTooLarge, match=r"larger than the limit of 1,000 bytes.*Ask its owner to split it") as failure:
        land(tmp_path, lambda target: [target.write(b"x" * 600), target.write(b"x" * 600)], max_bytes=1_000)
    assert failure.value.errno == errno.EFBIG
    assert files_below(tmp_path) == []
    assert land(tmp_path, lambda target: target.write(b"x" * 1_000), max_bytes=1_000).size == 1_000


def test_a_nearly_full_disk_is_not_filled(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="Free some space") as failure:
        land(tmp_path, lambda target: target.write(b"x"), min_free_bytes=1 << 60)
    assert failure.value.errno == errno.ENOSPC and not isinstance(failure.value, DocumentTooLarge)
    assert files_below(tmp_path) == []


def test_a_disk_that_is_full_says_so(tmp_path: Path) -> None:
    def fill(target) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(LandingError, match="is full; free some space"):
        land(tmp_path, fill)


@pytest.mark.parametrize("name", ["", "ab", "../../../etc/passwd", "A" * 64, "g" * 64, "a" * 64 + "\n", "a" * 5_000])
def test_no_name_leads_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="expected 64 lower-case hex digits"):
        landed_path(tmp_path, name)


def test_an_empty_document_is_one(tmp_path: Path) -> None:
    landed = land(tmp_path, lambda target: None)
    assert landed.size == 0 and landed.path.read_bytes() == b""


def test_what_a_killed_process_left_long_ago_is_removed(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    old, new = incoming / "tmpold", incoming / "tmpnew"
    for path in (old, new):
        path.write_bytes(b"half")
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    land(tmp_path, lambda target: target.write(b"rows"))
    assert not old.exists() and new.exists()


def _land_many(folder: Path, count: int) -> None:
    for number in range(count):
        land(folder, lambda target, number=number: target.write(b"%d" % number * 1_000))


def test_processes_that_land_the_same_bytes_end_with_one_file_each(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_land_many, args=(tmp_path, 30)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    found = files_below(tmp_path)
    assert len(found) == 30
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in found)


def test_a_process_killed_while_landing_leaves_no_landed_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    started = context.Event()

    def write_slowly(target) -> None:
        target.write(b"half of it")
        started.set()
        time.sleep(60)

    worker = context.Process(target=land, args=(tmp_path, write_slowly))
    worker.start()
    assert started.wait(10)
    worker.kill()
    worker.join(10)
    left = files_below(tmp_path)
    assert len(left) == 1 and left[0].parent == tmp_path / "incoming"
    assert land(tmp_path, lambda target: target.write(b"whole")).path.read_bytes() == b"whole"


def test_the_bytes_are_on_the_disk_before_they_have_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(landed_files.os, "fsync", lambda descriptor: [order.append("fsync"), fsync(descriptor)][1])
    monkeypatch.setattr(Path, "replace", lambda self, target: [order.append("replace"), replace(self, target)][1])
    land(tmp_path, lambda target: target.write(b"rows"))
    assert order[0:2] == ["fsync", "replace"]
    assert order.count("fsync") >= 3, "the names are made durable too"
