"""The stage `land`: bytes as they came, once, under their SHA-256, read-only, before anything looks at them.

What may enter: a folder and something that writes bytes. The remote name never becomes part of a path, so no name can lead
outside the folder. Two processes that land the same bytes end with one file.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, Iterator, cast

from loaders.table import LandedFile

MOST_BYTES = 4 * 1024**3
LEAST_FREE_BYTES = 256 * 1024**2
_CHECK_EVERY_BYTES = 32 * 1024**2
_READ_ONLY = 0o440
_FOLDER_MODE = 0o750
_SHA256 = re.compile(r"[0-9a-f]{64}")


class LandingError(OSError):
    """The bytes could not be kept; the message says what is short and what to do. Nothing was left behind."""


def landed_path(folder: Path, sha256: str) -> Path:
    """Where the bytes of this SHA-256 (64 lower-case hex digits) lie, or would lie: `folder/ab/cd/abcd…`.

    Raises:
        ValueError: `sha256` is not one.
    """
    if _SHA256.fullmatch(sha256) is None:
        raise ValueError(f'expected 64 lower-case hex digits, found "{sha256[:80]}"')
    return folder / sha256[:2] / sha256[2:4] / sha256


def land(
    folder: Path,
    write: Callable[[BinaryIO], object],
    *,
    most_bytes: int = MOST_BYTES,
    least_free_bytes: int = LEAST_FREE_BYTES,
) -> LandedFile:
    """Keep what `write` writes.

    The bytes go into a file beside their place, are flushed to the disk, made read-only and only then renamed, so that a
    landed file is whole or absent whenever the power fails.

    Raises:
        LandingError: the document is larger than `most_bytes`, or the disk would keep less than `least_free_bytes`.
    """
    incoming = folder / "incoming"
    incoming.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
    with _temporary(incoming) as (descriptor, temporary):
        target = _HashingFile(descriptor, incoming, most_bytes, least_free_bytes)
        with _clear_disk_errors(folder):
            write(cast(BinaryIO, target))
            os.fsync(descriptor)
        os.fchmod(descriptor, _READ_ONLY)
        path = landed_path(folder, target.sha256)
        if not _is_whole(path, target.size):
            path.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
            temporary.replace(path)
            _sync_folders(path.parent, folder)
    return LandedFile(sha256=target.sha256, path=path, size=target.size)


class _HashingFile(RawIOBase):
    """A write-only file that hashes, counts and limits what passes through it."""

    def __init__(self, descriptor: int, folder: Path, most_bytes: int, least_free_bytes: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._folder = folder
        self._most_bytes = most_bytes
        self._least_free_bytes = least_free_bytes
        self._digest = hashlib.sha256()
        self._next_check = 0
        self.size = 0

    @property
    def sha256(self) -> str:
        """The hash of all bytes so far."""
        return self._digest.hexdigest()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        view = memoryview(data).cast("B")
        self._check_limits(len(view))
        rest = view
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._digest.update(view)
        self.size += len(view)
        return len(view)

    def _check_limits(self, more: int) -> None:
        if self.size + more > self._most_bytes:
            raise LandingError(
                errno.EFBIG,
                f"the document is larger than the limit of {self._most_bytes:,} bytes; nothing was kept. "
                "Ask its owner to split it, or raise the limit",
            )
        if self.size + more < self._next_check:
            return
        self._next_check = self.size + more + _CHECK_EVERY_BYTES
        free = os.statvfs(self._folder)
        free_bytes = free.f_bavail * free.f_frsize
        if free_bytes - more < self._least_free_bytes:
            raise LandingError(
                errno.ENOSPC,
                f"expected at least {self._least_free_bytes:,} free bytes below {self._folder}, found {free_bytes:,}; "
                "nothing was kept. Free some space and run the load again",
            )


@contextmanager
def _temporary(folder: Path) -> Iterator[tuple[int, Path]]:
    descriptor, name = tempfile.mkstemp(dir=folder)
    try:
        yield descriptor, Path(name)
    finally:
        os.close(descriptor)
        Path(name).unlink(missing_ok=True)


@contextmanager
def _clear_disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, LandingError) or error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise LandingError(error.errno, f"the disk below {folder} is full; free some space and run the load again") from error


def _is_whole(path: Path, size: int) -> bool:
    """Whether the file is there with all its bytes; a damaged one is written anew."""
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _sync_folders(first: Path, last: Path) -> None:
    """Make the new name durable, and the names of the folders above it."""
    folder = first
    while True:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if folder == last:
            return
        folder = folder.parent
