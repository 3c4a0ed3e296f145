"""What the landing keeps beside the bytes, and the ledger knows as well: arrivals, and decisions of people about documents.

Shared layer: landing and warehouse may import it; it imports nothing of ours but `period`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from loaders.period import Period


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
class Decision:
    """What a person decided about a document (place and bytes), and why. `at` is None until it is in the ledger."""

    report: str
    uri: str
    sha256: str
    decision: str
    why: str
    by: str
    at: dt.datetime | None = None
