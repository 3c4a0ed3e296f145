"""居民身份证 (GB 11643). Checksum and date are errors; the region is only a warning: codes were born and abolished."""

from __future__ import annotations

import datetime as dt
import re

from loaders.identifiers.writing import compact

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECK = "10X98765432"
_RESIDENT_FORM = re.compile(r"\d{17}[\dX]\Z")
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


def normalise_resident_id(text: str) -> str:
    """The number as the card prints it; a number of the old form (15 digits, before 1999) gets its century and check digit."""
    number = compact(text)
    if _RESIDENT_OLD_FORM.match(number):
        longer = f"{number[:6]}19{number[6:]}"
        return longer + resident_id_check_digit(longer)
    return number


def is_valid_resident_id(text: str, today: dt.date | None = None) -> bool:
    """Whether a normalised text is a resident's number: check digit right, born on a real day that is not in the future."""
    if not _RESIDENT_FORM.match(text) or resident_id_check_digit(text[:17]) != text[17]:
        return False
    try:
        born = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return dt.date(1850, 1, 1) <= born <= (today or dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1))


def has_known_region(text: str) -> bool:
    """Whether a resident's number begins with a province of GB/T 2260. Never a reason to reject."""
    return text[:2].isdigit() and int(text[:2]) in PROVINCES
