"""The texts of one column. A column that repeats itself is kept by its distinct texts, and worked on by them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_SAMPLE = 4_096
_FEW = 4  # a column repeats itself when it has at least this many rows for each distinct text


@dataclass(frozen=True, slots=True)
class StringColumn:
    """`places` says which of the `distinct` texts stands in each row; without it, each row has its own."""

    distinct: pa.Array
    places: pa.Array | None = None

    @classmethod
    def of(cls, texts: pa.Array) -> StringColumn:
        """Some texts, by their distinct ones where that is less work."""
        sample = texts.slice(0, _SAMPLE)
        if len(texts) > _SAMPLE and len(pc.unique(sample)) * _FEW > len(sample):
            return cls(texts)
        encoded = texts.dictionary_encode()
        if len(encoded.dictionary) * _FEW > len(texts):
            return cls(texts)
        return cls(encoded.dictionary, encoded.indices)

    def __len__(self) -> int:
        return len(self.distinct if self.places is None else self.places)

    def expand(self, values: pa.Array) -> pa.Array:
        """One value for each row, from one for each distinct text."""
        return values if self.places is None else values.take(self.places)

    def rows_of(self, chosen: Positions) -> Positions:
        """The rows in which some of the distinct texts stand."""
        if self.places is None or not len(chosen):
            return chosen
        return np.flatnonzero(np.isin(self.places.fill_null(-1).to_numpy(zero_copy_only=False), chosen))

    def at(self, rows: Positions) -> list[str | None]:
        """The texts of some rows."""
        wanted = pa.array(rows) if self.places is None else self.places.take(pa.array(rows))
        texts: list[str | None] = self.distinct.take(wanted).to_pylist()
        return texts

    def where(self, mask: Mask) -> StringColumn:
        """The texts of the rows that are true in the mask."""
        if self.places is None:
            return StringColumn(self.distinct.filter(pa.array(mask)))
        return StringColumn(self.distinct, self.places.filter(pa.array(mask)))

    def trimmed(self) -> StringColumn:
        """Without blanks at the edges."""
        return StringColumn(pc.utf8_trim_whitespace(self.distinct), self.places)

    def without(self, null_tokens_of: tuple[str, ...]) -> StringColumn:
        """With null for each text that is empty or means "none"."""
        words = pa.array(["", *null_tokens_of], pa.string())
        return StringColumn(
            pc.if_else(pc.is_in(self.distinct, value_set=words), pa.scalar(None, pa.string()), self.distinct), self.places
        )


def may_begin(texts: pa.Array, characters: str) -> Positions:
    """The places of texts that may begin with one of some characters, by their first bytes: no text is looked at as a whole."""
    _, offsets, memory = texts.buffers()
    if not len(texts) or not memory:
        return np.empty(0, dtype=np.int64)
    content = np.frombuffer(memory, np.uint8)
    starts = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts)]
    is_wanted = np.zeros(256, dtype=bool)
    is_wanted[[character.encode()[0] for character in characters]] = True
    # An empty text shows the first byte of the next one.
    return np.flatnonzero(is_wanted[content[np.minimum(starts, len(content) - 1)]])


def memory_of(texts: pa.Array) -> bytes:
    """The bytes in which the texts are kept, one behind the other, and maybe more."""
    memory = texts.buffers()[2]
    return memory.to_pybytes() if memory else b""
