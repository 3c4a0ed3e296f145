"""The state that all generators share: the seed, the span, the facts, the organizations and the log of faults."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from loaders.contract import Report, load_reports
from sample_city.facts import Facts
from sample_city.faults.fault_log import FaultLog
from sample_city.reference.people import Rng, stream
from sample_city.reference.timetable import Span

EXPECTATIONS = Path(__file__).resolve().parent.parent / "expectations"


@dataclass(frozen=True, slots=True)
class Organization:
    """A social organization in the register."""

    uscc: str
    name: str
    kind: str
    industry: str
    registrar_code: str
    is_charity: bool
    founded: dt.date
    status: str


@dataclass
class City:
    """The city while it is built into `folder`."""

    folder: Path
    seed: int
    span: Span
    facts: Facts
    organizations: Sequence[Organization] = ()
    log: FaultLog = field(default_factory=FaultLog)
    personal_numbers: set[str] = field(default_factory=set)

    @cached_property
    def contracts(self) -> Mapping[str, Report]:
        """The contracts of all reports, by name."""
        return load_reports(EXPECTATIONS)

    def stream(self, *names: str) -> Rng:
        """Returns the random stream of these names."""
        return stream(self.seed, *names)

    def sftp_folder(self, report: Report) -> Path:
        """The folder behind the SFTP server of the report's system."""
        return self.folder / "sftp" / report.system

    def write_truth(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Writes the rows of a report that must be accepted. Only tests read them."""
        write_table(self.folder / "for_tests_only" / "truth" / f"{name}.csv", columns, rows)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Writes a CSV with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_json_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Writes one JSON object per line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
