"""统一社会信用代码 (GB 32100-2015) and the organisation code within it (GB 11714)."""

from __future__ import annotations

import re

from loaders.identifiers.error_details import CodeErrorDetail, wrong_check_digit, wrong_length
from loaders.identifiers.normalization import normalize_identifier

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_VALUES = {character: value for value, character in enumerate(USCC_ALPHABET)}
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANIZATION_FORM = re.compile(r"[0-9A-Z]{8}\Z")

_KINDS = {
    "1": "1239",  # 机构编制: 机关, 事业单位, 群众团体, 其他
    "2": "19",  # 外交: 外国常驻新闻机构, 其他
    "3": "123459",  # 司法行政: 律师执业机构, 公证处, 基层法律服务所, 司法鉴定机构, 仲裁委员会, 其他
    "4": "19",  # 文化: 外国在华文化中心, 其他
    "5": "123459",  # 民政: 社会团体, 民办非企业单位, 基金会, 其他; since 2017 村民委员会 (4), 居民委员会 (5)
    "6": "129",  # 旅游: 外国旅游部门常驻代表机构, 港澳台地区旅游部门常驻代表机构, 其他
    "7": "129",  # 宗教: 宗教活动场所, 宗教院校, 其他
    "8": "19",  # 工会: 基层工会, 其他
    "9": "1239",  # 市场监管: 企业, 个体工商户, 农民专业合作社, 其他
    "A": "19",  # 中央军委改革和编制办公室: 军队事业单位, 其他
    "G": "19",  # 公安: 境外非政府组织代表机构, 其他
    "N": "1239",  # 农业农村: 组级, 村级, 乡镇级集体经济组织, 其他
    "Y": "19",  # 其他
}
"""Registering authority and kinds of body, the first and the second character (GB 32100-2015 and its later additions)."""
KNOWN_USCC_PREFIX = "^(?:" + "|".join(f"{authority}[{kinds}]" for authority, kinds in _KINDS.items()) + ")"
"""Such a prefix as a regular expression."""

_KNOWN_PREFIX = re.compile(KNOWN_USCC_PREFIX)
_LIKELY_INTENDED = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}


def normalize_uscc(text: str) -> str:
    """The code as the register writes it: half-width, upper case, no blanks."""
    return normalize_identifier(text)


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


def uscc_error(text: str) -> CodeErrorDetail | None:
    """What is wrong with a normalised credit code, first its form, then its check characters; None for a sound one.

    A prefix that is on no list is no fault: lists grow (see `has_known_uscc_prefix`).
    """
    if len(text) != 18:
        return wrong_length(18, len(text))
    return _character_error(text) or _check_digit_error(text)


def has_known_uscc_prefix(text: str) -> bool:
    """Whether the first two characters of a credit code name an authority and a kind of body that are on the lists."""
    return _KNOWN_PREFIX.match(text) is not None


def is_valid_uscc(text: str) -> bool:
    """Whether a normalised text surely is a credit code: known prefix, both check characters right."""
    return has_known_uscc_prefix(text) and uscc_error(text) is None


def _character_error(text: str) -> CodeErrorDetail | None:
    for position, character in enumerate(text, start=1):
        if character not in _USCC_VALUES:
            intended = _LIKELY_INTENDED.get(character)
            if intended is None:
                return CodeErrorDetail("code.character", {"position": position, "found": character})
            return CodeErrorDetail("code.character_likely", {"position": position, "found": character, "intended": intended})
    return None if text[2:8].isdigit() else CodeErrorDetail("code.division", {"found": text[2:8]})


def _check_digit_error(text: str) -> CodeErrorDetail | None:
    inner, outer = organization_code_check_digit(text[8:16]), uscc_check_digit(text[:17])
    if text[16] != inner:
        return wrong_check_digit(17, inner, text[16], "code.organization_check_character")
    if text[17] == outer:
        return None
    if has_known_uscc_prefix(text):
        return wrong_check_digit(18, outer, text[17], "code.check_character")
    return wrong_check_digit(18, outer, text[17], "code.check_character_unknown_prefix", prefix=text[:2])
