"""A random sequence of documents, corrections, withdrawals, builds and releases, replayed in pandas.

Every build, every release and every restatement must be what the replay has. The replay keeps the documents of each step and adds
them up the plain way; it shares no SQL and no history with the warehouse.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pandas as pd
import psycopg
import pytest

from loaders import pipeline
from loaders.operations import releases
from loaders.period import Period
from loaders.settings import PROJECT_ROOT
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place
from tests.dbt.engine_by_hand import Areas, Key, Triple, measures, values

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
INDICATOR = "SW-HV-01"
UNITS = {"441302": ("441302001", "441302112"), "441303": ("441303001",), "441322": ("441322001",)}
MONTHS = ("2023-01", "2023-02", "2023-03")
STEPS = 4
Slot = tuple[str, str]
# Town, day, persons.
Visits = list[tuple[str, dt.date, int]]


@dataclass
class City:
    """The current documents, by unit and month, and what the warehouse calls them."""

    place: Place
    rng: random.Random
    current: dict[Slot, Visits] = field(default_factory=dict)
    numbers: dict[Slot, int] = field(default_factory=dict)

    def change(self) -> None:
        """Sends, corrects and withdraws documents."""
        for slot in self.rng.sample([(unit, month) for unit in UNITS for month in MONTHS], k=4):
            if slot in self.current and self.rng.random() < 0.3:
                self.withdraw(slot)
            else:
                self.send(slot, self.random_visits(slot))

    def random_visits(self, slot: Slot) -> Visits:
        unit, month = slot
        # Some rows are those of the document before, and some are of an earlier month.
        kept = [visit for visit in self.current.get(slot, []) if self.rng.random() < 0.7]
        start = dt.date.fromisoformat(f"{month}-01")
        fresh = [
            (self.rng.choice(UNITS[unit]), start + dt.timedelta(days=self.rng.randint(-40, 27)), self.rng.randint(1, 9))
            for _ in range(self.rng.randint(1, 6))
        ]
        return kept + fresh

    def send(self, slot: Slot, visits: Visits) -> None:
        rows = [raw_rows.visit(f"V{slot}{n}", town, day, persons) for n, (town, day, persons) in enumerate(visits)]
        with psycopg.connect(self.place.admin_url) as connection:
            if slot in self.numbers:
                raw_rows.supersede(connection, "home_visit", self.numbers[slot])
            self.numbers[slot] = raw_rows.load(connection, "home_visit", *slot, rows)
        self.current[slot] = visits

    def withdraw(self, slot: Slot) -> None:
        number = self.numbers.pop(slot)
        with psycopg.connect(self.place.admin_url) as connection:
            raw_rows.supersede(connection, "home_visit", number)
            connection.execute("update ops.submission set state = 'withdrawn' where submission_id = %s", (number,))
        del self.current[slot]

    def build(self) -> None:
        pipeline.cross_check(self.place.settings)
        pipeline.build(self.place.settings)

    def expected(self) -> dict[Key, Triple]:
        """The values of the current documents, by hand."""
        rows = [visit for visits in self.current.values() for visit in visits]
        evidence = pd.DataFrame({
            "indicator_code": INDICATOR,
            "area_code": [town for town, _, _ in rows],
            "event_date": [day for _, day, _ in rows],
            "end_date": None,
            "quantity": [Decimal(persons) for _, _, persons in rows],
            "subject_key": [str(number) for number in range(len(rows))],
        })  # fmt: skip
        last = dt.date(2023, 3, 1)
        found = values(evidence, measures(SEEDS), Areas(SEEDS / "divisions.csv"), last)
        return {key: triple for key, triple in found.items() if key[0] == INDICATOR}


def read(place: Place, text: str) -> dict[Key, Triple]:
    query = f"select indicator_code, area_code, period_code, value, ytd, to_date from {text} and indicator_code = '{INDICATOR}'"
    return {(row[0], row[1], row[2]): row[3:] for row in place.query_as_reader(query)}


@pytest.fixture(scope="module")
def city(make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory) -> City:
    rules = tmp_path_factory.mktemp("rules") / "release_rules.yml"
    rules.write_text(
        "minimum_reporting_rate_pct: 0\nrequire_current_contracts: false\nmaximum_outside_published: 99\n", encoding="utf-8"
    )
    place = make_place("restatement_replay", PROJECT_ROOT / "dbt_project")
    made = City(replace(place, settings=replace(place.settings, release_rules=rules)), random.Random(20230701))
    for month in MONTHS:
        made.send(("441302", month), made.random_visits(("441302", month)))
    # A document of no rows keeps the months open when all others are withdrawn.
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.load(connection, "home_visit", "441323", MONTHS[-1], [])
    return made


def test_every_build_release_and_restatement_is_what_a_replay_has(city: City) -> None:
    place = city.place
    known: list[dict[Key, Triple]] = []
    published: dict[int, dict[Key, Triple]] = {}
    released: dict[Key, Triple] = {}
    for step in range(STEPS):
        city.build()
        known.append(city.expected())
        if step in {0, 2}:
            draft = releases.prepare(place.settings, Period.parse("2023Q1" if step else "2023-02"))
            number = releases.publish(place.settings, draft, by="王科长", reason="同意").release_number
            periods = {*MONTHS, "2023Q1"} if step else {"2023-02"}
            released = released | {key: triple for key, triple in known[-1].items() if key[2] in periods}
            published[number] = dict(released)
        restated = {key: (released[key], known[-1].get(key)) for key in released if released[key] != known[-1].get(key)}
        assert restatements(place) == restated, f"step {step}"
        if step < STEPS - 1:
            city.change()
    assert published.keys() == {1, 2} and len({id(one) for one in known}) == STEPS
    for number, expected in published.items():
        assert read(place, f"bi.release_value where release_number = {number}") == expected
    ends = place.query("select ended_at from ops.build where ended_at is not null order by build_id")
    assert len(ends) == STEPS
    for (ended_at,), expected in zip(ends, known, strict=True):
        assert read(place, f"bi.indicator_value_as_of('{ended_at.isoformat()}') where true") == expected
    times = place.query("select release_number, released_at from release.release")
    for number, released_at in times:
        as_of = read(place, f"bi.indicator_value_as_of('{released_at.isoformat()}') where true")
        assert {key: as_of.get(key) for key in published[number]} == published[number]


def restatements(place: Place) -> dict[Key, tuple[Triple, Triple]]:
    """Asserts that each has a cause in the documents that changed, too."""
    rows = place.query_as_reader(
        "select indicator_code, area_code, period_code, published_value, published_ytd, published_to_date, current_value,"
        " current_ytd, current_to_date, causes, submission_ids, changed_rows_count from bi.restatement"
        f" where indicator_code = '{INDICATOR}'"
    )
    for row in rows:
        assert set(row[9]) <= {"correction", "late_document", "withdrawal"} and row[10] and row[11] > 0, row
    return {(row[0], row[1], row[2]): (row[3:6], row[6:9]) for row in rows}


def test_any_order_and_split_of_the_same_documents_ends_in_the_same_values(city: City, make_place: MakePlace) -> None:
    other = City(make_place("restatement_permutation", PROJECT_ROOT / "dbt_project"), random.Random(7))
    with psycopg.connect(other.place.admin_url) as connection:
        raw_rows.load(connection, "home_visit", "441323", MONTHS[-1], [])
    slots = sorted(city.current, reverse=True)
    for slot in slots:
        other.send(slot, city.current[slot])
    other.build()
    current = "bi.indicator_value where true"
    assert read(other.place, current) == read(city.place, current) == city.expected()
