"""Texts of cells: kept beside a typed row only where they are not what the stored value looks like in plain text.

The plain text of a value is defined in `raw_schema.plain_texts` and, for the warehouse, in the function `ops.plain_text`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Column, ColumnType, Report
from loaders.raw_schema import plain_texts
from loaders.validation.conversion.pseudonyms import mask_numbers_in_text
from loaders.validation.model.string_column import Mask

# What JSON escapes: `"`, `\` and control characters.
_NEEDS_ESCAPE = r'["\\\x00-\x1f]'


def differing_texts(report: Report, texts: pa.Table, stored: Mapping[str, pa.Array]) -> pa.Array:
    """Returns one JSON object per row, by column, of the texts that differ from their value's plain text; null where none does.

    Personal columns are left out, and personal numbers in other columns are masked.

    Args:
        texts: the columns of the contract as they were read.
        stored: the values of the columns that are not personal.
    """
    parts = []
    for column in report.columns:
        if not column.is_personal:
            members = _members(column, texts.column(column.name).combine_chunks(), stored[column.name])
            if members is not None:
                parts.append(members)
    if not parts:
        return pa.nulls(texts.num_rows, pa.string())
    # Arrow drops a row whose parts are all null: so the first part never is.
    empty = pa.repeat(pa.scalar("", pa.string()), texts.num_rows)
    members = pc.utf8_ltrim(pc.binary_join_element_wise(empty, *parts, ",", null_handling="skip"), characters=",")
    is_empty = pc.equal(members, "")
    return pc.if_else(is_empty, pa.scalar(None, pa.string()), pc.binary_join_element_wise("{", members, "}", ""))


def _members(column: Column, texts: pa.Array, values: pa.Array) -> pa.Array | None:
    """Returns `"column":"text"` for each row whose text differs, null for the others; None if no text does."""
    plain = plain_texts(values)
    rows = np.flatnonzero(_differs(texts, plain))
    if not len(rows):
        return None
    found = texts.take(pa.array(rows))
    # A text that is a number, a day or a code of the contract is no number of a person; stored free text is masked alike.
    if column.type is ColumnType.TEXT and not column.names_no_person:
        found, masked = mask_numbers_in_text(found)
        if len(masked):
            still = _differs(found, plain.take(pa.array(rows)))
            rows, found = rows[still], found.filter(pa.array(still))
    members = pc.binary_join_element_wise(f'"{column.name}":', _quoted(found), "")
    positions = np.full(len(texts), -1)
    positions[rows] = np.arange(len(rows))
    return members.take(pa.array(positions, mask=positions < 0))


def _differs(texts: pa.Array, plain: pa.Array) -> Mask:
    """Marks the texts that are not those of the stored values; a blank cell has none."""
    differs = pc.and_(pc.is_valid(texts), pc.fill_null(pc.not_equal(texts, plain), True))
    return np.asarray(differs.to_numpy(zero_copy_only=False), dtype=bool)


def _quoted(texts: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring_regex(texts, _NEEDS_ESCAPE)).as_py():
        return pc.binary_join_element_wise('"', texts, '"', "")
    encoded = texts.dictionary_encode()
    quoted = [json.dumps(text, ensure_ascii=False) for text in encoded.dictionary.to_pylist()]
    return pa.array(quoted, pa.string()).take(encoded.indices)
