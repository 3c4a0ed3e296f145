"""Number format of a cell: the interpretation of its numbers and the text that it shows of each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from loaders.reading.number_formats.affixes import Affixes, affixes_of
from loaders.reading.number_formats.built_in import NAMED, code_of
from loaders.reading.number_formats.datetimes import DateParts, date_parts_of, render_datetime
from loaders.reading.number_formats.kinds import FormatKind, has_kind, kind_of_section
from loaders.reading.number_formats.numbers import render_number
from loaders.reading.number_formats.plain import adds_to_text, is_plain_datetime, is_plain_number, is_plain_text
from loaders.reading.number_formats.sections import Sections, sections_of
from loaders.reading.number_formats.tokens import Token, TokenKind

_NUMBERS = {FormatKind.NUMBER, FormatKind.PERCENT}
_GENERAL_CODE = "General"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """Number format: its code, and properties computed once for all cells.

    `kind` is the interpretation of its numbers. If its sections differ (`is_mixed`), it is that of the first section. `is_plain`:
    only the number is shown, possibly rounded, with thousands separators, a minus, brackets or a dash for zero; of a date, month
    and day are shown. `is_plain_text`: the same for columns of codes or words. `adds_to_text`: a text in the cell is shown with
    additions, or is hidden.
    """

    kind: FormatKind = FormatKind.NUMBER
    code: str = _GENERAL_CODE
    sections: Sections = field(default=sections_of(_GENERAL_CODE), compare=False, repr=False)
    is_mixed: bool = field(default=False, compare=False)
    is_plain: bool = field(default=True, compare=False)
    is_plain_text: bool = field(default=True, compare=False)
    adds_to_text: bool = field(default=False, compare=False)

    @classmethod
    def of_code(cls, code: str) -> NumberFormat:
        """Parses the format of a code."""
        sections = sections_of(code)
        kinds = [kind_of_section(section) for section in sections.numbers if has_kind(section)] or [FormatKind.NUMBER]
        is_mixed = len(set(kinds)) > 1
        is_number = kinds[0] in _NUMBERS
        is_plain = not is_mixed and (is_plain_number(sections) if is_number else is_plain_datetime(sections))
        return cls(
            kinds[0], code, sections, is_mixed, is_plain, is_number and is_plain_text(sections), adds_to_text(sections.text)
        )

    def kind_of(self, number: Decimal) -> FormatKind:
        """Returns the kind of the section that applies to a number."""
        section = self.sections.of(number)
        return self.kind if section is None or not has_kind(section) else kind_of_section(section)

    def affixes(self, number: Decimal) -> Affixes | None:
        """Returns the affixes of a number; None if no section applies to it."""
        section = self.sections.of(number)
        return None if section is None else affixes_of(section, of_zero=not number)

    def loses_sign(self, number: Decimal) -> bool:
        """Checks whether a negative number is shown as a positive one."""
        section = self.sections.of(number) if number < 0 else None
        if section is None or not self.sections.drops_sign(section):
            return False
        affixes = affixes_of(section)
        return affixes.has_digits and not affixes.shows_negative

    def is_colored(self, number: Decimal) -> bool:
        """Checks whether a number is shown in a color of its own."""
        section = self.sections.of(number)
        return section is not None and section.is_colored

    def parts(self, number: Decimal) -> DateParts:
        """Returns the date parts that are shown."""
        section = self.sections.of(number)
        return DateParts() if section is None else date_parts_of(section)

    def show_number(self, number: Decimal) -> str:
        """Renders a number."""
        section = self.sections.of(number)
        if section is None:
            return f"{number:f}"
        return render_number(section, abs(number) if self.sections.drops_sign(section) else number)

    def show_datetime(self, timestamp: dt.datetime, days: Decimal) -> str:
        """Renders the timestamp of this serial day."""
        section = self.sections.of(days)
        if section is None:
            return ""
        sign = "-" if days < 0 and date_parts_of(section).elapsed and not self.sections.drops_sign(section) else ""
        return sign + render_datetime(section, timestamp, days)

    def show_text(self, text: str) -> str:
        """Renders a text."""
        section = self.sections.text
        return text if section is None else "".join(_text_of(token, text) for token in section.tokens)


def _text_of(token: Token, text: str) -> str:
    if token.kind is TokenKind.TEXT:
        return text
    return {TokenKind.BLANK: " ", TokenKind.FILL: ""}.get(token.kind, token.text)


@lru_cache(maxsize=4096)
def format_of_code(code: str) -> NumberFormat:
    """Returns the format of a code, cached."""
    return NumberFormat.of_code(code)


GENERAL = format_of_code(_GENERAL_CODE)


def format_of_name(code: str) -> NumberFormat:
    """Returns the format of a code, or of a name that web pages and XML spreadsheets use for some formats (`Short Date`)."""
    return format_of_code(NAMED.get(code.lower(), code))


def number_format(number: int, code: str | None) -> NumberFormat:
    """Returns the format with this number. `code` is its code, if the file contains it."""
    return format_of_code(code_of(number, code))
