"""Which of many texts are resident identity numbers: `is_valid_resident_id`, for all of them at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from loaders.validation.model.string_column import Mask

_LENGTH = 18
# What each digit counts, and the check character: in a sound number they add up to one, modulo eleven.
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1], dtype=np.int64)
_MODULUS, _SOUND, _X = 11, 1, 10
_FIRST_YEAR = 1850
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, *[0] * 87], dtype=np.int64)
_DATE_PARTS = (slice(6, 10), slice(10, 12), slice(12, 14))

_Digits = npt.NDArray[np.int64]


def are_resident_ids(texts: Sequence[str], today: dt.date | None = None) -> Mask:
    """Returns which normalized texts have the right check digit and the birthday of a real day that is not in the future."""
    results = np.array([len(text) == _LENGTH and text.isascii() for text in texts], dtype=bool)
    numbers = "".join(text for text, is_candidate in zip(texts, results, strict=True) if is_candidate)
    characters = np.frombuffer(numbers.encode("ascii"), dtype=np.uint8).reshape(-1, _LENGTH)
    digits = characters.astype(np.int64) - ord("0")
    is_number = ((digits >= 0) & (digits <= 9)).all(axis=1)
    ends_in_x = (characters[:, -1] == ord("X")) & ((digits[:, :-1] >= 0) & (digits[:, :-1] <= 9)).all(axis=1)
    digits[ends_in_x, -1] = _X
    is_number |= ends_in_x
    # A year of digits that are none would have no days either way.
    digits[~is_number] = 0
    latest = today or dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    results[results] = is_number & ((digits * _WEIGHTS).sum(axis=1) % _MODULUS == _SOUND) & _are_birthdays(digits, latest)
    return results


def _are_birthdays(digits: _Digits, latest: dt.date) -> Mask:
    year, month, day = (digits[:, part] @ (10 ** np.arange(part.stop - part.start)[::-1]) for part in _DATE_PARTS)
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last_day = _DAYS[month] + ((month == 2) & is_leap)
    is_real = (day >= 1) & (day <= last_day) & (year >= _FIRST_YEAR)
    return np.asarray(is_real & (year * 10_000 + month * 100 + day <= int(f"{latest:%Y%m%d}")), dtype=bool)
