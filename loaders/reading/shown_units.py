"""What the words and the scale of a number format mean in a column: by which factor, and whether that is beyond doubt.

It depends on the format and on the unit that the document prints, not on the number, and is worked out once for both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from loaders.reading.number_formats import Statement
from loaders.reading.units import Likeness, is_known_unit, likeness, split_unit

_THOUSANDS = {"K": Decimal(1000), "M": Decimal(1_000_000)}
# ">5", "≈5", "5?", "5+", "5*", "5†": another statement than 5
_SAYING = re.compile(r"[<>≤≥＜＞±≈∼~～?？+＋/／*＊†‡§※]")
_PARTS = {"%": Decimal("0.01"), "‰": Decimal("0.001")}
_CURRENCIES = (
    ("HK$", "港元"),
    ("HKD", "港元"),
    ("US$", "美元"),
    ("USD", "美元"),
    ("$", "美元"),
    ("€", "欧元"),
    ("EUR", "欧元"),
    ("£", "英镑"),
    ("GBP", "英镑"),
    ("JPY", "日元"),
    ("¥", "元"),
    ("￥", "元"),
    ("RMB", "元"),
    ("CNY", "元"),
    ("人民币", "元"),
)


class Outcome(StrEnum):
    """What the shown number is to the stored one: the same, or taken with a remark, or one of two readings."""

    AGREE = "agree"
    SHOWN = "shown"
    STORED = "stored"
    TWO_READINGS = "two_readings"


@dataclass(frozen=True, slots=True)
class UnitReading:
    """`factor` turns the stored number into the shown one, in the unit that the document prints."""

    factor: Decimal
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Said:
    """What a section says of the unit: by how much (None: nothing), and of what."""

    multiple: Decimal | None
    base: str | None
    is_known: bool = True


@lru_cache(maxsize=4096)
def unit_reading(statement: Statement, printed: str | None) -> UnitReading:
    """How a number that a section shows is read in a column that is printed in this unit."""
    multiple, base = split_unit(printed) if printed else (Decimal(1), None)
    said = _said(statement, base)
    kin = likeness(said.base, base)
    if kin is Likeness.CONFLICT:
        return UnitReading(Decimal(1), Outcome.TWO_READINGS)
    factor = (multiple if said.multiple is None else said.multiple) / (statement.scale * multiple)
    outcome = Outcome.AGREE if factor == 1 else _of_scale(statement, said, multiple)
    if outcome is Outcome.AGREE and (kin is Likeness.OTHER_COUNT or not said.is_known):
        outcome = Outcome.STORED if factor == 1 else Outcome.SHOWN
    return UnitReading(factor, outcome)


def _of_scale(statement: Statement, said: _Said, multiple: Decimal) -> Outcome:
    """Shown digits that are not the stored number: beyond doubt only in the header's own unit."""
    if statement.scale == 1:
        return Outcome.SHOWN
    is_consistent = said.multiple == statement.scale or (said.multiple is None and statement.scale == multiple)
    if not is_consistent:
        return Outcome.TWO_READINGS
    return Outcome.AGREE if statement.scale == multiple else Outcome.SHOWN


def _said(statement: Statement, printed_base: str | None) -> _Said:
    """The magnitude and unit of the words around the digits; a percent sign is a magnitude where the column has no unit."""
    quantity, words = statement.quantity, statement.prefix + statement.suffix
    currency = next((unit for sign, unit in _CURRENCIES if sign in words.upper()), None)
    if quantity is None:
        return _Said(None, currency, is_known=currency is not None or _is_plain(words))
    if quantity.unit in _THOUSANDS:
        return _Said(_THOUSANDS[quantity.unit], currency)
    if quantity.unit in _PARTS:
        return _Said(None if printed_base else _PARTS[quantity.unit], quantity.unit)
    if quantity.multiplier == 1 and quantity.unit is None:
        return _Said(None, currency, is_known=_is_plain(words))
    if quantity.unit and quantity.unit.isascii() and not is_known_unit(quantity.unit):
        return _Said(quantity.multiplier, currency, is_known=False)
    return _Said(quantity.multiplier, currency or (quantity.unit and split_unit(quantity.unit)[1]))


def _is_plain(words: str) -> bool:
    """Whether what stands around the digits says nothing: no letters, no sign of more or less, no footnote mark."""
    return not any(letter.isalnum() for letter in words) and _SAYING.search(words) is None
