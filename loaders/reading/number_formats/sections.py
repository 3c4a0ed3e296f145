"""A format's sections: which one shows a number, and which one a text."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from loaders.reading.number_formats.tokens import Token, TokenKind, tokens_of

_COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONDITION = re.compile(r"\s*(<=|>=|<>|<|>|=)\s*([-+]?[\d.]+(?:E[-+]?\d+)?)\s*", re.IGNORECASE)
_COLOR = re.compile(
    r"(?:black|blue|cyan|green|magenta|red|white|yellow|[黑蓝青绿红白黄]色?|洋红色?)|(?:color|颜色)\s*\d{1,2}", re.IGNORECASE
)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_CURRENCY = re.compile(r"\$([^-]*)(?:-(.*))?", re.DOTALL)
_NUMERALS = re.compile(r"dbnum([1-4])", re.IGNORECASE)
_SYSTEM_DATE, _SYSTEM_TIME = 'yyyy"年"m"月"d"日"', "h:mm:ss"
_SYSTEM = {"f800": _SYSTEM_DATE, "x-sysdate": _SYSTEM_DATE, "f400": _SYSTEM_TIME, "x-systime": _SYSTEM_TIME}
ELAPSED = "["


@dataclass(frozen=True, slots=True)
class Condition:
    """The numbers that a section is for (`[>=10000]`)."""

    sign: str
    limit: Decimal

    def holds(self, number: Decimal) -> bool:
        """Whether a number meets it."""
        return _COMPARISONS[self.sign](number, self.limit)

    @property
    def is_zero_only(self) -> bool:
        """Whether it holds for zero alone."""
        return self.sign == "=" and self.limit == 0

    @property
    def is_negative_only(self) -> bool:
        """Whether it holds for negative numbers alone (or for zero too, which has no sign)."""
        return self.sign in {"<", "<="} and self.limit <= 0


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One section: tokens that show something, and what stands in brackets before them.

    A section is equal to itself alone: caches keep what follows from it, and comparing tokens would cost more than that saves.
    `numerals` is the kind of Chinese numerals (`[DBNum1]`), `locale` the language of names of months (`804`).
    An elapsed part (`[h]`) is a moment whose text begins with a bracket.
    """

    tokens: tuple[Token, ...]
    condition: Condition | None = None
    is_colored: bool = False
    numerals: int = 0
    locale: str = ""

    def has(self, kind: TokenKind) -> bool:
        """Whether a token of this kind is in it."""
        return any(token.kind is kind for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Sections:
    """All sections of a format: those for numbers in order, and the one for texts.

    `conditions` choose among them (None: any number); what a code leaves out is positive, negative, rest.
    """

    numbers: tuple[Section, ...]
    text: Section | None
    conditions: tuple[Condition | None, ...]

    @classmethod
    def made_of(cls, numbers: list[Section], text: Section | None = None) -> Sections:
        """Sections with the conditions that follow from their order."""
        return cls(tuple(numbers), text, _conditions([section.condition for section in numbers]))

    def of(self, number: Decimal) -> Section | None:
        """The section that shows a number; None when no section is for it."""
        for section, condition in zip(self.numbers, self.conditions, strict=True):
            if condition is None or condition.holds(number):
                return section
        return None

    def drops_sign(self, section: Section) -> bool:
        """Whether a section shows a negative number without a minus of its own, because it is for negative numbers alone."""
        if len(self.numbers) == 1 and section.condition is None:
            return False
        place = next(index for index, one in enumerate(self.numbers) if one is section)
        condition = self.conditions[place]
        if condition is not None:
            return condition.is_negative_only
        return place == 1 and len(self.numbers) == 2 and self._first_is_fallback()

    def _first_is_fallback(self) -> bool:
        first = self.conditions[0]
        return first is not None and first.sign in {">", ">="} and first.limit == 0


def _conditions(declared: list[Condition | None]) -> tuple[Condition | None, ...]:
    if len(declared) == 1:
        return (declared[0],)
    if len(declared) == 2:
        return (declared[0] or Condition(">=", Decimal(0)), declared[1])
    first = declared[0] or Condition(">", Decimal(0))
    return (first, declared[1] or Condition("<", Decimal(0)), *([None] * (len(declared) - 2)))


def sections_of(code: str) -> Sections:
    """Take a code apart."""
    found = [_section(tokens) for tokens in _split(code)]
    if len(found) == 1 and found[0].has(TokenKind.TEXT):
        general = Section((Token(TokenKind.GENERAL, "General"),))
        return Sections.made_of([general], found[0])
    if len(found) >= 4:
        return Sections.made_of(found[:3], found[3])
    if found[-1].has(TokenKind.TEXT):
        return Sections.made_of(found[:-1], found[-1])
    return Sections.made_of(found)


def _split(code: str) -> Iterator[list[Token]]:
    tokens: list[Token] = []
    for token in tokens_of(code):
        if token.kind is TokenKind.END:
            yield tokens
            tokens = []
        else:
            tokens.append(token)
    yield tokens


def _section(tokens: list[Token]) -> Section:
    kept: list[Token] = []
    condition: Condition | None = None
    is_colored, numerals, locale = False, 0, ""
    for token in tokens:
        if token.kind is not TokenKind.BRACKET:
            kept.append(token)
        elif match := _CONDITION.fullmatch(token.text):
            condition = _condition(match)
        elif _ELAPSED.fullmatch(token.text):
            kept.append(Token(TokenKind.DATE_PART, ELAPSED + token.text.lower()))
        elif match := _CURRENCY.fullmatch(token.text):
            locale = (match[2] or "").lower() or locale
            kept.extend([Token(TokenKind.LITERAL, match[1])] if match[1] else [])
        elif match := _NUMERALS.fullmatch(token.text):
            numerals = int(match[1])
        elif _COLOR.fullmatch(token.text):
            is_colored = True
    if locale in _SYSTEM:
        kept = list(tokens_of(_SYSTEM[locale]))
    return Section(tuple(_merged(kept)), condition, is_colored, numerals, locale)


def _condition(match: re.Match[str]) -> Condition | None:
    try:
        return Condition(match[1], Decimal(match[2]))
    except InvalidOperation:
        return None


def _merged(tokens: list[Token]) -> Iterator[Token]:
    """Neighboring literals as one: programs write a word letter by letter (`\\万\\元`)."""
    words: list[str] = []
    for token in tokens:
        if token.kind is TokenKind.LITERAL:
            words.append(token.text)
            continue
        if words:
            yield Token(TokenKind.LITERAL, "".join(words))
            words = []
        yield token
    if words:
        yield Token(TokenKind.LITERAL, "".join(words))
