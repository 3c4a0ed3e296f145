"""Where backups are kept: a folder, or a bucket of an object store. Names are relative and use slashes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from loaders.landing.bucket import bucket_system
from loaders.landing.landed_files import FOLDER_MODE, sync_folder

CHUNK_BYTES = 4 * 1024**2
_FILE_MODE = 0o440


class BackupError(RuntimeError):
    """A backup that cannot be made or restored; the message says what was expected, what was found, and the next step."""


class BackupPlace(Protocol):
    """Holds named bytes. What was written is whole or absent, whenever a process is killed or the power fails."""

    def sizes(self, prefix: str) -> dict[str, int]:
        """Returns the sizes in bytes of all that is below a prefix, by name."""

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Writes bytes durably in place of those that had the name."""

    def reading(self, name: str) -> Any:
        """Opens the bytes of a name for reading, as a context."""

    def delete(self, name: str) -> None:
        """Deletes the bytes of a name; none is fine."""


class FolderPlace:
    """A folder of this machine, or of a share that is mounted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def sizes(self, prefix: str) -> dict[str, int]:
        """Returns the sizes of files below a folder; what was not written whole has another place."""
        top = self._folder / prefix
        return {path.relative_to(self._folder).as_posix(): path.stat().st_size for path in top.rglob("*") if path.is_file()}

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Writes into a temporary file, flushes and renames it."""
        path, incoming = self._folder / name, self._folder / "incoming"
        for folder in (path.parent, incoming):
            folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        descriptor, temporary = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fchmod(descriptor, _FILE_MODE)
                os.fsync(descriptor)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        sync_folder(path.parent)

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        """Opens a file."""
        with (self._folder / name).open("rb") as file:
            yield file

    def delete(self, name: str) -> None:
        """Deletes a file."""
        (self._folder / name).unlink(missing_ok=True)


class BucketPlace:
    """A prefix of a bucket. An object appears when its upload ends, or not at all."""

    def __init__(self, system: Any, root: str) -> None:
        self._system, self._root = system, root.rstrip("/")

    def __str__(self) -> str:
        return f"s3://{self._root}"

    def sizes(self, prefix: str) -> dict[str, int]:
        """Returns the sizes of objects below a prefix."""
        found = self._system.find(f"{self._root}/{prefix}", detail=True)
        return {name.removeprefix(f"{self._root}/"): int(entry["size"]) for name, entry in found.items()}

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Uploads in parts; an upload that breaks off leaves no object."""
        file = self._system.open(f"{self._root}/{name}", "wb", block_size=4 * CHUNK_BYTES)
        try:
            for chunk in chunks:
                file.write(chunk)
        except BaseException:
            file.discard()
            file.closed = True
            raise
        file.close()

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        """Opens an object."""
        with self._system.open(f"{self._root}/{name}", "rb") as file:
            yield file

    def delete(self, name: str) -> None:
        """Deletes an object."""
        if self._system.exists(f"{self._root}/{name}"):
            self._system.rm_file(f"{self._root}/{name}")


def open_place(place: str, connections: Mapping[str, str], connection: str) -> BackupPlace:
    """Opens the folder or the `s3://bucket/prefix` of a name.

    The keys of a bucket, and its `endpoint_url`, are those of a connection (`s3://key:secret@…?endpoint_url=…`); without one,
    those that the machine itself has.

    Raises:
        BackupError: the name is that of neither.
    """
    parts = urlsplit(place)
    if parts.scheme in {"", "file"}:
        return FolderPlace(Path(unquote(parts.path)).absolute())
    if parts.scheme != "s3" or not parts.hostname:
        raise BackupError(f'expected a folder or s3://bucket/prefix, found "{parts.scheme}://…"')
    if parts.password:
        raise BackupError(
            "the address of a bucket must hold no secret, as it is seen in lists of processes: "
            f"set AIRFLOW_CONN_{connection.upper()}"
        )
    return BucketPlace(bucket_system(connections.get(connection, "")), f"{parts.netloc}{unquote(parts.path)}")
