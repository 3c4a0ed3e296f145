"""Delivery of documents into the folders behind the SFTP servers: on time, late, twice, broken, corrected or never."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from loaders.period import Period
from sample_city.faults import fault_kinds
from sample_city.faults.fault_log import FaultLog
from sample_city.reference.timetable import SHANGHAI, arrival

LATE_DAY = 16
_USUAL_DAY = 3
_REFUSAL_RULES = {
    fault_kinds.WRONG_UTF8: "wrong_encoding",
    fault_kinds.WRONG_UTF16: "wrong_encoding",
    fault_kinds.UNREADABLE: "unreadable_document",
    fault_kinds.MISSING_COLUMN: "missing_column",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a unit and a period.

    `content` returns the correct bytes. `faulty_content` returns the bytes with a fault of one kind: a broken document, or wrong
    figures that a later correction replaces. `late_day` counts from the period's end. `sent_on` is the day of sending, for a
    unit that submits several times per period.
    """

    report: str
    title: str
    suffix: str
    unit: str
    period: Period
    content: Callable[[], bytes]
    faulty_content: Callable[[str], bytes]
    late_day: int = LATE_DAY
    sent_on: dt.date | None = None

    def path(self, mark: str = "") -> str:
        """Returns the path below the server's root, with a mark such as `_更正1` before the suffix."""
        when = self.period if self.sent_on is None else f"{self.sent_on:%Y%m%d}"
        return f"{self.report}/{self.period}/{self.unit}_{self.title}_{when}{mark}{self.suffix}"

    def arrival_time(self, days_later: int = 0, hour: int = 10) -> dt.datetime:
        """Returns the time of arrival of the document, or of a later version of it."""
        if self.sent_on is None:
            return arrival(self.period, self.unit, day=_USUAL_DAY + days_later, hour=hour)
        return dt.datetime.combine(self.sent_on + dt.timedelta(days=days_later), dt.time(hour), SHANGHAI)


def deliver(root: Path, log: FaultLog, document: Document, kinds: Collection[str]) -> None:
    """Writes a document with faults of these kinds, and logs those that concern the whole document."""
    if fault_kinds.MISSING in kinds:
        _log(log, document, fault_kinds.MISSING, uri=None, expected_rule=fault_kinds.MISSING)
        return
    is_late = fault_kinds.LATE in kinds
    arrival_time = document.arrival_time(document.late_day - _USUAL_DAY if is_late else 0)
    if is_late:
        _log(log, document, fault_kinds.LATE, expected_rule="late", expected_state="accepted")
    fault = next((kind for kind in kinds if kind in _REFUSAL_RULES or kind == fault_kinds.CORRECTED), None)
    if fault is None:
        _write(root / document.path(), document.content(), arrival_time)
    else:
        _deliver_with_correction(root, log, document, fault, arrival_time)
    if fault_kinds.SAME_FILE_TWICE in kinds:
        copy = document.path("_重发")
        _write(root / copy, document.content(), document.arrival_time(days_later=1, hour=9))
        note = f"the same bytes as {document.path()}"
        _log(log, document, fault_kinds.SAME_FILE_TWICE, uri=copy, expected_state="duplicate", note=note)


def _deliver_with_correction(root: Path, log: FaultLog, document: Document, fault: str, arrival_time: dt.datetime) -> None:
    corrected = document.path("_更正1")
    _write(root / document.path(), document.faulty_content(fault), arrival_time)
    _write(root / corrected, document.content(), document.arrival_time(days_later=1, hour=16))
    state = "rejected" if fault in _REFUSAL_RULES else "superseded"
    _log(log, document, fault, expected_rule=_REFUSAL_RULES.get(fault), expected_state=state, note=f"sent again as {corrected}")


def _log(log: FaultLog, document: Document, kind: str, **facts: str | None) -> None:
    log.add(kind, document.report, document.unit, document.period, **{"uri": document.path(), **facts})


def _write(path: Path, content: bytes, modified_at: dt.datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    seconds = modified_at.timestamp()
    os.utime(path, (seconds, seconds))


def truncate(content: bytes) -> bytes:
    """Cuts off the end of a workbook, as an aborted upload does."""
    return content[: len(content) * 3 // 5]
