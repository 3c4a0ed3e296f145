"""Opens a landing by its address: one interface, a folder or a bucket behind it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol

from loaders.landing import landed_files
from loaders.landing.bucket_store import BucketStore, object_name
from loaders.landing.folder_store import FolderStore
from loaders.landing.landed_files import MAX_BYTES, MIN_FREE_BYTES, FileState, LandingBatch
from loaders.model import LandedFile
from loaders.setting_values.landing_address import BucketAddress, LandingAddress


class LandingStore(Protocol):
    """Holds landed bytes under their SHA-256 and small files (records) beside them, by names relative to the landing.

    What was written is whole or absent, whenever a process is killed or the power fails.
    """

    def batch(self, *, max_bytes: int, min_free_bytes: int) -> LandingBatch:
        """Returns a batch of files that land together."""

    def states(self, hashes: Iterable[str]) -> Iterator[tuple[str, FileState]]:
        """Reads landed bytes again where they are kept; yields hashes with their states, in their order."""

    def readable_states(self, hashes: Iterable[str]) -> Iterator[tuple[str, FileState]]:
        """Brings landed bytes to where this machine reads them; yields hashes with their states, in their order."""

    def fetch(self, sha256: str) -> Path:
        """Returns where this machine can read landed bytes. Raises an `OSError` when that cannot be."""

    def sizes(self) -> dict[str, int]:
        """Returns the sizes in bytes of all that is kept, by name."""

    def unfinished(self) -> list[str]:
        """Returns what is being written, or was left by a process that died."""

    def reading(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Opens a file for reading."""

    def read_all(self, names: Collection[str]) -> Iterator[tuple[str, bytes | OSError]]:
        """Reads small files; yields names with their bytes, in their order."""

    def write_all(self, contents: Mapping[str, bytes], *, overwrite: bool) -> None:
        """Writes small files durably; one that exists stays as it is unless `overwrite` is set."""

    def delete(self, names: Collection[str]) -> None:
        """Deletes files, in this order."""


def open_store(address: LandingAddress) -> LandingStore:
    """Opens a landing.

    Raises:
        LandingError: its bucket cannot be used.
    """
    return _open_bucket(address, os.getpid()) if isinstance(address, BucketAddress) else FolderStore(address)


@lru_cache(maxsize=8)
def _open_bucket(address: BucketAddress, process: int) -> BucketStore:  # noqa: ARG001
    """Connections to a bucket are kept, but not across a fork."""
    return BucketStore(address)


def open_batch(address: LandingAddress, *, max_bytes: int = MAX_BYTES, min_free_bytes: int = MIN_FREE_BYTES) -> LandingBatch:
    """Opens a batch of files that land together; raises what `open_store` raises."""
    return open_store(address).batch(max_bytes=max_bytes, min_free_bytes=min_free_bytes)


def land(
    address: LandingAddress,
    write: Callable[[BinaryIO], object],
    *,
    allowed_hashes: Collection[str] = (),
    max_bytes: int = MAX_BYTES,
    min_free_bytes: int = MIN_FREE_BYTES,
) -> LandedFile:
    """Lands one file durably. Raises what `LandingBatch.add` raises."""
    with open_batch(address, max_bytes=max_bytes, min_free_bytes=min_free_bytes) as batch:
        landed = batch.add(write, allowed_hashes=allowed_hashes)
        batch.flush()
    return landed


def state_of(address: LandingAddress, sha256: str) -> FileState:
    """Reads landed bytes again where they are kept, and returns whether they are what their name says."""
    ((_, state),) = open_store(address).states([sha256])
    return state


def readable_states(address: LandingAddress, hashes: Iterable[str]) -> dict[str, FileState]:
    """Brings landed bytes to where this machine reads them (`landed_path`), and returns their states."""
    return dict(open_store(address).readable_states(dict.fromkeys(hashes)))


def fetch_landed(address: LandingAddress, sha256: str) -> Path:
    """Returns where this machine can read landed bytes. Raises an `OSError` when that cannot be."""
    return open_store(address).fetch(sha256)


def landed_path(address: LandingAddress, sha256: str) -> Path:
    """Returns where this machine reads the bytes with this SHA-256 once they were fetched. The file may not exist.

    Raises:
        ValueError: `sha256` is not one.
    """
    return landed_files.landed_path(address.cache if isinstance(address, BucketAddress) else address, sha256)


def landed_place(address: LandingAddress, sha256: str) -> str:
    """Returns where the bytes with this SHA-256 are kept, for people: a path, or the address of an object."""
    return f"{address}/{object_name(sha256)}"
