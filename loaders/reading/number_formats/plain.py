"""Plain formats: those that show only the number itself. Checked once per format, so that plain cells need no rendering."""

from __future__ import annotations

from decimal import Decimal

from loaders.reading.number_formats.affixes import affixes_of
from loaders.reading.number_formats.datetimes import date_parts_of
from loaders.reading.number_formats.sections import Section, Sections
from loaders.reading.number_formats.tokens import TokenKind

_SAMPLES = (Decimal(1), Decimal(-1), Decimal(0))
_PERCENT = Decimal("0.01")


def is_plain_number(sections: Sections) -> bool:
    """Checks whether every number is shown as itself: rounded, with thousands separators, minus or brackets, a dash for zero."""
    return all(_is_plain(sections, section) for section in sections.numbers)


def is_plain_text(sections: Sections) -> bool:
    """Checks whether an integer is shown as its digits alone, so that a code equals the stored number."""
    return is_plain_number(sections) and all(map(_shows_its_digits, sections.numbers))


def is_plain_datetime(sections: Sections) -> bool:
    """Checks whether every section shows month and day of a date, and no literal digits (`"2023年"m"月"d"日"`)."""
    if any(token.kind is TokenKind.LITERAL and _has_digit(token.text) for one in sections.numbers for token in one.tokens):
        return False
    parts = [date_parts_of(section) for section in sections.numbers if section.has(TokenKind.DATE_PART)]
    return len(parts) == len(sections.numbers) and all(one.month and one.day for one in parts)


def adds_to_text(section: Section | None) -> bool:
    """Checks whether a section shows a text with additions, or hides it."""
    if section is None:
        return False
    shown = [token for token in section.tokens if token.kind not in {TokenKind.BLANK, TokenKind.FILL} and token.text.strip()]
    return [token.kind for token in shown] != [TokenKind.TEXT]


def _is_plain(sections: Sections, section: Section) -> bool:
    shown = [number for number in _SAMPLES if sections.of(number) is section]
    is_for_zero = shown == [0] and (section.condition is None or section.condition.is_zero_only)
    if is_for_zero and affixes_of(section, of_zero=True).is_dash:
        return True
    affixes = affixes_of(section)
    if not affixes.has_digits or affixes.has_words or affixes.is_compound or (0 in shown and affixes.may_be_blank):
        return False
    if affixes.scale != (_PERCENT if affixes.is_percent else 1):
        return False
    return affixes.shows_negative == sections.drops_sign(section)


def _shows_its_digits(section: Section) -> bool:
    affixes = affixes_of(section)
    return affixes.has_digits and not (affixes.is_padded or affixes.is_respelled or affixes.places)


def _has_digit(text: str) -> bool:
    return any(letter.isdecimal() for letter in text)
