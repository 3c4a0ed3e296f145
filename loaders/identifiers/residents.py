"""居民身份证 (GB 11643). Checksum and date are errors; the region is only a warning: codes were born and abolished.

Residence permits of people from Hong Kong, Macau and Taiwan (81, 82, 83) and the permanent residence card of foreigners (9, since
2023) have numbers of the same make.
"""

from __future__ import annotations

import datetime as dt
import re

from loaders.identifiers.error_details import CodeErrorDetail, wrong_check_digit, wrong_length
from loaders.identifiers.normalization import normalize_identifier

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECK = "10X98765432"
_FIRST_BIRTHDAY = dt.date(1850, 1, 1)
_FOREIGNERS_OLD_CARD = re.compile(r"[A-Z]{3}\d{12}\Z")
_OTHER_DOCUMENT_NUMBERS = re.compile(r"(?:[A-Z]{1,2}\d{7,10}|\d{8})\Z")  # H12345678 for Hong Kong, 8 digits for Taiwan, E12345678
_RESIDENT_OLD_FORM = re.compile(r"\d{15}\Z")
PROVINCES = frozenset(
    {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46}
    | {50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91}
)


def resident_id_check_digit(first17: str) -> str:
    """The check character of a GB 11643 number.

    Raises:
        ValueError: not seventeen digits.
    """
    if len(first17) != 17 or not (first17.isascii() and first17.isdigit()):
        raise ValueError("a resident identity number has 17 digits before its check digit")
    return _RESIDENT_CHECK[sum(int(d) * w for d, w in zip(first17, _RESIDENT_WEIGHTS, strict=True)) % 11]


def normalize_resident_id(text: str) -> str:
    """The number as the card prints it; a number of the old form (15 digits, before 1999) gets its century and check digit."""
    number = normalize_identifier(text)
    if _RESIDENT_OLD_FORM.match(number):
        longer = f"{number[:6]}19{number[6:]}"
        return longer + resident_id_check_digit(longer)
    return number


def resident_id_error(text: str, today: dt.date | None = None) -> CodeErrorDetail | None:
    """What is wrong with a normalised resident's number: its form, the birthday or the check digit; None for a sound one.

    Nothing of the number but its check digit is named.
    """
    if len(text) != 18:
        return _length_error(text)
    if not (text[:17].isascii() and text[:17].isdigit() and text[17] in _RESIDENT_CHECK):
        positions = [
            position
            for position, character in enumerate(text, start=1)
            if character not in (_RESIDENT_CHECK if position == 18 else "0123456789")
        ]
        listed = {"positions": "、".join(map(str, positions)), "positions_en": ", ".join(map(str, positions))}
        return CodeErrorDetail("code.digits_masked" if "*" in text else "code.digits", listed)
    return _birthday_error(text, today) or _check_digit_error(text)


def is_valid_resident_id(text: str, today: dt.date | None = None) -> bool:
    """Whether a normalised text is a resident's number: check digit right, born on a real day that is not in the future."""
    return resident_id_error(text, today) is None


def has_known_region(text: str) -> bool:
    """Whether a number begins with a province of GB/T 2260 (a foreigner's behind the leading 9). Never a reason to reject."""
    known = {str(province) for province in PROVINCES}
    return text[:2] in known or (text[:1] == "9" and text[1:3] in known - {"91"})


def _length_error(text: str) -> CodeErrorDetail:
    if _FOREIGNERS_OLD_CARD.match(text):
        return wrong_length(18, len(text), "code.length_foreigner")
    if _OTHER_DOCUMENT_NUMBERS.match(text):
        return wrong_length(18, len(text), "code.length_travel_permit")
    return wrong_length(18, len(text))


def _birthday_error(text: str, today: dt.date | None) -> CodeErrorDetail | None:
    try:
        born = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return CodeErrorDetail("code.no_birthday")
    if born < _FIRST_BIRTHDAY:
        return CodeErrorDetail("code.birthday_too_early")
    # Where the clock is behind China's, today's newborn are no mistake.
    if born > (today or dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)):
        return CodeErrorDetail("code.birthday_in_future")
    return None


def _check_digit_error(text: str) -> CodeErrorDetail | None:
    expected = resident_id_check_digit(text[:17])
    return None if expected == text[17] else wrong_check_digit(18, expected, text[17], "code.check_digit")
