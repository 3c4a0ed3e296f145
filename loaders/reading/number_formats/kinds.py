"""Kinds of number formats: plain number, percent, date, datetime, time or duration."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from loaders.reading.number_formats.datetimes import date_parts_of
from loaders.reading.number_formats.sections import Section
from loaders.reading.number_formats.tokens import TokenKind


class FormatKind(StrEnum):
    """Kind of a number format, which decides what a number means."""

    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    DURATION = "duration"


@lru_cache(maxsize=4096)
def kind_of_section(section: Section) -> FormatKind:
    """Returns the kind of a section."""
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
    """Checks whether a section shows digits or date parts. A section of words alone has no kind."""
    return section.has(TokenKind.DIGIT) or section.has(TokenKind.GENERAL) or kind_of_section(section) is not FormatKind.NUMBER
