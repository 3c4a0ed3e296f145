"""Affixes of a number section: scale, literals before and after the digits, and the section's own sign."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from loaders.quantity import Quantity, parse_quantity
from loaders.reading.number_formats.layout import Layout, layout_of, literals_between_digits
from loaders.reading.number_formats.numbers import is_fraction, slash_of
from loaders.reading.number_formats.sections import Section
from loaders.reading.number_formats.tokens import Token, TokenKind

_BLANKS = re.compile(r"[\s\u00a0\u3000\u200b]+")
# `-5`, `负5`, `▼5`
_MINUS = re.compile(r"[-−﹣－–]|负|[↓▼▽△▲]|减少|下降")
# `¥`, `RMB`, `人民币`
_CURRENCY_SIGNS = re.compile(r"[¥￥$€£]|RMB|CNY|HKD|USD|EUR|GBP|JPY|HK|US|人民币", re.IGNORECASE)
# `1,234`, `1'234`, `1 234`
_SEPARATORS = re.compile(r"[\s,，'’\u00a0\u2009\u202f]*\Z")
_GROUPS_OF = {"万": 4, "亿": 8}
_DIGITS = (TokenKind.DIGIT, TokenKind.GENERAL)
# `-`, `——`, `/`
_DASHES = re.compile(r"[-−﹣－–—―/\\_]+\Z")


@dataclass(frozen=True, slots=True, eq=False)
class Affixes:
    """Affixes that a section adds to every number.

    - `scale`: the number divided by the shown digits (`#,##0,`: 1000; `0!.0,`: 10000; `0%`: 0.01);
    - `prefix`, `suffix`: literals around the digits, without blanks, signs and enclosing brackets;
    - `words`: the literals of a section without digits (`"-"` for zero);
    - `quantity`: prefix and suffix parsed as a unit (`万元`: 10000 and 元); None if they are no unit;
    - `is_compound`: literals between the digits change their meaning (`000-0000`, `0"时"00`);
    - `is_padded`: zeros precede the digits (`000000`); `is_respelled`: numerals or a fraction replace them;
    - `has_minus`, `has_brackets`: the section itself marks a negative number; `may_be_blank`: it can show nothing at all.
    """

    has_digits: bool
    scale: Decimal = Decimal(1)
    prefix: str = ""
    suffix: str = ""
    words: str = ""
    quantity: Quantity | None = None
    is_percent: bool = False
    is_compound: bool = False
    is_padded: bool = False
    is_respelled: bool = False
    has_minus: bool = False
    has_brackets: bool = False
    may_be_blank: bool = False
    places: int = 0

    @property
    def has_words(self) -> bool:
        """Checks whether literals are shown around the digits."""
        return bool(self.prefix or self.suffix)

    @property
    def shows_negative(self) -> bool:
        """Checks whether the section itself marks the number as negative."""
        return self.has_minus or self.has_brackets

    @property
    def is_dash(self) -> bool:
        """Checks whether only a dash is shown, or a dash beside a currency sign. Accounting formats show zero this way."""
        return not self.has_digits and _DASHES.match(_CURRENCY_SIGNS.sub("", self.words)) is not None

    @property
    def has_literal_digits(self) -> bool:
        """Checks whether a literal looks like digits of the number (`0"000"`)."""
        return any(letter.isdecimal() for letter in self.prefix + self.suffix)


@lru_cache(maxsize=4096)
def affixes_of(section: Section, *, of_zero: bool = False) -> Affixes:
    """Returns the affixes of a number section. With `of_zero` it shows zero, for which only the placeholder `0` shows a digit."""
    places = [index for index, token in enumerate(section.tokens) if token.kind in _DIGITS]
    is_always_shown = any(
        section.tokens[index].text == "0" or section.tokens[index].kind is TokenKind.GENERAL for index in places
    )
    if not places or (of_zero and not is_always_shown and not is_fraction(section)):
        return Affixes(has_digits=False, words=_words(section.tokens), may_be_blank=not _words(section.tokens))
    last = slash_of(section.tokens) or places[-1]
    before, after = _words(section.tokens[: places[0]]), _words(section.tokens[last + 1 :])
    before, after, has_brackets = _without_brackets(before, after)
    before, after, has_minus = _without_minus(before, after)
    layout = layout_of(section)
    return Affixes(
        has_digits=True,
        scale=layout.scale,
        prefix=before,
        suffix=after.lstrip("0123456789") if is_fraction(section) else after,
        quantity=_quantity(before, after),
        is_percent=section.has(TokenKind.PERCENT),
        is_compound=_is_compound(layout) and not is_fraction(section),
        is_padded=layout.min_integer_digits > 1 and not layout.exponent,
        is_respelled=section.numerals > 0 or is_fraction(section),
        has_minus=has_minus,
        has_brackets=has_brackets,
        may_be_blank=not is_always_shown and not is_fraction(section),
        places=layout.places + layout.literal_places,
    )


def _words(tokens: tuple[Token, ...]) -> str:
    shown = "".join(token.text for token in tokens if token.kind in {TokenKind.LITERAL, TokenKind.SLASH, TokenKind.DATE_PART})
    return _BLANKS.sub("", shown)


def _without_brackets(before: str, after: str) -> tuple[str, str, bool]:
    """Removes brackets around the whole number, which mark it as negative."""
    opened, closed = unicodedata.normalize("NFKC", before), unicodedata.normalize("NFKC", after)
    if "(" in opened and ")" not in opened and ")" in closed and "(" not in closed:
        return opened.replace("(", ""), closed.replace(")", ""), True
    return before, after, False


def _without_minus(before: str, after: str) -> tuple[str, str, bool]:
    """Removes a minus sign. A dash after a word (`SG-`) belongs to the word."""
    match = _MINUS.search(before)
    if match and not _CURRENCY_SIGNS.sub("", before.replace(match[0], "", 1)):
        return before.replace(match[0], "", 1), after, True
    if not before and _MINUS.match(after):
        return before, _MINUS.sub("", after, count=1), True
    return before.removeprefix("+"), after, False


def _quantity(before: str, after: str) -> Quantity | None:
    suffix = unicodedata.normalize("NFKC", after)
    if suffix.startswith("(") and suffix.endswith(")"):
        suffix = suffix[1:-1]
    try:
        return parse_quantity(f"{_CURRENCY_SIGNS.sub('', before)}1{suffix}")
    except (ValueError, ArithmeticError):
        return None


def _is_compound(layout: Layout) -> bool:
    """Checks whether literals between the digits do more than separate thousands, mark a decimal point or name 万."""
    between = literals_between_digits(layout)
    if layout.literal_places and len(between) == 1:
        return False
    if len(between) == 1 and between[0] in _GROUPS_OF:
        texts = [one.text for one in layout.whole]
        digits = sum(text in "0#?" for text in texts[texts.index(between[0]) + 1 :])
        return digits != _GROUPS_OF[between[0]]
    return not all(_SEPARATORS.match(text) for text in between)
