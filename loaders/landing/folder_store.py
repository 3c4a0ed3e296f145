"""A landing in a folder: what is written is on the disk, with its name, before a call returns."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from loaders.landing.landed_files import (
    FOLDER_MODE,
    FileState,
    LandingBatch,
    explain_disk_errors,
    landed_path,
    state_of,
    sync_folder,
    temporary_file,
)

INCOMING = "incoming"
_MODE = 0o640


class FolderStore:
    """The files below a folder, by names that are relative to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def batch(self, *, max_bytes: int, min_free_bytes: int) -> LandingBatch:
        """Returns a batch of files that land together."""
        return LandingBatch(self._folder, max_bytes=max_bytes, min_free_bytes=min_free_bytes)

    def states(self, hashes: Iterable[str]) -> Iterator[tuple[str, FileState]]:
        """Reads landed files again."""
        return ((sha256, state_of(self._folder, sha256)) for sha256 in hashes)

    def readable_states(self, hashes: Iterable[str]) -> Iterator[tuple[str, FileState]]:
        """Reads landed files again: this machine reads them where they are."""
        return self.states(hashes)

    def fetch(self, sha256: str) -> Path:
        """Returns where landed bytes are."""
        return landed_path(self._folder, sha256)

    def sizes(self) -> dict[str, int]:
        """Returns the sizes of all files but those that are being written."""
        found = (path for path in self._folder.rglob("*") if path.is_file())
        names = {path.relative_to(self._folder).as_posix(): path for path in found}
        return {name: path.stat().st_size for name, path in names.items() if not name.startswith(f"{INCOMING}/")}

    def unfinished(self) -> list[str]:
        """Returns the files that are being written, or were left by a process that died."""
        return sorted(path.relative_to(self._folder).as_posix() for path in (self._folder / INCOMING).glob("*"))

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        """Opens a file."""
        with (self._folder / name).open("rb") as file:
            yield file

    def read_all(self, names: Collection[str]) -> Iterator[tuple[str, bytes | OSError]]:
        """Reads small files, in the order of their names here."""
        for name in names:
            try:
                content: bytes | OSError = (self._folder / name).read_bytes()
            except OSError as error:
                content = error
            yield name, content

    def write_all(self, contents: Mapping[str, bytes], *, overwrite: bool) -> None:
        """Writes small files durably, and flushes their folders once."""
        changed: dict[Path, None] = {}
        with explain_disk_errors(self._folder):
            for name, content in contents.items():
                path = self._folder / name
                if not path.parent.exists():
                    path.parent.mkdir(parents=True, mode=FOLDER_MODE, exist_ok=True)
                    changed |= dict.fromkeys((path.parent.parent, path.parent.parent.parent))
                if overwrite or not path.exists():
                    self._write(path, content)
                    changed[path.parent] = None
            for folder in changed:
                sync_folder(folder)

    def delete(self, names: Collection[str]) -> None:
        """Deletes files, in this order."""
        paths = [self._folder / name for name in names]
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            if folder.exists():
                sync_folder(folder)

    def _write(self, path: Path, content: bytes) -> None:
        """Flushes the bytes of a file and renames it; its folder is flushed by the caller."""
        incoming = self._folder / INCOMING
        incoming.mkdir(exist_ok=True, mode=FOLDER_MODE)
        with temporary_file(incoming) as (descriptor, temporary):
            os.write(descriptor, content)
            os.fchmod(descriptor, _MODE)
            os.fsync(descriptor)
            temporary.replace(path)
