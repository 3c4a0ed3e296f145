"""Loads values of PostgreSQL as it writes them: exact numbers, and dates beyond Python's calendar (`infinity`).

Otherwise one such date would make its whole period unreadable, instead of one row that can be rejected.
"""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Cursor
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from loaders.sources.database.exact_values import localized

_DATETIME = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:([+-]\d{2})(:\d{2})?)?")
_EXACT = ("numeric", "float4", "float8", "date", "time", "timetz", "interval", "uuid")
_DATETIMES = ("timestamp", "timestamptz")


def as_text(cursor: Cursor[Any], zone: ZoneInfo) -> None:
    """Makes a cursor return numbers with a fraction, dates and times as text; timestamps in ISO 8601 with their offset.

    `zone` is that of timestamps without an offset.
    """
    for name in _EXACT:
        cursor.adapters.register_loader(name, _TextLoader)
    loader = type("_ZonedDatetimeLoader", (_IsoDatetimeLoader,), {"zone": zone})
    for name in _DATETIMES:
        cursor.adapters.register_loader(name, loader)


class _TextLoader(Loader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode()


class _IsoDatetimeLoader(Loader):
    zone: ZoneInfo

    def load(self, data: Buffer) -> str:
        text = bytes(data).decode()
        match = _DATETIME.fullmatch(text)
        if match is None:
            return text
        day, time, hours, minutes = match.groups()
        return f"{day}T{time}{hours}{minutes or ':00'}" if hours else localized(f"{day}T{time}", self.zone)
