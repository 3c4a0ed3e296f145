"""Personal numbers inside free text, and inside codes: found as clerks type them, masked in place."""

from __future__ import annotations

import re
from collections.abc import Callable

from loaders.identifiers.masks import mask_bank_account, mask_id, mask_phone
from loaders.identifiers.numbers import has_luhn_digit
from loaders.identifiers.organizations import is_valid_uscc
from loaders.identifiers.residents import is_valid_resident_id

_HALF_WIDTH_DIGITS = str.maketrans("０１２３４５６７８９Ｘｘ－", "0123456789Xx-")
_SEPARATOR = "[-－ .·\\t\\n\u00a0\u3000\u200b]"
"""What clerks put between the groups of a number."""

_SEPARATORS = re.compile(_SEPARATOR)


def contains_personal_number(code: str) -> bool:
    """Whether a code is, or has in it, what surely is a resident's number, a mobile number or a card number in groups.

    Less is sure here than in free text: codes are made of long numbers too.
    """
    half_width = code.translate(_HALF_WIDTH_DIGITS).upper()
    if any(is_valid_resident_id(_SEPARATORS.sub("", found[0])) for found in _RESIDENT_IN_CODE.finditer(half_width)):
        return True
    if any(has_luhn_digit(found[0]) for found in _CARD_IN_CODE.finditer(half_width)):
        return True
    return _PHONE_OR_CARD_IN_CODE.search(half_width) is not None


def redact(text: str) -> str:
    """The text with every identity, phone and account number in it masked; credit codes stay.

    A run of 15 to 30 digits counts as an account even when no check digit proves it: a mistyped number is personal too.
    """
    if not _NUMBER_IN_TEXT.search(text):
        return text
    half_width = text.translate(_HALF_WIDTH_DIGITS)
    redacted = half_width
    for form, mask in _EMBEDDED:
        redacted = form.sub(mask, redacted)
    return text if redacted == half_width else redacted


def _mask_found_id(match: re.Match[str]) -> str:
    number = _SEPARATORS.sub("", match["number"])
    if is_valid_uscc(number) and not is_valid_resident_id(number.upper()):
        return match[0]
    return match[0].replace(match["number"], mask_id(number))


def _mask_found_account(match: re.Match[str]) -> str:
    number = _SEPARATORS.sub("", match["number"])
    return match[0] if is_valid_uscc(number) else match[0].replace(match["number"], mask_bank_account(number))


def _mask_found_phone(match: re.Match[str]) -> str:
    return match[0].replace(match["number"], mask_phone(re.sub(r"[^\d]", "", match["number"])))


def _mask_id_after_letters(match: re.Match[str]) -> str:
    return mask_id(match[0]) if is_valid_resident_id(match[0].upper()) else match[0]


_BEFORE = r"(?<![0-9A-Za-z*])(?<!\d\.)"
_AFTER = r"(?![0-9A-Za-z]|\.\d)"
_BIRTHDAY = rf"(?:1[89]|20)\d{{2}}{_SEPARATOR}?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_MOBILE_GROUPS = (
    rf"1[3-9]\d(?:{_SEPARATOR}?\d{{4}}{_SEPARATOR}?\d{{4}}|\d{{2}}[- ]\d{{6}}|\d[- ]\d{{4}}[- ]\d{{3}}|[- ]\d{{3}}[- ]\d{{5}})"
)
# A number that a spreadsheet turned into a double ends in `.0`; any other fraction makes it an amount.
_FRACTION = r"\.(?!0(?!\d))\d"
_EMBEDDED: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"{_BEFORE}(?P<number>\d{{6}}{_SEPARATOR}?{_BIRTHDAY}{_SEPARATOR}?\d{{3}}[0-9Xx]){_AFTER}"), _mask_found_id),
    (re.compile(rf"(?<!\d)\d{{6}}{_BIRTHDAY}\d{{3}}[0-9Xx](?!\d)"), _mask_id_after_letters),
    (re.compile(rf"{_BEFORE}(?P<number>\d{{15,30}}){_AFTER}"), _mask_found_account),
    (
        re.compile(rf"{_BEFORE}(?P<number>[34569]\d{{3}}(?:{_SEPARATOR}\d{{4}}){{2,3}}(?:{_SEPARATOR}\d{{1,7}})?){_AFTER}"),
        _mask_found_account,
    ),
    (re.compile(r"(?:[账帐][号户]|卡号)(?:[:： 为是])*(?P<number>\d{8,14})(?!\d)"), _mask_found_account),
    (
        re.compile(
            r"(?:(?<![0-9A-Za-z*])(?<!\d\.)|(?<=tel)|(?<=phone)|(?<=wx)|(?<=vx)|(?<=86)|(?<=86[ -]))"
            rf"(?P<number>{_MOBILE_GROUPS})(?!\d|{_FRACTION})",
            re.IGNORECASE,
        ),
        _mask_found_phone,
    ),
    (re.compile(rf"{_BEFORE}(?<!\d-)(?P<number>[(（]?0\d{{2,3}}[)）]?{_SEPARATOR}?[2-9]\d{{6,7}}){_AFTER}"), _mask_found_phone),
)

_DIGIT = "[0-9０-９]"
NUMBER_IN_TEXT = "|".join(
    (
        f"{_DIGIT}{{10}}",
        f"{_DIGIT}{{6}}{_SEPARATOR}{_DIGIT}{{4}}",
        f"{_DIGIT}{{4}}{_SEPARATOR}{_DIGIT}{{4}}{_SEPARATOR}{_DIGIT}{{3}}",
        f"{_DIGIT}{{3}}{_SEPARATOR}?{_DIGIT}{{4}}{_SEPARATOR}{_DIGIT}{{4}}",
        f"{_DIGIT}{{3}}{_SEPARATOR}{_DIGIT}{{8}}",
        f"{_DIGIT}{{3}}{_SEPARATOR}{_DIGIT}{{3}}{_SEPARATOR}{_DIGIT}{{5}}",
        f"{_DIGIT}{{5}}{_SEPARATOR}{_DIGIT}{{6}}",
        f"{_DIGIT}{{3,4}}[)）]?{_SEPARATOR}?{_DIGIT}{{7}}",
        f"[号户][:： 为是]*{_DIGIT}{{8}}",
    )
)
"""Finds whatever `redact` may change, and more: a quick look at many texts, in a syntax that every engine knows."""

# What may stand beside a number in a code. RE2, the engine of Arrow, cannot look behind: these take the neighbor in.
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = "(?:^|[^0-9０-９])", "(?:$|[^0-9０-９])"
_APART_BEFORE, _APART_AFTER = "(?:^|[^0-9A-Za-z０-９Ｘｘ－-])", "(?:$|[^0-9A-Za-z０-９Ｘｘ－-])"
_MAY_BE_BIRTHDAY = f"(?:[1１][89８９]|[2２][0０]){_DIGIT}{{2}}[01０１]{_DIGIT}[0-3０-３]{_DIGIT}"
# An upper-case I may come of an İ or ı, which the letters of another engine do not cover.
_DIALED_BY = "(?:(?:[+]?[8８][6６]|[0０][0０][8８][6６]|(?i:TEL|PHONE|MOB.LE|WX|VX))[-－:. ]?)?"
NUMBER_IN_CODE = "|".join(
    (
        f"{_NO_DIGIT_BEFORE}{_DIGIT}{{6}}[-－ ]?{_MAY_BE_BIRTHDAY}[-－ ]?{_DIGIT}{{3}}[0-9０-９XxＸｘ]{_NO_DIGIT_AFTER}",
        f"{_APART_BEFORE}{_DIALED_BY}[1１]{_DIGIT}{{2}}[-－. ]?{_DIGIT}{{4}}[-－. ]?{_DIGIT}{{4}}{_APART_AFTER}",
        f"{_APART_BEFORE}[6６][2２]{_DIGIT}{{14}}(?:{_DIGIT}{{3}})?{_APART_AFTER}",
        f"{_APART_BEFORE}{_DIALED_BY}{_DIGIT}{{4}}[-－ ]{_DIGIT}{{4}}[-－ ]{_DIGIT}{{4}}",
    )
)
"""Finds whatever `contains_personal_number` is true of, and little more."""

_NUMBER_IN_TEXT = re.compile(NUMBER_IN_TEXT)
_RESIDENT_IN_CODE = re.compile(r"(?<!\d)\d{6}[- ]?\d{8}[- ]?\d{3}[\dX](?!\d)")
# 13800138000, 138-0013-8000, 138.0013.8000, +86 13800138000, 86-138 0013 8000, TEL13800138000; 6222 0212 3456 7890 123
_PHONE_OR_CARD_IN_CODE = re.compile(
    r"(?<![0-9A-Z-])(?<!\d\.)"
    r"(?:(?:(?:\+?86|0086)[-. ]?|(?:TEL|PHONE|MOBILE|WX|VX)[:. -]?)?1[3-9]\d(?:[- ]?\d{4}[- ]?\d{4}|\.\d{4}\.\d{4})"
    r"|[3456]\d{3}(?:[- ]\d{4}){2}[- ]\d{3,4}(?:[- ]\d{1,3})?)"
    rf"(?![0-9A-Z-]|{_FRACTION})"
)
# A UnionPay card has 16 or 19 digits from 62 on. So has the code of a division of Gansu with a date and a number behind it.
_CARD_IN_CODE = re.compile(
    r"(?<![0-9A-Z.-])62\d{4}(?!(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\d{10}(?:\d{3})?(?![0-9A-Z.-])"
)
