"""What a report's contract makes of one answer of its source: fields, and rows as they would be loaded. Values are masked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.checking.check_session import check_files
from loaders.checking.checked_document import CheckedDocument
from loaders.contract import AskedSource, Report
from loaders.contract.sources.record_fields import flat_fields, object_paths
from loaders.identifiers import mask_strict, redact
from loaders.period import Period
from loaders.sources import open_client
from loaders.sources.http.answers.tree import Record
from loaders.sources.http.source_trial import SourceTrial, try_source

_MOST_ROWS = 5
_MAX_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """A field of the records or of the contract: the column that it goes to, and whether it is unknown or missing."""

    field: str
    column: str
    note: str


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """A trial of a source, the first record masked, the fields compared, and the rows checked.

    `exit_code` is 0 when all is as the contract says, 1 when rows would be rejected, 2 when a document is refused or
    absent, or a path of the contract found nothing.
    """

    trial: SourceTrial
    first_record: tuple[tuple[str, str], ...] = ()
    fields: tuple[FieldCheck, ...] = ()
    checked: CheckedDocument | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of `huimin source try`."""
        has_errors = self.checked is None or any(path.is_error for path in self.trial.paths)
        return 2 if has_errors or self.checked is None else self.checked.exit_code

    def accepted_rows(self) -> list[dict[str, str]]:
        """Returns the first accepted rows; personal values are masks."""
        if self.checked is None or self.checked.result is None:
            return []
        rows = self.checked.result.accepted.slice(0, _MOST_ROWS).to_pylist()
        return [
            {name: _bounded(value) for name, value in row.items() if not name.endswith("_key") and name != "_sheet"}
            for row in rows
        ]


def check_source(
    report: Report,
    source: AskedSource,
    url: str,
    timeout: float,
    folder: Path,
    *,
    unit: str | None = None,
    period: Period | None = None,
) -> SourceCheck:
    """Asks a source once and checks the answer as its document would be; `folder` is that of the contract.

    Raises:
        SourceError: no answer came.
    """
    trial = try_source(report, source, open_client(source, url, timeout, folder), unit=unit, period=period)
    if trial.document is None:
        return SourceCheck(trial, _masked(report, trial.records), _compared(report, trial.records))
    with tempfile.TemporaryDirectory() as landing:
        file = Path(landing) / "answer"
        file.write_bytes(trial.document)
        (checked,) = check_files([file], {report.report: report}, named=True, period=trial.period)
    return SourceCheck(trial, _masked(report, trial.records), _compared(report, trial.records), checked)


def _masked(report: Report, records: Sequence[Record]) -> tuple[tuple[str, str], ...]:
    """Returns the first record with masked values: of personal columns, and of fields that no column describes, strictly."""
    if not records:
        return ()
    columns = {column.field or column.name: column for column in report.columns}
    shown: list[tuple[str, str]] = []
    for name, value in _flat(report, records[0]):
        column = columns.get(name)
        text = _bounded(value)
        shown.append((redact(name), redact(text) if column is not None and not column.is_personal else mask_strict(text)))
    return tuple(shown)


def _compared(report: Report, records: Sequence[Record]) -> tuple[FieldCheck, ...]:
    """Returns the fields of the contract and of the records, each with what is the matter with it."""
    if not records:
        return ()
    columns = {column.field or column.name: column for column in report.columns}
    found = dict.fromkeys(name for record in records for name, _ in _flat(report, record))
    compared = [
        FieldCheck(name, column.name, _missing_note(column.required)) for name, column in columns.items() if name not in found
    ]
    known = [FieldCheck(name, columns[name].name, "") for name in found if name in columns]
    ignored = [FieldCheck(name, "", "ignored_headers") for name in found if name in report.ignored_headers]
    unknown = [
        FieldCheck(redact(name), "", "unknown: add a column with this field, or name it in ignored_headers")
        for name in found
        if name not in columns and name not in report.ignored_headers
    ]
    return (*known, *ignored, *unknown, *compared)


def _flat(report: Report, record: Record) -> Iterator[tuple[str, Any]]:
    """Yields the fields of a record by their places, as far as the contract names fields of objects."""
    named = (*(column.field or column.name for column in report.columns), *report.ignored_headers)
    return flat_fields(record.fields.items(), object_paths(named))


def _missing_note(is_required: bool) -> str:
    return "missing, and required: change the column's field" if is_required else "missing in this answer"


def _bounded(value: Any) -> str:
    if value is None:
        return ""
    text = str(value) if not isinstance(value, Mapping | list) else f"({type(value).__name__} of {len(value)})"
    return text if len(text) <= _MAX_CHARACTERS else f"{text[:_MAX_CHARACTERS]}…"
