"""One sheet of a document, or the rows of a register: its records in order, with the faults injected into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sample_city.faults.fault import InjectedFault, Record
from sample_city.faults.fault_log import FaultLog


@dataclass(slots=True)
class FormSheet:
    """The records of a sheet, and their faults.

    `headings` are rows above groups of records, by the index of the record below them. The parameter `head_rows` of the
    methods is the number of rows above the first record or heading; it is zero for a register.
    """

    name: str
    records: list[Record]
    faults: list[InjectedFault] = field(default_factory=list)
    headings: dict[int, str] = field(default_factory=dict)

    def accepted(self, head_rows: int = 0) -> Iterator[tuple[int, Record]]:
        """Yields the records that must be loaded, with their row numbers."""
        rejected = {id(fault.record) for fault in self.faults if not fault.is_warning}
        for index, record in enumerate(self.records):
            if id(record) not in rejected:
                yield self._row_number(index, head_rows), record

    def log_faults(
        self, log: FaultLog, report: str, unit: str, period: object | None, head_rows: int = 0, **location: Any
    ) -> None:
        """Records each fault with its row number. Keyword arguments go to the log as they are."""
        index_of = {id(record): index for index, record in enumerate(self.records)}
        for fault in self.faults:
            row = self._row_number(index_of[id(fault.record)], head_rows)
            log.add(fault.kind, report, unit, period, row=row, column=fault.column, expected_rule=fault.rule, **location)

    def without_last(self) -> FormSheet:
        """Returns the same sheet before its last row was added."""
        return FormSheet(self.name, self.records[:-1], self.faults, self.headings)

    def _row_number(self, index: int, head_rows: int) -> int:
        return head_rows + 1 + index + sum(1 for heading in self.headings if heading <= index)


def expected_state(sheets: Iterable[FormSheet]) -> str:
    """Returns the state that a submission with these sheets must reach after its own load."""
    has_rejects = any(not fault.is_warning for sheet in sheets for fault in sheet.faults)
    return "accepted_with_rejects" if has_rejects else "accepted"
