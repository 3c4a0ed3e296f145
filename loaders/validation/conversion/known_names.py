"""Names of a list that are written with look-alikes: they are names of that list, as a choice in another writing is one."""

from __future__ import annotations

from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from loaders.characters.confusables import comparison_form
from loaders.contract import Column, ColumnType
from loaders.divisions import Divisions


class KnownNames:
    """The names of the list that a column of texts names in `known_in`."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = pa.array(sorted(names), pa.string())

    @cached_property
    def _by_form(self) -> dict[str, str]:
        return {comparison_form(name): name for name in reversed(self._names.to_pylist())}

    @classmethod
    def of(cls, column: Column, divisions: Divisions) -> KnownNames | None:
        """The list of a column; None for one that names none, or none that there is (its rule says so)."""
        if column.type is not ColumnType.TEXT or column.known_in is None:
            return None
        try:
            return cls(divisions.codes_in_list(column.known_in))
        except KeyError:
            return None

    def canonicalized(self, values: pa.Array) -> pa.Array:
        """The values, those that are names of the list as the list writes them."""
        others = pc.and_(values.is_valid(), pc.invert(pc.is_in(values, value_set=self._names)))
        if not pc.any(others).as_py():
            return values
        names = [self._by_form.get(comparison_form(text), text) for text in values.filter(others).to_pylist()]
        return pc.replace_with_mask(values, others, pa.array(names, pa.string()))
