"""What the values of a column have in common: kinds that are proved by every value, whatever the header."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from loaders import identifiers
from loaders.contract import ColumnType
from loaders.period import Period, PeriodKind, parse_date, parse_datetime, parse_period

_SHORTEST_CARD, _LONGEST_CARD = 15, 19
_TRUTHS = ({"是", "否"}, {"TRUE", "FALSE"}, {"有", "无"}, {"√", "×"})
_YEARS = range(1900, 2200)


def all_are(is_one: Callable[[str], bool], values: Sequence[str]) -> bool:
    """Returns whether there are values, and each is of the kind."""
    return bool(values) and all(map(is_one, values))


def is_resident_id(text: str) -> bool:
    """Returns whether a text is an identity number whose check digit is right, as `44130219900101002X`."""
    return identifiers.is_valid_resident_id(identifiers.normalize_resident_id(text))


def is_uscc(text: str) -> bool:
    """Returns whether a text is a credit code with a known prefix whose check characters are right."""
    return identifiers.is_valid_uscc(identifiers.normalize_uscc(text))


def is_phone(text: str) -> bool:
    """Returns whether a text is one telephone number: mobile, landline, 400 or 800."""
    return identifiers.is_valid_phone(identifiers.normalize_phone(text))


def is_mobile(text: str) -> bool:
    """Returns whether a text is a mobile number."""
    number = identifiers.normalize_phone(text)
    return len(number) == 11 and number.isdigit() and number.startswith("1") and identifiers.is_valid_phone(number)


def is_bank_account(text: str) -> bool:
    """Returns whether a text has the form of an account: 8 to 30 digits, in groups or not."""
    return identifiers.is_valid_bank_account(identifiers.normalize_bank_account(text))


def is_bank_card(text: str) -> bool:
    """Returns whether a text surely is the number of a card: 15 to 19 digits of a bank, the check digit right."""
    number = identifiers.normalize_bank_account(text)
    is_long = _SHORTEST_CARD <= len(number) <= _LONGEST_CARD and number.startswith(("3", "4", "5", "6", "9"))
    return is_long and identifiers.is_valid_bank_account(number, luhn=True)


def is_personal_number(text: str) -> bool:
    """Returns whether a text is, or has in it, the number of a person: identity, mobile or card."""
    return is_resident_id(text) or is_mobile(text) or is_bank_card(text) or identifiers.redact(text) != text


def are_truths(values: Sequence[str]) -> bool:
    """Returns whether all values are of one pair of words for yes and no. Digits are numbers: `1` and `0` are none."""
    return bool(values) and any({value.strip().upper() for value in values} <= pair for pair in _TRUTHS)


def are_ordinals(values: Sequence[str | None]) -> bool:
    """Returns whether the values number the rows: 1, 2, 3 and so on in their order."""
    return bool(values) and all(
        value is not None and value.strip().lstrip("0") == str(place) for place, value in enumerate(values, 1)
    )


def date_or_time_type(values: Sequence[str]) -> ColumnType | None:
    """Returns the type of written days, times and periods. A bare number is none: 20230501 may be a code, 2023 a count."""
    return next((kind for kind, is_one in _WRITTEN if all_are(is_one, values)), None)


def type_of_digits(values: Sequence[str]) -> ColumnType | None:
    """Returns the type of bare digits under a header that promises days or periods: `20230501`, `202305`, `2023`."""
    return next((kind for kind, is_one in _OF_DIGITS if all_are(is_one, values)), None)


def _parses_as(parse: Callable[[str], object], fits: Callable[[object], bool]) -> Callable[[str], bool]:
    def is_one(text: str) -> bool:
        if text.replace(".", "", 1).isdigit():
            return False
        try:
            return fits(parse(text))
        except ValueError:
            return False

    return is_one


def _is_period(kind: PeriodKind) -> Callable[[object], bool]:
    return lambda found: isinstance(found, Period) and found.kind is kind


def _is_day_of_digits(text: str) -> bool:
    try:
        return len(text) == 8 and text.isdigit() and parse_date(text).year in _YEARS
    except ValueError:
        return False


def _is_month_of_digits(text: str) -> bool:
    return len(text) == 6 and text.isdigit() and int(text[:4]) in _YEARS and 1 <= int(text[4:]) <= 12


def _is_year_of_digits(text: str) -> bool:
    return len(text) == 4 and text.isdigit() and int(text) in _YEARS


_WRITTEN = (
    (ColumnType.DATE, _parses_as(parse_datetime, lambda found: not isinstance(found, dt.datetime))),
    # Before months: the first of a month with a time of day is a datetime, which a month would lose.
    (ColumnType.DATETIME, _parses_as(parse_datetime, lambda found: isinstance(found, dt.datetime))),
    (ColumnType.MONTH, _parses_as(parse_period, _is_period(PeriodKind.MONTH))),
    (ColumnType.QUARTER, _parses_as(parse_period, _is_period(PeriodKind.QUARTER))),
    (ColumnType.YEAR, _parses_as(parse_period, _is_period(PeriodKind.YEAR))),
    (ColumnType.DATETIME, _parses_as(parse_datetime, lambda _: True)),
)
_OF_DIGITS = (
    (ColumnType.DATE, _is_day_of_digits),
    (ColumnType.MONTH, _is_month_of_digits),
    (ColumnType.YEAR, _is_year_of_digits),
)
