"""What a section says of its numbers: plain number, percent, date, datetime, time or length of time."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from loaders.reading.number_formats.datetimes import date_parts_of
from loaders.reading.number_formats.sections import Section
from loaders.reading.number_formats.tokens import TokenKind


class FormatKind(StrEnum):
    """The families of number formats that change what a number means."""

    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    DURATION = "duration"


@lru_cache(maxsize=4096)
def kind_of_section(section: Section) -> FormatKind:
    """The kind of a section."""
    if section.has(TokenKind.GENERAL) or section.has(TokenKind.EXPONENT):
        return FormatKind.PERCENT if section.has(TokenKind.PERCENT) else FormatKind.NUMBER
    parts = date_parts_of(section)
    if parts.elapsed:
        return FormatKind.DURATION
    if parts.is_date:
        return FormatKind.DATETIME if parts.clock else FormatKind.DATE
    if parts.clock:
        return FormatKind.TIME
    return FormatKind.PERCENT if section.has(TokenKind.PERCENT) else FormatKind.NUMBER


def has_kind(section: Section) -> bool:
    """Whether a section shows digits or a part of a moment; one of words alone is of no kind."""
    return section.has(TokenKind.DIGIT) or section.has(TokenKind.GENERAL) or kind_of_section(section) is not FormatKind.NUMBER
