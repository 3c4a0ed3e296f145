"""Sections of a number format: which section applies to a number, and which one to a text."""

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
# `[>=10000]`, without brackets
_CONDITION = re.compile(r"\s*(<=|>=|<>|<|>|=)\s*([-+]?[\d.]+(?:E[-+]?\d+)?)\s*", re.IGNORECASE)
# `[Red]`, `[红色]`, `[Color 12]`, without brackets
_COLOR = re.compile(
    r"(?:black|blue|cyan|green|magenta|red|white|yellow|[黑蓝青绿红白黄]色?|洋红色?)|(?:color|颜色)\s*\d{1,2}", re.IGNORECASE
)
# `[h]`, `[mm]`, without brackets
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
# `[$¥-804]`, without brackets: sign and locale
_CURRENCY = re.compile(r"\$([^-]*)(?:-(.*))?", re.DOTALL)
# `[DBNum1]`, without brackets
_NUMERALS = re.compile(r"dbnum([1-4])", re.IGNORECASE)
_SYSTEM_DATE, _SYSTEM_TIME = 'yyyy"年"m"月"d"日"', "h:mm:ss"
_SYSTEM = {"f800": _SYSTEM_DATE, "x-sysdate": _SYSTEM_DATE, "f400": _SYSTEM_TIME, "x-systime": _SYSTEM_TIME}
ELAPSED = "["


@dataclass(frozen=True, slots=True)
class Condition:
    """Condition of a section (`[>=10000]`)."""

    sign: str
    limit: Decimal

    def holds(self, number: Decimal) -> bool:
        """Checks whether a number meets the condition."""
        return _COMPARISONS[self.sign](number, self.limit)

    @property
    def is_zero_only(self) -> bool:
        """Checks whether only zero meets the condition."""
        return self.sign == "=" and self.limit == 0

    @property
    def is_negative_only(self) -> bool:
        """Checks whether only negative numbers meet the condition (zero may, too, because it has no sign)."""
        return self.sign in {"<", "<="} and self.limit <= 0


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """Section: the tokens that it shows, and the settings in brackets before them.

    Sections compare by identity, because caches use them as keys and comparing tokens would cost more than the caches save.
    `numerals` is the kind of Chinese numerals (`[DBNum1]`), `locale` the language of month names (`804`). An elapsed part (`[h]`)
    is a date part whose text begins with a bracket.
    """

    tokens: tuple[Token, ...]
    condition: Condition | None = None
    is_colored: bool = False
    numerals: int = 0
    locale: str = ""

    def has(self, kind: TokenKind) -> bool:
        """Checks whether the section has a token of this kind."""
        return any(token.kind is kind for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Sections:
    """Sections of a format: those for numbers in order, and the one for texts.

    `conditions` choose among them (None: any number). Without explicit conditions, the order is positive, negative, others.
    """

    numbers: tuple[Section, ...]
    text: Section | None
    conditions: tuple[Condition | None, ...]

    @classmethod
    def made_of(cls, numbers: list[Section], text: Section | None = None) -> Sections:
        """Builds sections with the conditions that follow from their order."""
        return cls(tuple(numbers), text, _conditions([section.condition for section in numbers]))

    def of(self, number: Decimal) -> Section | None:
        """Returns the section that applies to a number; None if there is none."""
        for section, condition in zip(self.numbers, self.conditions, strict=True):
            if condition is None or condition.holds(number):
                return section
        return None

    def drops_sign(self, section: Section) -> bool:
        """Checks whether a section shows a negative number without minus, because it applies to negative numbers alone."""
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
    """Parses a format code."""
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
    """Merges neighboring literals, because programs write a word letter by letter (`\\万\\元`)."""
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
