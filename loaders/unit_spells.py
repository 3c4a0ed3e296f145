"""The spells of reporting units: from when until when each existed, and under which name.

Read from the deployment's `unit_spells.csv`, beside the list of divisions. A unit may have several spells: closed and opened
again, or under another name. A unit without a spell existed at all times.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Self

_COLUMNS = ("unit_code", "name", "short_name", "valid_from_date", "valid_until_date")


class UnitSpellError(ValueError):
    """The list of spells is wrong; the message lists every line, with what was expected and found."""


@dataclass(frozen=True, slots=True)
class UnitSpell:
    """One spell of one unit, both days included. None: it has no bound there.

    `name` and `short_name` are those of the spell; empty where they are the same as in the list of divisions.
    """

    unit_code: str
    name: str
    short_name: str
    valid_from: dt.date | None
    valid_until: dt.date | None

    @property
    def first_day(self) -> dt.date:
        """The first day, or the first of the calendar."""
        return self.valid_from or dt.date.min

    @property
    def last_day(self) -> dt.date:
        """The last day, or the last of the calendar."""
        return self.valid_until or dt.date.max

    def overlaps(self, first: dt.date, last: dt.date) -> bool:
        """Whether the unit existed on a day between two days, both included."""
        return self.first_day <= last and first <= self.last_day

    def __str__(self) -> str:
        return f"{self.valid_from or '…'}–{self.valid_until or '…'}"


@dataclass(frozen=True)
class UnitSpells:
    """All spells of a deployment."""

    all: tuple[UnitSpell, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads the list (UTF-8 CSV). A deployment without the file has no spells.

        Raises:
            UnitSpellError: a column is missing, a day is none, or spells of a unit overlap; every line is listed.
        """
        if not path.is_file():
            return cls()
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise UnitSpellError(
                    f"{path.name}: expected the columns {', '.join(_COLUMNS)}, found none named {', '.join(missing)}"
                )
            rows = [(number, row) for number, row in enumerate(reader, start=2)]
        errors = [f"{path.name} line {number}: {error}" for number, row in rows for error in _row_errors(row)]
        spells = () if errors else tuple(_spell(row) for _, row in rows)
        errors += [f"{path.name}: {error}" for error in _overlaps(spells)]
        if errors:
            raise UnitSpellError("\n".join(errors))
        return cls(spells)

    @cached_property
    def by_unit(self) -> Mapping[str, tuple[UnitSpell, ...]]:
        """The spells of each unit, the earliest first."""
        grouped: dict[str, list[UnitSpell]] = {}
        for spell in sorted(self.all, key=lambda spell: spell.first_day):
            grouped.setdefault(spell.unit_code, []).append(spell)
        return {code: tuple(spells) for code, spells in grouped.items()}

    def existed(self, unit_code: str, first: dt.date, last: dt.date) -> bool:
        """Whether a unit existed on a day between two days, both included."""
        spells = self.by_unit.get(unit_code)
        return spells is None or any(spell.overlaps(first, last) for spell in spells)

    def named(self, text: str, first: dt.date, last: dt.date) -> str | None:
        """Returns the unit that a text names by the longest name of a spell between two days; None when it names none."""
        found = [
            (len(name), spell.unit_code)
            for spell in self.all
            if spell.overlaps(first, last)
            for name in (spell.name, spell.short_name)
            if name and name in text
        ]
        return max(found)[1] if found else None

    def names_of(self, codes: Iterable[str]) -> frozenset[str]:
        """Returns every name and short name that some units had in a spell."""
        spells = (spell for code in codes for spell in self.by_unit.get(code, ()))
        return frozenset(name for spell in spells for name in (spell.name, spell.short_name) if name)


def _spell(row: Mapping[str, str]) -> UnitSpell:
    return UnitSpell(
        row["unit_code"], row["name"], row["short_name"], _day(row["valid_from_date"]), _day(row["valid_until_date"])
    )


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _row_errors(row: Mapping[str, str | None]) -> Iterator[str]:
    if any(row[name] is None for name in _COLUMNS):
        yield f"expected {len(_COLUMNS)} fields or more, found fewer; put a comma for each empty one"
        return
    if not row["unit_code"]:
        yield "expected the code of a unit in unit_code, found nothing"
    days = []
    for name in ("valid_from_date", "valid_until_date"):
        try:
            days.append(_day(row[name] or ""))
        except ValueError:
            yield f'{name}: expected a day like 2023-05-31 or nothing, found "{row[name]}"'
    if len(days) == 2 and days[0] is not None and days[1] is not None and days[1] < days[0]:
        yield f"expected valid_until_date not before valid_from_date, found {days[0]} and {days[1]}"


def _overlaps(spells: Iterable[UnitSpell]) -> Iterator[str]:
    for code, own in UnitSpells(tuple(spells)).by_unit.items():
        for earlier, later in pairwise(own):
            if later.first_day <= earlier.last_day:
                yield f"unit {code}: the spells {earlier} and {later} overlap; end the first before the second begins"
