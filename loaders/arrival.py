"""What the landing keeps beside the bytes, and the ledger knows as well: arrivals, and decisions and declarations of people.

Shared layer: landing and warehouse may import it; it imports nothing of ours but `period`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Container
from dataclasses import dataclass

from loaders.period import Period

_SEPARATOR = "!/"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a source showed at one place, once: kept beside the landed bytes, so that the ledger can be rebuilt from them.

    `unit`, `period` and `size` are those of the offer. `effective_at` decides which document is current. `cursor_to` is where
    its pull would move the watermark. `answers_sha256` names the landed zip of the answers that the document was made of.
    """

    report: str
    uri: str
    unit: str | None
    period: Period | None
    size: int | None
    modified_at: dt.datetime
    sha256: str
    byte_size: int
    arrived_at: dt.datetime
    effective_at: dt.datetime
    cursor_to: str | None = None
    answers_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ContainerArrival:
    """A container (an archive, a mail) that a source showed at one place, once, and the places of the documents inside.

    `unpacked_by` is the fingerprint of what the contract said of containers then.
    """

    report: str
    uri: str
    size: int | None
    modified_at: dt.datetime
    sha256: str
    byte_size: int
    arrived_at: dt.datetime
    documents: tuple[str, ...]
    unpacked_by: str
    cursor_to: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a document (place and bytes), and why. `at` is None until it is in the ledger."""

    report: str
    uri: str
    sha256: str
    decision: str
    why: str
    by: str
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class IssueDecision:
    """What a person decided about an issue of a document: acknowledged or overridden, why, and until which day.

    `value_digest` is that of the value that was overridden. `at` is None until it is in the ledger.
    """

    report: str
    uri: str
    sha256: str
    decision: str
    issue_key: str
    why: str
    by: str
    reason: str | None = None
    until: dt.date | None = None
    value_digest: str | None = None
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """That a unit has nothing to report for a period, or the reverse. `at` is None until it is in the ledger."""

    report: str
    unit: str
    period: Period
    decision: str
    why: str
    by: str
    at: dt.datetime | None = None

    @property
    def uri(self) -> str:
        """What it is about, in the place of a document's location."""
        return f"{self.report}/{self.unit}/{self.period}"

    @property
    def sha256(self) -> str:
        """A digest of what it says; no landed file has this name."""
        return hashlib.sha256("\n".join((self.uri, self.decision, self.why, self.by)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ReleaseDecision:
    """What a person decided about a draft of a release: publish or return.

    `values_digest` is that of the draft's values. Only a published draft has a release, with its number and hash.
    """

    draft_id: int
    period_code: str
    values_digest: str
    decision: str
    why: str
    by: str
    at: dt.datetime
    release_number: int | None = None
    release_hash: str | None = None


def member_place(container: str, path: str) -> str:
    """Returns the place of a member: `drop:/2023-06/a.zip!/441302.xlsx`."""
    return f"{container}{_SEPARATOR}{path}"


def container_of(place: str, containers: Container[str]) -> str | None:
    """Returns the outermost of `containers` that a place is inside of; None for a document that lies in none of them.

    A folder may end in an exclamation mark, so a place alone does not tell.
    """
    parts = place.split(_SEPARATOR)
    outer = (_SEPARATOR.join(parts[:count]) for count in range(1, len(parts)))
    return next((place for place in outer if place in containers), None)
