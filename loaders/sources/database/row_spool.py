"""Spools the rows that a pull read in one snapshot, until each document is fetched."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, cast

from loaders.sources.errors import DocumentError

_IN_MEMORY_BYTES = 8 * 1024**2
_CHUNK = 1 << 20


class RowSpool:
    """JSON lines of several documents, one after another in one file, or the error that prevented reading them."""

    def __init__(self) -> None:
        self._file = cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES))  # noqa: SIM115 - closed by `close`
        self._places: dict[str, tuple[int, int] | DocumentError] = {}

    def clear(self) -> None:
        """Deletes all rows."""
        self._places.clear()
        self._file.seek(0)
        self._file.truncate()

    def write(self, uri: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Appends the rows of a document, or the `DocumentError` that ended reading them."""
        start = self._file.seek(0, 2)
        try:
            for row in rows:
                self._file.write(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n")
        except DocumentError as error:
            self._places[uri] = error
        else:
            self._places[uri] = (start, self._file.tell())

    @property
    def has_errors(self) -> bool:
        """Whether the rows of a document could not be had."""
        return any(isinstance(place, DocumentError) for place in self._places.values())

    def copy(self, uri: str, target: BinaryIO) -> None:
        """Writes the rows of a document.

        Raises:
            DocumentError: they could not be had.
        """
        place = self._places[uri]
        if isinstance(place, DocumentError):
            raise place
        start, end = place
        self._file.seek(start)
        while rest := end - self._file.tell():
            target.write(self._file.read(min(rest, _CHUNK)))

    def close(self) -> None:
        """Deletes all rows and closes the file."""
        self._file.close()
