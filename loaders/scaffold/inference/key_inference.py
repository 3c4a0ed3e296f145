"""The key that a contract may have: columns that tell the rows of all samples apart. Running numbers and amounts never do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from loaders.contract import ColumnType, Pii
from loaders.scaffold.inference.type_inference import InferredType, is_code_header
from loaders.scaffold.inference.value_kinds import are_ordinals

ORDINALS = frozenset({"序号", "行次", "编次", "序", "no", "no.", "#", "项次", "行号"})
# Numbers of rows when the values count them: a code of that name may begin at 1 too, in a system of its own.
_MAYBE_ORDINALS = frozenset({"编号", "号", "id", "序列号", "number"})
_NOTES = re.compile(r"备注|说明|内容|情况|原因|意见|remark|note|comment|description", re.IGNORECASE)
_NAMES = re.compile(r"名称|标题|[^姓]名$|[Nn]ame$|[Tt]itle$")
_MOST_COMBINED = 8
_LARGEST_KEY = 3
_PERIODS = frozenset({ColumnType.MONTH, ColumnType.QUARTER, ColumnType.YEAR})


@dataclass(frozen=True, slots=True)
class SampleColumn:
    """A column with its values in each sample, in the order of the rows."""

    header: str
    inferred: InferredType
    samples: tuple[tuple[str | None, ...], ...]

    @property
    def values(self) -> tuple[str | None, ...]:
        """The values of all samples, one after the other."""
        return tuple(value for sample in self.samples for value in sample)

    @property
    def is_ordinal(self) -> bool:
        """Whether the column numbers the rows of each document, so that the next document has the same numbers."""
        name = self.header.casefold().strip()
        return name in ORDINALS or (name in _MAYBE_ORDINALS and len(self.values) > 1 and all(map(are_ordinals, self.samples)))


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """The places of the key's columns; none when nothing tells the rows apart.

    `nearest` are then the columns that come closest, `repeated` the rows that have the same values there as another.
    `is_unique_per_document`: they are different within each sample, and only the samples repeat each other.
    """

    places: tuple[int, ...] = ()
    nearest: tuple[int, ...] = ()
    repeated: int = 0
    is_unique_per_document: bool = False


def choose_key(columns: Sequence[SampleColumn]) -> KeyChoice:
    """Chooses the fewest columns that are different in every row of all samples: codes first, then names, then days."""
    candidates = sorted((place for place, column in enumerate(columns) if _may_be_key(column)), key=lambda p: _rank(columns[p]))
    best: KeyChoice | None = None
    for places in _choices(columns, candidates):
        repeated = _repeated_rows(list(zip(*(columns[place].values for place in places), strict=True)))
        if not repeated:
            return KeyChoice(tuple(sorted(places)))
        if best is None or repeated < best.repeated:
            best = KeyChoice((), tuple(sorted(places)), repeated, _is_unique_per_document(columns, places))
    return best or KeyChoice()


def _choices(columns: Sequence[SampleColumn], candidates: Sequence[int]) -> Iterator[tuple[int, ...]]:
    # A person's name or number alone is no key of what happens: the same person comes again.
    yield from (
        (place,) for place in candidates if columns[place].inferred.type not in _PERIODS and not _is_person(columns[place])
    )
    for size in range(2, _LARGEST_KEY + 1):
        yield from combinations(candidates[:_MOST_COMBINED], size)


def _may_be_key(column: SampleColumn) -> bool:
    values = column.values
    is_amount = column.inferred.type in {ColumnType.DECIMAL, ColumnType.BOOLEAN} or (
        column.inferred.type is ColumnType.INTEGER and not is_code_header(column.header)
    )
    return bool(values) and all(values) and not is_amount and not column.is_ordinal and not _NOTES.search(column.header)


def _is_person(column: SampleColumn) -> bool:
    return column.inferred.pii is not Pii.NONE and column.inferred.type is not ColumnType.RESIDENT_ID


def _rank(column: SampleColumn) -> int:
    """Codes, then identity numbers, names, other texts, days and periods, persons."""
    kind = column.inferred.type
    if _is_person(column):
        return 5
    if kind is ColumnType.RESIDENT_ID:
        return 1
    if kind in {ColumnType.USCC, ColumnType.DIVISION_CODE} or is_code_header(column.header):
        return 0
    if kind is not ColumnType.TEXT:
        return 4
    return 2 if _NAMES.search(column.header) else 3


def _repeated_rows(rows: Sequence[tuple[str | None, ...]]) -> int:
    return len(rows) - len(set(rows))


def _is_unique_per_document(columns: Sequence[SampleColumn], places: Sequence[int]) -> bool:
    samples = zip(*(columns[place].samples for place in places), strict=True)
    return all(not _repeated_rows(list(zip(*found, strict=True))) for found in samples)
