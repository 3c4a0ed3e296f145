"""The spells of divisions: when each was not as in the list of divisions, or not there at all.

Read from the deployment's `division_spells.csv`, beside the list. A division without a line was at all times as it is today.
After its last spell a division is as in the list; one that is not in the list is closed, and has its spells alone.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Protocol, Self

_COLUMNS = (
    "code", "name", "short_name", "level", "kind", "is_statutory", "parent_code", "zone_code", "valid_from_date",
    "valid_until_date", "successor_code", "note",
)  # fmt: skip
_DAY = dt.timedelta(days=1)
_STATISTICAL_DIGITS = 12


class DivisionSpellError(ValueError):
    """The list of spells is wrong; the message lists every line, with what was expected and found."""


class ListedDivision(Protocol):
    """What the check of spells must know of a division of today's list."""

    @property
    def parent_code(self) -> str:
        """The division above."""

    @property
    def zone_code(self) -> str | None:
        """The functional zone that it lies in."""


@dataclass(frozen=True, slots=True)
class DivisionSpell:
    """One spell of one division, both days included. None: it has no bound there.

    `name`, `short_name` and `level` are empty where they are the same as in the list of divisions.
    """

    code: str
    name: str
    short_name: str
    level: str
    parent_code: str
    zone_code: str | None
    valid_from: dt.date | None
    valid_until: dt.date | None
    successor_code: str | None

    @property
    def first_day(self) -> dt.date:
        """The first day, or the first of the calendar."""
        return self.valid_from or dt.date.min

    @property
    def last_day(self) -> dt.date:
        """The last day, or the last of the calendar."""
        return self.valid_until or dt.date.max

    def __str__(self) -> str:
        return f"{self.valid_from or '…'}–{self.valid_until or '…'}"


@dataclass(frozen=True)
class DivisionSpells:
    """All spells of a deployment, and the codes that are in its list of divisions today."""

    all: tuple[DivisionSpell, ...] = ()
    listed: frozenset[str] = frozenset()

    @classmethod
    def load(cls, path: Path, listed: Mapping[str, ListedDivision]) -> Self:
        """Reads the list (UTF-8 CSV). A deployment without the file has no spells.

        Raises:
            DivisionSpellError: a column is missing, a field is wrong, or spells do not fit each other or the list; every fault is
                listed.
        """
        if not path.is_file():
            return cls(listed=frozenset(listed))
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise DivisionSpellError(
                    f"{path.name}: expected the columns {', '.join(_COLUMNS)}, found none named {', '.join(missing)}"
                )
            rows = list(enumerate(reader, start=2))
        errors = [f"{path.name} line {number}: {error}" for number, row in rows for error in _row_errors(row, listed)]
        spells = cls(() if errors else tuple(_spell(row) for _, row in rows), frozenset(listed))
        errors += [f"{path.name}: {error}" for error in _list_errors(spells, listed)]
        if errors:
            raise DivisionSpellError("\n".join(errors))
        return spells

    @cached_property
    def by_code(self) -> Mapping[str, tuple[DivisionSpell, ...]]:
        """The spells of each division, the earliest first."""
        grouped: dict[str, list[DivisionSpell]] = {}
        for spell in sorted(self.all, key=lambda spell: spell.first_day):
            grouped.setdefault(spell.code, []).append(spell)
        return {code: tuple(spells) for code, spells in grouped.items()}

    @cached_property
    def closed_codes(self) -> Mapping[str, str]:
        """The codes that are in today's list no more, by themselves and by their twelve-digit form."""
        closed = [code for code in self.by_code if code not in self.listed]
        return {code.ljust(_STATISTICAL_DIGITS, "0"): code for code in closed if code.isdigit()} | {code: code for code in closed}

    def closed_at(self, levels: Iterable[str]) -> frozenset[str]:
        """Returns the codes of these levels that are in today's list no more."""
        wanted = set(levels)
        return frozenset(spell.code for spell in self.all if spell.code not in self.listed and spell.level in wanted)

    def names_of(self, codes: Iterable[str]) -> frozenset[str]:
        """Returns every name and short name that some divisions had in a spell."""
        spells = (spell for code in codes for spell in self.by_code.get(code, ()))
        return frozenset(name for spell in spells for name in (spell.name, spell.short_name) if name)

    def existed(self, code: str, first: dt.date, last: dt.date) -> bool:
        """Whether a division existed on a day between two days, both included."""
        return any(start <= last and first <= end for start, end in self._stays(code))

    def counterpart(self, code: str, day: dt.date) -> str | None:
        """Returns the code that stood on a day for a division that did not exist then: what took its place, or what it took the
        place of. None when that is not one division.
        """
        passed: set[str] = set()
        found: str | None = code
        while found is not None and found not in passed and not self.existed(found, day, day):
            passed.add(found)
            found = self._neighbor(found, day)
        return None if found == code or found in passed else found

    def _neighbor(self, code: str, day: dt.date) -> str | None:
        own = self.by_code[code]
        earlier = [spell for spell in own if spell.last_day < day]
        if earlier:
            return earlier[-1].successor_code
        eve = own[0].first_day - _DAY
        replaced = {spell.code for spell in self.all if spell.successor_code == code and spell.valid_until == eve}
        return replaced.pop() if len(replaced) == 1 else None

    def _stays(self, code: str) -> Iterator[tuple[dt.date, dt.date]]:
        """Yields the times in which a division exists."""
        own = self.by_code.get(code, ())
        yield from ((spell.first_day, spell.last_day) for spell in own)
        if code in self.listed and (not own or own[-1].valid_until is not None):
            yield (own[-1].last_day + _DAY if own else dt.date.min), dt.date.max


def _spell(row: Mapping[str, str]) -> DivisionSpell:
    return DivisionSpell(
        code=row["code"],
        name=row["name"],
        short_name=row["short_name"],
        level=row["level"],
        parent_code=row["parent_code"],
        zone_code=row["zone_code"] or None,
        valid_from=_day(row["valid_from_date"]),
        valid_until=_day(row["valid_until_date"]),
        successor_code=row["successor_code"] or None,
    )


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _row_errors(row: Mapping[str, str | None], listed: Mapping[str, ListedDivision]) -> Iterator[str]:
    if any(row[name] is None for name in _COLUMNS):
        yield f"expected {len(_COLUMNS)} fields, found fewer; put a comma for each empty one"
        return
    required = ["code", "parent_code"]
    if row["code"] not in listed:
        required += ["name", "level", "is_statutory", "valid_until_date"]
    for name in required:
        if not row[name]:
            yield f"expected a value in {name}, found nothing; only of a division of the list some fields may be empty"
    days = []
    for name in ("valid_from_date", "valid_until_date"):
        try:
            days.append(_day(row[name] or ""))
        except ValueError:
            yield f'{name}: expected a day like 2023-05-31 or nothing, found "{row[name]}"'
    if len(days) == 2 and days[0] is not None and days[1] is not None and days[1] < days[0]:
        yield f"expected valid_until_date not before valid_from_date, found {days[0]} and {days[1]}"


def _list_errors(spells: DivisionSpells, listed: Mapping[str, ListedDivision]) -> Iterator[str]:
    known = listed.keys() | spells.by_code.keys()
    for code, own in spells.by_code.items():
        for earlier, later in pairwise(own):
            if later.first_day <= earlier.last_day:
                yield f"{code}: the spells {earlier} and {later} overlap; end the first before the second begins"
        for spell in own:
            for field, other in (("parent_code", spell.parent_code), ("zone_code", spell.zone_code)):
                if other is not None and other not in known:
                    yield f"{code} {spell}: {field}: expected a code of a division, found {other}"
            if spell.successor_code is not None and spell.valid_until is not None:
                yield from _successor_errors(spells, spell, spell.successor_code, spell.valid_until + _DAY)
        yield from _end_errors(own[-1], listed.get(code))


def _end_errors(last: DivisionSpell, today: ListedDivision | None) -> Iterator[str]:
    """Yields what is wrong with the last spell of a division: it is closed with it, or is today as the list has it."""
    if today is None:
        if last.successor_code is None:
            yield (
                f"{last.code}: expected a successor_code at {last}, found nothing: the division is not in the list today; name "
                f"what took its place, or the division above where that is several"
            )
    elif last.valid_until is None and (last.parent_code, last.zone_code) != (today.parent_code, today.zone_code):
        yield (
            f"{last.code} {last}: expected the parent_code and zone_code of the list, {today.parent_code} and "
            f"{today.zone_code or 'none'}, because the spell lasts until today; found {last.parent_code} and "
            f"{last.zone_code or 'none'}"
        )


def _successor_errors(spells: DivisionSpells, spell: DivisionSpell, successor: str, day: dt.date) -> Iterator[str]:
    if successor not in spells.listed and successor not in spells.by_code:
        yield f"{spell.code} {spell}: successor_code: expected a code of a division, found {successor}"
    elif not spells.existed(successor, day, day):
        yield f"{spell.code} {spell}: successor_code: expected a division that exists on {day}, found {successor}"
