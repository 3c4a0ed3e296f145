"""The content digest of a document: equal where the same rows came, in whatever file, layout, column order and row order.

It covers the typed values of accepted rows, column by column as the contract has them (of a personal column the keyed hash), and
the records of rejected rows. It leaves out where a row stood, and the texts of cells. Rows are hashed to 64 bits each, which are
sorted, so that the same rows in another order, but not another number of times, have the same digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Report
from loaders.model import ValidationResult
from loaders.raw_schema import key_name, raw_schema

_Words = npt.NDArray[np.uint64]
_WORD_BYTES = 8
# Odd multipliers with well spread bits: the golden ratio, and those of the finalizer of MurmurHash3.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(32)
_NULL = np.uint64(0xA0761D6478BD642F)
# A mask for the bytes of the last word of a text, by their number.
_MASKS = np.array([(1 << (8 * count)) - 1 for count in range(_WORD_BYTES)], dtype=np.uint64)


class ContentDigest:
    """Collects the hashes of the rows of one document, chunk by chunk."""

    def __init__(self, report: Report) -> None:
        names = [key_name(column) if column.is_personal else column.name for column in report.columns]
        schema = raw_schema(report)
        self.fields = [schema.field(name) for name in names]
        self._accepted: list[_Words] = []
        self._rejected: list[_Words] = []

    def add(self, result: ValidationResult) -> None:
        """Adds the rows of one chunk."""
        self._accepted.append(_accepted_hashes(self.fields, result.accepted))
        self._rejected.append(_rejected_hashes(result.rejected))

    def add_hashes(self, accepted: _Words, rejected: _Words) -> None:
        """Adds rows that were hashed already."""
        self._accepted.append(accepted)
        self._rejected.append(rejected)

    def hexdigest(self) -> str:
        """Returns the SHA-256 over the columns and the sorted hashes of all rows."""
        digest = hashlib.sha256(repr([(field.name, str(field.type)) for field in self.fields]).encode())
        for hashes in (_sorted(self._accepted), _sorted(self._rejected)):
            digest.update(len(hashes).to_bytes(_WORD_BYTES, "little"))
            digest.update(hashes.astype("<u8", copy=False).data)
        return digest.hexdigest()


def content_digests(report: Report, documents: Sequence[Sequence[ValidationResult]]) -> list[str]:
    """Returns the digest of each document that was validated as a whole.

    The rows of all of them are hashed together: for small documents, that costs little more than for one.
    """
    results = [result for document in documents for result in document]
    digests = [ContentDigest(report) for _ in documents]
    if not results:
        return [digest.hexdigest() for digest in digests]
    fields = digests[0].fields
    tables = [result.accepted.select([field.name for field in fields]).cast(pa.schema(fields)) for result in results]
    accepted = _accepted_hashes(fields, pa.concat_tables(tables))
    rejected = _rejected_hashes(pa.concat_tables([result.rejected.select(["record"]) for result in results]))
    accepted_before = rejected_before = 0
    for digest, document in zip(digests, documents, strict=True):
        accepted_end = accepted_before + sum(result.accepted.num_rows for result in document)
        rejected_end = rejected_before + sum(result.rejected.num_rows for result in document)
        digest.add_hashes(accepted[accepted_before:accepted_end], rejected[rejected_before:rejected_end])
        accepted_before, rejected_before = accepted_end, rejected_end
    return [digest.hexdigest() for digest in digests]


def _accepted_hashes(fields: Sequence[pa.Field], rows: pa.Table) -> _Words:
    return _row_hashes([_array(rows.column(field.name).cast(field.type)) for field in fields], rows.num_rows)


def _rejected_hashes(rows: pa.Table) -> _Words:
    return _row_hashes([_array(rows.column("record"))], rows.num_rows)


def _sorted(chunks: Sequence[_Words]) -> _Words:
    return np.sort(np.concatenate(chunks)) if chunks else np.empty(0, dtype=np.uint64)


def _array(values: pa.ChunkedArray) -> pa.Array:
    return (
        values.chunk(0)
        if values.num_chunks == 1
        else pa.concat_arrays(values.chunks)
        if values.num_chunks
        else values.combine_chunks()
    )


def _row_hashes(columns: Sequence[pa.Array], length: int) -> _Words:
    hashes = np.full(length, _STEP, dtype=np.uint64)
    for values in columns:
        words = _text_hashes(values) if pa.types.is_string(values.type) else _number_hashes(values)
        if values.null_count:
            words[~values.is_valid().to_numpy(zero_copy_only=False)] = _NULL
        _absorb(hashes, words)
    return hashes


def _absorb(hashes: _Words, words: _Words) -> None:
    """Mixes one word per row into the hashes in place; each bit of both reaches every bit."""
    hashes ^= words
    hashes *= _FIRST
    hashes ^= hashes >> _SHIFT
    hashes *= _SECOND
    hashes ^= hashes >> _SHIFT
    hashes += _STEP


def _number_hashes(values: pa.Array) -> _Words:
    kind = values.type
    if pa.types.is_decimal(kind):
        words = np.frombuffer(values.buffers()[1], np.uint64).reshape(-1, 2)[values.offset : values.offset + len(values)]
        hashes = words[:, 0].copy()
        _absorb(hashes, words[:, 1])
        return hashes
    if pa.types.is_boolean(kind) or pa.types.is_date32(kind):
        values = pc.cast(values.cast(pa.int32()) if pa.types.is_date32(kind) else values, pa.int64())
    return np.frombuffer(values.buffers()[1], np.uint64)[values.offset : values.offset + len(values)].copy()


def _text_hashes(values: pa.Array) -> _Words:
    """Hashes the bytes of texts, eight at a time: first the length, then each word of those that are long enough."""
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1].astype(np.int64)
    starts, lengths = offsets[:-1], np.diff(offsets)
    hashes = lengths.astype(np.uint64)
    longest = int(lengths.max(initial=0))
    if not longest:
        return hashes
    words = _words_at_any_byte(values.buffers()[2], int(offsets[0]), int(offsets[-1]))
    starts = starts - offsets[0]
    rows: npt.NDArray[np.int64] | slice = slice(None)
    for begin in range(0, longest, _WORD_BYTES):
        left = lengths - begin if begin == 0 else lengths[rows] - begin
        if (left <= 0).any():
            kept = left > 0
            rows = np.flatnonzero(kept) if isinstance(rows, slice) else rows[kept]
            left = left[kept]
        part = words[starts[rows] + begin]
        is_last = left < _WORD_BYTES
        part[is_last] &= _MASKS[left[is_last]]
        mixed = hashes[rows]
        _absorb(mixed, part)
        hashes[rows] = mixed
    return hashes


def _words_at_any_byte(buffer: pa.Buffer, first: int, last: int) -> _Words:
    """Returns an array whose element i is the eight bytes from byte i on, of the texts between two offsets."""
    size = last - first
    padded = np.zeros(size + _WORD_BYTES, dtype=np.uint8)
    padded[:size] = np.frombuffer(buffer, np.uint8)[first:last]
    return np.ndarray(shape=(size + 1,), dtype=np.dtype("<u8"), buffer=padded.data, strides=(1,))
