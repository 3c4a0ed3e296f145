"""Unit reading: interprets the words and the scale of a number format as a factor, and decides whether it is unambiguous.

The result depends on the format and on the printed unit, not on the number. It is cached by both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from loaders.reading.number_formats import Affixes
from loaders.reading.values.units import UnitCompatibility, is_known_unit, split_unit, unit_compatibility

_THOUSANDS = {"K": Decimal(1000), "M": Decimal(1_000_000)}
# `>5`, `≈5`, `5?`, `5+`, `5*`, `5†`: these do not mean 5.
_QUALIFYING_SIGNS = re.compile(r"[<>≤≥＜＞±≈∼~～?？+＋/／*＊†‡§※]")
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
    """Relation of the shown to the stored number: the same, taken with a warning, or ambiguous."""

    AGREE = "agree"
    SHOWN = "shown"
    STORED = "stored"
    TWO_READINGS = "two_readings"


@dataclass(frozen=True, slots=True)
class UnitReading:
    """Interpretation of a number format: `factor` converts the stored number into the printed unit."""

    factor: Decimal
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _NamedUnit:
    """Unit that a section names: its magnitude and its base; None where it names none."""

    multiple: Decimal | None
    base: str | None
    is_known: bool = True


@lru_cache(maxsize=4096)
def unit_reading(affixes: Affixes, printed: str | None) -> UnitReading:
    """Interprets a section's number in a column that is printed in this unit."""
    multiple, base = split_unit(printed) if printed else (Decimal(1), None)
    named_unit = _named_unit(affixes, base)
    compatibility = unit_compatibility(named_unit.base, base)
    if compatibility is UnitCompatibility.CONFLICT:
        return UnitReading(Decimal(1), Outcome.TWO_READINGS)
    factor = (multiple if named_unit.multiple is None else named_unit.multiple) / (affixes.scale * multiple)
    outcome = Outcome.AGREE if factor == 1 else _outcome_of_scale(affixes, named_unit, multiple)
    if outcome is Outcome.AGREE and (compatibility is UnitCompatibility.OTHER_COUNT or not named_unit.is_known):
        outcome = Outcome.STORED if factor == 1 else Outcome.SHOWN
    return UnitReading(factor, outcome)


def _outcome_of_scale(affixes: Affixes, named_unit: _NamedUnit, multiple: Decimal) -> Outcome:
    """Decides the outcome of a scaled number, which is unambiguous only in the header's own unit."""
    if affixes.scale == 1:
        return Outcome.SHOWN
    is_consistent = named_unit.multiple == affixes.scale or (named_unit.multiple is None and affixes.scale == multiple)
    if not is_consistent:
        return Outcome.TWO_READINGS
    return Outcome.AGREE if affixes.scale == multiple else Outcome.SHOWN


def _named_unit(affixes: Affixes, printed_base: str | None) -> _NamedUnit:
    """Returns the unit named by the words around the digits. A percent sign is a magnitude if the column has no unit."""
    quantity, words = affixes.quantity, affixes.prefix + affixes.suffix
    currency = next((unit for sign, unit in _CURRENCIES if sign in words.upper()), None)
    if quantity is None:
        return _NamedUnit(None, currency, is_known=currency is not None or _is_plain(words))
    if quantity.unit in _THOUSANDS:
        return _NamedUnit(_THOUSANDS[quantity.unit], currency)
    if quantity.unit in _PARTS:
        return _NamedUnit(None if printed_base else _PARTS[quantity.unit], quantity.unit)
    if quantity.multiplier == 1 and quantity.unit is None:
        return _NamedUnit(None, currency, is_known=_is_plain(words))
    if quantity.unit and quantity.unit.isascii() and not is_known_unit(quantity.unit):
        return _NamedUnit(quantity.multiplier, currency, is_known=False)
    return _NamedUnit(quantity.multiplier, currency or (quantity.unit and split_unit(quantity.unit)[1]))


def _is_plain(words: str) -> bool:
    """Checks whether the text around the digits has no meaning: no letters, no sign of more or less, no footnote mark."""
    return not any(letter.isalnum() for letter in words) and _QUALIFYING_SIGNS.search(words) is None
