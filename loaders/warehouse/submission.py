"""The ledger's model: a submission, its states, the input of a load and its outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from loaders.arrival import Arrival
from loaders.contract import Replaces
from loaders.identifiers.personal_keys import NO_LAYERS, KeyChain, PersonalKeys
from loaders.model import LandedFile, Reading, RemoteDocument, ValidationResult
from loaders.period import Period
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.precedence import Precedence, precedence


class State(StrEnum):
    """The state of a submission; `ledger.transitions` describes how it changes. Only `landed` submissions are loaded."""

    LANDED = "landed"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_REJECTS = "accepted_with_rejects"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


CURRENT_STATES = (State.ACCEPTED, State.ACCEPTED_WITH_REJECTS)

LOADED_STATES = (*CURRENT_STATES, State.SUPERSEDED)

# Why a submission is withdrawn, in `state_reason`: its source no longer has it, or a person took it out.
GONE_FROM_SOURCE = "gone_from_source"
WITHDRAWN_BY_DECISION = "withdrawn_by_decision"
# Why a submission is a duplicate, in `state_reason`: other bytes with the same rows. Of the same bytes it names the original.
SAME_CONTENT = "same_content"

Rank = tuple[dt.date, str, str]


@dataclass(frozen=True, slots=True)
class Submission:
    """One validation of one document for one report, reporting unit and period (None: a register without a period)."""

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
    answers_sha256: str | None = None
    revision_number: int = 0
    stamped_on: dt.date | None = None
    content_sha256: str | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Submission:
        """Reads a row of `ops.submission`."""
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
            answers_sha256=row["answers_sha256"],
            revision_number=row["revision_number"],
            stamped_on=row["stamped_on"],
            content_sha256=row["content_sha256"],
        )

    @property
    def precedence(self) -> Precedence:
        """Returns its place in the order of precedence: within a scope, the greatest is current."""
        end = self.period.end if self.period else None
        return precedence(end, self.revision_number, self.stamped_on, self.effective_at, self.arrived_at, self.submission_id)

    def arrival_of(self, document: RemoteDocument, landed: LandedFile, cursor_to: str | None) -> Arrival:
        """Returns the record that is kept beside the bytes: what the source showed, and when."""
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
            answers_sha256=self.answers_sha256,
        )

    def rank(self, replaces: Replaces) -> Rank:
        """Returns the rank of its scope among all scopes of the report. If two scopes hold the same key, the smaller rank keeps
        it.

        The earlier period comes first, then the smaller unit code, then (in an event log) the smaller URI. Only the identity of
        the scope counts, so that neither the order of arrival nor a correction moves a key to another scope.
        """
        if replaces is Replaces.REGISTER:
            return dt.date.min, self.unit_code, ""
        end = self.period.end if self.period else dt.date.min
        return end, self.unit_code, self.source_uri if replaces is Replaces.NOTHING else ""


@dataclass(frozen=True, slots=True)
class LoadItem:
    """A submission with its reading and the results of validation.

    `results` are chunks of the document in its order, so that a huge one streams. A refusal in any chunk refuses the whole
    document. Empty when the reading was refused.

    `keys` are those of the process; whatever writes hashes opens the key ring with them in its transaction, which is `chain`.
    """

    submission: Submission
    reading: Reading
    results: Iterable[ValidationResult]
    keys: PersonalKeys | None = None
    chain: KeyChain = NO_LAYERS


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one submission."""

    submission_id: int
    state: State
    rows_loaded: int
    rows_quarantined: int
    reason: str | None = None


def period_fields(period: Period | None) -> dict[str, Any]:
    """Returns the three ledger columns of a period."""
    if period is None:
        return {"period": None, "period_start": None, "period_end": None}
    return {"period": str(period), "period_start": period.start, "period_end": period.end}


def submissions_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Submission]:
    """Returns submissions of the ledger by their number."""
    if not ids:
        return {}
    rows = fetch_all(connection, "select * from ops.submission where submission_id = any(%s)", [list(ids)])
    return {row["submission_id"]: Submission.from_row(row) for row in rows}
