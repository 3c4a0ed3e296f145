"""Numbers that name people and organisations: check, normalise, mask.

Neutral room: pure functions over text, imports nothing of ours.
Checksum and date are errors; the region of a resident's number is only a warning, because codes were born and abolished.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_VALUES = {character: value for value, character in enumerate(USCC_ALPHABET)}
_USCC_FORM = re.compile(rf"[0-9A-Z]{{2}}\d{{6}}[{USCC_ALPHABET}]{{8}}[0-9X][{USCC_ALPHABET}]\Z")
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANIZATION_FORM = re.compile(r"[0-9A-Z]{8}\Z")
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECK = "10X98765432"
_RESIDENT_FORM = re.compile(r"\d{17}[\dX]\Z")
_RESIDENT_OLD_FORM = re.compile(r"\d{15}\Z")

_USCC_PREFIX = re.compile(r"1[1239]|2[19]|3[1-59]|4[19]|5[1239]|6[129]|7[129]|8[19]|9[123]|A[19]|N[1239]|Y1")
"""Registering authority and kind of body, the first two characters (GB 32100-2015 and its later additions).

51 社会团体, 52 民办非企业单位, 53 基金会, 59 其他（民政）, 11 机关, 12 事业单位, 91 企业, 92 个体工商户, 93 农民专业合作社,
N1-N3 集体经济组织 (组, 村, 乡镇), 71 宗教活动场所, 81 基层工会.
"""

PROVINCES = frozenset(
    {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46}
    | {50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91}
)

_EDGES = "'\"‘’`"
_SPACES = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_MOBILE = re.compile(r"1[3-9]\d{9}\Z")
_LANDLINE = re.compile(r"0\d{2,3}-?[2-9]\d{6,7}(-\d{1,5})?\Z")
_LANDLINE_0752 = re.compile(r"0752-?[2-8]\d{6}(-\d{1,5})?\Z")
_SERVICE = re.compile(r"(400|800)-?\d{3}-?\d{4}\Z")
_BANK_ACCOUNT = re.compile(r"\d{8,30}\Z")
_DIVISION = re.compile(r"(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})\Z")


def compact(text: str) -> str:
    """NFKC, upper case, without blanks (also invisible ones) and without the apostrophe that spreadsheets lead with."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).strip(_EDGES).upper()


# 统一社会信用代码 (GB 32100-2015) and the organisation code within it (GB 11714)


def normalise_uscc(text: str) -> str:
    """The code as the register writes it: half-width, upper case, no blanks."""
    return compact(text)


def organization_code_check_digit(first8: str) -> str:
    """The check character of a GB 11714 organisation code.

    Raises:
        ValueError: not eight digits or capital letters.
    """
    if not _ORGANIZATION_FORM.match(first8):
        raise ValueError(f'an organisation code has 8 digits or capital letters before its check digit, found "{first8}"')
    total = sum(int(character, 36) * weight for character, weight in zip(first8, _ORGANIZATION_WEIGHTS, strict=True))
    return "0X987654321"[total % 11] if total % 11 else "0"


def uscc_check_digit(first17: str) -> str:
    """The check character of a GB 32100-2015 code.

    Raises:
        ValueError: not seventeen characters of the code's alphabet (no I, O, S, V, Z).
    """
    if len(first17) != 17:
        raise ValueError(f'a credit code has 17 characters before its check digit, found "{first17}"')
    try:
        total = sum(_USCC_VALUES[character] * weight for character, weight in zip(first17, _USCC_WEIGHTS, strict=True))
    except KeyError as error:
        raise ValueError(f"a credit code never holds {error.args[0]!r}") from None
    return USCC_ALPHABET[-total % 31]


def is_valid_uscc(text: str) -> bool:
    """Whether a normalised text is a credit code: known prefix, both check characters right."""
    if not _USCC_FORM.match(text) or not _USCC_PREFIX.match(text):
        return False
    return uscc_check_digit(text[:17]) == text[17] and organization_code_check_digit(text[8:16]) == text[16]


# 居民身份证 (GB 11643)


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


# Telephones, accounts, divisions


def normalise_phone(text: str) -> str:
    """Digits, with the hyphen of a landline kept as written; +86 taken off a mobile number."""
    number = re.sub(r"[()]", "", compact(text)).replace("—", "-").replace("－", "-")
    number = re.sub(r"^(\+86|0086)-?", "", number)
    bare = number.replace("-", "")
    return bare if _MOBILE.match(bare) else number


def is_valid_phone(text: str) -> bool:
    """Whether a normalised text is a mobile, landline (with or without extension) or 400/800 number of the mainland."""
    if text.startswith("0752"):
        return _LANDLINE_0752.match(text) is not None
    return any(form.match(text) for form in (_MOBILE, _LANDLINE, _SERVICE))


def normalise_bank_account(text: str) -> str:
    """Digits only: blanks and hyphens between groups are taken out."""
    return compact(text).replace("-", "")


def is_valid_bank_account(text: str, *, luhn: bool = False) -> bool:
    """Whether a normalised text is 8 to 30 digits. `luhn` asks for a card's check digit; company accounts have none."""
    if not _BANK_ACCOUNT.match(text):
        return False
    return not luhn or has_luhn_digit(text)


def has_luhn_digit(number: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1, bank cards)."""
    doubled = (int(d) * (1 + place % 2) for place, d in enumerate(reversed(number)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def normalise_division_code(text: str) -> str:
    """Half-width, no blanks; the code of a functional zone (`HZ-ZK`) in capitals."""
    return compact(text)


def is_valid_division_code(text: str) -> bool:
    """Whether a normalised text has the form of a GB/T 2260 or statistical code (2, 4, 6, 9 or 12 digits) or of a zone."""
    return bool(_DIVISION.match(text)) or bool(re.match(r"HZ-[A-Z]{2,4}\Z", text))


# Masks


def mask_name(name: str) -> str:
    """`张三` -> `张*`, `张三丰` -> `张*丰`, `欧阳修远` -> `欧**远`."""
    name = name.strip()
    if len(name) <= 2:
        return name[:1] + "*" * max(len(name) - 1, 1) if name else ""
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def mask_strict(text: str) -> str:
    """First and last character only: for minors, health and whatever has no mask of its own. Two characters show only one."""
    text = text.strip()
    if len(text) <= 2:
        return mask_name(text)
    return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}"


def mask_id(number: str) -> str:
    """`441302********0023`; what is not 18 characters long is masked strictly."""
    return f"{number[:6]}********{number[14:]}" if len(number) == 18 else mask_strict(number)


def mask_id_strict(number: str) -> str:
    """`4****************3`."""
    return mask_strict(number)


def mask_mobile(number: str) -> str:
    """`138****8000`; other lengths are masked strictly."""
    return f"{number[:3]}****{number[7:]}" if len(number) == 11 else mask_strict(number)


def mask_landline(number: str) -> str:
    """`0752-***8888`: area code and the last four digits stay."""
    match = re.match(r"(0\d{2,3})-?(\d{3,4})(\d{4})(-\d+)?\Z", number)
    return f"{match[1]}-{'*' * len(match[2])}{match[3]}" if match else mask_strict(number)


def mask_phone(number: str) -> str:
    """The mask that fits: of a mobile or of a landline."""
    return mask_mobile(number) if _MOBILE.match(number) else mask_landline(number)


def mask_bank_account(number: str) -> str:
    """`6222********7890`; shorter than twelve digits, strictly."""
    return f"{number[:4]}********{number[-4:]}" if len(number) >= 12 else mask_strict(number)


def mask_address(address: str) -> str:
    """Down to the village or the road: `惠城区芦洲镇芦村村100号` -> `惠城区芦洲镇芦村村***`."""
    match = _ADDRESS_HEAD.match(address.strip())
    return f"{match[0]}***" if match else mask_strict(address)


# Personal numbers inside free text


def holds_person_number(code: str) -> bool:
    """Whether a code is, or has in it, what surely is a resident's number, a mobile number or a card number in groups.

    Less is sure here than in free text: codes are made of long numbers too.
    """
    half_width = code.translate(_HALF_WIDTH_DIGITS).upper()
    if any(is_valid_resident_id(_SEPARATORS.sub("", found[0])) for found in _RESIDENT_IN_CODE.finditer(half_width)):
        return True
    return _PHONE_OR_CARD_IN_CODE.search(half_width) is not None


def scrub(text: str) -> str:
    """The text with every identity, phone and account number in it masked; credit codes stay.

    A run of 15 to 30 digits counts as an account even when no check digit proves it: a mistyped number is personal too.
    """
    if not _NUMBER_IN_TEXT.search(text):
        return text
    half_width = text.translate(_HALF_WIDTH_DIGITS)
    scrubbed = half_width
    for form, mask in _EMBEDDED:
        scrubbed = form.sub(mask, scrubbed)
    return text if scrubbed == half_width else scrubbed


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


_ADDRESS_HEAD = re.compile(r"\D*(?:村|社区|居委会|路|街道|街|道|巷|镇|乡|区|县|市)")
_HALF_WIDTH_DIGITS = str.maketrans("０１２３４５６７８９Ｘｘ－", "0123456789Xx-")
_S = "[-－ .·\\t\\n\u00a0\u3000\u200b]"
"""What clerks put between the groups of a number."""

_SEPARATORS = re.compile(_S)
_BEFORE = r"(?<![0-9A-Za-z*])(?<!\d\.)"
_AFTER = r"(?![0-9A-Za-z]|\.\d)"
_BIRTHDAY = rf"(?:1[89]|20)\d{{2}}{_S}?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_MOBILE_GROUPS = rf"1[3-9]\d(?:{_S}?\d{{4}}{_S}?\d{{4}}|\d{{2}}[- ]\d{{6}}|\d[- ]\d{{4}}[- ]\d{{3}}|[- ]\d{{3}}[- ]\d{{5}})"
_EMBEDDED: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"{_BEFORE}(?P<number>\d{{6}}{_S}?{_BIRTHDAY}{_S}?\d{{3}}[0-9Xx]){_AFTER}"), _mask_found_id),
    (re.compile(rf"(?<!\d)\d{{6}}{_BIRTHDAY}\d{{3}}[0-9Xx](?!\d)"), _mask_id_after_letters),
    (re.compile(rf"{_BEFORE}(?P<number>\d{{15,30}}){_AFTER}"), _mask_found_account),
    (
        re.compile(rf"{_BEFORE}(?P<number>[34569]\d{{3}}(?:{_S}\d{{4}}){{2,3}}(?:{_S}\d{{1,7}})?){_AFTER}"),
        _mask_found_account,
    ),
    (re.compile(r"(?:[账帐][号户]|卡号)(?:[:： 为是])*(?P<number>\d{8,14})(?!\d)"), _mask_found_account),
    (
        re.compile(
            r"(?:(?<![0-9A-Za-z*])(?<!\d\.)|(?<=tel)|(?<=phone)|(?<=wx)|(?<=vx)|(?<=86)|(?<=86[ -]))"
            rf"(?P<number>{_MOBILE_GROUPS})(?!\d|\.\d)",
            re.IGNORECASE,
        ),
        _mask_found_phone,
    ),
    (re.compile(rf"{_BEFORE}(?<!\d-)(?P<number>[(（]?0\d{{2,3}}[)）]?{_S}?[2-9]\d{{6,7}}){_AFTER}"), _mask_found_phone),
)

_D = "[0-9０-９]"
NUMBER_IN_TEXT = "|".join(
    (
        f"{_D}{{10}}",
        f"{_D}{{6}}{_S}{_D}{{4}}",
        f"{_D}{{4}}{_S}{_D}{{4}}{_S}{_D}{{3}}",
        f"{_D}{{3}}{_S}?{_D}{{4}}{_S}{_D}{{4}}",
        f"{_D}{{3}}{_S}{_D}{{8}}",
        f"{_D}{{3}}{_S}{_D}{{3}}{_S}{_D}{{5}}",
        f"{_D}{{5}}{_S}{_D}{{6}}",
        f"{_D}{{3,4}}[)）]?{_S}?{_D}{{7}}",
        f"[号户][:： 为是]*{_D}{{8}}",
    )
)
"""Finds whatever `scrub` may change, and more: a quick look at many texts, in a syntax that every engine knows."""

NUMBER_IN_CODE = "|".join(
    (
        f"{_D}{{6}}[- ]?{_D}{{8}}[- ]?{_D}{{3}}[0-9０-９XxＸｘ]",
        f"[1１]{_D}{{2}}[- ]?{_D}{{4}}[- ]?{_D}{{4}}",
        f"{_D}{{4}}[- ]{_D}{{4}}[- ]{_D}{{4}}",
    )
)
"""Finds whatever `holds_person_number` is true of, and more."""

_NUMBER_IN_TEXT = re.compile(NUMBER_IN_TEXT)
_RESIDENT_IN_CODE = re.compile(r"(?<!\d)\d{6}[- ]?\d{8}[- ]?\d{3}[\dX](?!\d)")
_PHONE_OR_CARD_IN_CODE = re.compile(
    r"(?<![0-9A-Z-])(?<!\d\.)"
    r"(?:1[3-9]\d[- ]?\d{4}[- ]?\d{4}|[3456]\d{3}(?:[- ]\d{4}){2}[- ]\d{3,4}(?:[- ]\d{1,3})?)"
    r"(?![0-9A-Z-]|\.\d)"
)
