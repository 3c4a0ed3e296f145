"""Landed files: bytes as they came, stored once under their SHA-256, read-only.

It takes a folder and a function that writes bytes. The remote name is never part of a path, so that no name can lead outside the
folder. Two processes that land the same bytes end with one file.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from enum import StrEnum
from io import RawIOBase, UnsupportedOperation
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from loaders.model import LandedFile

MAX_BYTES = 4 * 1024**3
MIN_FREE_BYTES = 256 * 1024**2
_CHECK_EVERY_BYTES = 32 * 1024**2
_READ_ONLY = 0o440
FOLDER_MODE = 0o750
_ABANDONED_SECONDS = 24 * 3600
_SHA256 = re.compile(r"[0-9a-f]{64}")


class LandingError(OSError):
    """Bytes that could not be stored; the message says what is short and what to do. No file is left behind."""


class DocumentTooLarge(LandingError):
    """A document above the size limit; others can be stored."""


class ContentMismatch(LandingError):
    """Bytes other than those that were asked for; they were not stored."""


class FileState(StrEnum):
    """The state of a landed file."""

    INTACT = "whole"
    MISSING = "missing"
    ALTERED = "altered"


def landed_path(folder: Path, sha256: str) -> Path:
    """Returns the path of the bytes with this SHA-256 (64 lower-case hex digits): `folder/ab/cd/abcd…`. The file may not exist.

    Raises:
        ValueError: `sha256` is not one.
    """
    if _SHA256.fullmatch(sha256) is None:
        raise ValueError(f'expected 64 lower-case hex digits, found "{sha256[:80]}"')
    return folder / sha256[:2] / sha256[2:4] / sha256


def state_of(folder: Path, sha256: str) -> FileState:
    """Reads a landed file again and returns whether it exists and holds the bytes that its name says."""
    try:
        with landed_path(folder, sha256).open("rb") as file:
            is_intact = hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return FileState.MISSING
    except OSError:
        return FileState.ALTERED
    return FileState.INTACT if is_intact else FileState.ALTERED


class LandingBatch:
    """Files that land together: each is written as it comes, and `flush` makes all of them durable before it returns.

    The bytes are written into temporary files, flushed to the disk, made read-only and only then renamed, so that a landed file
    is whole or absent whenever the power fails. What was not flushed when the batch is left is removed.
    """

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES, min_free_bytes: int = MIN_FREE_BYTES) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._limits = max_bytes, min_free_bytes
        self._temporary = ExitStack()
        self._written: list[tuple[int, Path, Path]] = []

    def __enter__(self) -> Self:
        self._incoming.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        _delete_abandoned(self._incoming)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._temporary.close()

    def add(self, write: Callable[[BinaryIO], object], *, allowed_hashes: Collection[str] = ()) -> LandedFile:
        """Stores the bytes that `write` writes; with `allowed_hashes`, only if their SHA-256 is one of these.

        `write` may rewind and truncate, as it does for a retry.

        Raises:
            ContentMismatch: the bytes are none of those in `allowed_hashes`.
            DocumentTooLarge: the document is larger than `max_bytes`.
            LandingError: the disk would keep less than `min_free_bytes`.
        """
        with ExitStack() as file:
            descriptor, temporary = file.enter_context(temporary_file(self._incoming))
            target = _HashingFile(descriptor, self._incoming, *self._limits)
            with explain_disk_errors(self._folder):
                write(cast(BinaryIO, target))
            if allowed_hashes and target.sha256 not in allowed_hashes:
                raise ContentMismatch(errno.ENOENT, "the source holds other bytes by now")
            if self._keep(descriptor, temporary, target.sha256):
                self._temporary.push(file.pop_all())
        return LandedFile(sha256=target.sha256, path=landed_path(self._folder, target.sha256), size=target.size)

    def _keep(self, descriptor: int, temporary: Path, sha256: str) -> bool:
        """Notes a file for `flush`; returns False where its bytes are landed already."""
        if state_of(self._folder, sha256) is FileState.INTACT:
            return False
        self._written.append((descriptor, temporary, landed_path(self._folder, sha256)))
        return True

    def flush(self) -> None:
        """Makes all files that were added durable: first their bytes, then their names, then the folders above them."""
        with explain_disk_errors(self._folder):
            for descriptor, _, _ in self._written:
                os.fchmod(descriptor, _READ_ONLY)
                os.fsync(descriptor)
            changed: dict[Path, None] = {}
            for _, temporary, path in self._written:
                changed |= dict.fromkeys(put_in_place(temporary, path))
            for folder in changed:
                sync_folder(folder)
        self._written.clear()
        self._temporary.close()


class _HashingFile(RawIOBase):
    """A write-only file that hashes, counts and limits the bytes. It can only be rewound to its start."""

    def __init__(self, descriptor: int, folder: Path, max_bytes: int, min_free_bytes: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._folder = folder
        self._most_bytes = max_bytes
        self._least_free_bytes = min_free_bytes
        self._start_over()

    @property
    def sha256(self) -> str:
        """Returns the hash of all bytes so far."""
        return self._digest.hexdigest()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        if whence != os.SEEK_SET or offset not in {0, self.size}:
            raise UnsupportedOperation(f"expected a seek to the start, found seek({offset}, {whence})")
        if offset < self.size:
            self._start_over()
        return offset

    def truncate(self, size: int | None = None, /) -> int:
        if size not in {None, self.size}:
            raise UnsupportedOperation(f"expected a truncation to where the file is, found truncate({size})")
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

    def _start_over(self) -> None:
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.ftruncate(self._descriptor, 0)
        self._digest = hashlib.sha256()
        self._next_check = 0
        self.size = 0

    def _check_limits(self, more: int) -> None:
        if self.size + more > self._most_bytes:
            raise DocumentTooLarge(
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
def temporary_file(folder: Path) -> Iterator[tuple[int, Path]]:
    """Makes a temporary file, open for writing, and deletes it at the end unless it was moved."""
    descriptor, name = tempfile.mkstemp(dir=folder)
    try:
        yield descriptor, Path(name)
    finally:
        os.close(descriptor)
        Path(name).unlink(missing_ok=True)


@contextmanager
def explain_disk_errors(folder: Path) -> Iterator[None]:
    """Raises a `LandingError` for a full disk that says which disk, and what to do."""
    try:
        yield
    except OSError as error:
        if isinstance(error, LandingError) or error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise LandingError(error.errno, f"the disk below {folder} is full; free some space and run the load again") from error


def _delete_abandoned(incoming: Path) -> None:
    """Deletes the temporary files of processes that were killed long ago."""
    for path in incoming.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()


def sync_folder(folder: Path) -> None:
    """Flushes the entries of a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_in_place(temporary: Path, path: Path) -> list[Path]:
    """Renames a file. Returns the folders that must be flushed: its own, and those above it that are new."""
    missing = [folder for folder in (path.parent, path.parent.parent) if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    temporary.replace(path)
    return [path.parent, *(folder.parent for folder in missing)]
