"""A landing in a bucket: many small objects travel at the same time, and this machine keeps copies of what it reads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, TypeVar

from loaders.landing.bucket import CHUNK_BYTES, MOST_AT_ONCE, Bucket
from loaders.landing.landed_cache import LandedCache
from loaders.landing.landed_files import (
    FOLDER_MODE,
    ContentMismatch,
    FileState,
    LandingBatch,
    explain_disk_errors,
    landed_path,
    temporary_file,
)
from loaders.setting_values.landing_address import BucketAddress

T = TypeVar("T")
R = TypeVar("R")


class BucketStore:
    """The objects below an address, by names that are relative to it; raises what `Bucket` raises."""

    def __init__(self, address: BucketAddress) -> None:
        self._folder = address.cache
        self._bucket = Bucket(address)
        self._cache = LandedCache(address.cache, address.cache_bytes)
        self._cache.trim()

    def batch(self, *, max_bytes: int, min_free_bytes: int) -> LandingBatch:
        """Returns a batch of files that land together."""
        return BucketBatch(self._bucket, self._cache, self._folder, max_bytes=max_bytes, min_free_bytes=min_free_bytes)

    def states(self, hashes: Iterable[str]) -> Iterator[tuple[str, FileState]]:
        """Reads landed objects again, whatever this machine has of them."""
        return at_once(lambda sha256: stored_state(self._bucket, sha256), hashes)

    def readable_states(self, hashes: Iterable[str]) -> Iterator[tuple[str, FileState]]:
        """Brings landed bytes to this machine, as far as it does not have them."""
        return at_once(self._readable_state, hashes)

    def fetch(self, sha256: str) -> Path:
        """Returns a copy of landed bytes.

        Raises:
            ContentMismatch: the bucket holds other bytes under this name.
            FileNotFoundError: it has none.
        """
        copy = self._cache.find(sha256)
        if copy is not None:
            return copy
        incoming = _made(self._folder / "incoming")
        with (
            explain_disk_errors(self._folder),
            temporary_file(incoming) as (_, temporary),
            temporary.open("wb") as target,
            self._bucket.reading(object_name(sha256)) as source,
        ):
            if _copy(source, target.write) != sha256:
                raise ContentMismatch(None, f"the landing holds other bytes than those with SHA-256 {sha256}")
            target.flush()
            return self._cache.add(sha256, temporary)

    def sizes(self) -> dict[str, int]:
        """Returns the sizes of all objects."""
        return self._bucket.sizes()

    def unfinished(self) -> list[str]:
        """Returns the uploads that go on, or were left by a process that died."""
        return self._bucket.unfinished()

    def reading(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Opens an object."""
        return self._bucket.reading(name)

    def read_all(self, names: Collection[str]) -> Iterator[tuple[str, bytes | OSError]]:
        """Reads small objects, many at the same time, and yields them in the order of their names here."""
        return at_once(self._read, names)

    def write_all(self, contents: Mapping[str, bytes], *, overwrite: bool) -> None:
        """Writes small objects, many at the same time; returns when the bucket has all of them."""
        incoming = _made(self._folder / "incoming")

        def write(name: str) -> None:
            with explain_disk_errors(self._folder), temporary_file(incoming) as (_, file):
                file.write_bytes(contents[name])
                self._bucket.put(name, file, overwrite=overwrite)

        for _ in at_once(write, contents):
            pass

    def delete(self, names: Collection[str]) -> None:
        """Deletes objects with all their versions, in this order, and the copies of this machine."""
        for name in names:
            self._bucket.delete(name)
            self._cache.delete(name)

    def _readable_state(self, sha256: str) -> FileState:
        try:
            self.fetch(sha256)
        except FileNotFoundError:
            return FileState.MISSING
        except ContentMismatch:
            return FileState.ALTERED
        return FileState.INTACT

    def _read(self, name: str) -> bytes | OSError:
        try:
            return self._bucket.read(name)
        except FileNotFoundError as error:
            return error


class BucketBatch(LandingBatch):
    """Files that land together: each is uploaded while the next one comes, and `flush` waits until the bucket has all."""

    def __init__(self, bucket: Bucket, cache: LandedCache, folder: Path, *, max_bytes: int, min_free_bytes: int) -> None:
        super().__init__(folder, max_bytes=max_bytes, min_free_bytes=min_free_bytes)
        self._bucket = bucket
        self._cache = cache
        self._pool = ThreadPoolExecutor(MOST_AT_ONCE, "landing")
        self._uploads: list[tuple[Future[None], Path, str]] = []

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)
        super().__exit__(kind, error, trace)

    def flush(self) -> None:
        """Waits until the bucket has all files that were added, and keeps them here as copies to read."""
        for upload, _, _ in self._uploads:
            upload.result()
        with explain_disk_errors(self._folder):
            for _, temporary, sha256 in self._uploads:
                self._cache.add(sha256, temporary)
        self._uploads.clear()
        self._temporary.close()

    def _keep(self, descriptor: int, temporary: Path, sha256: str) -> bool:  # noqa: ARG002
        """Begins the upload. Only the bucket knows what is landed already, and says so when it is asked to write."""
        self._uploads.append((self._pool.submit(_upload, self._bucket, temporary, sha256), temporary, sha256))
        return True


def stored_state(bucket: Bucket, sha256: str) -> FileState:
    """Reads an object again and returns whether it exists and holds the bytes that its name says."""
    try:
        with bucket.reading(object_name(sha256)) as file:
            is_intact = _copy(file, len) == sha256
    except FileNotFoundError:
        return FileState.MISSING
    return FileState.INTACT if is_intact else FileState.ALTERED


def object_name(sha256: str) -> str:
    """Returns the name of landed bytes, `ab/cd/abcd…`; raises what `landed_path` raises."""
    return landed_path(Path(), sha256).as_posix()


def at_once(ask: Callable[[T], R], asked: Iterable[T]) -> Iterator[tuple[T, R]]:
    """Asks for many things at the same time, and yields the answers in order; some dozens are under way at most."""
    remaining = iter(asked)
    with ThreadPoolExecutor(MOST_AT_ONCE, "landing") as pool:
        while some := list(islice(remaining, 4 * MOST_AT_ONCE)):
            yield from zip(some, pool.map(ask, some), strict=True)


def _upload(bucket: Bucket, file: Path, sha256: str) -> None:
    name = object_name(sha256)
    if not bucket.put(name, file) and stored_state(bucket, sha256) is not FileState.INTACT:
        bucket.put(name, file, overwrite=True)


def _copy(source: BinaryIO, write: Callable[[bytes], object]) -> str:
    """Returns the SHA-256 of all that was written."""
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        write(chunk)
    return digest.hexdigest()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    return folder
