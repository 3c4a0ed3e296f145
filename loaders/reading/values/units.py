"""Units: conversion factors from the printed unit to the contract's. 万元 to 元 is 10,000; 美元 to 元 has none."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from loaders.contract import Column
from loaders.messages import issue_of
from loaders.reading.model.refusals import Refusal

_MULTIPLES = {
    "": 1,
    "十": 10,
    "百": 100,
    "千": 1000,
    "万": 10_000,
    "十万": 100_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
}
# `万元`: 万 and 元
_SPLIT = re.compile(r"(十万|百万|千万|十|百|千|万|亿)?(.+)")
_PARTS_OF_YUAN = {"角", "毛"}
_MONEY = {"元", "人民币", "美元", "港元", "港币", "欧元", "日元", "英镑"}
_PERSONS = {"人", "人次", "户次", "人天"}
_COUNT_UNITS = {
    "个",
    "家",
    "所",
    "件",
    "次",
    "场",
    "例",
    "篇",
    "批",
    "份",
    "条",
    "项",
    "宗",
    "座",
    "队",
    "对",
    "只",
    "支",
    "起",
    "台",
    "套",
    "张",
    "间",
    "处",
}
_COUNTED = _PERSONS | _COUNT_UNITS | {"户", "辆", "盒", "箱", "餐", "桌", "位", "瓶", "床"}
_MEASURED = (
    *({"亩", "公顷", "平方公里", "平方千米", "平方米", "㎡", "m2"}, {"公里", "千米", "km", "米", "m"}),
    *({"公斤", "千克", "kg", "吨", "克", "斤"}, {"升"}, {"小时", "时", "分钟", "分", "秒", "天", "日", "月", "年", "岁", "周岁"}),
    *({"%", "百分比", "百分点"}, {"‰"}),
)
_SYNONYMS = {"人民币": "元", "圆": "元", "元整": "元", "块": "元", "港币": "港元", "名": "人", "位": "人"}
_SYNONYMS |= dict.fromkeys(("㎡", "m²", "m2"), "平方米") | dict.fromkeys(("km²", "km2", "平方千米"), "平方公里")
_SYNONYMS |= dict.fromkeys(("m³", "m3"), "立方米")


@lru_cache(maxsize=1_000)
def split_unit(unit: str) -> tuple[Decimal, str]:
    """Splits a unit into (multiple, base): `万元` is (10000, `元`)."""
    match = _SPLIT.fullmatch(unit)
    if match is None:
        return Decimal(1), unit
    return Decimal(_MULTIPLES[match[1] or ""]), _SYNONYMS.get(match[2], match[2])


def is_known_unit(unit: str) -> bool:
    """Checks whether a text is a known unit: `65331A` is no number of As."""
    known = _MONEY.union(_COUNTED, *_MEASURED)
    return unit in known or unit.lower() in known


class UnitCompatibility(StrEnum):
    """Compatibility of two units: the same, another word for what is counted, or not convertible."""

    SAME = "same"
    OTHER_COUNT = "other_count"
    CONFLICT = "conflict"


def unit_compatibility(named: str | None, printed: str | None) -> UnitCompatibility:
    """Compares the unit named in a cell with the unit of its column; None means that no unit is named."""
    if named is None or printed is None or named == printed:
        return UnitCompatibility.SAME
    if {named, printed} <= _PERSONS or {named, printed} <= _COUNT_UNITS:
        return UnitCompatibility.SAME
    known = _MONEY.union(*_MEASURED)
    if {named, printed} <= known | _COUNTED:
        return UnitCompatibility.CONFLICT if named in known or printed in known else UnitCompatibility.OTHER_COUNT
    if named in _PARTS_OF_YUAN and printed in _MONEY:
        return UnitCompatibility.CONFLICT
    # 场 and 场次, 元 and 元整 are the same. Of other words it is not known.
    return UnitCompatibility.SAME if named in printed or printed in named else UnitCompatibility.OTHER_COUNT


def printed_unit(column: Column, header_unit: str | None, label_units: tuple[str, ...]) -> str | None:
    """Returns the unit in which a column is printed: the header's, else that of a label above the table, else the contract's."""
    if column.unit is None:
        return header_unit or (label_units[0] if len(label_units) == 1 else None)
    base = split_unit(column.unit)[1]
    named = [header_unit] if header_unit else [*label_units, *([column.printed_unit] if column.printed_unit else [])]
    return next((unit for unit in named if split_unit(unit)[1] == base), column.unit)


def scale_of(column: Column, header_unit: str | None, label_units: tuple[str, ...]) -> Decimal:
    """Returns the factor from the printed unit to the column's unit.

    Raises:
        Refusal: the document uses another currency than the contract.
    """
    if column.unit is None:
        return Decimal(1)
    factor, base = split_unit(column.unit)
    named = [header_unit] if header_unit else [*label_units, *([column.printed_unit] if column.printed_unit else [])]
    for unit in named:
        printed_factor, printed_base = split_unit(unit)
        if printed_base == base:
            return printed_factor / factor
        if {printed_base, base} <= _MONEY:
            raise Refusal(issue_of("unit_conflict.currency", found=unit, expected=column.unit, header=column.header))
    return Decimal(1)
