"""Data types of fault injection: a fault of one row, the document that it goes into, and the plan of all faults of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.contract import Report
from loaders.period import Period

Record = dict[str, Any]
"""A row by the contract's column names."""
Reason = tuple[str | None, str]
"""The column and the rule of an issue that must follow from a fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one row: the changes to a sound row, and the reasons for which it is an issue.

    The faulty row is inserted below the sound row under a key of its own. With `in_place` it replaces the sound row.
    A warning lets the row through. `at` is the index of the sound row; without it, the injection chooses one.
    """

    kind: str
    changes: Mapping[str, Any]
    reasons: Sequence[Reason]
    in_place: bool = False
    is_warning: bool = False
    at: int | None = None


@dataclass(frozen=True, slots=True)
class FaultSite:
    """The document that a fault goes into, and the index of the sound row that the injection has chosen.

    `records` already contain the faults injected before; `sound_count` is the number of records without any fault.
    """

    report: Report
    period: Period
    records: Sequence[Record]
    at: int
    sound_count: int

    @property
    def record(self) -> Record:
        """The sound row."""
        return self.records[self.at]


FaultMaker = Callable[[FaultSite], Fault]
PlannedFault = str | Fault | FaultMaker
"""A kind (of a standard row fault, or of the whole document), a fault of the report's own, or a function that makes one."""
FaultPlan = Mapping[tuple[str, str], Sequence[PlannedFault]]
"""The faults of each document, by (unit, period), or by (unit, day of sending) where a unit sends several per period."""


def document_kinds(planned: Sequence[PlannedFault]) -> list[str]:
    """Returns the kinds that are given by name: those of the whole document are among them."""
    return [fault for fault in planned if isinstance(fault, str)]


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """A record that carries a fault, with one reason for which it is an issue."""

    record: Record
    kind: str
    column: str | None
    rule: str
    is_warning: bool
