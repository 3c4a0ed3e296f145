"""What people may see of a personal value."""

from __future__ import annotations

import re

from loaders.identifiers.numbers import MOBILE

_ADDRESS_HEAD = re.compile(r"\D*(?:村|社区|居委会|路|街道|街|道|巷|镇|乡|区|县|市)")


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
    return mask_mobile(number) if MOBILE.match(number) else mask_landline(number)


def mask_bank_account(number: str) -> str:
    """`6222********7890`; shorter than twelve digits, strictly."""
    return f"{number[:4]}********{number[-4:]}" if len(number) >= 12 else mask_strict(number)


def mask_address(address: str) -> str:
    """Down to the village or the road: `惠城区芦洲镇芦村村100号` -> `惠城区芦洲镇芦村村***`."""
    match = _ADDRESS_HEAD.match(address.strip())
    return f"{match[0]}***" if match else mask_strict(address)
