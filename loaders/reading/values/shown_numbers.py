"""Numbers whose format adds scales, units, signs or words, compared with the unit that the document prints.

The number is taken with full precision (3.5123 万 where 3.5 is shown), in the unit in which the column is printed.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

from loaders.reading.model.sheets import Cell
from loaders.reading.number_formats import Affixes, NumberFormat
from loaders.reading.number_formats.affixes import affixes_of
from loaders.reading.values.shown_issues import ShownValue, hidden, shown_is_taken, stored_is_taken, two_readings
from loaders.reading.values.shown_text import shown_text
from loaders.reading.values.unit_reading import Outcome, UnitReading, unit_reading
from loaders.reading.values.units import split_unit

_SUFFIX_QUALIFIERS = {"多", "余", "来", "左右", "以上"}
_PERCENT = Decimal("0.01")


def shown_number(cell: Cell, shown_as: NumberFormat, number: Decimal, printed: str | None) -> ShownValue | None:
    """Returns the value that a numeric column takes; None if it is the plain number."""
    affixes = shown_as.affixes(number)
    if affixes is None:
        return None
    if not affixes.has_digits or (affixes.may_be_blank and not shown_text(cell).strip()):
        return _without_digits(cell, affixes, number)
    if affixes.is_compound or affixes.has_literal_digits:
        return _ambiguous(cell)
    if shown_as.loses_sign(number) or (affixes.shows_negative and number >= 0):
        return _with_other_sign(cell, is_colored=shown_as.is_colored(number))
    if affixes.is_percent and affixes.scale == _PERCENT:
        return None
    return _in_unit(cell, shown_as, number, affixes, printed) if number else None


def _without_digits(cell: Cell, affixes: Affixes, number: Decimal) -> ShownValue | None:
    """Handles a format that shows words or nothing. In accounting formats, a dash means zero."""
    if not number and affixes.is_dash:
        return None
    shown = shown_text(cell).strip()
    if not shown:
        return ShownValue(cell.text, hidden(cell.text, is_zero=not number))
    return ShownValue(cell.text, stored_is_taken(shown, cell.text)) if not number else _ambiguous(cell)


def _with_other_sign(cell: Cell, *, is_colored: bool) -> ShownValue:
    """Handles a number whose sign is shown differently. A color alone is a warning; a missing sign quarantines the row."""
    return ShownValue(cell.text, stored_is_taken(shown_text(cell).strip(), cell.text)) if is_colored else _ambiguous(cell)


def _ambiguous(cell: Cell) -> ShownValue:
    shown = shown_text(cell).strip()
    return ShownValue(cell.text, two_readings(shown, cell.text, shown, cell.text))


def _in_unit(cell: Cell, shown_as: NumberFormat, number: Decimal, affixes: Affixes, printed: str | None) -> ShownValue | None:
    reading = unit_reading(affixes, printed)
    word = affixes.quantity.qualifier if affixes.quantity else None
    outcome = _outcome(reading, shown_as, number, affixes, printed)
    if outcome is Outcome.AGREE and reading.factor == 1 and word is None:
        return None
    with localcontext() as context:
        context.prec = 400  # a double has up to 309 digits before its point
        taken = f"{(number * reading.factor).normalize():f}"
    text = taken if word is None else taken + word if word in _SUFFIX_QUALIFIERS else word + taken
    if outcome is Outcome.AGREE:
        return ShownValue(text)
    shown, unit = shown_text(cell).strip(), printed or ""
    if outcome is Outcome.SHOWN:
        return ShownValue(text, shown_is_taken(shown, cell.text, taken + unit))
    if outcome is Outcome.STORED:
        return ShownValue(text, stored_is_taken(shown, cell.text))
    as_shown = shown if reading.factor == 1 and not _is_rounded_away(affixes, number) else taken + unit
    return ShownValue(text, two_readings(shown, cell.text, as_shown, cell.text + unit))


def _outcome(reading: UnitReading, shown_as: NumberFormat, number: Decimal, affixes: Affixes, printed: str | None) -> Outcome:
    """Decides the outcome of one number: a scale may hide too many digits, or another section may name its unit."""
    if reading.outcome is not Outcome.AGREE:
        return reading.outcome
    if affixes.scale != 1 and _is_rounded_away(affixes, number):
        return Outcome.STORED if reading.factor == 1 else Outcome.TWO_READINGS
    if affixes.scale == 1 and len(shown_as.sections.numbers) > 1 and _hides_other_unit(shown_as, affixes, printed):
        return Outcome.TWO_READINGS
    return Outcome.AGREE


def _is_rounded_away(affixes: Affixes, number: Decimal) -> bool:
    """Checks whether a scale hides so many digits that another number is shown (300 under `0!.0,` shows 0.0)."""
    digits = number / affixes.scale
    return affixes.scale != 1 and abs(round(digits, affixes.places) - digits) > abs(digits) / 2


def _hides_other_unit(shown_as: NumberFormat, affixes: Affixes, printed: str | None) -> bool:
    """Checks whether another section names a smaller unit than the header's for stored numbers (`[>=10000]0!.0,"万";0`)."""
    multiple = split_unit(printed)[0] if printed else Decimal(1)
    if multiple == 1 or affixes.has_words:
        return False
    others = (affixes_of(section) for section in shown_as.sections.numbers)
    return any(other.has_digits and other.scale == multiple for other in others)
