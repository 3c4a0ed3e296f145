"""Furniture candidates: selects records of a batch that may be furniture, by vectorized checks on whole columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loaders.reading.tables.headers.header_finder import HeaderMatch
from loaders.reading.text.record_batches import Batch
from loaders.reading.text.text_scan import TextScan

_LEADING_FIELDS = 3
_FEW_FIELDS = 2
_LAST_RECORDS = 40  # more lines than any document closes with
_LABEL = r"\p{Han}[)）]?\s*[:：]"
_TOTAL_WORDS = r"合计|小计|总计|共计|共有|总共|累计|^\s*[（(]?(?:以上|本[表次期月])?共[^\d]{0,8}\d|总[^\d]{1,6}\d"
# Start of a line that closes a document in any position: notes, pages, statements, labels, groups with a count. `注：`, `第1页`,
# `共3页`, `特此报告`, `（92所）`
_CLOSING_LINE_START = r"[:：、]|^[\s（(\-—=]*(?:第|共|总|以[上下]|上述|本|我|特此|情况|此页|page|附|注|-|—)|[（(][^）)]*\d"

Mask = npt.NDArray[np.bool_]


def furniture_mask(
    batch: Batch, fields: Sequence[pa.Array], header: HeaderMatch, required: Sequence[int], scan: TextScan, *, is_first: bool
) -> Mask:
    """Returns a mask that is true for each record that must be classified. All other records are data.

    `is_first`: no data precedes the batch.
    """
    mask = np.zeros(batch.length, dtype=np.bool_)
    for column in required:
        if fields[column - 1].null_count:
            mask |= _as_mask(fields[column - 1].is_null())
    first = required[0] if required else min(header.columns.values())
    mask |= _matches(pc.equal(fields[first - 1], header.paths[first][-1]))
    if scan.has_totals:
        for texts in fields if any(field.null_count for field in fields[:_LEADING_FIELDS]) else fields[:_LEADING_FIELDS]:
            mask |= _matches(pc.match_substring_regex(texts, _TOTAL_WORDS))
    if scan.has_labels:
        mask |= _matches(pc.match_substring_regex(fields[0], _LABEL))
    mask |= _nearly_blank(batch, fields)
    mask[-_LAST_RECORDS:] = True
    if is_first:
        mask[:2] = True
    return mask


def _nearly_blank(batch: Batch, fields: Sequence[pa.Array]) -> Mask:
    """Selects blank records, and records of one or two values that begin like a closing line."""
    none = np.zeros(batch.length, dtype=np.bool_)
    if sum(1 for texts in fields if not texts.null_count) > _FEW_FIELDS:
        return none
    filled = np.zeros(batch.length, dtype=np.int32)
    for texts in fields:
        filled += _as_mask(texts.is_valid())
    few = filled <= _FEW_FIELDS
    if not few.any():
        return none
    few &= _matches(pc.match_substring_regex(pc.coalesce(*fields), _CLOSING_LINE_START))
    few |= filled == 0
    return few


def _matches(booleans: pa.Array) -> Mask:
    return _as_mask(pc.fill_null(booleans, False))


def _as_mask(booleans: pa.Array) -> Mask:
    mask: Mask = booleans.to_numpy(zero_copy_only=False)
    return mask
