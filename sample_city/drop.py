"""The folders behind the SFTP servers: documents delivered on time, late, twice, broken, corrected or never."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from loaders.period import Period
from sample_city import planting
from sample_city.defects import DefectLog
from sample_city.timetable import SHANGHAI, arrival

LATE_DAY = 16
_USUAL_DAY = 3
_REFUSED = {
    planting.WRONG_UTF8: "wrong_encoding",
    planting.WRONG_UTF16: "wrong_encoding",
    planting.UNREADABLE: "unreadable_document",
    planting.MISSING_COLUMN: "missing_column",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a unit and a period.

    `content` gives its right bytes; `spoilt` the bytes with one fault (a broken document, or the wrong figures that a later
    correction replaces). `late_day` counts from the period's end. `sent_on` is the day of a document of which there are several
    in a period.
    """

    report: str
    title: str
    suffix: str
    unit: str
    period: Period
    content: Callable[[], bytes]
    spoilt: Callable[[str], bytes]
    late_day: int = LATE_DAY
    sent_on: dt.date | None = None

    def path(self, mark: str = "") -> str:
        """Its path below the server's root, with a mark such as `_更正1` before the suffix."""
        when = self.period if self.sent_on is None else f"{self.sent_on:%Y%m%d}"
        return f"{self.report}/{self.period}/{self.unit}_{self.title}_{when}{mark}{self.suffix}"

    def arrived(self, days_later: int = 0, hour: int = 10) -> dt.datetime:
        """When it arrives, or what is sent after it."""
        if self.sent_on is None:
            return arrival(self.period, self.unit, day=_USUAL_DAY + days_later, hour=hour)
        return dt.datetime.combine(self.sent_on + dt.timedelta(days=days_later), dt.time(hour), SHANGHAI)


def deliver(root: Path, log: DefectLog, document: Document, kinds: Collection[str]) -> None:
    """Write a document as these kinds of fault have it, and record those that speak of the document as a whole."""
    if planting.MISSING in kinds:
        _log(log, document, planting.MISSING, uri=None, expected_rule=planting.MISSING)
        return
    is_late = planting.LATE in kinds
    arrived = document.arrived(document.late_day - _USUAL_DAY if is_late else 0)
    if is_late:
        _log(log, document, planting.LATE, expected_rule="late", expected_state="accepted")
    fault = next((kind for kind in kinds if kind in _REFUSED or kind == planting.CORRECTED), None)
    if fault is None:
        _write(root / document.path(), document.content(), arrived)
    else:
        _deliver_in_two_goes(root, log, document, fault, arrived)
    if planting.SAME_FILE_TWICE in kinds:
        copy = document.path("_重发")
        _write(root / copy, document.content(), document.arrived(days_later=1, hour=9))
        note = f"the same bytes as {document.path()}"
        _log(log, document, planting.SAME_FILE_TWICE, uri=copy, expected_state="duplicate", note=note)


def _deliver_in_two_goes(root: Path, log: DefectLog, document: Document, fault: str, arrived: dt.datetime) -> None:
    corrected = document.path("_更正1")
    _write(root / document.path(), document.spoilt(fault), arrived)
    _write(root / corrected, document.content(), document.arrived(days_later=1, hour=16))
    state = "rejected" if fault in _REFUSED else "superseded"
    _log(log, document, fault, expected_rule=_REFUSED.get(fault), expected_state=state, note=f"sent again as {corrected}")


def _log(log: DefectLog, document: Document, kind: str, **facts: str | None) -> None:
    log.add(kind, document.report, document.unit, document.period, **{"uri": document.path(), **facts})


def _write(path: Path, content: bytes, modified_at: dt.datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    seconds = modified_at.timestamp()
    os.utime(path, (seconds, seconds))


def truncated(content: bytes) -> bytes:
    """A workbook whose upload broke off: the zip has lost its end."""
    return content[: len(content) * 3 // 5]
