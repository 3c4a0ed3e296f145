"""Numbers in columns of text, codes and choices: these columns take the shown text, if it adds to the number."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from loaders.contract import PERSONAL_TYPES, Column, ColumnType
from loaders.reading.model.sheets import Cell
from loaders.reading.number_formats import Affixes, NumberFormat
from loaders.reading.values.shown_issues import ShownValue, hidden, shown_is_taken, two_readings
from loaders.reading.values.shown_text import shown_text

_CODES = PERSONAL_TYPES | {ColumnType.USCC, ColumnType.DIVISION_CODE, ColumnType.CHOICE, ColumnType.BOOLEAN}
_CODE_NAMES = ("_code", "_no", "_number", "_id", "_serial")


def is_code(column: Column) -> bool:
    """Checks whether a column holds codes or choices, whose values must not be altered."""
    if column.type is not ColumnType.TEXT:
        return column.type in _CODES
    return column.key or column.known_in is not None or column.name.endswith(_CODE_NAMES)


def shown_as_text(cell: Cell, shown_as: NumberFormat, number: Decimal, column: Column) -> ShownValue | None:
    """Returns the text that a text column takes of a number; None if it is the plain number."""
    affixes = shown_as.affixes(number)
    if affixes is None:
        return None
    shown = shown_text(cell).strip()
    if not shown:
        return ShownValue(cell.text, hidden(cell.text, is_zero=not number))
    if shown_as.loses_sign(number):
        return ShownValue(cell.text, two_readings(shown, cell.text, shown, cell.text))
    if not _shows_more(affixes, number) and not (is_code(column) and _adds_places(affixes, number)):
        return None
    if affixes.has_digits and (_is_rounded(affixes, number) or (number and _is_scaled(affixes))):
        taken = two_readings(shown, cell.text, shown, cell.text) if is_code(column) else shown_is_taken(shown, cell.text, shown)
        return ShownValue(shown, taken)
    return ShownValue(shown)


def shown_as_datetime(cell: Cell, shown_as: NumberFormat, number: Decimal) -> ShownValue | None:
    """Returns the text that a date or period column takes of a number: `0000"年"00"月"` shows a month."""
    affixes = shown_as.affixes(number)
    if affixes is None or (affixes.has_digits and not affixes.has_words and not affixes.is_compound and affixes.scale == 1):
        return None
    shown = shown_text(cell).strip()
    return ShownValue(shown) if shown else ShownValue(cell.text, hidden(cell.text, is_zero=not number))


def _shows_more(affixes: Affixes, number: Decimal) -> bool:
    """Checks whether the shown text adds to the number. Thousands separators, a sign and decimal places add nothing."""
    if not affixes.has_digits or affixes.has_words or affixes.is_compound or affixes.is_padded or affixes.is_respelled:
        return True
    return (affixes.scale != 1 and not affixes.is_percent) or (affixes.shows_negative and number >= 0)


def _adds_places(affixes: Affixes, number: Decimal) -> bool:
    """Checks whether a decimal number is shown with other decimals: section 3.1 under `0.00` is shown, and meant, as 3.10."""
    return number != int(number) and affixes.places > 0 and not affixes.is_percent


def _is_scaled(affixes: Affixes) -> bool:
    """Checks whether the shown digits are those of another number without a word that says so."""
    return affixes.scale != 1 and not affixes.is_percent and not affixes.has_words


def _is_rounded(affixes: Affixes, number: Decimal) -> bool:
    """Checks whether the shown text is less precise than the number."""
    if affixes.is_respelled or affixes.is_percent:
        return False
    digits = number / affixes.scale
    return digits.quantize(Decimal(1).scaleb(-affixes.places), ROUND_HALF_UP) != digits
