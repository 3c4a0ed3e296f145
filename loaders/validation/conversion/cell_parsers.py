"""One cell's text -> one value of the contract's type. The slow and thorough way, for what the fast way cannot read."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, localcontext

from loaders import identifiers
from loaders.characters.confusables import comparison_form
from loaders.characters.footnote_marks import nfkc_keeping_marks
from loaders.characters.spreadsheet_escapes import is_formula
from loaders.contract import Column, ColumnType, LocalizedText
from loaders.divisions import Divisions
from loaders.messages import phrase
from loaders.period import Period, parse_date, parse_datetime, parse_period
from loaders.quantity import parse_quantity
from loaders.validation.conversion.footnote_marks import (
    lenient,
    multiple_values_error,
    parse_number_beside_mark,
    split_numbers,
    text_parser,
    with_comma_warning,
)
from loaders.validation.model.parsed_value import ConversionError, ConversionWarning, Parser, Value
from loaders.validation.model.type_descriptions import describe_digits, describe_type, type_description

__all__ = [
    "LARGEST_NUMBER",
    "ConversionError",
    "ConversionWarning",
    "Parser",
    "Value",
    "choices_by_form",
    "comparable_form",
    "parser_for",
    "truth_of",
]

_ERROR_CELL = re.compile(
    r"#(REF!|N/A|NA|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|BLOCKED!|FIELD!)\Z", re.IGNORECASE
)
_FLOAT_FORM = re.compile(r"\d(\.\d+)?E\+?\d+\Z", re.IGNORECASE)
_SERIAL_DAY = re.compile(r"[1-7]\d{4}(?:\.\d+)?")
_SHORT_YEAR = re.compile(r"\d{2}\s*[-./年]\s*\d{1,2}\s*[-./月]")
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+\Z")
_TRUE = frozenset({"TRUE", "T", "是", "√", "✓", "✔", "☑", "Y", "YES", "1", "有", "对"})
_FALSE = frozenset({"FALSE", "F", "否", "×", "✗", "✘", "☐", "X", "N", "NO", "0", "无", "没有", "不是"})
LARGEST_NUMBER = 10**14
_MOST_DIGITS = 80
"""No report counts or pays as much; what is larger is a number of another kind (an identity, an account) in a wrong column."""

_NOISE = Decimal("1e-6")
_FIRST_YEAR, _LAST_YEAR = 1850, 2200


def parser_for(column: Column, scale: Decimal, divisions: Divisions) -> Parser:
    """The function that reads a cell of this column. `scale` turns what is printed into the contract's unit."""
    match column.type:
        case ColumnType.INTEGER:
            parse: Parser = with_comma_warning(lambda text: _integer(text, column, scale), column)
        case ColumnType.DECIMAL:
            parse = with_comma_warning(lambda text: _decimal(text, column, scale), column)
        case ColumnType.DATE:
            parse = lambda text: _date(text, column)  # noqa: E731
        case ColumnType.DATETIME:
            parse = lambda text: _parse_datetime(text, column)  # noqa: E731
        case ColumnType.MONTH | ColumnType.QUARTER | ColumnType.YEAR:
            parse = lambda text: _period(text, column)  # noqa: E731
        case ColumnType.BOOLEAN:
            parse = _boolean
        case ColumnType.CHOICE:
            parse = _choice_parser(column)
        case ColumnType.DIVISION_CODE:
            parse = lambda text: _division_code(text, column, divisions)  # noqa: E731
        case ColumnType.USCC | ColumnType.RESIDENT_ID | ColumnType.PHONE | ColumnType.BANK_ACCOUNT:
            parse = lambda text: _identifier(text, column)  # noqa: E731
        case ColumnType.TEXT:
            parse = text_parser(column, divisions)
            return lambda text: parse(_checked_cell(text))
    lenient_parse = lenient(parse, column)
    return lambda text: lenient_parse(_checked_cell(text))


def _checked_cell(text: str) -> str:
    if text.startswith("#") and _ERROR_CELL.match(text):
        raise ConversionError("error_cell", phrase("expected.no_error"))
    if text.startswith(("=", "＝")) and is_formula(text):
        raise ConversionError("formula_text", phrase("expected.no_formula"))
    return text


_NORMALIZERS = {
    ColumnType.USCC: identifiers.normalize_uscc,
    ColumnType.RESIDENT_ID: identifiers.normalize_resident_id,
    ColumnType.PHONE: identifiers.normalize_phone,
    ColumnType.BANK_ACCOUNT: identifiers.normalize_bank_account,
}


def _scaled(text: str, column: Column, scale: Decimal) -> tuple[Decimal, str | None]:
    """The value in the contract's unit, and the word that makes it inexact."""
    try:
        quantity = parse_quantity(text)
    except (ValueError, ArithmeticError):
        raise ConversionError("type", describe_type(column)) from None
    unit = quantity.unit
    if unit == "%" and column.unit in {"%", "百分点"}:
        return quantity.value * 100, quantity.qualifier
    if unit is not None and not (_is_chinese(unit) if column.unit is None else _same_unit(unit, column.unit)):
        raise ConversionError("type", describe_type(column))
    own_magnitude = quantity.multiplier != 1 or unit is not None
    return quantity.value * (1 if own_magnitude else scale), quantity.qualifier


def _is_chinese(unit: str) -> bool:
    """Whether a unit that the contract does not name is one at all: `3O` is a mistyped 30, not three O."""
    return unit in {"%", "‰"} or unit in _AREAS_AND_VOLUMES or all("\u4e00" <= character <= "\u9fff" for character in unit)


def _same_unit(found: str, wanted: str) -> bool:
    wanted = nfkc_keeping_marks(wanted).upper()
    if _AREAS_AND_VOLUMES.get(found, found) == _AREAS_AND_VOLUMES.get(wanted, wanted):
        return True
    return found.removeprefix("人民币") in {wanted, f"{wanted}整"} or {found, wanted} <= _YUAN


_AREAS_AND_VOLUMES = dict.fromkeys(("M2", "米2", "平方米", "平米"), "m2") | dict.fromkeys(("M3", "米3", "立方米"), "m3")
_AREAS_AND_VOLUMES |= dict.fromkeys(("KM2", "公里2", "千米2", "平方公里", "平方千米"), "km2")
_YUAN = frozenset({"元", "圆", "块", "人民币", "元整", "RMB", "CNY"})


def _integer(text: str, column: Column, scale: Decimal) -> Value | ConversionWarning:
    value, qualifier = _scaled(text, column, scale)
    whole = value.to_integral_value()
    if value != whole or abs(whole) >= LARGEST_NUMBER:
        raise ConversionError("type", describe_type(column))
    return int(whole) if qualifier is None else _approximate(int(whole))


def _decimal(text: str, column: Column, scale: Decimal) -> Value | ConversionWarning:
    # Python's default of 28 digits would round what a shape of 38 holds.
    with localcontext(prec=_MOST_DIGITS):
        value, qualifier = _scaled(text, column, scale)
        precision, places = column.shape
        limit = min(10 ** (precision - places), largest_number(column))
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if abs(value) < limit else None
        if rounded is None or len(rounded.as_tuple().digits) > precision:
            raise ConversionError("type", describe_digits(column, largest_number(column)))
        is_exact = abs(value - rounded) <= _NOISE
    if not is_exact:
        return ConversionWarning(rounded, "rounded", phrase("expected.decimals", places=places, taken=str(rounded)))
    return rounded if qualifier is None else _approximate(rounded)


def largest_number(column: Column) -> int:
    """Returns the bound of numbers in a column: longer ones may be personal numbers, unless the contract says that none is."""
    precision, places = column.shape
    return 10 ** (precision - places) if column.type is ColumnType.DECIMAL and column.names_no_person else LARGEST_NUMBER


def _approximate(value: Value) -> ConversionWarning:
    return ConversionWarning(value, "approximate", phrase("expected.exact"))


def _date(text: str, column: Column) -> Value:
    try:
        day = parse_date(text, two_digit_year=column.two_digit_year)
    except ValueError:
        raise ConversionError("type", _day_words(text, column)) from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ConversionError("type", describe_type(column))
    return day


def _parse_datetime(text: str, column: Column) -> Value | ConversionWarning:
    try:
        moment = parse_datetime(text, two_digit_year=column.two_digit_year)
    except ValueError:
        raise ConversionError("type", _day_words(text, column)) from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ConversionError("type", describe_type(column))
    if isinstance(moment, dt.datetime):
        return moment
    midnight = dt.datetime.combine(moment, dt.time())
    return ConversionWarning(midnight, "time_missing", phrase("expected.time"))


def _day_words(text: str, column: Column) -> LocalizedText:
    """What a date column expects, with what is most likely wrong with this text."""
    words = describe_type(column)
    if _SERIAL_DAY.fullmatch(text):
        hint = "hint.serial_day"
    elif _SHORT_YEAR.match(nfkc_keeping_marks(text)):
        hint = "hint.short_year"
    elif _ends_in_month(text):
        hint = "hint.day"
    else:
        return words
    return phrase("expected.hint", expected=words, hint=phrase(hint))


def _ends_in_month(text: str) -> bool:
    try:
        return isinstance(parse_period(text), Period)
    except ValueError:
        return False


def _period(text: str, column: Column) -> Value:
    try:
        period = parse_period(text)
    except ValueError:
        raise ConversionError("type", describe_type(column)) from None
    if not isinstance(period, Period) or period.kind != column.type.value or period.year > _LAST_YEAR:
        raise ConversionError("type", describe_type(column))
    return str(period)


def truth_of(text: str) -> bool | None:
    """What a word of a yes-or-no column says; None for any other word."""
    word = nfkc_keeping_marks(text).strip().upper()
    return word in _TRUE if word in _TRUE or word in _FALSE else None


def _boolean(text: str) -> Value:
    truth = truth_of(text)
    if truth is None:
        raise ConversionError("type", type_description(ColumnType.BOOLEAN))
    return truth


def comparable_form(text: str) -> str:
    """The form in which choices are compared: no blanks but between digits, no width, no case, no style of brackets or dots."""
    return " ".join(comparison_form(part) for part in _GAP.split(text))


_GAP = re.compile(r"(?<=\d)\s+(?=\d)")


def choices_by_form(column: Column) -> dict[str, str]:
    """Each choice of a column by its own form and by those of its aliases."""
    prints = {choice: choice for choice in column.choices} | column.aliases
    known = {comparable_form(text): choice for text, choice in prints.items()}
    # The contract may number its choices with marks (①一般) where the form prints plain digits.
    for text, choice in prints.items():
        known.setdefault(comparable_form(unicodedata.normalize("NFKC", text)), choice)
    return known


def _choice_parser(column: Column) -> Parser:
    known = choices_by_form(column)

    def parse(text: str) -> Value:
        choice = known.get(comparable_form(text))
        if choice is None:
            raise ConversionError("type", describe_type(column))
        return choice

    return parse


def _division_code(text: str, column: Column, divisions: Divisions) -> Value:
    _refuse_multiple(text, column)
    code = identifiers.normalize_division_code(_without_zero_fraction(text))
    known = divisions.code_of(code)
    if known is not None:
        return known
    if not identifiers.is_valid_division_code(code):
        raise ConversionError("type", type_description(ColumnType.DIVISION_CODE))
    return code


def _identifier(text: str, column: Column) -> Value | ConversionWarning:
    if _FLOAT_FORM.match(text):
        raise ConversionError("damaged_number", phrase("expected.whole_number"))
    if column.type is ColumnType.PHONE:
        # Two numbers are not one, but a contact that cannot be rung is told and no reason to reject the row.
        several = split_numbers(column, text)
        if several:
            return "/".join(map(identifiers.normalize_phone, several))
    else:
        _refuse_multiple(text, column)
    return parse_number_beside_mark(_NORMALIZERS[column.type], column, _without_zero_fraction(text))


def _refuse_multiple(text: str, column: Column) -> None:
    parts = split_numbers(column, text)
    if parts:
        raise multiple_values_error(column, parts)


def _without_zero_fraction(text: str) -> str:
    match = _WHOLE_FLOAT.match(text)
    return match[1] if match else text
