"""统一社会信用代码 (GB 32100-2015) and the organisation code within it (GB 11714)."""

from __future__ import annotations

import re

from loaders.identifiers.writing import compact

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_VALUES = {character: value for value, character in enumerate(USCC_ALPHABET)}
_USCC_FORM = re.compile(rf"[0-9A-Z]{{2}}\d{{6}}[{USCC_ALPHABET}]{{8}}[0-9X][{USCC_ALPHABET}]\Z")
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANIZATION_FORM = re.compile(r"[0-9A-Z]{8}\Z")

_USCC_PREFIX = re.compile(r"1[1239]|2[19]|3[1-59]|4[19]|5[1239]|6[129]|7[129]|8[19]|9[123]|A[19]|N[1239]|Y1")
"""Registering authority and kind of body, the first two characters (GB 32100-2015 and its later additions).

51 社会团体, 52 民办非企业单位, 53 基金会, 59 其他（民政）, 11 机关, 12 事业单位, 91 企业, 92 个体工商户, 93 农民专业合作社,
N1-N3 集体经济组织 (组, 村, 乡镇), 71 宗教活动场所, 81 基层工会.
"""


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
