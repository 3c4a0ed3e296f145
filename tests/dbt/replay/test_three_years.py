"""Three years of a small district, month by month, through the whole product; and the same in pandas.

Offices report late, correct, and take files away; people withdraw documents; towns get new codes, move and merge; a rule
changes and what is loaded is validated again; a release is published each quarter. Every release, every build as it was known
when it ended, under both hierarchies, must be what the replay has.
"""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.operations import releases, withdrawal
from loaders.period import Period
from loaders.settings import Settings
from loaders.warehouse import ensure_roles, migrate
from loaders.warehouse.schema.roles import LOADER, READER, TRANSFORMER
from tests.dbt.conftest import PASSWORD, Place
from tests.dbt.engine_by_hand import Key, Triple, spans
from tests.dbt.hierarchy_by_hand import spell_lines
from tests.dbt.random_engine import assert_same, is_same
from tests.dbt.replay.replayed import figures
from tests.dbt.replay.script import LIMITS, STAGES, City, Slot, bounds, delivered, month_of
from tests.dbt.replay.small_deployment import HEADERS, INDICATORS, write_contract, write_deployment, write_divisions

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(3600)]
MONTHS = int(os.environ.get("HUIMIN_TEST_MONTHS", "36"))
NULLS: Triple = (None, None, None)


@dataclass
class Restated:
    """What a build restates: as the product has it, with causes, as the replay has it, and what happened since the release."""

    found: dict[Key, tuple[Triple, Triple]]
    causes: dict[Key, set[str]]
    expected: dict[Key, tuple[Triple, Triple]]
    happened: frozenset[str]


@dataclass
class Replay:
    """The product's deployment, the script beside it, and what the replay has after each build and release."""

    place: Place
    folder: Path
    city: City = field(default_factory=lambda: City(random.Random(20210131)))
    known: list[tuple[dict[Key, Triple], dict[Key, Triple]]] = field(default_factory=list)
    published: dict[int, dict[Key, Triple]] = field(default_factory=dict)
    restated: list[Restated] = field(default_factory=list)
    _periods: set[str] = field(default_factory=set)
    _happened: set[str] = field(default_factory=set)

    def path(self, slot: Slot) -> Path:
        return self.folder / "documents" / "files" / "service" / slot[1] / f"{slot[0]}.csv"

    def live_through_month(self) -> None:
        """What happens in one month of the script, and the build at its end."""
        city, rng = self.city, self.city.rng
        if any(stage.from_month == city.number for stage in STAGES):
            write_divisions(self.folder, city.stage.towns, city.stage.spells)
            self._happened.add("hierarchy_change")
        if city.number in LIMITS and city.number:
            write_contract(self.folder, city.limit)
            self.validate_again()
            self._happened.add("rule_change")
        for slot in delivered(city):
            self._happened.add("correction" if city.slots.get(slot) else "late_document")
            self.send(slot)
        self.load()
        clean = [slot for slot, documents in city.slots.items() if len(documents) == 1 and slot not in city.gone]
        if city.number % 5 == 3 and clean:
            slot = rng.choice(clean)
            self.path(slot).unlink()
            city.gone.add(slot)
            self._happened.add("withdrawal")
            self.load()
        current = [slot for slot in city.slots if city.current(slot) is not None]
        if city.number % 3 == 2:
            self.withdraw(rng.choice(current))
        pipeline.cross_check(self.place.settings)
        pipeline.build(self.place.settings)
        self.known.append(self.expected())
        if self.published:
            self.restated.append(self.restatements())
        if city.number % 3 == 2:
            self.publish()

    def send(self, slot: Slot) -> None:
        path = self.path(slot)
        path.parent.mkdir(exist_ok=True)
        document = self.city.send(slot)
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(HEADERS.values())
            for row in document.rows:
                writer.writerow([row.code, row.day, row.town, row.client, row.persons, row.closed or ""])

    def load(self) -> None:
        settings = self.place.settings
        for batch in pipeline.extract("service", settings):
            pipeline.load_batch("service", batch, settings)

    def validate_again(self) -> None:
        """All documents of which no revision was withdrawn, and that are still there, by the new rule."""
        city, settings = self.city, self.place.settings
        chosen: dict[str, list[str]] = {}
        for slot, documents in sorted(city.slots.items()):
            if slot not in city.gone and not any(document.is_withdrawn for document in documents):
                chosen.setdefault(slot[1], []).append(slot[0])
                city.validate_again(slot)
        for month, units in chosen.items():
            for batch in pipeline.extract("service", settings, periods=[month], units=units, again=True):
                pipeline.load_batch("service", batch, settings)

    def withdraw(self, slot: Slot) -> None:
        document = self.city.current(slot)
        assert document is not None
        query = (
            "select submission_id from ops.submission where unit_code = %s and period = %s"
            " and state in ('accepted', 'accepted_with_rejects')"
        )
        ((number,),) = self.place.query(query, *slot)
        withdrawal.withdraw(self.place.settings, number, why="重复报送", by="王科长")
        document.is_withdrawn = True
        self._happened.add("withdrawal")

    def restatements(self) -> Restated:
        """What this build restates of the last release."""
        rows = self.place.query_as_reader(
            "select indicator_code, area_code, period_code, published_value, published_ytd, published_to_date,"
            " current_value, current_ytd, current_to_date, causes from bi.restatement"
        )
        today = self.known[-1][0]
        last = self.published[max(self.published)]
        return Restated(
            found={row[:3]: (row[3:6], row[6:9]) for row in rows},
            causes={row[:3]: set(row[9]) for row in rows},
            expected={
                key: (triple, today.get(key, NULLS)) for key, triple in last.items() if not is_same(triple, today.get(key, NULLS))
            },
            happened=frozenset(self._happened),
        )

    def expected(self) -> tuple[dict[Key, Triple], dict[Key, Triple]]:
        city = self.city
        periods = list(spans(bounds(self.last_month())[0]))
        seeds = self.folder / "dbt_project" / "seeds"
        return figures(city.evidence(), seeds / "divisions.csv", spell_lines(*city.stage.spells), periods)

    def last_month(self) -> str:
        """The last month of which a document counts."""
        return max(month for unit, month in self.city.slots if self.city.current((unit, month)) is not None)

    def publish(self) -> None:
        """A release of the quarter; what is in a period that was ever published is restated with it."""
        quarter = Period.parse(f"{month_of(self.city.number)[:4]}Q{self.city.number % 12 // 3 + 1}")
        today = self.known[-1][0]
        if (quarter_code := str(quarter)) not in {key[2] for key in today}:
            return
        draft = releases.prepare(self.place.settings, quarter)
        number = releases.publish(self.place.settings, draft, by="王科长", reason="同意").release_number
        self._periods |= {code for code in {key[2] for key in today} if is_published(code, quarter_code)}
        before = self.published[max(self.published)] if self.published else {}
        now = {key: triple for key, triple in today.items() if key[2] in self._periods}
        self.published[number] = {key: now.get(key, NULLS) for key in before.keys() | now.keys()}
        self._happened.clear()


def is_published(code: str, quarter: str) -> bool:
    """Whether a period is published with a quarter: its months, itself, and what ends with it."""
    year, number = quarter.split("Q")
    months = {f"{year}-{month:02d}" for month in range(int(number) * 3 - 2, int(number) * 3 + 1)}
    ends = {quarter} | ({f"{year}H{int(number) // 2}"} if number in "24" else set()) | ({year} if number == "4" else set())
    return code in months | ends


@pytest.fixture(scope="module")
def replay(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    folder = tmp_path_factory.mktemp("replay") / "deployment"
    folder.mkdir()
    write_deployment(folder)
    server.create_database("three_years")
    url = server.url("three_years")
    ensure_roles(url, dict.fromkeys((LOADER, TRANSFORMER, READER), PASSWORD))
    assert migrate(url) == ()
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        warehouse_url=server.url("three_years", LOADER, PASSWORD),
        transformer_url=server.url("three_years", TRANSFORMER, PASSWORD),
        pii_key=b"k" * 48,
        connections={"files": f"file://{folder / 'documents' / 'files'}"},
        expectations=folder / "expectations",
        dbt_project=folder / "dbt_project",
        release_rules=folder / "release_rules" / "rules.yml",
    )
    made = Replay(Place(url, server.url("three_years", READER, PASSWORD), settings), folder)
    for number in range(MONTHS):
        made.city.number = number
        made.live_through_month()
    yield made


def read(place: Place, relation: str) -> dict[Key, Triple]:
    rows = place.query_as_reader(f"select indicator_code, area_code, period_code, value, ytd, to_date from {relation}")
    return {(row[0], row[1], row[2]): row[3:] for row in rows}


def test_the_script_has_all_that_happens_in_a_city(replay: Replay) -> None:
    documents = [document for revisions in replay.city.slots.values() for document in revisions]
    assert any(document.is_withdrawn for document in documents)
    assert any(len(document.accepted) < len(document.rows) for document in documents)
    assert replay.city.gone
    assert len(replay.known) == MONTHS
    assert len(replay.published) == MONTHS // 3
    today, then = replay.known[-1]
    assert {key for key in today.keys() & then.keys() if today[key] != then[key]}


def test_every_build_is_what_the_replay_has_under_both_hierarchies(replay: Replay) -> None:
    ends = replay.place.query("select ended_at from ops.build where ended_at is not null order by build_id")
    assert len(ends) == MONTHS
    for (ended_at,), (today, then) in zip(ends, replay.known, strict=True):
        as_of = ended_at.isoformat()
        assert_same(read(replay.place, f"bi.indicator_value_as_of('{as_of}')"), today)
        assert_same(read(replay.place, f"bi.indicator_value_then_as_of('{as_of}')"), then)


def test_the_current_values_are_those_of_the_last_build(replay: Replay) -> None:
    today, then = replay.known[-1]
    assert_same(read(replay.place, "bi.indicator_value"), today)
    assert_same(read(replay.place, "bi.indicator_value_then"), then)


def test_every_release_is_what_the_replay_has(replay: Replay) -> None:
    for number, expected in replay.published.items():
        assert_same(read(replay.place, f"bi.release_value where release_number = {number}"), expected)


def test_what_each_build_restates_is_what_the_replay_has(replay: Replay) -> None:
    assert any(restated.expected for restated in replay.restated)
    for restated in replay.restated:
        # A ratio is restated with its sides, also where it comes out the same.
        sides_only = {key for key, (published, current) in restated.found.items() if is_same(published, current)}
        assert {INDICATORS[key[0]][0] for key in sides_only} <= {"ratio"}
        found = {key: pair for key, pair in restated.found.items() if key not in sides_only}
        for place in range(2):
            assert_same(
                {key: pair[place] for key, pair in found.items()}, {key: pair[place] for key, pair in restated.expected.items()}
            )


def test_each_restatement_has_a_cause_that_happened_since_the_release(replay: Replay) -> None:
    named = set()
    for restated in replay.restated:
        for key, causes in restated.causes.items():
            assert causes, key
            assert causes <= restated.happened, key
            named |= causes
    if MONTHS == 36:
        assert named == {"correction", "late_document", "withdrawal", "rule_change", "hierarchy_change"}


def test_a_whole_build_changes_nothing(replay: Replay) -> None:
    written = "select xmin::text, indicator_code, area_code, period_code from indicators.indicator_area_period order by 2, 3, 4"
    before = replay.place.query(written)
    pipeline.build(replay.place.settings, is_whole=True)
    assert replay.place.query(written) == before
