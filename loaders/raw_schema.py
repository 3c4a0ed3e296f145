"""The typed form of a report's accepted rows: what validation hands over and the raw table holds.

Shared layer: derived from the contract alone; validation and warehouse both build on it and so cannot disagree.
"""

from __future__ import annotations

import pyarrow as pa

from loaders.contract import Column, ColumnType, Report

_FIXED_TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.DATETIME: pa.timestamp("us"),
    ColumnType.BOOLEAN: pa.bool_(),
}


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
