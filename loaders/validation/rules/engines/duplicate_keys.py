"""Rows of one document that share a key.

Of the rows that share a key one stays: the first that nothing else is wrong with, or, when something is wrong with each, the
first. The others are rejected as repetitions of it. So a clerk who typed a row wrongly and again rightly below loses neither:
the right one is loaded, and the wrong one is told both what is wrong with it and which row has taken its place.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from loaders.validation.model.string_column import Mask, Positions

Hashes = npt.NDArray[np.uint64]
_MIXER = np.uint64(0x9E3779B97F4A7C15)


def split_duplicates(keys: pd.DataFrame, shared: Positions, rejected: Mask) -> tuple[Positions, Positions]:
    """Among rows that share a key with another: those that are rejected for it, and for each the row that stays.

    `keys` holds the document and the key columns, `shared` the places of the rows, `rejected` what else is wrong.
    """
    group = keys.iloc[shared].groupby(list(keys.columns), sort=False, dropna=False).ngroup().to_numpy()
    # Stable: sound rows before others, else in the order of the document; the first of each group stays.
    order = np.lexsort((shared, rejected[shared], group))
    ordered = group[order]
    is_first = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(ordered) else np.empty(0, dtype=bool)
    kept = shared[order[np.maximum.accumulate(np.where(is_first, np.arange(len(order)), 0))]] if len(order) else shared
    duplicates = shared[order[~is_first]]
    back = np.argsort(duplicates)
    return duplicates[back], kept[~is_first][back]


def key_hashes(columns: list[pa.Array]) -> Hashes:
    """A number for each row that is equal where the keys are equal, and seldom elsewhere."""
    texts = [pc.fill_null(pc.cast(values, pa.string()), "\x00") for values in columns]
    joined = texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, "\x1f")
    offsets = np.frombuffer(joined.buffers()[1], np.int32)[joined.offset : joined.offset + len(joined) + 1]
    letters = np.frombuffer(joined.buffers()[2] or b"", np.uint8)
    places, ends = offsets[:-1].astype(np.int64), offsets[1:]
    hashes = np.zeros(len(joined), dtype=np.uint64)
    rows: Positions | slice = slice(None)
    while True:
        if not (places[rows] < ends[rows]).all():
            rows = np.flatnonzero(places < ends)
        if not len(places[rows]):
            return hashes
        hashes[rows] = hashes[rows] * _MIXER + letters[places[rows]] + np.uint64(1)
        places[rows] += 1


def rows_with_shared_hash(hashes: Hashes) -> Positions:
    """The rows whose number another row has too, group by group, in the order of the document within each."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    grouped = np.zeros(len(order), dtype=bool)
    same_as_next = ordered[1:] == ordered[:-1]
    grouped[1:] |= same_as_next
    grouped[:-1] |= same_as_next
    shared: Positions = order[grouped]
    return shared
