"""The ledger's nouns: a submission, its states, what a load is given and what it answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from loaders.arrival import Arrival
from loaders.contract import Replaces, Report
from loaders.model import LandedFile, Reading, RemoteDocument, ValidationResult
from loaders.period import Period
from loaders.warehouse.connection import Connection, fetch_all


class State(StrEnum):
    """Where a submission stands. `landed` is the only one that a load takes up."""

    LANDED = "landed"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_REJECTS = "accepted_with_rejects"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


CURRENT_STATES = (State.ACCEPTED, State.ACCEPTED_WITH_REJECTS)

LOADED_STATES = (*CURRENT_STATES, State.SUPERSEDED)

Precedence = tuple[dt.date, dt.datetime, dt.datetime, int]
Rank = tuple[dt.date, str, str]


@dataclass(frozen=True, slots=True)
class Submission:
    """One document for one report, one reporting unit and one period (None: a register without a period)."""

    submission_id: int
    report: str
    unit_code: str
    period: Period | None
    revision: int
    source_uri: str
    source_modified_at: dt.datetime
    sha256: str
    state: State
    arrived_at: dt.datetime
    effective_at: dt.datetime
    pull_id: int | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Submission:
        """Read a row of `ops.submission`."""
        return cls(
            submission_id=row["submission_id"],
            report=row["report"],
            unit_code=row["unit_code"],
            period=Period.parse(row["period"]) if row["period"] else None,
            revision=row["revision"],
            source_uri=row["source_uri"],
            source_modified_at=row["source_modified_at"],
            sha256=row["sha256"],
            state=State(row["state"]),
            arrived_at=row["arrived_at"],
            effective_at=row["effective_at"],
            pull_id=row["pull_id"],
        )

    @property
    def precedence(self) -> Precedence:
        """Inside one scope the submission with the greatest precedence is current.

        The period decides first, then the time that counts (`ledger.register`), then the order of arrival.
        """
        end = self.period.end if self.period else dt.date.min
        return end, self.effective_at, self.arrived_at, self.submission_id

    def arrival_of(self, document: RemoteDocument, landed: LandedFile, cursor_to: str | None) -> Arrival:
        """What is kept beside the bytes: what the source showed, and when."""
        return Arrival(
            report=self.report,
            uri=self.source_uri,
            unit=document.unit,
            period=document.period,
            size=document.size,
            modified_at=document.modified_at,
            sha256=landed.sha256,
            byte_size=landed.size,
            arrived_at=self.arrived_at,
            effective_at=self.effective_at,
            cursor_to=cursor_to,
        )

    def rank(self, replaces: Replaces) -> Rank:
        """The place of its scope among all scopes of the report: of two that hold the same key, the smaller keeps it.

        Earlier period first, then the smaller unit code, then (in a log of events) the smaller name. It is made of what
        names the scope alone, so that neither the order of arrival nor a correction moves a key to and fro.
        """
        if replaces is Replaces.REGISTER:
            return dt.date.min, self.unit_code, ""
        end = self.period.end if self.period else dt.date.min
        return end, self.unit_code, self.source_uri if replaces is Replaces.NOTHING else ""


@dataclass(frozen=True, slots=True)
class LoadItem:
    """A submission with what was read in it and what validation decided.

    `results` are slices of the document in its order, so that a huge one streams; a refusal in any of them refuses the
    whole document. Empty when the reading was refused.
    """

    submission: Submission
    reading: Reading
    results: Iterable[ValidationResult]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission."""

    submission_id: int
    state: State
    rows_loaded: int
    rows_quarantined: int
    reason: str | None = None


def period_fields(period: Period | None) -> dict[str, Any]:
    """The three ledger columns of a period."""
    if period is None:
        return {"period": None, "period_start": None, "period_end": None}
    return {"period": str(period), "period_start": period.start, "period_end": period.end}


def due_date(report: Report, period: Period | None) -> dt.date | None:
    """The last day on which a report of `period` is on time: `due_day` days after the period's last day."""
    if period is None or report.due_day is None:
        return None
    return period.end + dt.timedelta(days=report.due_day)


def submissions_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Submission]:
    """Submissions of the ledger by their number."""
    if not ids:
        return {}
    rows = fetch_all(connection, "select * from ops.submission where submission_id = any(%s)", [list(ids)])
    return {row["submission_id"]: Submission.from_row(row) for row in rows}
