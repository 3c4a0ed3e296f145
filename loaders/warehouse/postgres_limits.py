"""Limits of PostgreSQL: texts are sanitized where that changes no meaning; a value that cannot be stored refuses its document."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

MAX_MESSAGE_CHARS = 1_000
MAX_TEXT_BYTES = 16 * 1024**2
# An entry of a B-tree holds 2,704 bytes; the rest is for its head and the columns that are no text.
MAX_KEY_BYTES = 2_500
_FIRST_DAY, _LAST_DAY = dt.date(1, 1, 1), dt.date(9999, 12, 31)


class PostgresLimitExceeded(Exception):
    """A value of the document that the warehouse cannot store; the message names the column and the reason."""


def truncate_text(value: str | None) -> str | None:
    """Returns a text for the ledger: without NUL and half surrogate pairs, and short enough to read."""
    if value is None:
        return None
    text = sanitize_text(value)
    return text if len(text) <= MAX_MESSAGE_CHARS else f"{text[:MAX_MESSAGE_CHARS]}…"


def sanitize_text(value: str) -> str:
    """Replaces NUL, which PostgreSQL cannot store, and half surrogate pairs by visible characters."""
    if "\x00" in value:
        value = value.replace("\x00", "␀")
    return value.encode("utf-8", "replace").decode("utf-8") if not value.isascii() else value


def sanitize_json(record: str) -> str:
    """Returns JSON text that `jsonb` can store. Only escapes can contain NUL or half surrogate pairs."""
    if "\\u0000" not in record and "\\ud" not in record.lower():
        return record
    return json.dumps(_sanitize(json.loads(record)), ensure_ascii=False)


def check_limits(rows: pa.Table, keys: Sequence[str]) -> None:
    """Checks for values that would end the connection or the encoder instead of failing as a value.

    Raises:
        PostgresLimitExceeded: a text or a key is too long, or a day is outside the calendar.
    """
    longest = {}
    for name, kind in zip(rows.schema.names, rows.schema.types, strict=True):
        if pa.types.is_string(kind):
            longest[name] = pc.max(pc.binary_length(rows[name])).as_py() or 0
            _check_length(name, longest[name], MAX_TEXT_BYTES)
        elif pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            _check_dates(name, rows[name].cast(pa.date32()))
    in_key = [name for name in keys if name in longest]
    if sum(longest[name] for name in in_key) > MAX_KEY_BYTES:
        together = sum(pc.fill_null(pc.binary_length(rows[name]), 0).to_numpy() for name in in_key)
        _check_length("、".join(in_key), int(together.max()), MAX_KEY_BYTES)


def _check_length(name: str, found: int, limit: int) -> None:
    if found > limit:
        raise PostgresLimitExceeded(f"column {name}: expected at most {limit:,} bytes, found {found:,}")


def _check_dates(name: str, days: pa.ChunkedArray) -> None:
    # As numbers: the extremes of the type are no days of Python's calendar.
    numbers = pc.min_max(days.cast(pa.int32()))
    epoch = dt.date(1970, 1, 1)
    first, last = (_FIRST_DAY - epoch).days, (_LAST_DAY - epoch).days
    low, high = numbers["min"].as_py(), numbers["max"].as_py()
    if low is not None and (low < first or high > last):
        raise PostgresLimitExceeded(f"column {name}: expected days from {_FIRST_DAY} to {_LAST_DAY}, found one outside")


def _sanitize(value: Any) -> Any:
    match value:
        case str():
            return sanitize_text(value)
        case dict():
            return {sanitize_text(name): _sanitize(part) for name, part in value.items()}
        case list():
            return [_sanitize(part) for part in value]
    return value
