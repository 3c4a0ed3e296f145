"""Telephones, bank accounts and division codes."""

from __future__ import annotations

import re

from loaders.identifiers.normalization import normalize_identifier

MOBILE = re.compile(r"1[3-9]\d{9}\Z")
_LANDLINE = re.compile(r"0\d{2,3}-?[2-9]\d{6,7}(-\d{1,5})?\Z")
_LANDLINE_0752 = re.compile(r"0752-?[2-8]\d{6}(-\d{1,5})?\Z")
_SERVICE = re.compile(r"(400|800)-?\d{3}-?\d{4}\Z")
_BANK_ACCOUNT = re.compile(r"\d{8,30}\Z")
_DIVISION = re.compile(r"(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})\Z")


def normalize_phone(text: str) -> str:
    """Digits, with the hyphen of a landline kept as written; +86 taken off a mobile number."""
    number = re.sub(r"[()]", "", normalize_identifier(text)).replace("—", "-").replace("－", "-")
    number = re.sub(r"^(\+86|0086)-?", "", number)
    bare = number.replace("-", "")
    return bare if MOBILE.match(bare) else number


def is_valid_phone(text: str) -> bool:
    """Whether a normalised text is a mobile, landline (with or without extension) or 400/800 number of the mainland."""
    if text.startswith("0752"):
        return _LANDLINE_0752.match(text) is not None
    return any(form.match(text) for form in (MOBILE, _LANDLINE, _SERVICE))


def normalize_bank_account(text: str) -> str:
    """Digits only: blanks and hyphens between groups are taken out."""
    return normalize_identifier(text).replace("-", "")


def is_valid_bank_account(text: str, *, luhn: bool = False) -> bool:
    """Whether a normalised text is 8 to 30 digits. `luhn` asks for a card's check digit; company accounts have none."""
    if not _BANK_ACCOUNT.match(text):
        return False
    return not luhn or has_luhn_digit(text)


def has_luhn_digit(number: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1, bank cards)."""
    doubled = (int(d) * (1 + position % 2) for position, d in enumerate(reversed(number)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def normalize_division_code(text: str) -> str:
    """Half-width, no blanks; the code of a functional zone (`HZ-ZK`) in capitals."""
    return normalize_identifier(text)


def is_valid_division_code(text: str) -> bool:
    """Whether a normalised text has the form of a GB/T 2260 or statistical code (2, 4, 6, 9 or 12 digits) or of a zone."""
    return bool(_DIVISION.match(text)) or bool(re.match(r"[A-Z]{2,4}-[A-Z]{2,4}\Z", text))
