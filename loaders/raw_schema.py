"""The typed form of a report's accepted rows: what validation hands over and the raw table holds.

Shared layer: derived from the contract alone; validation and warehouse both build on it and so cannot disagree.
"""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Column, ColumnType, Report

_FIXED_TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.DATETIME: pa.timestamp("us"),
    ColumnType.BOOLEAN: pa.bool_(),
}
# From more decimal places on, Arrow writes small numbers with an exponent.
_MOST_PLAIN_PLACES = 6


def key_name(column: Column) -> str:
    """The name of the keyed hash that stands for a personal column."""
    return f"{column.name}_key"


def masked_name(column: Column) -> str:
    """The name of the masked form that stands for a personal column."""
    return f"{column.name}_masked"


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column's accepted values: bigint, numeric(p,s), date, timestamp, boolean, else text."""
    if column.type is ColumnType.DECIMAL:
        precision, scale = column.shape
        return pa.decimal128(precision, scale)
    return _FIXED_TYPES.get(column.type, pa.string())


def raw_fields(column: Column) -> tuple[pa.Field, ...]:
    """The raw columns of one contract column: two texts (`…_key`, `…_masked`) when it is personal, else itself."""
    if column.is_personal:
        return pa.field(key_name(column), pa.string()), pa.field(masked_name(column), pa.string())
    return (pa.field(column.name, arrow_type(column)),)


def raw_schema(report: Report) -> pa.Schema:
    """The accepted business columns in contract order, without `_sheet`, `_row` and the lineage of a load."""
    return pa.schema([field for column in report.columns for field in raw_fields(column)])


def plain_texts(values: pa.Array) -> pa.Array:
    """The plain text of each stored value, as the warehouse's function `ops.plain_text` writes it too; null stays null.

    Numbers without zeros at the end (`12.5`), days as `2023-05-31`, times as `2023-05-31 08:30:00`, with decimal places only
    where there are any, yes or no as 是 and 否, texts as they are.
    """
    kind = values.type
    if pa.types.is_boolean(kind):
        return pc.if_else(values, "是", "否")
    if pa.types.is_decimal(kind):
        return _plain_decimals(values)
    texts = values.cast(pa.string())
    return _without_zeros(texts) if pa.types.is_timestamp(kind) else texts


def _plain_decimals(values: pa.Array) -> pa.Array:
    if values.type.scale <= _MOST_PLAIN_PLACES:
        texts = values.cast(pa.string())
        return texts if values.type.scale == 0 else _without_zeros(texts)
    encoded = values.dictionary_encode()
    texts = [None if number is None else _plain_decimal(number) for number in encoded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(encoded.indices)


def _plain_decimal(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if number else "0"


def _without_zeros(texts: pa.Array) -> pa.Array:
    return pc.utf8_rtrim(pc.utf8_rtrim(texts, characters="0"), characters=".")
