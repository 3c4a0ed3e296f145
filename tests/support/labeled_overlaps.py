"""Facts that people found in contracts, to measure what a search for overlaps finds of them and what it finds besides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from loaders.contract import Report
from loaders.overlap import Overlap
from tests.support.documents.contracts import VISIT

Pair = frozenset[str]
COUNTIES = ("441302", "441303", "441322", "441323", "441324", "HZ-DYW", "HZ-ZK")
_PERIOD_KINDS = {"monthly": "month", "quarterly": "quarter", "annual": "year"}
_FILE_OF_PERIOD = r"(?P<period>\d{4}[-Q\d]*)/(?P<unit>[\w-]+)\.xlsx"


@dataclass(frozen=True)
class Measured:
    """What was found, and what of it is right; `missed` and `wrong` name the rest."""

    right: frozenset[Pair]
    wrong: frozenset[Pair]
    missed: frozenset[Pair]

    @property
    def precision(self) -> float:
        return len(self.right) / (len(self.right) + len(self.wrong))

    @property
    def recall(self) -> float:
        return len(self.right) / (len(self.right) + len(self.missed))


class LabeledFacts:
    """The facts of one or several files; `reports` are the contracts that the files plant."""

    def __init__(self, *paths: Path) -> None:
        contents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]
        self.reports = {name: _planted(name, entry) for content in contents for name, entry in content.get("reports", {}).items()}
        facts: dict[str, list[str]] = {}
        for content in contents:
            for fact, places in content.get("same", {}).items():
                facts[fact] = [*facts.get(fact, []), *places]
        same = (frozenset(pair) for places in facts.values() for pair in combinations(places, 2))
        totals = (frozenset(pair) for content in contents for pair in content.get("totals", ()))
        self._pairs = frozenset((*same, *totals))
        self._unclear = [entry for content in contents for entry in content.get("unclear", ())]

    def measure(self, overlaps: Iterable[Overlap], about: Iterable[str] | None = None) -> Measured:
        """Compares what was found with the facts; only pairs with one of the reports `about` count, if any are given."""
        wanted = None if about is None else set(about)
        found = {pair for pair in map(pair_of, overlaps) if _counts(pair, wanted)}
        expected = {pair for pair in self._pairs if _counts(pair, wanted)}
        wrong = {pair for pair in found - expected if not self._is_unclear(pair)}
        return Measured(frozenset(found & expected), frozenset(wrong), frozenset(expected - found))

    def _is_unclear(self, pair: Pair) -> bool:
        for entry in self._unclear:
            if any(frozenset(other) == pair for other in entry.get("pairs", ())):
                return True
            if any(_fits(place, pattern) for place in pair for pattern in entry.get("columns", ())):
                return True
        return False


def pair_of(overlap: Overlap) -> Pair:
    """Both columns, as `report.column`; a count of rows is `report.`."""
    return frozenset(f"{place.report}.{place.column}" for place in (overlap.asked, overlap.known))


def _counts(pair: Pair, about: set[str] | None) -> bool:
    return about is None or any(place.partition(".")[0] in about for place in pair)


def _fits(place: str, pattern: str) -> bool:
    return place == pattern or (pattern.endswith("*") and place.startswith(pattern[:-1]))


def _planted(name: str, entry: Mapping[str, Any]) -> Report:
    columns = [_column(line) for line in entry["columns"]]
    return Report.model_validate(
        VISIT
        | {
            "name": name,
            "code": name.replace("_", "-"),
            "title": {"zh": entry["title"], "en": name},
            "grain": {"zh": entry["grain"], "en": name},
            "cadence": entry["cadence"],
            "period_kind": _PERIOD_KINDS[entry["cadence"]],
            "unit_level": entry["units"],
            "units": COUNTIES if entry["units"] == "county" else ["441300"],
            "replaces": entry["replaces"],
            "source": {"kind": "file_drop", "connection": "drop", "pattern": _FILE_OF_PERIOD},
            "format": {"kind": "workbook"},
            "columns": columns,
            "cross_rules": entry.get("cross_rules", []),
        }
    )


def _column(line: str) -> dict[str, Any]:
    """`name | header | type | unit or choices | key or class of personal data`, of which the last three may be left out."""
    name, header, kind, detail, more = [*(part.strip() for part in line.split("|")), "", "", ""][:5]
    column: dict[str, Any] = {"name": name, "header": header, "type": kind or "text"}
    return column | dict(_details(kind, detail, more))


def _details(kind: str, detail: str, more: str) -> Iterator[tuple[str, Any]]:
    if kind == "choice":
        yield "choices", detail.split("、")
    elif detail:
        yield ("known_in" if detail.startswith("divisions.") else "unit"), detail
    if more == "key":
        yield "key", True
    elif more:
        yield "pii", more
