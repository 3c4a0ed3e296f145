"""The script of the replay: what offices and people do in three years, and the plain documents that come of it.

Nothing of the product is used here. A document is a list of rows; the state of the city is what each unit's month says last.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from dataclasses import dataclass, field

from tests.dbt.replay.small_deployment import COUNTIES, STREET, TOWNS

FIRST_YEAR = 2021
Slot = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """One service as its document has it."""

    code: str
    day: dt.date
    town: str
    client: str
    persons: int
    closed: dt.date | None


@dataclass
class Document:
    """One revision of a unit's month: its rows, and those that the rules of its time accepted."""

    rows: list[Row]
    accepted: list[Row]
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Divisions:
    """Towns with their counties, and the lines of the list of spells, from a month of the script on."""

    from_month: int
    towns: dict[str, str]
    spells: tuple[str, ...] = ()

    def is_valid(self, town: str, first: dt.date, last: dt.date) -> bool:
        """Whether a code was in use on a day between two days."""
        own = [line.split(",") for line in self.spells if line.startswith(f"{town},")]
        for fields in own:
            if (fields[8] or "0000") <= last.isoformat() and first.isoformat() <= (fields[9] or "9999"):
                return True
        if town not in self.towns or any(not fields[9] for fields in own):
            return False
        return all(fields[9] < last.isoformat() for fields in own)


# A town becomes a street with a new code within a month; another moves to the next county; one is taken in by its neighbor.
_RENAMED = (
    "990101101,990101101镇,,town,镇,1,990101,,,2021-11-14,990101003,撤镇设街",
    "990101003,,,,,,990101,,2021-11-15,,,撤镇设街",
)
_MOVED = ("990102002,,,,,,990102,,,2022-08-31,,",)
_MERGED = ("990103002,990103002镇,,town,镇,1,990103,,,2023-04-30,990103001,",)
_TOWNS_RENAMED = {code: county for code, county in TOWNS.items() if code != "990101101"} | {STREET: "990101"}
_TOWNS_MOVED = _TOWNS_RENAMED | {"990102002": "990103"}
_TOWNS_MERGED = {code: county for code, county in _TOWNS_MOVED.items() if code != "990103002"}
STAGES = (
    Divisions(0, TOWNS),
    Divisions(10, _TOWNS_RENAMED, _RENAMED),
    # A month late: what was published of it is restated.
    Divisions(21, _TOWNS_MOVED, _RENAMED + _MOVED),
    Divisions(28, _TOWNS_MERGED, _RENAMED + _MOVED + _MERGED),
)
# By month of the script: the limit of persons in the contract.
LIMITS = {0: 60, 16: 45}


def month_of(number: int) -> str:
    """The month of a number: 0 is the first of the script."""
    return f"{FIRST_YEAR + number // 12}-{number % 12 + 1:02d}"


def bounds(month: str) -> tuple[dt.date, dt.date]:
    year, number = map(int, month.split("-"))
    return dt.date(year, number, 1), dt.date(year, number, calendar.monthrange(year, number)[1])


@dataclass
class City:
    """What every unit's months say, revision by revision, as far as the script has come."""

    rng: random.Random
    number: int = 0
    slots: dict[Slot, list[Document]] = field(default_factory=dict)
    gone: set[Slot] = field(default_factory=set)
    late: list[Slot] = field(default_factory=list)
    _rows: int = 0

    @property
    def stage(self) -> Divisions:
        """The lists of divisions that hold in this month of the script."""
        return [stage for stage in STAGES if stage.from_month <= self.number][-1]

    @property
    def limit(self) -> int:
        """The limit of persons that holds in this month."""
        return [limit for month, limit in LIMITS.items() if month <= self.number][-1]

    def current(self, slot: Slot) -> Document | None:
        """The revision of a slot that counts: the last one that nobody withdrew, unless its file is gone."""
        kept = [document for document in self.slots.get(slot, []) if not document.is_withdrawn]
        return kept[-1] if kept and slot not in self.gone else None

    def evidence(self) -> list[Row]:
        """All rows that count."""
        found = [self.current(slot) for slot in self.slots]
        return [row for document in found if document is not None for row in document.accepted]

    def send(self, slot: Slot) -> Document:
        """A new revision: the first of its month, a late one, or a correction that keeps most rows."""
        before = self.current(slot)
        kept = [row for row in before.rows if self.rng.random() < 0.7] if before else []
        rows = kept + [self._row(slot) for _ in range(self.rng.randint(2, 6))]
        # One row is right by any rule, so that no document is refused as a whole.
        rows.append(self._row(slot, is_sound=True))
        document = Document(rows, [row for row in rows if self._accepts(row, slot)])
        self.slots.setdefault(slot, []).append(document)
        self.gone.discard(slot)
        return document

    def validate_again(self, slot: Slot) -> None:
        """All revisions of a slot by the rules of today."""
        for document in self.slots[slot]:
            document.accepted = [row for row in document.rows if self._accepts(row, slot)]

    def _accepts(self, row: Row, slot: Slot) -> bool:
        return row.persons <= self.limit and self.stage.is_valid(row.town, *bounds(slot[1]))

    def _row(self, slot: Slot, *, is_sound: bool = False) -> Row:
        self._rows += 1
        first, last = bounds(slot[1])
        day = first + dt.timedelta(days=self.rng.randint(-40 if self.rng.random() < 0.2 else 0, (last - first).days))
        stage = self.stage
        own = [town for town, county in stage.towns.items() if county == slot[0] and stage.is_valid(town, first, last)]
        towns = own
        if not is_sound:
            # Some name a town by the code of another time, which its period had or had not.
            towns = [*own, *(line.split(",")[0] for line in stage.spells if line.split(",")[0] in TOWNS)]
        closed = None if self.rng.random() < 0.3 else day + dt.timedelta(days=self.rng.randint(1, 300))
        persons = self.rng.randint(1, 45 if is_sound else 64)
        client = f"C{self.rng.randint(1, 40)}"
        return Row(f"{slot[0]}-{slot[1]}-{self._rows}", day, self.rng.choice(towns), client, persons, closed)


def delivered(city: City) -> list[Slot]:
    """The slots that send a document in this month: its own, late ones, and corrections."""
    month = month_of(city.number)
    own = [(unit, month) for unit in COUNTIES]
    on_time = [slot for slot in own if city.rng.random() < 0.85]
    late = [slot for slot in city.late if city.rng.random() < 0.6]
    city.late = [slot for slot in [*city.late, *own] if slot not in [*late, *on_time]]
    known = [slot for slot in city.slots if slot not in own]
    corrected = city.rng.sample(known, k=min(len(known), city.rng.randint(0, 2)))
    return [*on_time, *late, *corrected]
