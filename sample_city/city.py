"""What every generator of documents shares: the seed, the span, the facts, who is there, and what was planted."""

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
from sample_city.defects import DefectLog
from sample_city.facts import Facts
from sample_city.people import Rng, stream
from sample_city.timetable import Span

EXPECTATIONS = Path(__file__).resolve().parent.parent / "expectations"


@dataclass(frozen=True, slots=True)
class Organization:
    """A social organisation in the register."""

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
    """The city under construction in the folder `site`."""

    site: Path
    seed: int
    span: Span
    facts: Facts
    organizations: Sequence[Organization] = ()
    log: DefectLog = field(default_factory=DefectLog)
    personal_numbers: set[str] = field(default_factory=set)

    @cached_property
    def contracts(self) -> Mapping[str, Report]:
        """The contracts of all reports, by name."""
        return load_reports(EXPECTATIONS)

    def stream(self, *names: str) -> Rng:
        """A random stream of its own for each name."""
        return stream(self.seed, *names)

    def drop(self, report: Report) -> Path:
        """The folder behind the SFTP server of the report's system."""
        return self.site / "sftp" / report.system

    def write_truth(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """What should be accepted of a report; only tests read it."""
        write_table(self.site / "for_tests_only" / "truth" / f"{name}.csv", columns, rows)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_json_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
