"""What comes out of one cell's text: a value, a value in doubt, or the reason why there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from loaders.contract import LocalizedText

Value = str | int | Decimal | dt.date | bool
Parser = Callable[[str], "Value | ConversionWarning"]


class ConversionError(ValueError):
    """A cell's text is no value of its column: which rule says so, and what was expected."""

    def __init__(self, rule: str, expected: LocalizedText) -> None:
        super().__init__(expected.en)
        self.rule = rule
        self.expected = expected


@dataclass(frozen=True, slots=True)
class ConversionWarning:
    """A value that is accepted with a warning: `expected` says what would have been beyond doubt."""

    value: Value
    rule: str
    expected: LocalizedText
