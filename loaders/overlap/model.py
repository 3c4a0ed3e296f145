"""What a search for overlaps gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """How a value follows from the other report: it is the same, the sum of a column of its rows, or the number of its rows."""

    SAME = "same"
    SUM = "sum"
    COUNT = "count"


@dataclass(frozen=True, slots=True, order=True)
class ColumnPlace:
    """A column of a report; `column` is empty where rows are counted."""

    report: str
    column: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason: the code of its phrase (`overlap.CODE`), its parameters, and how much it says, from 0 to 1."""

    code: str
    weight: float
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Overlap:
    """A fact that two reports ask for.

    `asked` could be filled in from `known`. `link` has the pairs of columns by which the rows of both are brought together:
    those of `asked`, then those of `known`; it is empty where all rows of the unit belong to it. `score` is the product of the
    weights. `units` are the units that send both; none where the two are sent by different units.
    """

    relation: Relation
    asked: ColumnPlace
    known: ColumnPlace
    link: tuple[tuple[str, str], ...]
    score: float
    evidence: tuple[Evidence, ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RepeatedColumns:
    """What a report asks again each period about things that stay: the columns of their key, and what stays of them.

    `closing` are columns with a date that, once filled in, ends the thing.
    """

    report: str
    key: tuple[str, ...]
    staying: tuple[str, ...]
    closing: tuple[str, ...]
