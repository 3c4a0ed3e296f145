"""Row spool: an Arrow stream in an unnamed temporary file that carries rows out of the worker process.

A document of any size needs little memory, and the file disappears with its last descriptor.
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
    """Spool for the rows of one document: written batch by batch, read back as one memory-mapped table."""

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
        """Discards all rows."""
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None
        self.length = 0

    def write(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Appends rows with the report's schema."""
        if rows.num_rows == 0:
            return
        if self._writer is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by clear()
            self._writer = pa.ipc.new_stream(self._file, self.schema)
        self._writer.write(rows)
        self.length += rows.num_rows

    def finish(self) -> int | None:
        """Closes the stream.

        Returns:
            The descriptor of the file, which the spool owns; None if there is no row.
        """
        if self._writer is None:
            return None
        self._writer.close()
        descriptor: int = self._file.fileno()
        return descriptor

    def table(self) -> pa.Table:
        """Returns all rows."""
        return table_in(map_file(self.finish()), self.schema)


def map_file(descriptor: int | None) -> mmap.mmap | None:
    """Maps the file of a finished spool into memory; None if it has no row."""
    if descriptor is None or not os.fstat(descriptor).st_size:
        return None
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)


def table_in(mapped: mmap.mmap | None, schema: pa.Schema) -> pa.Table:
    """Reads the table of a finished spool. The table uses the mapped memory and keeps it alive."""
    return schema.empty_table() if mapped is None else pa.ipc.open_stream(pa.py_buffer(mapped)).read_all()
