"""Layout of a number section: integer and decimal places, exponent, fraction and scale."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from loaders.reading.number_formats.sections import Section
from loaders.reading.number_formats.tokens import Token, TokenKind

_PLACES = {TokenKind.DIGIT}
_DOTS = {".", "．", "。"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Layout of a number section: its tokens by function.

    `shift` is the power of ten by which the shown digits are reduced: 3 per scaling comma, -2 per percent sign.
    """

    whole: tuple[Token, ...]
    decimals: tuple[Token, ...] = ()
    exponent: tuple[Token, ...] = ()
    has_thousands: bool = False
    shift: int = 0

    @property
    def places(self) -> int:
        """Returns the number of decimal places."""
        return sum(token.kind is TokenKind.DIGIT for token in self.decimals)

    @property
    def whole_places(self) -> int:
        """Returns the number of placeholders of the integer part."""
        return sum(token.kind is TokenKind.DIGIT for token in self.whole)

    @property
    def min_integer_digits(self) -> int:
        """Returns the number of integer digits that are always shown, padded with zeros."""
        return sum(token.kind is TokenKind.DIGIT and token.text == "0" for token in self.whole)

    @property
    def literal_places(self) -> int:
        """Returns the number of places after a literal point (`0!.0,`), which reduce the shown number further."""
        inside = _inside(self.whole)
        point = next((i for i, token in enumerate(inside) if token.text in _DOTS and token.kind is TokenKind.LITERAL), None)
        return 0 if point is None or self.decimals else sum(token.kind is TokenKind.DIGIT for token in inside[point:])

    @property
    def scale(self) -> Decimal:
        """Returns the factor from the shown digits to the number."""
        return Decimal(1).scaleb(self.shift + self.literal_places)


def _inside(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Returns the tokens from the first placeholder to the last."""
    places = [index for index, token in enumerate(tokens) if token.kind is TokenKind.DIGIT]
    return tokens[places[0] : places[-1] + 1] if places else ()


def literals_between_digits(layout: Layout) -> tuple[str, ...]:
    """Returns the literals between the placeholders of the integer part (`000-0000`)."""
    return tuple(token.text for token in _inside(layout.whole) if token.kind in {TokenKind.LITERAL, TokenKind.SLASH})


@lru_cache(maxsize=4096)
def layout_of(section: Section) -> Layout:
    """Parses a number section."""
    tokens = list(section.tokens)
    point = _index(tokens, TokenKind.POINT)
    exponent = _index(tokens, TokenKind.EXPONENT)
    end = len(tokens) if exponent is None else exponent
    split = end if point is None or point > end else point
    whole, commas, has_thousands = _without_commas(tokens[:split])
    decimals, more, _ = _without_commas(tokens[split:end])
    percents = sum(token.kind is TokenKind.PERCENT for token in tokens)
    return Layout(tuple(whole), tuple(decimals), tuple(tokens[end:]), has_thousands, 3 * (commas + more) - 2 * percents)


def _index(tokens: list[Token], kind: TokenKind) -> int | None:
    return next((index for index, token in enumerate(tokens) if token.kind is kind), None)


def _without_commas(tokens: list[Token]) -> tuple[list[Token], int, bool]:
    """Returns the tokens without commas, the number of scaling commas, and whether other commas separate thousands.

    A comma after the last placeholder scales. A comma between two placeholders separates thousands. A comma before the first
    placeholder is shown.
    """
    places = [index for index, token in enumerate(tokens) if token.kind is TokenKind.DIGIT]
    kept: list[Token] = []
    scaling, has_thousands = 0, False
    for index, token in enumerate(tokens):
        if token.kind is not TokenKind.COMMA:
            kept.append(token)
        elif not places or index < places[0]:
            kept.append(Token(TokenKind.LITERAL, ","))
        elif index > places[-1]:
            scaling += 1
        else:
            has_thousands = True
    return kept, scaling, has_thousands
