"""Rows as validation hashed them, with their hashes as they are stored since the last rotation."""

from __future__ import annotations

import pyarrow as pa

from loaders.contract import Report
from loaders.identifiers.personal_keys import KeyChain
from loaders.raw_schema import key_name


def lift_rows(report: Report, rows: pa.Table, chain: KeyChain) -> pa.Table:
    """Returns rows with every later key of the chain applied to their hashes; without a rotation, the rows themselves."""
    if not chain.has_layers:
        return rows
    for column in report.columns:
        if column.is_personal:
            name = key_name(column)
            values = rows.column(name).combine_chunks()
            rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), _lifted(values, chain))
    return rows


def _lifted(values: pa.Array | pa.ChunkedArray, chain: KeyChain) -> pa.Array:
    whole = pa.concat_arrays(values.chunks) if isinstance(values, pa.ChunkedArray) else values
    encoded = whole.dictionary_encode()
    lifted = pa.array([chain.lift(one) for one in encoded.dictionary.to_pylist()], pa.string())
    return lifted.take(encoded.indices)
