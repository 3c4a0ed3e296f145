"""Cross reader: compares every cell with what calamine reads from the same bytes, and flags differences as `readers_disagree`.

Calamine shares no code with our readers. It returns error cells as blanks, so a blank does not contradict an error. It expands a
sheet in full, so nearly empty sheets of a large extent are not compared.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

import python_calamine

from loaders.characters.cleaning import clean_text
from loaders.reading.model.datetimes import iso_duration_days
from loaders.reading.model.sheets import Book, Cell, CellKind, Sheet, address

MAX_CELLS = 1_000_000
MAX_NOTES = 40
MAX_BYTES = 64 * 1024 * 1024
_NOT_COMPARED = {"date_out_of_range", "not_a_number", "formula_without_value", "duplicate_cell"}
_TEMPORAL_KINDS = {CellKind.DATE, CellKind.DATETIME, CellKind.TIME}
# `uniqueCount="120"`
_COUNT = re.compile(rb"""uniqueCount\s*=\s*["'](\d{1,30})""")
_DAY = dt.timedelta(days=1)
_EPOCH_1900 = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no time zone
_EPOCH_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001
_TOLERANCE_DAYS = 0.002 / 86_400


def compare(book: Book, file: BinaryIO) -> None:
    """Flags the cells of `book` that calamine reads differently in `file`.

    What cannot be compared is noted in the book's notes.
    """
    try:
        if _is_too_much(file):
            book.notes.append("not compared with a second reader: too large to be read twice")
            return
        file.seek(0)
        _compare_sheets(book, python_calamine.CalamineWorkbook.from_filelike(file))
    except MemoryError:
        raise
    except BaseException as error:
        # A Rust panic in calamine is not an `Exception`. It must not be reported as corruption of the document.
        if not (isinstance(error, Exception) or type(error).__name__ == "PanicException"):
            raise
        book.notes.append(f"not compared with a second reader, which failed: {type(error).__name__}: {error}")


def _is_too_much(file: BinaryIO) -> bool:
    """Checks whether calamine would need too much memory, because a failed allocation there ends the process."""
    if not zipfile.is_zipfile(file):
        return file.seek(0, io.SEEK_END) > MAX_BYTES
    with zipfile.ZipFile(file) as package:
        members = package.infolist()
        strings = [member for member in members if member.filename.lower().endswith("sharedstrings.xml")]
        return sum(member.file_size for member in members) > MAX_BYTES or any(_overstates(package, member) for member in strings)


def _overstates(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Checks whether a part declares more strings than its size allows. Calamine allocates by the declared number."""
    with package.open(member) as part:
        counts = _COUNT.findall(part.read(1024))
    return any(int(count) > member.file_size for count in counts)


def _compare_sheets(book: Book, other: Any) -> None:
    places = {name: index for index, name in reversed(list(enumerate(other.sheet_names)))}
    for sheet in book.sheets:
        if sheet.name not in places:
            book.notes.append(f'sheet "{sheet.name}" was not compared: the second reader does not see it')
        elif sheet.last_row * sheet.last_column > MAX_CELLS:
            book.notes.append(f'sheet "{sheet.name}" was not compared: it reaches down to row {sheet.last_row}')
        else:
            _Comparison(book, sheet).run(other.get_sheet_by_index(places[sheet.name]))


class _Comparison:
    """Comparison of one sheet with the same sheet as calamine reads it."""

    def __init__(self, book: Book, sheet: Sheet) -> None:
        self._notes = book.notes
        self._sheet = sheet

    def run(self, other: Any) -> None:
        left = other.start[1] + 1 if other.start else 1
        seen = 0
        for number, values in enumerate(other.iter_rows(), start=1):
            seen = number
            ours = self._sheet.rows.get(number)
            if ours is not None:
                self._compare_row(number, ours, values, left)
            elif any(value != "" for value in values):
                self._compare_row(number, {}, values, left)
        for number in [row for row in self._sheet.rows if row > seen]:
            self._compare_row(number, self._sheet.rows[number], [], 1)

    def _compare_row(self, number: int, ours: Mapping[int, Cell], values: list[Any], left: int) -> None:
        differing: list[tuple[int, Any]] = []
        seen = 0
        for column, value in enumerate(values, start=left):
            cell = ours.get(column)
            if cell is None:
                if value != "" and not _agree(None, value):
                    differing.append((column, value))
                continue
            seen += 1
            if cell.text != value and not _agree(cell, value):
                differing.append((column, value))
        if seen < len(ours):
            beyond = left + len(values)
            outside = ((column, cell) for column, cell in ours.items() if not left <= column < beyond)
            differing.extend((column, "") for column, cell in outside if not _agree(cell, ""))
        for column, value in differing:
            self._flag(number, column, ours.get(column), value)

    def _flag(self, row: int, column: int, cell: Cell | None, value: Any) -> None:
        """Flags a cell. Where only calamine reads a value, sets a blank cell that keeps that value."""
        if len(self._notes) < MAX_NOTES:
            ours = cell.text if cell else ""
            self._notes.append(
                f'sheet "{self._sheet.name}" {address(row, column)}: read as "{ours}", by the second reader as "{value}"'
            )
        if cell is None:
            self._sheet.put(row, column, Cell("", CellKind.TEXT, ("readers_disagree",), str(value)))
        else:
            self._sheet.put(row, column, replace(cell, flags=(*cell.flags, "readers_disagree")))


def _agree(cell: Cell | None, value: Any) -> bool:
    """Compares a cell with calamine's value. Types that calamine cannot distinguish count as equal."""
    if cell is None:
        return isinstance(value, str) and not clean_text(value)
    text = cell.text
    if isinstance(value, str):
        return value == text or (cell.kind is CellKind.ERROR and not value) or _same_text(cell, value)
    if cell.flags and not _NOT_COMPARED.isdisjoint(cell.flags):
        return True
    if isinstance(value, bool):
        return cell.kind is CellKind.BOOL and text == str(value).upper()
    if isinstance(value, int | float):
        if cell.kind in _TEMPORAL_KINDS and cell.number_format is not None and cell.number_format.is_mixed:
            # Calamine knows one kind per format, whatever section of the format applies to the number.
            return any(abs(serial - value) < _TOLERANCE_DAYS for serial in _serials(_timestamp_of(cell)))
        return cell.kind is CellKind.NUMBER and (float(text) == value or math.isclose(float(text), value, rel_tol=1e-15))
    return cell.kind in _TEMPORAL_KINDS and _same_timestamp(cell, value)


def _same_text(cell: Cell, value: str) -> bool:
    if cell.kind is CellKind.TIME:
        days = iso_duration_days(value)
        return days is not None and abs(_serials(_timestamp_of(cell))[0] - days) < _TOLERANCE_DAYS
    # Calamine reads no fonts. Where font marks changed the text of a cell, calamine reads the stored text.
    return _plain(value) == _plain(cell.text) or (cell.original is not None and _plain(value) == _plain(cell.original))


def _plain(text: str) -> str:
    """Returns the text with uniform line ends and without invisible characters."""
    return clean_text(text.replace("\r\n", "\n").replace("\r", "\n"))


def _same_timestamp(cell: Cell, value: dt.date | dt.time | dt.timedelta) -> bool:
    """Compares two values by serial number, because 1.25 may be a duration for one reader and a date for the other."""
    pairs = zip(_serials(_timestamp_of(cell)), _serials(value), strict=True)
    return any(abs(ours - theirs) < _TOLERANCE_DAYS for ours, theirs in pairs)


def _timestamp_of(cell: Cell) -> dt.date | dt.timedelta:
    if cell.kind is not CellKind.TIME:
        return dt.datetime.fromisoformat(cell.text)
    hours, minutes, seconds = cell.text.lstrip("-").split(":")
    length = dt.timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
    return -length if cell.text.startswith("-") else length


def _serials(timestamp: dt.date | dt.time | dt.timedelta) -> tuple[float, float]:
    """Returns a date, time or duration as serial numbers of the 1900 and of the 1904 calendar."""
    if isinstance(timestamp, dt.time):
        timestamp = dt.timedelta(
            hours=timestamp.hour, minutes=timestamp.minute, seconds=timestamp.second, microseconds=timestamp.microsecond
        )
    if isinstance(timestamp, dt.timedelta):
        return timestamp / _DAY, timestamp / _DAY
    if not isinstance(timestamp, dt.datetime):
        timestamp = dt.datetime.combine(timestamp, dt.time())
    since_1900 = (timestamp - _EPOCH_1900) / _DAY
    return since_1900 if since_1900 >= 61 else since_1900 - 1, (timestamp - _EPOCH_1904) / _DAY
