"""Field count: checks records whose number of fields differs from the header for values in a wrong column.

Some programs end each record with a delimiter but not the header, or only the header. Then all records have one extra blank
field, or one field less below a blank header. A single record with an extra blank field may contain an unquoted value with a
delimiter. The types of the columns decide whether that is possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from loaders.characters.cleaning import clean_text
from loaders.contract import Column, ColumnType
from loaders.messages import issue_of, phrase
from loaders.model import Issue
from loaders.period import parse_date, parse_datetime, parse_period
from loaders.quantity import parse_quantity
from loaders.reading.model.refusals import too_many_ragged_rows
from loaders.reading.tables.headers.header_text import loose_form
from loaders.reading.text.record_batches import Record

MAX_RAGGED_ROWS = 5_000
_NUMBERS = {ColumnType.INTEGER, ColumnType.DECIMAL}
_PERIODS = {ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR}


class FieldCountCheck:
    """Check of the number of fields of one document's records.

    `below` are some records below the header, `columns` the contract's columns by column number.
    """

    def __init__(self, header: Sequence[str], below: Sequence[Record], columns: Mapping[int, Column]) -> None:
        self.fields = len(header)
        self._columns = columns
        self._ends_blank = bool(header) and not clean_text(header[-1])
        counts = Counter(len(fields) for _, _, fields in below if _has_several_texts(fields))
        width, records = counts.most_common(1)[0] if counts else (self.fields, 0)
        self._usual = width if records > 1 and records * 2 > counts.total() else self.fields
        self._first_ragged = 0
        self._ragged = 0
        self.issues: list[Issue] = []

    def is_regular(self, fields: Sequence[str]) -> bool:
        """Checks whether a record differs from the header as most records do, and only by a blank field at its end."""
        return len(fields) == self._usual and (self._ends_with_separator(fields) or self._lacks_blank_field(fields))

    def check(self, line: int, last_line: int, fields: list[str]) -> None:
        """Quarantines a data record whose values may be in a wrong column.

        Raises:
            Refusal: too many records are irregular.
        """
        if self.is_regular(fields) or (self._ends_with_separator(fields) and not self._may_have_shifted(fields)):
            return
        self._first_ragged = self._first_ragged or line
        self._ragged += 1
        if self._ragged > MAX_RAGGED_ROWS:
            raise too_many_ragged_rows(MAX_RAGGED_ROWS, self.fields, self._first_ragged)
        self.issues.append(_ragged_row(line, last_line, fields, self.fields))

    def _ends_with_separator(self, fields: Sequence[str]) -> bool:
        return len(fields) == self.fields + 1 and not clean_text(fields[-1])

    def _lacks_blank_field(self, fields: Sequence[str]) -> bool:
        return self._ends_blank and len(fields) == self.fields - 1

    def _may_have_shifted(self, fields: Sequence[str]) -> bool:
        """Checks whether two fields may be one value with a delimiter.

        The fields after them then belong one column to the left.
        """
        return any(
            self._fits([*fields[:place], f"{fields[place]},{fields[place + 1]}", *fields[place + 2 :]], place)
            for place in range(self.fields - 1)
        )

    def _fits(self, fields: Sequence[str], first: int) -> bool:
        """Checks whether the fields from a position on are valid values of their columns."""
        return all(
            self._columns.get(number) is None or _accepts(self._columns[number], clean_text(fields[number - 1]))
            for number in range(first + 1, self.fields + 1)
        )


def _has_several_texts(fields: Sequence[str]) -> bool:
    """Checks whether at least two fields show something."""
    shown = filter(clean_text, fields)
    return next(shown, None) is not None and next(shown, None) is not None


def _accepts(column: Column, text: str) -> bool:
    """Checks whether a text is a valid value of a column, by the column's type."""
    if not text:
        return not column.required
    try:
        if column.type in _NUMBERS:
            quantity = parse_quantity(text)
            return column.type is not ColumnType.INTEGER or quantity.value == int(quantity.value)
        if column.type is ColumnType.DATE:
            parse_date(text, two_digit_year=column.two_digit_year)
        elif column.type is ColumnType.DATETIME:
            parse_datetime(text, two_digit_year=column.two_digit_year)
        elif column.type in _PERIODS:
            parse_period(text)
    except (ValueError, ArithmeticError):
        return False
    if column.type is ColumnType.CHOICE:
        return loose_form(text) in map(loose_form, (*column.choices, *column.aliases))
    return column.type not in {ColumnType.USCC, ColumnType.DIVISION_CODE} or text.isascii()


def _ragged_row(line: int, last_line: int, fields: list[str], width: int) -> Issue:
    return issue_of(
        "ragged_row",
        row=line,
        spans=phrase("lines.quoted_to", last_row=last_line) if last_line > line else "",
        count=len(fields),
        relation=phrase("fewer" if len(fields) < width else "more"),
        width=width,
    )
