"""Columns of text -> columns of the contract's types.

Whole columns by casts; only what is left over cell by cell, each distinct text once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Column, ColumnType, LocalizedText
from loaders.divisions import Divisions
from loaders.model import Severity
from loaders.raw_schema import arrow_type
from loaders.validation.conversion.cell_parsers import (
    LARGEST_NUMBER,
    ConversionError,
    ConversionWarning,
    Parser,
    Value,
    largest_number,
    parser_for,
)
from loaders.validation.conversion.footnote_marks import suspect_pattern
from loaders.validation.model.string_column import Positions, StringColumn, may_begin

# By rule, severity and words: what was expected, and the places in which it was not found.
FoundIssues = dict[tuple[str, Severity, str, str], tuple[LocalizedText, list[int]]]


@dataclass(frozen=True, slots=True)
class ConversionIssue:
    """A text that is no value of its column (`error`), or one that was accepted in doubt (`warning`), at these rows."""

    rows: Positions
    rule: str
    severity: Severity
    expected: LocalizedText


@dataclass(frozen=True, slots=True)
class ConvertedColumn:
    """`values` has the column's type; where the text was unfit it is null, and `invalid` is true."""

    values: pa.Array
    issues: list[ConversionIssue] = field(default_factory=list)

    def invalid(self) -> Positions:
        """The rows whose text is no value of the column."""
        rows = [issue.rows for issue in self.issues if issue.severity is Severity.ERROR]
        return np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)


def convert(column: Column, texts: StringColumn, scale: Decimal, divisions: Divisions) -> ConvertedColumn:
    """Convert one column's cleaned texts, each distinct text once where the column repeats itself."""
    distinct = _convert(column, texts.distinct, scale, divisions)
    issues = [ConversionIssue(texts.rows_of(issue.rows), issue.rule, issue.severity, issue.expected) for issue in distinct.issues]
    return ConvertedColumn(texts.expand(distinct.values), issues)


def _convert(column: Column, texts: pa.Array, scale: Decimal, divisions: Divisions) -> ConvertedColumn:
    parse = parser_for(column, scale, divisions)
    cast = _CASTS.get(column.type)
    if cast is None or (scale != 1 and column.type is ColumnType.INTEGER):
        return _convert_distinct(column, texts, parse)
    whole = cast(texts, column, scale)
    if whole is not None:
        return ConvertedColumn(whole)
    plain = _are_plain(texts, column)
    fit = cast(texts.filter(plain), column, scale)
    if fit is None:
        return _convert_distinct(column, texts, parse)
    rest = _convert_distinct(column, texts.filter(pc.invert(plain)), parse)
    return _in_row_order(plain, fit, rest)


def _in_row_order(is_fit: pa.Array, fit: pa.Array, rest: ConvertedColumn) -> ConvertedColumn:
    """Put the quickly and the slowly converted values back into their rows."""
    mask = is_fit.to_numpy(zero_copy_only=False)
    order = np.empty(len(mask), dtype=np.int64)
    order[mask] = np.arange(len(fit))
    rows = np.flatnonzero(~mask)
    order[rows] = len(fit) + np.arange(len(rows))
    values = pa.concat_arrays([fit, rest.values]).take(pa.array(order))
    return ConvertedColumn(
        values, [ConversionIssue(rows[issue.rows], issue.rule, issue.severity, issue.expected) for issue in rest.issues]
    )


def _convert_distinct(column: Column, texts: pa.Array, parse: Parser) -> ConvertedColumn:
    encoded = texts.dictionary_encode()
    by_distinct = StringColumn(encoded.dictionary, encoded.indices)
    values: list[Value | None] = []
    found: FoundIssues = {}
    for position, text in enumerate(encoded.dictionary.to_pylist()):
        try:
            parsed = parse(text)
        except ConversionError as invalid:
            _add_issue(found, invalid.rule, Severity.ERROR, invalid.expected, position)
            values.append(None)
            continue
        if isinstance(parsed, ConversionWarning):
            _add_issue(found, parsed.rule, Severity.WARNING, parsed.expected, position)
            parsed = parsed.value
        values.append(parsed)
    distinct = pa.array(values, arrow_type(column))
    issues = [
        ConversionIssue(by_distinct.rows_of(np.array(positions)), rule, severity, expected)
        for (rule, severity, _, _), (expected, positions) in found.items()
    ]
    return ConvertedColumn(by_distinct.expand(distinct), issues)


def _add_issue(found: FoundIssues, rule: str, severity: Severity, expected: LocalizedText, position: int) -> None:
    found.setdefault((rule, severity, expected.zh, expected.en), (expected, []))[1].append(position)


def _cast_integer(texts: pa.Array, _column: Column, _scale: Decimal) -> pa.Array | None:
    if pc.any(pc.match_substring(texts, "x", ignore_case=True)).as_py():  # Arrow reads 0x10 as a number, a clerk does not
        return None
    return _unless_too_large(_try_cast(texts, pa.int64()))


def _cast_decimal(texts: pa.Array, column: Column, scale: Decimal) -> pa.Array | None:
    if scale == 1:
        return _unless_too_large(_try_cast(texts, arrow_type(column)), largest_number(column))
    printed = _try_cast(texts, pa.decimal128(24, 10))
    if printed is None:
        return None
    factor = pa.scalar(scale, pa.decimal128(12, max(0, -int(scale.as_tuple().exponent))))
    return _unless_too_large(_try_cast(pc.multiply(printed, factor), arrow_type(column)), largest_number(column))


def _unless_too_large(numbers: pa.Array | None, largest: int = LARGEST_NUMBER) -> pa.Array | None:
    if numbers is None or len(numbers) == numbers.null_count:
        return numbers
    bounds = pc.min_max(numbers).as_py()
    return numbers if max(-bounds["min"], bounds["max"]) < largest else None


def _cast_date(texts: pa.Array, _column: Column, _scale: Decimal) -> pa.Array | None:
    days = _try_cast(texts, pa.date32())
    return days if days is None or _have_plausible_years(days) else None


def _cast_datetime(texts: pa.Array, column: Column, _scale: Decimal) -> pa.Array | None:
    # Arrow takes a day without a time for midnight, which a clerk is told of.
    if pc.all(pc.match_substring_regex(texts, _WITH_TIME)).as_py() is False:
        return None
    moments = _try_cast(texts, arrow_type(column))
    return moments if moments is None or _have_plausible_years(moments) else None


def _have_plausible_years(days: pa.Array) -> bool:
    if len(days) == days.null_count:
        return True
    years = pc.min_max(pc.year(days)).as_py()
    return bool(years["min"] >= 1850 and years["max"] <= 2200)


def _cast_text(texts: pa.Array, column: Column, _scale: Decimal) -> pa.Array | None:
    if not column.holds_name_or_code and not len(may_begin(texts, "#=＝")):
        return texts
    return None if pc.any(pc.match_substring_regex(texts, suspect_pattern(column))).as_py() else texts


def _try_cast(texts: pa.Array, target: pa.DataType) -> pa.Array | None:
    try:
        return pc.cast(texts, target)
    except pa.ArrowInvalid:
        return None


def _are_plain(texts: pa.Array, column: Column) -> pa.Array:
    """Which texts the quick cast surely reads as the parser of single cells would."""
    if column.type is ColumnType.TEXT:
        return pc.fill_null(pc.invert(pc.match_substring_regex(texts, suspect_pattern(column))), True)
    return pc.fill_null(pc.match_substring_regex(texts, _plain_form(column)), True)


def _plain_form(column: Column) -> str:
    """The texts that the quick cast surely reads, as a regular expression."""
    if column.type is ColumnType.DECIMAL:
        precision, places = column.shape
        whole = min(precision - places, 14)
        return rf"^-?\d{{1,{whole}}}(\.\d{{1,{places}}})?$" if places else rf"^-?\d{{1,{whole}}}$"
    return _PLAIN[column.type]


_WITH_TIME = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}"
_PLAIN_DAY = r"(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
_PLAIN = {
    ColumnType.INTEGER: r"^-?\d{1,14}$",
    ColumnType.DATE: rf"^{_PLAIN_DAY}$",
    ColumnType.DATETIME: rf"^{_PLAIN_DAY}[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$",
    ColumnType.USCC: r"^[0-9A-Z]{18}$",
    ColumnType.RESIDENT_ID: r"^\d{17}[0-9X]$",
    ColumnType.PHONE: r"^(1\d{10}|0\d{2,3}-\d{7,8})$",
    ColumnType.BANK_ACCOUNT: r"^\d{8,30}$",
}


def _cast_plain(texts: pa.Array, column: Column, _scale: Decimal) -> pa.Array | None:
    """Identifiers that stand in their normal form already need no work."""
    return texts if pc.all(pc.match_substring_regex(texts, _PLAIN[column.type])).as_py() is not False else None


_CASTS: dict[ColumnType, Callable[[pa.Array, Column, Decimal], pa.Array | None]] = {
    ColumnType.TEXT: _cast_text,
    ColumnType.INTEGER: _cast_integer,
    ColumnType.DECIMAL: _cast_decimal,
    ColumnType.DATE: _cast_date,
    ColumnType.DATETIME: _cast_datetime,
    ColumnType.USCC: _cast_plain,
    ColumnType.RESIDENT_ID: _cast_plain,
    ColumnType.PHONE: _cast_plain,
    ColumnType.BANK_ACCOUNT: _cast_plain,
}
