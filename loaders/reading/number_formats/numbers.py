"""Rendering of numbers: the text that a section shows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import takewhile

from loaders.reading.number_formats.layout import Layout, layout_of
from loaders.reading.number_formats.numerals import digit_by_digit, in_words
from loaders.reading.number_formats.sections import Section
from loaders.reading.number_formats.tokens import Token, TokenKind

_LITERAL_KINDS = {TokenKind.LITERAL, TokenKind.SLASH, TokenKind.POINT, TokenKind.PERCENT, TokenKind.DATE_PART, TokenKind.HALF_DAY}
_PLACEHOLDER_FILL = {"#": "", "?": " ", "0": "0"}


def render_number(section: Section, number: Decimal) -> str:
    """Renders a number. `number` has no sign if the section drops it."""
    if section.has(TokenKind.GENERAL):
        return _sign(number) + _general(section, abs(number))
    if is_fraction(section):
        text = _fraction(section, abs(number))
        return text if not any(letter in "123456789" for letter in text.partition("/")[0]) else _sign(number) + text
    layout = layout_of(section)
    with localcontext() as context:
        context.prec = 400  # a double has up to 309 digits before its point
        shown = abs(number).scaleb(-layout.shift)
        if layout.exponent:
            text, is_zero = _scientific(layout, shown)
        else:
            text, is_zero = _plain(layout, shown)
    text = digit_by_digit(text, section.numerals) if section.numerals else text
    return text if is_zero else _sign(number) + text


def _sign(number: Decimal) -> str:
    return "-" if number < 0 else ""


def _general(section: Section, number: Decimal) -> str:
    plain = f"{number.normalize():f}" if number else "0"
    words = in_words(plain, section.numerals) if section.numerals else plain
    shown = (words if token.kind is TokenKind.GENERAL else _literal(token) for token in section.tokens)
    return "".join(shown)


def _literal(token: Token) -> str:
    if token.kind is TokenKind.BLANK:
        return " "
    return token.text if token.kind in _LITERAL_KINDS or token.kind is TokenKind.DIGIT else ""


def _plain(layout: Layout, number: Decimal) -> tuple[str, bool]:
    """Renders the number without sign. Also returns whether all shown digits are zero."""
    rounded = number.quantize(Decimal(1).scaleb(-layout.places), ROUND_HALF_UP)
    whole, _, decimals = f"{rounded:f}".partition(".")
    text = fill_whole(layout.whole, whole.lstrip("0"), has_thousands=layout.has_thousands)
    if not layout.whole_places and layout.places:
        # Without a placeholder before the point (`.00`), all integer digits are shown directly before it.
        text += whole.lstrip("0")
    text += _fill_decimals(layout.decimals, decimals)
    has_places = layout.whole_places + layout.places > 0
    return text, has_places and not rounded


def fill_whole(tokens: Sequence[Token], digits: str, *, has_thousands: bool = False) -> str:
    """Fills digits into placeholders from the right. Remaining digits go into the first placeholder."""
    first = next((index for index, token in enumerate(tokens) if token.kind is TokenKind.DIGIT), None)
    rest = digits
    count = 0
    shown: list[str] = []
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind is not TokenKind.DIGIT:
            shown.append(_literal(token))
            continue
        taken, rest = (rest, "") if index == first else (rest[-1:], rest[:-1])
        for digit in reversed(taken or _PLACEHOLDER_FILL[token.text]):
            if has_thousands and count and count % 3 == 0:
                shown.append("," if digit != " " else " ")
            shown.append(digit)
            count += 1
    return "".join(reversed(shown)) if first is not None else "".join(map(_literal, tokens))


def _fill_decimals(tokens: Sequence[Token], digits: str) -> str:
    shown: list[str] = []
    places = [token.text for token in tokens if token.kind is TokenKind.DIGIT]
    last = max((i for i, place in enumerate(places) if place == "0" or digits[i] != "0"), default=-1)
    at = 0
    for token in tokens:
        if token.kind is TokenKind.DIGIT:
            shown.append(digits[at] if at <= last else _PLACEHOLDER_FILL[token.text])
            at += 1
        else:
            shown.append(_literal(token))
    return "".join(shown)


def _scientific(layout: Layout, number: Decimal) -> tuple[str, bool]:
    step = max(layout.whole_places, 1)
    power = number.adjusted() // step * step if number else 0
    mantissa = _rounded(number, power, layout.places)
    if mantissa >= Decimal(10) ** step:
        power += step
        mantissa = _rounded(number, power, layout.places)
    whole, _, decimals = f"{mantissa:f}".partition(".")
    text = fill_whole(layout.whole, whole.lstrip("0")) + _fill_decimals(layout.decimals, decimals)
    mark, places = layout.exponent[0], layout.exponent[1:]
    sign = "-" if power < 0 else "+" if mark.text.endswith("+") else ""
    return text + "E" + sign + fill_whole(places, str(abs(power)) if power else ""), not number


def _rounded(number: Decimal, power: int, places: int) -> Decimal:
    return number.scaleb(-power).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def is_fraction(section: Section) -> bool:
    """Checks whether a section shows a number as a fraction (`# ?/?`)."""
    return slash_of(section.tokens) is not None and not section.has(TokenKind.POINT)


def slash_of(tokens: Sequence[Token]) -> int | None:
    """Finds the slash between the placeholders of a numerator and a denominator."""
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.SLASH and 0 < index < len(tokens) - 1 and tokens[index - 1].kind is TokenKind.DIGIT:
            following = tokens[index + 1]
            if following.kind is TokenKind.DIGIT or following.text.strip().isdecimal():
                return index
    return None


def _fraction(section: Section, number: Decimal) -> str:
    tokens = section.tokens
    slash = slash_of(tokens) or 0
    start = slash - len(list(takewhile(lambda token: token.kind is TokenKind.DIGIT, reversed(tokens[:slash]))))
    whole_tokens, above = tokens[:start], tokens[start:slash]
    below = list(takewhile(lambda token: token.kind is TokenKind.DIGIT or token.text.strip().isdecimal(), tokens[slash + 1 :]))
    after = "".join(map(_literal, tokens[slash + 1 + len(below) :]))
    has_whole = any(token.kind is TokenKind.DIGIT for token in whole_tokens)
    whole, part = _as_fraction(number, below, has_whole=has_whole)
    before = fill_whole(whole_tokens, str(whole) if whole else "") if has_whole else "".join(map(_literal, whole_tokens))
    if has_whole and not part.numerator:
        blanks = " " * (len(above) + 1 + len(below))
        return (before if whole else fill_whole(whole_tokens, "").rstrip() + "0 ") + blanks + after
    fixed = _fixed_denominator(below)
    top = part.numerator if fixed is None else int(part * fixed)
    bottom = str(part.denominator if fixed is None else fixed)
    return before + fill_whole(above, str(top)) + "/" + bottom.ljust(len(below)) + after


def _fixed_denominator(below: Sequence[Token]) -> int | None:
    fixed = "".join(token.text for token in below).strip()
    return int(fixed) if fixed.isdecimal() and int(fixed) > 0 and not fixed.startswith("0") else None


def _as_fraction(number: Decimal, below: Sequence[Token], *, has_whole: bool) -> tuple[int, Fraction]:
    whole, rest = divmod(Fraction(number), 1) if has_whole else (0, Fraction(number))
    fixed = _fixed_denominator(below)
    part = Fraction(int(rest * fixed + Fraction(1, 2)), fixed) if fixed else rest.limit_denominator(10 ** len(below) - 1)
    return (int(whole) + 1, Fraction(0)) if has_whole and part >= 1 else (int(whole), part)
