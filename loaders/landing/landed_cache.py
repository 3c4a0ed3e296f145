"""Copies of landed files on this machine, under their SHA-256: what a bucket holds, where programs can read it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from loaders.landing.landed_files import FileState, landed_path, put_in_place, state_of

_READ_ONLY = 0o440
_IN_USE_SECONDS = 3600
_UNUSED_SECONDS = 7 * 24 * 3600


class LandedCache:
    """A folder of copies. A copy is compared with its name each time that it is taken; one that differs counts as absent."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def find(self, sha256: str) -> Path | None:
        """Returns the copy of landed bytes, and notes that it was used; None without an intact one."""
        if state_of(self._folder, sha256) is not FileState.INTACT:
            return None
        path = landed_path(self._folder, sha256)
        with suppress(FileNotFoundError):
            os.utime(path)
        return path

    def add(self, sha256: str, file: Path) -> Path:
        """Moves a file of this folder's disk, whose bytes were verified, to its place."""
        file.chmod(_READ_ONLY)
        put_in_place(file, path := landed_path(self._folder, sha256))
        return path

    def delete(self, name: str) -> None:
        """Deletes the copy of an object, whose name in the landing a copy has here; none is fine."""
        (self._folder / name).unlink(missing_ok=True)

    def trim(self) -> None:
        """Deletes copies that were not used for a week, and the oldest while all are above the limit, but none in use."""
        now = time.time()
        copies = sorted(self._copies())
        total = sum(size for _, size, _ in copies)
        for used_at, size, path in copies:
            idle = now - used_at
            if idle > _UNUSED_SECONDS or (total > self._most_bytes and idle > _IN_USE_SECONDS):
                path.unlink(missing_ok=True)
                total -= size

    def _copies(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):
                found = path.stat()
                yield found.st_mtime, found.st_size, path
