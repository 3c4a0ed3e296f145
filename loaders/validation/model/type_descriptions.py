"""What a column expects, in words: `整数（人次）`, `a date like 2023-05-31`."""

from __future__ import annotations

from loaders.contract import Column, ColumnType, LocalizedText
from loaders.messages import localized, phrase


def type_description(kind: ColumnType) -> LocalizedText:
    """What a column of a type holds."""
    return phrase(f"expected.{kind}")


def describe_type(column: Column) -> LocalizedText:
    """What a column holds, with its unit or its choices."""
    match column.type:
        case ColumnType.INTEGER | ColumnType.DECIMAL if column.unit:
            return phrase(f"expected.{column.type}_unit", unit=column.unit)
        case ColumnType.CHOICE:
            choices = localized("、".join(column.choices), ", ".join(column.choices))
            return phrase("expected.choice", choices=choices)
    return type_description(column.type)


def describe_digits(column: Column, largest: int) -> LocalizedText:
    """How many digits a decimal may have: those of its shape, or those below `largest`, which no personal number has."""
    precision, places = column.shape
    if 10 ** (precision - places) <= largest:
        return phrase("expected.fewer_digits", whole=precision - places, places=places)
    return phrase("expected.no_long_number", whole=len(str(largest)) - 1)
