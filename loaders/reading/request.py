"""What is asked of a reader: a file, the contract to read it under, and what its place said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from loaders.contract import Report
from loaders.period import Period


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One document to be read under the contract of its report."""

    path: Path
    report: Report
    period: Period | None = None
    password: str | None = field(default=None, repr=False)
