"""Values of a driver as text, without loss: numbers with all their digits, dates and times in ISO 8601."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

# The pipeline takes times without an offset as China's.
_UNDERSTOOD_ZONE = "Asia/Shanghai"


def exact_text(value: Any, zone: ZoneInfo) -> Any:
    """Returns a value as JSON can hold it: integers, booleans and null as they are, all others as text.

    Raises:
        TypeError: it is binary.
    """
    match value:
        # An array or a JSON value of PostgreSQL stays one.
        case None | bool() | int() | str() | dict() | list():
            return value
        case Decimal():
            return format(value, "f")
        case dt.datetime():
            return localized(value.isoformat(), zone) if value.tzinfo is None else value.isoformat()
        case dt.date() | dt.time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            raise TypeError("binary")
    return _lob_text(value) if hasattr(value, "read") else str(value)


def localized(text: str, zone: ZoneInfo) -> str:
    """Returns a time without an offset (`2023-06-03T10:00:00`) with that of its zone; in China's, as it is.

    A text that is no time of Python's calendar (`infinity`, `0000-00-00T00:00:00`) stays as it is.
    """
    if zone.key == _UNDERSTOOD_ZONE:
        return text
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=zone).isoformat()
    except ValueError:
        return text


def bits(value: bytes | None) -> int | None:
    """Returns the number that a BIT column holds: `b"\\x01"` is 1."""
    return None if value is None else int.from_bytes(value, "big")


def offset_text(zone: ZoneInfo) -> str:
    """Returns a zone as a session takes it: `+08:00`; by its name when its offset changes with the season.

    Few servers have the names of zones loaded.
    """
    year = dt.datetime.now(zone).year
    offsets = {dt.datetime(year, month, 1, tzinfo=zone).strftime("%z") for month in (1, 7)}
    if len(offsets) > 1:
        return zone.key
    offset = offsets.pop()
    return f"{offset[:3]}:{offset[3:5]}"


def _lob_text(value: Any) -> str | None:
    """Returns the text of a large object that the driver gives as a handle.

    Raises:
        TypeError: it is binary.
    """
    content = value.read()
    if isinstance(content, bytes):
        raise TypeError("binary")
    return None if content is None else str(content)
