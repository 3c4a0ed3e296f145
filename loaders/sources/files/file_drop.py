"""Files that offices drop into a folder: local, SFTP or S3, by fsspec.

A name is matched against the contract's pattern and never used as a path of this machine.
"""

from __future__ import annotations

import datetime as dt
import io
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO, TypeVar, cast

from loaders.contract import FileDrop, Report
from loaders.model import KnownVersion, Pull, RemoteDocument, Selection, WaitingFile
from loaders.sources.connections import folder_of, open_files
from loaders.sources.errors import DocumentError, SourceError, StillChanging, printable
from loaders.sources.files.completeness import HashingWriter, completeness
from loaders.sources.files.name_pattern import FileNamePattern, finished_name, is_ignored_file, place_of
from loaders.sources.files.settling import SHORT_SECONDS, unsettled, waiting_states
from loaders.sources.remote_files import RemoteFile, RemoteFiles
from loaders.sources.retry import TransientError, with_retries

Result = TypeVar("Result")


class FileDropSource:
    """The files of one report below one folder of a connection."""

    def __init__(self, report: Report, source: FileDrop, url: str, timeout: float, waiting: Collection[WaitingFile] = ()) -> None:
        self._report = report
        self._source = source
        self._url = url
        self._timeout = timeout
        root = folder_of(source.connection, url)
        self._folder = str(PurePosixPath(root) / source.folder) if source.folder else root
        self._names = FileNamePattern(report, source)
        self._remote: RemoteFiles | None = None
        self._found: dict[str, RemoteFile] = {}
        self._waiting = {file.uri: file for file in waiting}
        self._complete = completeness(source.complete_when)

    def pull(
        self,
        cursor: str | None,
        known_versions: Collection[KnownVersion],
        only: Selection | None,
        *,
        is_full: bool = False,  # noqa: ARG002 - each listing is whole
    ) -> Pull:
        """Returns every matching file whose name, size and time the ledger does not know yet.

        The known versions are the watermark; the cursor is only the latest time seen, for people to read.
        """
        known = frozenset(known_versions) if only is None else frozenset()
        unmatched: list[str] = []
        remote_documents: dict[str, RemoteDocument] = {}
        listed = self._list()
        for file in listed:
            remote_document = self._remote_document(file, unmatched)
            if (
                remote_document is None
                or KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at) in known
            ):
                continue
            if only is None or only.includes(remote_document.uri, remote_document.unit, remote_document.period):
                self._found[remote_document.uri] = file
                remote_documents[remote_document.uri] = remote_document
        waiting = self._incomplete(remote_documents, listed)
        taken = tuple(remote_document for uri, remote_document in remote_documents.items() if uri not in waiting)
        times = [remote_document.modified_at.isoformat() for remote_document in taken]
        return Pull(
            max([*times, *filter(None, [cursor])], default=None),
            taken,
            tuple(sorted(waiting)),
            tuple(unmatched),
            tuple(waiting.values()),
            place=self._uri(""),
            present=None if only is not None else self._present(listed, {state.uri for state in known}),
        )

    def fetch(self, remote_document: RemoteDocument, target: BinaryIO) -> None:
        """Copies the file's bytes.

        Raises:
            StillChanging: its size or time is not what the listing said, before or after the copy, or it is gone.
            DocumentError: this file may not be read, or its bytes are not those that its manifest lists.
            SourceError: the line breaks again and again.
        """
        file = self._found[remote_document.uri]
        start = target.tell()

        def copy(remote: RemoteFiles) -> bool:
            target.seek(start)
            target.truncate()
            checked = HashingWriter(target)
            remote.copy(file, cast(BinaryIO, checked))
            received = target.tell() - start
            if remote.stat(file.path) != file:
                return False
            if received != file.size:
                raise self._wrong_size(file, received)
            if self._complete is not None:
                self._complete.verify_checksum(self._source.connection, self._below(file), checked.sha256)
            return True

        try:
            is_whole = self._with_reconnect(copy)
        except FileNotFoundError:
            is_whole = False
        if not is_whole:
            raise StillChanging(self._source.connection, remote_document.uri)

    def close(self) -> None:
        """Closes the session, so that the server does not keep it."""
        if self._remote is not None:
            self._remote.close()
            self._remote = None

    def _wrong_size(self, file: RemoteFile, received: int) -> DocumentError:
        """Builds the error of a file that did not change and came in another size, as from a server in ASCII mode."""
        found = f"{received}" if received <= file.size else "more"
        return DocumentError(
            self._source.connection,
            f"{file.path}: its server lists {file.size} bytes and sent {found}, though it did not change",
            next_step="the server must list and send files in binary mode; the next run tries again",
        )

    def _list(self) -> list[RemoteFile]:
        try:
            return sorted(self._with_reconnect(lambda remote: remote.list(self._folder)), key=lambda file: file.path)
        except FileNotFoundError:
            raise SourceError(
                self._source.connection,
                f'there is no folder "{self._folder}"',
                next_step=f"make it, or correct source.folder in the contract of {self._report.report}",
            ) from None

    def _remote_document(self, file: RemoteFile, unmatched: list[str]) -> RemoteDocument | None:
        """Returns the file as a document. None for any other file, which is recorded unless it is only incomplete."""
        below = self._below(file)
        if is_ignored_file(below) or (self._complete is not None and self._complete.is_companion(below)):
            return None
        stated = self._names.read(below) if file.is_plain else None
        if stated is None:
            unmatched.append(printable(self._uri(below)))
            return None
        unit, period = stated
        return RemoteDocument(self._report.report, self._uri(below), file.modified_at, file.size, unit, period)

    def _incomplete(self, remote_documents: Mapping[str, RemoteDocument], listed: Sequence[RemoteFile]) -> dict[str, WaitingFile]:
        """Returns the new files that are not known to be complete yet, by their path."""
        files = {uri: self._found[uri] for uri in remote_documents}
        if self._complete is None:
            return unsettled(files, self._waiting, self._source.settle_seconds, self._list_again)
        below = {self._below(file): file for file in listed}
        paths = {self._below(file): uri for uri, file in files.items()}
        incomplete = self._complete.incomplete(below, paths.keys(), self._read_small)
        return waiting_states({paths[path]: below[path] for path in incomplete}, self._waiting, dt.datetime.now(dt.UTC))

    def _list_again(self) -> dict[str, RemoteFile]:
        return {self._uri(self._below(file)): file for file in self._list()}

    def _read_small(self, file: RemoteFile) -> bytes:
        def copy(remote: RemoteFiles) -> bytes:
            target = io.BytesIO()
            remote.copy(file, target)
            return target.getvalue()

        return self._with_reconnect(copy)

    def _present(self, listed: Collection[RemoteFile], known: Collection[str]) -> frozenset[str]:
        """Returns the locations of the files. A known one that is missing is looked up again: it may be about to be renamed."""
        found = self._places(listed)
        here = {uri for uri in known if uri.startswith(self._uri(""))}
        if not here <= found:
            time.sleep(min(self._source.settle_seconds, SHORT_SECONDS))
            found |= self._places(self._list())
        return frozenset(found)

    def _places(self, listed: Collection[RemoteFile]) -> set[str]:
        """Returns the locations of files; one that is being uploaded (`a.csv.part`) counts as present."""
        names = {self._below(file) for file in listed}
        return {printable(self._uri(name)) for name in names | set(map(finished_name, names))}

    def _below(self, file: RemoteFile) -> str:
        base = self._folder.strip("/") + "/" if self._folder.strip("/") else ""
        return file.path.lstrip("/").removeprefix(base)

    def _uri(self, below: str) -> str:
        return f"{place_of(self._source)}{below}"

    def _with_reconnect(self, work: Callable[[RemoteFiles], Result]) -> Result:
        def attempt() -> Result:
            if self._remote is None:
                self._remote = open_files(self._source.connection, self._url, self._timeout)
            try:
                return work(self._remote)
            except TransientError:
                # A broken connection is not reused; the next attempt opens a new one.
                self.close()
                raise

        try:
            return with_retries(attempt)
        except TransientError as failure:
            raise SourceError(
                self._source.connection,
                f"the line broke again and again ({failure})",
                next_step="check that the server runs and the network lets us through; the next run tries again",
            ) from failure
