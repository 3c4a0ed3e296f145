"""What passes between the stages: documents, readings, issues, validation results. Values only, no behaviour.

Shared layer: every stage may import it; it imports nothing of ours but `period`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from mmap import mmap
from pathlib import Path

import pyarrow as pa

from loaders.period import Period

SHEET = "_sheet"
ROW = "_row"
TEXTS = "_texts"

# Documents that are refused for reasons that lie with us: nothing that their office could correct, so it is not told of them.
LANDED_FILE_LOST = "landed_file_lost"
READER_INTERRUPTED = "reader_interrupted"
INTERNAL_REFUSALS = (LANDED_FILE_LOST, READER_INTERRUPTED)


class Severity(StrEnum):
    """What an issue does: `document` refuses the document, `error` rejects the row, `warning` lets it through."""

    DOCUMENT = "document"
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class RemoteDocument:
    """A document that a source offers: where it is and what its place says of it.

    `size` counts the bytes of a file, the rows of a view or the records of an API. `unit` and `period` are what the name or the
    query says; the document itself may say more.
    """

    report: str
    uri: str
    modified_at: dt.datetime
    size: int | None = None
    unit: str | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A state of a remote document that the ledger already knows: looking at it again would bring nothing new."""

    uri: str
    size: int | None
    modified_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen documents, instead of all that is new. An empty field chooses all."""

    units: tuple[str, ...] = ()
    periods: tuple[Period, ...] = ()
    uris: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.units or self.periods or self.uris)

    def includes(self, uri: str, unit: str | None, period: Period | None) -> bool:
        """Whether a document is among the chosen ones."""
        return (
            (not self.uris or uri in self.uris)
            and (not self.units or unit in self.units)
            and (not self.periods or period in self.periods)
        )


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that may still be being uploaded: its state, and since when it was seen in it."""

    uri: str
    size: int
    modified_at: dt.datetime
    first_seen_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Pull:
    """What one look at a source brought.

    `cursor_to` is the watermark once all offers are loaded (None: it stays). `waiting` are documents that are still being
    written and are left for the next run, in the states of `waiting_files`; `unmatched` are files that the contract's pattern
    does not know. `present` is every place below `place` where the source holds something; None: not all were looked at.
    `unknown_senders` are addresses of mails that were left because the contract does not map them.
    """

    cursor_to: str | None
    remote_documents: tuple[RemoteDocument, ...] = ()
    waiting: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    waiting_files: tuple[WaitingFile, ...] = field(default=(), compare=False)
    place: str = field(default="", compare=False)
    present: frozenset[str] | None = field(default=None, compare=False)
    unknown_senders: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class LandedFile:
    """Bytes as they came, on disk under their SHA-256."""

    sha256: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem, told so that its owner can fix it.

    `row` counts from 1 as a spreadsheet does (a line of a CSV, a record of an API reply). `column` is the contract's
    name, `cell` the spreadsheet address (`D7`) where there is one. `found` never holds a plain personal number.
    """

    rule: str
    severity: Severity
    message_zh: str
    message_en: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    cell: str | None = None
    found: str | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class FoundTable:
    """One table found inside a document: its place, and where each contract column stands.

    `letters` maps a contract column to its spreadsheet letter (`D`) or, in a delimited file, to its ordinal column
    letter as well. `scales` maps a numeric column to the factor that turns what is printed into the contract's
    unit (10000 for a column printed in 万元 whose unit is 元). A form has no letters: `cells` maps each column to the address
    of its value (`B5`). Records have `fields`: each column's field. `merges` maps a column to the spans of rows (first, last)
    whose value stands in the first of them, because their cells are merged.
    """

    sheet: str
    header_rows: tuple[int, int]
    first_row: int
    last_row: int
    letters: Mapping[str, str]
    scales: Mapping[str, Decimal] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    merges: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """A number that the document prints about its own rows (合计 of a column, or a count of rows)."""

    sheet: str
    row: int
    column: str | None
    printed: Decimal
    first_row: int
    last_row: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in one document under its contract.

    `rows` has `_sheet` (string), `_row` (int32), then one string column for every contract column, in contract order;
    null means that the cell is blank. A cell's text is canonical: numbers as plain decimals in the document's own unit,
    dates as ISO, booleans as `TRUE`/`FALSE`, error cells as `#REF!`.
    `rows_total` counts the rows of the document as an independent reader would; `furniture` counts, by kind, those that are
    not data. `rows_total == rows.num_rows + sum(furniture.values())` unless refused. `refusal` is set when no table could be
    had; then `rows` is empty and all `rows_total` rows count as quarantined with the document. `revision_number` is that of the
    revision mark above the table (0: none), `stamped_on` the day on which the document says that it was filled in. `mapped` is
    the file in which the rows lie; whoever is done with some of them may tell the kernel to drop its pages, which come back when
    they are read.
    """

    rows: pa.Table
    rows_total: int
    furniture: Mapping[str, int] = field(default_factory=dict)
    tables: tuple[FoundTable, ...] = ()
    control_totals: tuple[ControlTotal, ...] = ()
    unit_text: str | None = None
    period: Period | None = None
    revision_number: int = 0
    stamped_on: dt.date | None = None
    issues: tuple[Issue, ...] = ()
    refusal: Issue | None = None
    mapped: mmap | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What validation decided of one document.

    `accepted` is typed as the raw table is (personal numbers already replaced by `<column>_key` and
    `<column>_masked`), with `_sheet`, `_row` and `_texts` (JSON object by column of the cells whose text is not that of the
    stored value; null where there is none). `rejected` has `_sheet`, `_row` and `record` (JSON text of the row as read,
    personal values masked). `issues` holds every reason of every rejected row and every warning. `confirmable` are the rejected
    rows that a person may confirm, in the form of `accepted`: every value fits its column, and only rules stand against the row.
    A document whose rejects pass the contract's threshold is refused: `refusal` is set, both tables are empty.
    """

    accepted: pa.Table
    rejected: pa.Table
    issues: tuple[Issue, ...] = ()
    refusal: Issue | None = None
    confirmable: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """One problem that the ledger keeps and that its owner has not been told yet.

    Grain: one per `issue_key`, however many revisions of the document have it; the newest speaks. `period` is as reports
    write it (`2023-06`), None for a register without one. `state` is that of the submission: `rejected` says that the whole
    document was held back.
    """

    issue_key: str
    submission_id: int
    unit_code: str
    period: str | None
    source_uri: str
    revision: int
    state: str
    rule: str
    severity: Severity
    message_zh: str
    message_en: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    cell: str | None = None
    found: str | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A matter that somebody is told once, besides the issues of rows: a document that cannot be had, a file without a report.

    `key` says what it is about (a place, a file's name), `message` what is wrong and what to do. `reason` tells one state of it
    from another: the matter is told again when the reason changes, not when only the words do. It holds no numbers that change
    from look to look.
    """

    key: str
    message: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something that is kept and is not as it was written: where, what is wrong, expected, found, and what to do next."""

    place: str
    what: str
    expected: str
    found: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; expected {self.expected}, found {self.found}; {self.next_step}"
