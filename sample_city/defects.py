"""The faults planted in the city, and the list of them that only tests read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

Row = list[Any]

USCC = "expect_column_values_to_be_valid_uscc"
RESIDENT_ID = "expect_column_values_to_be_valid_resident_id"
KNOWN_CODE = "expect_column_values_to_be_known_code"
IN_PERIOD = "expect_column_values_to_be_in_document_period"
NOT_AFTER_PERIOD = "expect_column_values_to_be_on_or_before_document_period"
UNIQUE = "expect_compound_columns_to_be_unique"
BETWEEN = "expect_column_values_to_be_between"
MATCH_REGEX = "expect_column_values_to_match_regex"
EQUAL_SUM = "expect_column_to_equal_sum"
NOT_NULL = "expect_column_values_to_not_be_null"
NULL = "expect_column_values_to_be_null"
GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
IN_SET = "expect_column_values_to_be_in_set"
TYPE = "type"
CROSS_REPORT = "cross_report"


@dataclass(frozen=True, slots=True)
class Defect:
    """One planted fault and what the pipeline should make of it.

    `uri` is the path below the connection's root (none for an API or a database). `row` counts as a reader of the document does:
    a spreadsheet's row, a CSV's line, a record's place in its ordered document. `expected_state` is the submission's state
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


class DefectLog:
    """Collects what was planted."""

    def __init__(self) -> None:
        self._defects: list[Defect] = []

    def add(self, kind: str, report: str, unit: str, period: object | None, **facts: Any) -> None:
        """Record one fault; its id counts the faults of the same kind and report."""
        number = 1 + sum(1 for known in self._defects if (known.kind, known.report) == (kind, report))
        text = None if period is None else str(period)
        self._defects.append(Defect(f"{report}-{kind}-{number}", kind, report, unit, text, **facts))

    def extend(self, other: DefectLog) -> None:
        """Take over what another log collected, which speaks of other reports."""
        self._defects.extend(other._defects)

    def records(self) -> list[dict[str, Any]]:
        """All faults as plain records, ordered by id."""
        return sorted((asdict(defect) for defect in self._defects), key=lambda record: str(record["id"]))


@dataclass(slots=True)
class Mark:
    """A row that carries a fault, and which."""

    row: Row
    kind: str
    column: str | None
    rule: str
    note: str = ""
    is_warning: bool = False


@dataclass(slots=True)
class Grid:
    """The rows of one document, as lists of cells in the order of `columns`, with the faults planted in them."""

    columns: tuple[str, ...]
    rows: list[Row]
    marks: list[Mark] = field(default_factory=list)

    def variant(self, row: Row, **changes: Any) -> Row:
        """A copy of a row with other values in some columns."""
        copy = list(row)
        for name, value in changes.items():
            copy[self.columns.index(name)] = value
        return copy

    def insert(self, at: int, row: Row, kind: str, reasons: Iterable[tuple[str | None, str]]) -> None:
        """Put a faulty row at a place; each reason is a (column, rule)."""
        self.rows.insert(at, row)
        self.marks.extend(Mark(row, kind, column, rule) for column, rule in reasons)

    def replace(self, at: int, row: Row, kind: str, column: str, rule: str, *, is_warning: bool = False) -> None:
        """Put a faulty row in the place of a sound one."""
        self.rows[at] = row
        self.marks.append(Mark(row, kind, column, rule, is_warning=is_warning))

    def duplicate(self, at: int, key_column: str) -> None:
        """Repeat the row at a place directly below it."""
        self.insert(at + 1, list(self.rows[at]), "duplicate_row", [(key_column, UNIQUE)])

    def accepted(self) -> list[Row]:
        """The rows without those that must be rejected."""
        rejected = {id(mark.row) for mark in self.marks if not mark.is_warning}
        return [row for row in self.rows if id(row) not in rejected]

    def record(self, log: DefectLog, report: str, unit: str, period: object | None, first_row: int, **facts: Any) -> None:
        """Write all marks into the log. `first_row` is the document's row number of the first data row."""
        places = {id(row): first_row + index for index, row in enumerate(self.rows)}
        has_rejects = any(not mark.is_warning for mark in self.marks)
        facts["expected_state"] = "accepted_with_rejects" if has_rejects else "accepted"
        for mark in self.marks:
            row = places[id(mark.row)]
            log.add(
                mark.kind, report, unit, period, row=row, column=mark.column, expected_rule=mark.rule, note=mark.note, **facts
            )
