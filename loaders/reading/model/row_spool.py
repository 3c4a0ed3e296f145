"""Rows on their way out of the reading process: an Arrow stream in an unnamed file, so that a document of any size passes
through little memory and nothing is left on the disk, whatever happens.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from loaders.contract import Report
from loaders.reading.model.row_schema import rows_schema


class RowSpool:
    """Takes the rows of one document, batch by batch, and gives them back as one table that lies in a mapped file."""

    def __init__(self, report: Report) -> None:
        self.schema = rows_schema(report)
        self.length = 0
        self._file: Any = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all rows."""
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None
        self.length = 0

    def write(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Append rows of the report's schema."""
        if rows.num_rows == 0:
            return
        if self._writer is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by clear()
            self._writer = pa.ipc.new_stream(self._file, self.schema)
        self._writer.write(rows)
        self.length += rows.num_rows

    def finish(self) -> int | None:
        """Close the stream.

        Returns:
            The descriptor of the file that holds it, which lives as long as the spool; None when there is no row.
        """
        if self._writer is None:
            return None
        self._writer.close()
        descriptor: int = self._file.fileno()
        return descriptor

    def table(self) -> pa.Table:
        """All rows."""
        return table_in(map_file(self.finish()), self.schema)


def map_file(descriptor: int | None) -> mmap.mmap | None:
    """The file of a finished spool as memory; None when it holds no row."""
    if descriptor is None or not os.fstat(descriptor).st_size:
        return None
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)


def table_in(mapped: mmap.mmap | None, schema: pa.Schema) -> pa.Table:
    """The table that a finished spool holds; its memory is the file's, and is let go with the table."""
    return schema.empty_table() if mapped is None else pa.ipc.open_stream(pa.py_buffer(mapped)).read_all()
