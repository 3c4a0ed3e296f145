"""How a section lays out a number: whole and decimal places, exponent, fraction, and by how much it scales."""

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
    """The tokens of a number section by what they lay out.

    `shift` is the power of ten that the shown digits are smaller by: 3 for each scaling comma, -2 for each percent sign.
    """

    whole: tuple[Token, ...]
    decimals: tuple[Token, ...] = ()
    exponent: tuple[Token, ...] = ()
    has_thousands: bool = False
    shift: int = 0

    @property
    def places(self) -> int:
        """How many decimal places are shown."""
        return sum(token.kind is TokenKind.DIGIT for token in self.decimals)

    @property
    def whole_places(self) -> int:
        """How many places of a whole number have a placeholder."""
        return sum(token.kind is TokenKind.DIGIT for token in self.whole)

    @property
    def written_places(self) -> int:
        """How many places of a whole number are always written, with zeros if need be."""
        return sum(token.kind is TokenKind.DIGIT and token.text == "0" for token in self.whole)

    @property
    def literal_places(self) -> int:
        """The places behind a point that is a literal (`0!.0,`): they make the shown number smaller still."""
        inside = _inside(self.whole)
        point = next((i for i, token in enumerate(inside) if token.text in _DOTS and token.kind is TokenKind.LITERAL), None)
        return 0 if point is None or self.decimals else sum(token.kind is TokenKind.DIGIT for token in inside[point:])

    @property
    def scale(self) -> Decimal:
        """What the shown digits must be multiplied by to give the number again."""
        return Decimal(1).scaleb(self.shift + self.literal_places)


def _inside(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """From the first placeholder to the last."""
    places = [index for index, token in enumerate(tokens) if token.kind is TokenKind.DIGIT]
    return tokens[places[0] : places[-1] + 1] if places else ()


def literals_between_digits(layout: Layout) -> tuple[str, ...]:
    """The literals that stand between the placeholders of a whole number (`000-0000`)."""
    return tuple(token.text for token in _inside(layout.whole) if token.kind in {TokenKind.LITERAL, TokenKind.SLASH})


@lru_cache(maxsize=4096)
def layout_of(section: Section) -> Layout:
    """Take a number section apart."""
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
    """The tokens without their commas, how many of these scale, and whether others part thousands.

    A comma behind the last placeholder scales, one between two placeholders parts thousands; one before the first is shown.
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
