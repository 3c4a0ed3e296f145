"""Texts that hold more than their value: a footnote mark beside it (`4①`), or several values in one cell (`1⏎2`).

A value with a footnote mark behind it is read without the mark, with a warning that shows both. Of several values none is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from loaders import identifiers
from loaders.characters.footnote_marks import (
    FOOTNOTE_MARK_AT_END,
    SUPERSCRIPT_AT_END,
    SUPERSCRIPT_DIGITS,
    split_footnote_mark,
    split_superscript,
)
from loaders.contract import Column, ColumnType, LocalizedText
from loaders.divisions import Divisions
from loaders.messages import join_texts, phrase
from loaders.validation.model.parsed_value import ConversionError, ConversionWarning, Parser, Value
from loaders.validation.model.type_descriptions import describe_type

_SEPARATORS = re.compile(r"[\s/、,，;；|]+")
_STARS = {"*", "＊"}
NO_VALUE = r"^[#=＝]"  # an error or a formula, maybe
_RAISED = re.compile(f"[{SUPERSCRIPT_DIGITS}]")
_MAX_PARTS = 5
_MIN_DIGITS = {
    ColumnType.DIVISION_CODE: 6,
    ColumnType.BANK_ACCOUNT: 8,
    ColumnType.RESIDENT_ID: 15,
    ColumnType.USCC: 15,
    ColumnType.PHONE: 7,
}
"""How long a part of a text must be, at least, to be a number of its own and not one of its groups (`6222 0212 3456 7890`)."""


def lenient(parse: Parser, column: Column) -> Parser:
    """The same parser, which also reads a value beside a footnote mark, and says of several values that they are several."""

    def read(text: str) -> Value | ConversionWarning:
        try:
            return parse(text)
        except ConversionError as invalid:
            if invalid.rule != "type":
                raise
            found = _parse_beside_mark(parse, column, text)
            if found is None:
                raise _multiple_values(parse, column, text) or invalid from None
            return found

    return read


def _parse_beside_mark(parse: Parser, column: Column, text: str) -> ConversionWarning | None:
    parts = split_footnote_mark(text)
    if parts is None:
        return None
    try:
        found = parse(parts[0])
    except ConversionError:
        return None
    if isinstance(found, ConversionWarning):
        return ConversionWarning(found.value, "footnote_mark", _without_mark(column, parts, found.expected))
    return ConversionWarning(found, "footnote_mark", _without_mark(column, parts))


def parse_number_beside_mark(normalize: Callable[[str], str], column: Column, text: str) -> str | ConversionWarning:
    """An identifying number, without the footnote mark behind it. A star may stand for a digit that is hidden."""
    parts = split_footnote_mark(text)
    if parts is None or parts[1] in _STARS:
        return normalize(text)
    return ConversionWarning(normalize(parts[0]), "footnote_mark", _without_mark(column, parts))


def _without_mark(column: Column, parts: tuple[str, str], expected: LocalizedText | None = None) -> LocalizedText:
    """What the column expects, without the mark; what the text was read as is shown unless it is about a person."""
    value, mark = parts
    expected = expected or describe_type(column)
    if column.is_personal:
        return phrase("expected.without_mark", expected=expected, mark=mark)
    return phrase("expected.without_mark_read", expected=expected, mark=mark, value=value)


def _multiple_values(parse: Parser, column: Column, text: str) -> ConversionError | None:
    """Why a text is no value when each of its parts is one: `1 2`, `2023-03-01/2023-03-05`."""
    parts = [part for part in _SEPARATORS.split(text) if part]
    if not 1 < len(parts) <= _MAX_PARTS:
        return None
    try:
        for part in parts:
            parse(part)
    except ConversionError:
        return None
    return multiple_values_error(column, parts)


def multiple_values_error(column: Column, parts: list[str]) -> ConversionError:
    """The fault of a cell that holds several values."""
    expected = describe_type(column)
    if column.is_personal:
        return ConversionError("several_values", phrase("expected.one_value", expected=expected, count=len(parts)))
    listed = join_texts(phrase("listed.quoted", text=part) for part in parts)
    return ConversionError("several_values", phrase("expected.one_value_of", expected=expected, count=len(parts), parts=listed))


def split_numbers(column: Column, text: str) -> list[str]:
    """The numbers of a cell that holds several of a kind which people write in groups; empty when it holds one."""
    parts = [part for part in _SEPARATORS.split(text) if len(identifiers.normalize_identifier(part)) >= _MIN_DIGITS[column.type]]
    return parts if len(parts) > 1 else []


def suspect_pattern(column: Column) -> str:
    """What the texts of a text column must be looked at one by one for, as a regular expression."""
    if not column.holds_name_or_code:
        return NO_VALUE
    return f"{NO_VALUE}|{SUPERSCRIPT_AT_END}|{FOOTNOTE_MARK_AT_END}" if _is_name(column) else f"{NO_VALUE}|{SUPERSCRIPT_AT_END}"


def text_parser(column: Column, divisions: Divisions) -> Parser:
    """The parser of a text column.

    Free text is what it shows. The name or the code of something does not end in a superscript: it is read without it. Circled
    numbers and other signs may belong to a name (`创业小组①`) and stay, but where a list of names knows it without them.
    """
    if not column.holds_name_or_code:
        return str

    def read(text: str) -> Value | ConversionWarning:
        raised = split_superscript(text)
        parts = raised or (split_footnote_mark(text) if _is_name(column) else None)
        if parts is None or parts[1] in _STARS or (raised is None and _RAISED.match(parts[1])):
            return text
        known = divisions.codes_in_list(column.known_in) if column.known_in is not None else ()
        if text in known:
            return text
        if raised is not None or parts[0] in known:
            return ConversionWarning(parts[0], "footnote_mark", _without_mark(column, parts))
        return ConversionWarning(text, "mark_in_name", _mark_in_name(column, parts))

    return read


def _mark_in_name(column: Column, parts: tuple[str, str]) -> LocalizedText:
    value, mark = parts
    if column.is_personal:
        return phrase("expected.name", mark=mark)
    return phrase("expected.name_read", mark=mark, value=value)


def _is_name(column: Column) -> bool:
    return column.name.endswith("_name") or (column.known_in or "").endswith("_name")


def with_comma_warning(parse: Parser, column: Column) -> Parser:
    """The same parser of numbers, which tells of full-width commas between half-width digits: `1，234` may be two numbers."""

    def read(text: str) -> Value | ConversionWarning:
        found = parse(text)
        if isinstance(found, ConversionWarning) or not _WIDE_COMMA.search(text):
            return found
        plain = f"{found:f}" if isinstance(found, Decimal) else str(found)
        return ConversionWarning(
            found, "wide_comma", phrase("expected.plain_commas", expected=describe_type(column), taken=plain)
        )

    return read


_WIDE_COMMA = re.compile(r"[0-9]，[0-9]")
