"""Times of changes as an API writes them: parsed by the contract's format, and compared."""

from __future__ import annotations

import datetime as dt
import json
from typing import BinaryIO

from loaders.contract import AskedSource
from loaders.contract.sources.record_fields import field_value
from loaders.sources.update_times import to_utc

_EPOCHS = {"epoch_ms": 1000, "epoch_s": 1}


def parse_change_time(source: AskedSource, text: str) -> dt.datetime:
    """Parses a time as the API writes it; one without an offset is in China's time zone.

    Raises:
        ValueError: it is no time, or not in the contract's format.
    """
    form = source.updated_format
    if form in _EPOCHS:
        if not text.isascii() or not text.isdigit() or len(text) > 15:
            raise ValueError(f"expected {form}")
        return dt.datetime.fromtimestamp(int(text) / _EPOCHS[form], dt.UTC)
    return to_utc(dt.datetime.fromisoformat(text) if form == "iso" else dt.datetime.strptime(text, form))  # noqa: DTZ007


def is_change_time(source: AskedSource, text: str) -> bool:
    """Returns whether a text is a time as the API writes it."""
    try:
        parse_change_time(source, text)
    except (ValueError, OverflowError):
        return False
    return True


def later(source: AskedSource, one: str | None, other: str | None) -> str | None:
    """Returns the later of two times as the API writes them; the first one if they are equal."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda text: parse_change_time(source, text))


def latest_change(source: AskedSource, lines: BinaryIO) -> str | None:
    """Returns the newest valid update time that is not in the future: one in the future would hide all later changes."""
    if source.updated_field is None:
        return None
    now = dt.datetime.now(dt.UTC)
    latest: str | None = None
    lines.seek(0)
    for line in lines:
        text = _field_of(line, source.updated_field)
        try:
            is_past = parse_change_time(source, text) <= now
        except (ValueError, OverflowError):
            continue
        latest = later(source, latest, text) if is_past else latest
    return latest


def _field_of(line: bytes, name: str) -> str:
    try:
        record = json.loads(line, parse_int=str, parse_float=str)
    except ValueError:
        return ""
    return str(field_value(record, name)) if isinstance(record, dict) else ""
