"""A huge document, validated in chunks within little memory, as if it were validated in one piece.

What no chunk can see by itself is looked at before: which rows share a key. They are few as a rule, and are validated first and
together, group by group; no two of the others share a key.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from loaders.contract import Report
from loaders.model import ROW, SHEET, Issue, Reading, ValidationResult
from loaders.validation.model.documents import ValidationInput
from loaders.validation.model.row_batch import RowBatch
from loaders.validation.model.string_column import Positions
from loaders.validation.results import Tally, issues_of_refused, refused, result_of
from loaders.validation.row_validator import RowValidator
from loaders.validation.rules.engines.duplicate_keys import rows_with_shared_hash

_MAX_ISSUES_KEPT = 1_000


def validate_chunks(report: Report, validator: RowValidator, item: ValidationInput, size: int) -> Iterator[ValidationResult]:
    """Validation results of all rows of one document; the last one is a refusal when too many rows failed.

    Raises:
        RuleError: a rule failed on these rows.
    """
    tally = Tally(report, item.reading.rows.num_rows)
    kept: list[Issue] = []
    for batch, keys_are_distinct in _chunks(validator, item, size):
        outcome = validator.validate(batch, keys_are_distinct=keys_are_distinct)
        span = batch.span(0)
        tally.add(outcome, span)
        refusal = tally.refusal()
        if refusal is not None:
            kept += issues_of_refused(report, outcome, span)
            yield refused(report, refusal, kept[:_MAX_ISSUES_KEPT])
            return
        result = result_of(report, outcome)
        release_rows(item.reading)
        kept += result.issues[: _MAX_ISSUES_KEPT - len(kept)]
        yield result


def release_rows(reading: Reading) -> None:
    """Let the kernel drop the pages of rows that were validated; those that are needed again are read from the file again."""
    if reading.mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        reading.mapped.madvise(mmap.MADV_DONTNEED)


def _chunks(validator: RowValidator, item: ValidationInput, size: int) -> Iterator[tuple[RowBatch, bool]]:
    """All rows in slices, those that share a key first; and whether the keys of a slice are known to be distinct."""
    rows = item.reading.rows
    distinct = np.ones(rows.num_rows, dtype=bool)
    for group in _rows_with_shared_key(validator, item, size) if validator.key else ():
        distinct[group] = False
        yield RowBatch.part(item, rows.take(pa.array(group))), False
    for start in range(0, rows.num_rows, size):
        part = rows.slice(start, size)
        mask = distinct[start : start + size]
        if not mask.all():
            part = part.filter(pa.array(mask))
        if part.num_rows:
            yield RowBatch.part(item, part), True


def _rows_with_shared_key(validator: RowValidator, item: ValidationInput, size: int) -> Iterator[Positions]:
    """The rows whose key seems to stand in another row too, in parts of about `size` that never divide rows of one key."""
    keys = item.reading.rows.select([SHEET, ROW, *validator.key])
    starts_of_parts = range(0, keys.num_rows, size)
    hashes = np.concatenate([validator.key_hashes(RowBatch.part(item, keys.slice(start, size))) for start in starts_of_parts])
    release_rows(item.reading)
    shared = rows_with_shared_hash(hashes)
    in_order = hashes[shared]
    starts = np.flatnonzero(np.concatenate([[True], in_order[1:] != in_order[:-1]])) if len(shared) else shared
    first = 0
    while first < len(shared):
        after = starts[starts >= first + size]
        stop = int(after[0]) if len(after) else len(shared)
        yield np.sort(shared[first:stop])
        first = stop
