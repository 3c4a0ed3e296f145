"""A file system behind fsspec: lists it, looks up one file, copies one. Every request has a deadline.

fsspec alone omits folders from a listing when it may not read them or the connection breaks, and reports a folder as missing when
it could not ask. Here a listing is complete, or an error says why not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from loaders.sources.deadline import abort_after
from loaders.sources.errors import DocumentError, SourceError
from loaders.sources.retry import TransientError

_CHUNK = 1 << 20
_DEEPEST = 16


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One entry of a listing; `is_plain` is False for links, pipes and the like."""

    path: str
    size: int
    modified_at: dt.datetime
    is_plain: bool = True


class RemoteFiles:
    """A connected file system.

    `refusals` and `failures` are what its library raises when the other side says no and when the line or the other side
    breaks. `abort` ends the connection at once, from any thread; without it the library has deadlines of its own, and `close`
    ends the connection. A `flat` system has keys instead of folders (S3).
    """

    def __init__(
        self,
        connection: str,
        system: Any,
        timeout: float,
        *,
        refusals: tuple[type[Exception], ...],
        failures: tuple[type[Exception], ...],
        abort: Callable[[], None] | None = None,
        close: Callable[[], None] | None = None,
        flat: bool = False,
    ) -> None:
        self._connection = connection
        self._system = system
        self._timeout = timeout
        self._refusals = refusals
        self._failures = failures
        self._abort = abort
        self._close = close or abort
        self._flat = flat

    def list(self, folder: str) -> list[RemoteFile]:
        """Lists every file below a folder; links are not followed.

        Raises:
            FileNotFoundError: there is no such folder.
            SourceError: it, or a folder below it, may not be read.
            TransientError: the line broke, or no answer came in time.
        """
        self._system.invalidate_cache()
        if self._flat:
            with self._translated_errors(folder):
                return [_remote_file(facts) for facts in self._system.find(folder, detail=True).values()]
        return list(self._walk(folder))

    def stat(self, path: str) -> RemoteFile:
        """Looks up one file; raises as `list` does."""
        self._system.invalidate_cache()
        with self._translated_errors(path):
            return _remote_file(self._system.info(path))

    def copy(self, file: RemoteFile, target: BinaryIO) -> None:
        """Copies a file's bytes, and one more than its listed size when it grew; raises as `list` does.

        Raises:
            DocumentError: this file may not be read.
        """
        try:
            with self._translated_errors(file.path):
                remote = self._system.open(file.path, "rb", cache_type="readahead")
        except SourceError as refusal:
            raise DocumentError(self._connection, f"may not read {file.path}", next_step="ask for read access") from refusal
        try:
            # Requesting no more than the file's size saves dozens of SFTP requests per small file.
            rest = file.size + 1
            while rest and (chunk := self._read(remote, file.path, wanted := min(rest, _CHUNK))):
                target.write(chunk)
                rest -= len(chunk)
                # Less than was wanted, and all that was listed: the file has not grown, which another request would say again.
                if rest == 1 and len(chunk) < wanted:
                    break
        finally:
            # Closing a file sends a request, which fails on a broken connection.
            with suppress(TransientError, SourceError, FileNotFoundError), self._translated_errors(file.path):
                remote.close()

    def close(self) -> None:
        """Closes the connection, so that the server does not keep it."""
        if self._close is not None:
            self._close()

    def _read(self, remote: BinaryIO, path: str, size: int) -> bytes:
        with self._translated_errors(path):
            return remote.read(size)

    def _walk(self, top: str) -> Iterator[RemoteFile]:
        folders = [(top, 0)]
        while folders:
            folder, depth = folders.pop()
            try:
                with self._translated_errors(folder):
                    entries = self._system.ls(folder, detail=True)
            except FileNotFoundError:
                if folder == top:
                    raise
                continue
            for facts in entries:
                if facts["type"] != "directory":
                    yield _remote_file(facts)
                elif depth < _DEEPEST:
                    folders.append((facts["name"], depth + 1))

    @contextmanager
    def _translated_errors(self, place: str) -> Iterator[None]:
        try:
            with abort_after(self._timeout, self._abort):
                yield
        except FileNotFoundError:
            raise
        except self._refusals as error:
            raise SourceError(self._connection, f"may not read {place}", next_step="ask for read access") from error
        except self._failures as error:
            raise TransientError(f"{type(error).__name__} at {place}") from error


def _remote_file(facts: dict[str, Any]) -> RemoteFile:
    moment = facts.get("mtime", 0) or 0
    if isinstance(moment, int | float):
        moment = dt.datetime.fromtimestamp(moment, dt.UTC)
    if "LastModified" in facts:
        # A listing of keys has fractions of a second, a lookup of one key has none.
        moment = facts["LastModified"].replace(microsecond=0)
    return RemoteFile(facts["name"], int(facts["size"] or 0), moment.astimezone(dt.UTC), facts["type"] == "file")
