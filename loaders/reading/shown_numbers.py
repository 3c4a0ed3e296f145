"""Numbers whose format shows more than the number: scales, units, signs and words, against the unit that the document prints.

The shown digits are taken in full (3.5123 万 where 3.5 is shown), in the unit that the column is printed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from loaders.reading.number_formats import NumberFormat, Statement
from loaders.reading.number_formats.statement import statement_of
from loaders.reading.sheets import Cell
from loaders.reading.shown_findings import Finding, ShownValue, hidden, shown_is_taken, stored_is_taken, two_readings
from loaders.reading.shown_text import shown_text
from loaders.reading.units import Likeness, likeness, split_unit

_THOUSANDS = {"K": Decimal(1000), "M": Decimal(1_000_000)}
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
_PARTS = {"%": Decimal("0.01"), "‰": Decimal("0.001")}
_BEHIND = {"多", "余", "来", "左右", "以上"}
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a section says of the unit: by how much (None: nothing), and of what."""

    multiple: Decimal | None
    base: str | None
    is_known: bool = True


def shown_number(cell: Cell, shown_as: NumberFormat, number: Decimal, printed: str | None) -> ShownValue | None:
    """The number that a numeric column takes; None where the cell says nothing but its number."""
    said = shown_as.statement(number)
    if said is None:
        return None
    if not said.has_digits or not shown_text(cell).strip():
        return _without_digits(cell, said, number)
    shown = shown_text(cell).strip()
    if said.is_compound or said.has_literal_digits:
        return ShownValue(cell.text, two_readings(shown, cell.text, shown, cell.text))
    if shown_as.loses_sign(number) or shown_as.says_negative(number):
        return _of_other_sign(cell, shown, is_colored=shown_as.is_colored(number))
    if said.is_percent and said.scale * _HUNDRED == 1:
        return None
    return _in_unit(cell, shown_as, number, printed)


def _without_digits(cell: Cell, said: Statement, number: Decimal) -> ShownValue | None:
    """A format that shows words or nothing. A dash is how accounts write zero."""
    if not number and said.is_dash:
        return None
    shown = shown_text(cell).strip()
    if not shown:
        return ShownValue(cell.text, hidden(cell.text, is_zero=not number))
    if not number:
        return ShownValue(cell.text, stored_is_taken(shown, cell.text))
    return ShownValue(cell.text, two_readings(shown, cell.text, shown, cell.text))


def _of_other_sign(cell: Cell, shown: str, *, is_colored: bool) -> ShownValue:
    """A negative number that looks positive, or the other way round: a color alone is remarked on, no sign at all held back."""
    if is_colored:
        return ShownValue(cell.text, stored_is_taken(shown, cell.text))
    return ShownValue(cell.text, two_readings(shown, cell.text, shown, cell.text))


def _in_unit(cell: Cell, shown_as: NumberFormat, number: Decimal, printed: str | None) -> ShownValue | None:
    statement = shown_as.statement(number)
    if statement is None:
        return None
    multiple, base = split_unit(printed) if printed else (Decimal(1), None)
    said = _said(statement, base)
    kin = likeness(said.base, base)
    shown = shown_text(cell).strip()
    if kin is Likeness.CONFLICT:
        return ShownValue(cell.text, two_readings(shown, cell.text, shown, f"{cell.text}{printed or ''}"))
    with localcontext() as context:
        context.prec = 60
        digits = number / statement.scale
        taken = digits * (multiple if said.multiple is None else said.multiple) / multiple
    finding = _finding(shown, cell.text, statement, said, number, taken, (multiple, printed or ""))
    if finding is None and _is_rounded_away(statement, digits):
        finding = stored_is_taken(shown, cell.text) if taken == number else _both(shown, cell.text, taken, printed or "")
    if finding is None and _hides_other_unit(shown_as, statement, multiple):
        finding = _both(shown, cell.text, taken, printed or "")
    if finding is None and (kin is Likeness.OTHER_COUNT or not said.is_known):
        finding = stored_is_taken(shown, cell.text)
    text = _with_qualifier(f"{taken.normalize():f}", statement)
    return None if finding is None and text == cell.text else ShownValue(text, finding)


def _said(statement: Statement, printed_base: str | None) -> _Said:
    """The magnitude and unit of the words around the digits; a percent sign is a magnitude where the column has no unit."""
    quantity, words = statement.quantity, statement.prefix + statement.suffix
    currency = next((unit for sign, unit in _CURRENCIES if sign in words.upper()), None)
    if quantity is None:
        return _Said(None, currency, is_known=currency is not None or not any(letter.isalnum() for letter in words))
    if quantity.unit in _THOUSANDS:
        return _Said(_THOUSANDS[quantity.unit], currency)
    if quantity.unit in _PARTS:
        return _Said(None if printed_base else _PARTS[quantity.unit], quantity.unit)
    if quantity.multiplier == 1 and quantity.unit is None:
        return _Said(None, currency)
    return _Said(quantity.multiplier, currency or (quantity.unit and split_unit(quantity.unit)[1]))


def _finding(
    shown: str, stored: str, statement: Statement, said: _Said, number: Decimal, taken: Decimal, unit: tuple[Decimal, str]
) -> Finding | None:
    """What is to be said of the scale: nothing where shown and stored number agree, or the shown one is in the header's unit."""
    multiple, printed = unit
    if taken == number:
        return None
    if statement.scale != 1:
        is_consistent = said.multiple in {None, statement.scale}
        if not is_consistent or (said.multiple is None and statement.scale != multiple):
            return _both(shown, stored, taken, printed)
        return None if statement.scale == multiple else shown_is_taken(shown, stored, f"{taken.normalize():f}{printed}")
    return shown_is_taken(shown, stored, f"{taken.normalize():f}{printed}")


def _both(shown: str, stored: str, taken: Decimal, printed: str) -> Finding:
    return two_readings(shown, stored, f"{taken.normalize():f}{printed}", f"{stored}{printed}")


def _is_rounded_away(statement: Statement, digits: Decimal) -> bool:
    """Whether a scale leaves so few digits that another number is seen (300 under `0!.0,` shows 0.0)."""
    if statement.scale == 1 or not digits:
        return False
    return abs(round(digits, statement.places) - digits) > abs(digits) / 2


def _hides_other_unit(shown_as: NumberFormat, statement: Statement, multiple: Decimal) -> bool:
    """Whether another section says that numbers are stored in a smaller unit than the header's (`[>=10000]0!.0,"万";0`)."""
    if multiple == 1 or statement.scale != 1 or statement.has_words:
        return False
    others = (statement_of(section) for section in shown_as.sections.numbers)
    return any(other.has_digits and other.scale > 1 and other.scale == multiple for other in others)


def _with_qualifier(number: str, statement: Statement) -> str:
    """A number with the word that makes it inexact (`约`), which the rules are to see."""
    word = statement.quantity.qualifier if statement.quantity else None
    if word is None:
        return number
    return number + word if word in _BEHIND else word + number
