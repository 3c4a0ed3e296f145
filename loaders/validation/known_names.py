"""Names of a list that are written with look-alikes: they are that list's names, as a choice in another writing is that choice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.characters.lookalikes import comparison_form
from loaders.contract import Column, ColumnType
from loaders.divisions import Divisions


class KnownNames:
    """The names of the list that a column of texts names in `known_in`."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = pa.array(sorted(names), pa.string())
        self._by_form: dict[str, str] = {}
        for name in sorted(names):
            self._by_form.setdefault(comparison_form(name), name)

    @classmethod
    def of(cls, column: Column, divisions: Divisions) -> KnownNames | None:
        """The list of a column; None for one that names none, or none that there is (its rule says so)."""
        if column.type is not ColumnType.TEXT or column.known_in is None:
            return None
        try:
            return cls(divisions.codes_of(column.known_in))
        except KeyError:
            return None

    def spelled(self, values: pa.Array) -> pa.Array:
        """The values, those that are names of the list as the list writes them."""
        others = np.flatnonzero(
            pc.invert(pc.fill_null(pc.is_in(values, value_set=self._names), True)).to_numpy(zero_copy_only=False)
        )
        others = others[values.take(pa.array(others)).is_valid().to_numpy(zero_copy_only=False)] if len(others) else others
        if not len(others):
            return values
        mask = np.zeros(len(values), dtype=bool)
        mask[others] = True
        names = [self._by_form.get(comparison_form(text), text) for text in values.take(pa.array(others)).to_pylist()]
        return pc.replace_with_mask(values, pa.array(mask), pa.array(names, pa.string()))
