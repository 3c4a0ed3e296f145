"""Printed units against the contract's: 万元 to 元 is a factor of 10,000; 美元 to 元 has none."""

from __future__ import annotations

import re
from decimal import Decimal

from loaders.contract import Column
from loaders.reading.refusals import refuse

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
_SPLIT = re.compile(r"(十万|百万|千万|十|百|千|万|亿)?(.+)")
_MONEY = {"元", "人民币", "美元", "港元", "港币", "欧元", "日元"}
_SAME = {"人民币": "元", "港币": "港元", "名": "人", "位": "人"}


def split_unit(unit: str) -> tuple[Decimal, str]:
    """A unit as (multiple, base): `万元` is (10000, `元`)."""
    match = _SPLIT.fullmatch(unit)
    if match is None:
        return Decimal(1), unit
    return Decimal(_MULTIPLES[match[1] or ""]), _SAME.get(match[2], match[2])


def scale_of(column: Column, header_unit: str | None, label_units: tuple[str, ...]) -> Decimal:
    """The factor from what is printed to the column's unit.

    Raises:
        Refusal: the document counts in another currency than the contract.
    """
    if column.unit is None:
        return Decimal(1)
    factor, base = split_unit(column.unit)
    said = [header_unit] if header_unit else [*label_units, *([column.printed_unit] if column.printed_unit else [])]
    for unit in said:
        printed_factor, printed_base = split_unit(unit)
        if printed_base == base:
            return printed_factor / factor
        if {printed_base, base} <= _MONEY:
            raise refuse(
                "unit_conflict",
                f"“{column.header}”的单位是“{unit}”，约定的单位是“{column.unit}”，不能换算；请按“{column.unit}”重新填报",
                f'"{column.header}" is in {unit}, the contract expects {column.unit}, and there is no factor between them',
                found=unit,
                expected=column.unit,
            )
    return Decimal(1)
