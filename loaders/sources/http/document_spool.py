"""One temporary file for all that a pull brings: a pull may bring thousands of documents, and a process has few open files."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from typing import BinaryIO, cast

_IN_MEMORY_BYTES = 8 * 1024**2
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class SpooledPart:
    """Where a part is in the spool, in bytes."""

    start: int
    length: int


class DocumentSpool:
    """Parts of bytes, put one after another and copied in any order."""

    def __init__(self) -> None:
        self._file = _temporary_file()

    def put(self, content: BinaryIO) -> SpooledPart:
        """Appends all bytes of a file."""
        start = self._file.seek(0, 2)
        content.seek(0)
        shutil.copyfileobj(content, self._file)
        return SpooledPart(start, self._file.tell() - start)

    def copy(self, part: SpooledPart, target: BinaryIO) -> None:
        """Writes a part into `target`."""
        self._file.seek(part.start)
        rest = part.length
        while rest:
            chunk = self._file.read(min(rest, _CHUNK))
            target.write(chunk)
            rest -= len(chunk)

    def clear(self) -> None:
        """Deletes all parts."""
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        """Deletes the file."""
        self._file.close()


def _temporary_file() -> BinaryIO:
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES))
