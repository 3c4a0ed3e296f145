"""The log of all faults in the city, with the outcome that each must have. Only tests read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LoggedFault:
    """One fault, where it is, and the outcome that the pipeline must give it.

    `uri` is the path below the connection's root (none for an API or a database). `row` counts as a reader of the document does:
    a spreadsheet's row, a CSV's line, a record's position in the order of its source. `expected_state` is the submission's state
    after its own load; a later document may supersede it.
    """

    id: str
    kind: str
    report: str
    unit: str
    period: str | None
    uri: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    expected_rule: str | None = None
    expected_state: str | None = None
    note: str = ""


class FaultLog:
    """Collection of the faults while the city is built."""

    def __init__(self) -> None:
        self._faults: list[LoggedFault] = []

    def add(self, kind: str, report: str, unit: str, period: object | None, **facts: Any) -> None:
        """Records one fault. Its id counts the faults of the same kind and report."""
        number = 1 + sum(1 for known in self._faults if (known.kind, known.report) == (kind, report))
        text = None if period is None else str(period)
        self._faults.append(LoggedFault(f"{report}-{kind}-{number}", kind, report, unit, text, **facts))

    def extend(self, other: FaultLog) -> None:
        """Appends the faults of another log, which must be of other reports: ids count per report."""
        self._faults.extend(other._faults)

    def records(self) -> list[dict[str, Any]]:
        """Returns all faults as plain records, ordered by id."""
        return sorted((asdict(fault) for fault in self._faults), key=lambda record: str(record["id"]))
