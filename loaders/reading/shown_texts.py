"""Numbers in columns of text, codes and choices: there the shown text is the value, where it says more than the number."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from loaders.contract import PERSONAL_TYPES, Column, ColumnType
from loaders.reading.number_formats import NumberFormat, Statement
from loaders.reading.sheets import Cell
from loaders.reading.shown_findings import ShownValue, hidden, shown_is_taken, two_readings
from loaders.reading.shown_text import shown_text

_CODES = PERSONAL_TYPES | {ColumnType.USCC, ColumnType.DIVISION_CODE, ColumnType.CHOICE, ColumnType.BOOLEAN}
_CODE_NAMES = ("_code", "_no", "_number", "_id", "_serial")


def is_code(column: Column) -> bool:
    """Whether a column's values name things or are chosen from a list, so that none of them may be altered."""
    if column.type is not ColumnType.TEXT:
        return column.type in _CODES
    return column.key or column.known_in is not None or column.name.endswith(_CODE_NAMES)


def shown_as_text(cell: Cell, shown_as: NumberFormat, number: Decimal, column: Column) -> ShownValue | None:
    """The text that a column of texts takes of a number; None where it is the plain number."""
    said = shown_as.statement(number)
    if said is None:
        return None
    shown = shown_text(cell).strip()
    if not shown:
        return ShownValue(cell.text, hidden(cell.text, is_zero=not number))
    if shown_as.loses_sign(number):
        return ShownValue(cell.text, two_readings(shown, cell.text, shown, cell.text))
    if not _says_more(said, number) and not (is_code(column) and _adds_places(said, number)):
        return None
    if said.has_digits and (_is_rounded(said, number) or (number and _is_scaled(said))):
        taken = two_readings(shown, cell.text, shown, cell.text) if is_code(column) else shown_is_taken(shown, cell.text, shown)
        return ShownValue(shown, taken)
    return ShownValue(shown)


def shown_as_moment(cell: Cell, shown_as: NumberFormat, number: Decimal) -> ShownValue | None:
    """The text that a column of dates or periods takes of a number: `0000"年"00"月"` shows a month."""
    said = shown_as.statement(number)
    if said is None or (said.has_digits and not said.has_words and not said.is_compound and said.scale == 1):
        return None
    shown = shown_text(cell).strip()
    return ShownValue(shown) if shown else ShownValue(cell.text, hidden(cell.text, is_zero=not number))


def _says_more(said: Statement, number: Decimal) -> bool:
    """Whether the shown text is more than the number; parted thousands, a sign and decimal places are not."""
    if not said.has_digits or said.has_words or said.is_compound or said.is_padded or said.is_respelled:
        return True
    return (said.scale != 1 and not said.is_percent) or (said.says_negative and number >= 0)


def _adds_places(said: Statement, number: Decimal) -> bool:
    """Whether a number with decimals is shown with other decimals: section 3.1 under `0.00` is shown, and meant, as 3.10."""
    return number != int(number) and said.places > 0 and not said.is_percent


def _is_scaled(said: Statement) -> bool:
    """Whether the shown digits are those of another number, and no word says so."""
    return said.scale != 1 and not said.is_percent and not said.has_words


def _is_rounded(said: Statement, number: Decimal) -> bool:
    """Whether the shown text holds less than the number."""
    if said.is_respelled or said.is_percent:
        return False
    digits = number / said.scale
    return digits.quantize(Decimal(1).scaleb(-said.places), ROUND_HALF_UP) != digits
