"""A small district through several builds, read as `bi_reader` after each: no small number follows from all that it showed."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.contract import load_reports
from loaders.operations import evidence as evidence_operations
from loaders.operations import releases
from loaders.period import Period
from loaders.settings import Settings
from loaders.warehouse import Warehouse, ensure_roles, migrate
from loaders.warehouse.schema.roles import LOADER, READER, TRANSFORMER
from tests.dbt import raw_rows
from tests.dbt.conftest import PASSWORD, Place
from tests.dbt.replay.small_deployment import COUNTIES, ROOT, TOWNS, write_deployment
from tests.support.disclosure.attack import Attack, History, Seen, plain_kinds

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(1800)]
PERSONS, STOCK, SUM, RATIO, RECORDS = "FW-CL-01", "FW-CL-02", "FW-PS-01", "FW-PS-02", "FW-VS-01"
PER_HEAD = "FW-PC-01"
SENSITIVE = (PERSONS, STOCK, SUM)
RESIDENTS = 1000
BASES = ("value", "ytd", "to_date")
Shown = dict[tuple[str, str, str, str], float | None]
Visit = tuple[str, str, int]


@dataclass
class District:
    """The warehouse, the visits (person, town, month) that count after each build, and what a reader saw after it."""

    place: Place
    visits: list[set[Visit]] = field(default_factory=list)
    polls: list[Shown] = field(default_factory=list)
    times: list[dt.datetime] = field(default_factory=list)
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    _present: set[Visit] = field(default_factory=set)

    def build(self, visits: set[Visit]) -> None:
        """Sends the documents that differ, builds, and reads as a reader."""
        changed = {(TOWNS[town], month) for _, town, month in visits ^ self._present}
        with psycopg.connect(self.place.admin_url) as connection:
            for unit, month in sorted(changed):
                if (unit, f"{month}") in self._numbers:
                    raw_rows.supersede(connection, "service", self._numbers[unit, f"{month}"])
                rows = [_row(one) for one in sorted(visits) if (TOWNS[one[1]], one[2]) == (unit, month)]
                self._numbers[unit, f"{month}"] = raw_rows.load(connection, "service", unit, f"2021-{month:02d}", rows)
        self._present = visits
        pipeline.cross_check(self.place.settings)
        pipeline.build(self.place.settings)
        self.visits.append(visits)
        self.polls.append(self.read("bi.indicator_value"))
        self.times.append(self.place.query("select max(ended_at) from ops.build")[0][0])

    def read(self, relation: str) -> Shown:
        rows = self.place.query_as_reader(f"select indicator_code, area_code, period_code, value, ytd, to_date from {relation}")
        return {(*row[:3], basis): row[3 + place] for row in rows for place, basis in enumerate(BASES)}

    def publish(self) -> int:
        draft = releases.prepare(self.place.settings, Period.parse("2021Q1"))
        return releases.publish(self.place.settings, draft, by="王科长", reason="同意").release_number


def _row(visit: Visit) -> raw_rows.Row:
    person, town, month = visit
    return {
        "record_code": f"{person}-{month}",
        "served_date": dt.date(2021, month, 10),
        "town_code": town,
        "client_code": person,
        "persons": 1,
    }


def _some(rng: random.Random, count: int, months: range, prefix: str) -> set[Visit]:
    towns = rng.choices(sorted(TOWNS), weights=[20, 8, 2, 12, 5, 1, 6], k=count)
    found = set()
    for number, town in enumerate(towns):
        for month in rng.sample(list(months), k=1 if rng.random() < 0.8 or len(months) == 1 else 2):
            found.add((f"{prefix}{number:03d}", town, month))
    return found


@pytest.fixture(scope="module")
def district(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    folder = tmp_path_factory.mktemp("disclosure") / "deployment"
    folder.mkdir()
    write_deployment(folder)
    _mark_sensitive(folder)
    server.create_database("disclosure")
    url = server.url("disclosure")
    ensure_roles(url, dict.fromkeys((LOADER, TRANSFORMER, READER), PASSWORD))
    assert migrate(url) == ()
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        warehouse_url=server.url("disclosure", LOADER, PASSWORD),
        transformer_url=server.url("disclosure", TRANSFORMER, PASSWORD),
        pii_key=b"k" * 48,
        expectations=folder / "expectations",
        dbt_project=folder / "dbt_project",
        release_rules=folder / "release_rules" / "rules.yml",
    )
    for report in load_reports(settings.expectations).values():
        Warehouse(settings.warehouse_url).prepare(report)
    made = District(Place(url, server.url("disclosure", READER, PASSWORD), settings))
    rng = random.Random(9)
    visits = _some(rng, 160, range(1, 4), "A")
    made.build(visits)
    made.publish()
    made.build(visits | {("late", "990101101", 2)})
    visits = {one for one in visits if one[0] not in ("A003", "A017")} | {("late", "990101101", 2)}
    made.build(visits | _some(rng, 80, range(4, 6), "B"))
    made.build(made.visits[-1] | _some(rng, 40, range(1, 4), "L") | _some(rng, 60, range(6, 7), "C"))
    yield made


def _mark_sensitive(folder: Path) -> None:
    seeds = folder / "dbt_project" / "seeds" / "indicators.csv"
    lines = seeds.read_text(encoding="utf-8").splitlines()
    marked = [f"{line}health" if line.startswith(SENSITIVE) else line for line in lines]
    marked.append(f"{PER_HEAD},每千人人数,per head,services,人/千人,ratio,flow,1,{PERSONS},residents,1000,FW-01,,")
    seeds.write_text("\n".join(marked) + "\n", encoding="utf-8")
    with seeds.with_name("measures.csv").open("a", encoding="utf-8") as measures:
        measures.write("residents,常住人口,Residents,services,人,sum,stock,1,,,,,,\n")
    figures = [f"residents,{town},2020-11-01,{RESIDENTS},0,published,census," for town in TOWNS]
    header = "measure_code,area_code,as_of_date,quantity,tolerance,basis,source,note"
    seeds.with_name("area_figures.csv").write_text("\n".join([header, *figures]) + "\n", encoding="utf-8")


def histories(district: District) -> list[History]:
    people = sorted({person for visits in district.visits for person, _, _ in visits})
    return [
        tuple(frozenset((town, month) for who, town, month in visits if who == person) for visits in district.visits)
        for person in people
    ]


def towns_of() -> dict[str, frozenset[str]]:
    areas = {ROOT: frozenset(TOWNS)} | {one: frozenset(t for t, c in TOWNS.items() if c == one) for one in COUNTIES}
    return areas | {town: frozenset([town]) for town in TOWNS}


def months_of(period: str, basis: str) -> tuple[int, int]:
    span = Period.parse(period)
    return (span.start.month if basis == "value" else 1), span.end.month


def seen_by_reader(district: District) -> list[Seen]:
    found = []
    for build, poll in enumerate(district.polls):
        for (indicator, area, period, basis), value in poll.items():
            if indicator == PERSONS and area in towns_of():
                found.append(Seen(build, area, *months_of(period, basis), None if value is None else int(value)))
    return list(dict.fromkeys(found))


def counted(district: District, one: Seen) -> int:
    towns = towns_of()[one.area]
    return len({who for who, town, month in district.visits[one.build] if town in towns and one.first <= month <= one.last})


def test_what_is_shown_is_true_and_much_of_it(district: District) -> None:
    seen = seen_by_reader(district)
    assert all(one.value in (None, counted(district, one)) for one in seen)
    first = [one for one in seen if one.build == 0]
    assert all(one.value is not None for one in first if one.area == ROOT)
    large = [one for one in first if counted(district, one) >= 5]
    assert len([one for one in large if one.value is not None]) > 0.6 * len(large)
    assert [one for one in first if 0 < counted(district, one) < 5]


def test_a_reader_of_all_builds_cannot_compute_small_numbers(district: District) -> None:
    people, seen = histories(district), seen_by_reader(district)
    kinds = [*plain_kinds(sorted(TOWNS), range(1, 7), len(district.visits)), *people]
    before = {(one.build - 1, one.area, one.first, one.last): one for one in seen}
    targets: list[tuple[str, Seen, Seen | None]] = [("cell", one, None) for one in seen if one.value is None]
    for one in seen:
        later = before.get((one.build, one.area, one.first, one.last))
        if later is not None:
            targets += [("came", later, one), ("went", one, later)]
    order = np.random.default_rng(3).permutation(len(targets))
    attack = Attack(towns_of(), kinds, seen)
    assert attack.find([targets[number] for number in order[:150]], people) == []


def test_the_former_rule_fails_the_same_attack(district: District) -> None:
    people = histories(district)
    seen = [
        Seen(one.build, one.area, one.first, one.last, None if 0 < counted(district, one) < 5 else counted(district, one))
        for one in seen_by_reader(district)
    ]
    kinds = [*plain_kinds(sorted(TOWNS), range(1, 7), len(district.visits)), *people]
    attack = Attack(towns_of(), kinds, seen)
    hidden = [("cell", one, None) for one in seen if one.value is None]
    assert attack.find(hidden[:20], people)


def test_the_past_shows_what_was_shown_then(district: District) -> None:
    sensitive = (*SENSITIVE, RATIO, PER_HEAD)
    for time, poll in zip(district.times, district.polls, strict=True):
        known = district.read(f"bi.indicator_value_as_of('{time.isoformat()}')")
        assert {key: known[key] for key in poll} == poll
        then = district.read(f"bi.indicator_value_then_as_of('{time.isoformat()}')")
        assert {key: value for key, value in then.items() if key in poll and key[0] in sensitive} == {
            key: value for key, value in poll.items() if key[0] in sensitive
        }
    current = district.read("bi.indicator_value_then")
    assert all(current[key] == value for key, value in district.polls[-1].items())


def test_a_release_and_its_restatements_hold_nothing_else(district: District) -> None:
    released = district.read("bi.release_value where release_number = 1")
    assert {key: value for key, value in released.items() if key[0] in SENSITIVE} == {
        key: value for key, value in district.polls[0].items() if key[0] in SENSITIVE and key in released
    }
    rows = district.place.query_as_reader(
        "select indicator_code, area_code, period_code, published_value, current_value, value_delta, changed_rows_count"
        f" from bi.restatement where indicator_code = '{PERSONS}'"
    )
    assert rows
    for indicator, area, period, published, current, delta, changed_rows in rows:
        assert published in (None, district.polls[0][indicator, area, period, "value"])
        assert current == district.polls[-1][indicator, area, period, "value"]
        assert changed_rows is None and (delta is None or delta == 0 or abs(delta) >= 5)


def test_why_a_number_is_null_can_be_seen(district: District) -> None:
    rows = district.place.query_as_reader(
        "select suppression, value is null or ytd is null or to_date is null from bi.indicator_value"
        f" where indicator_code in ('{PERSONS}', '{STOCK}', '{SUM}', '{RECORDS}')"
    )
    assert {("small_count", True), (None, False)} == set(rows)


def test_a_ratio_is_shown_with_its_sides_only(district: District) -> None:
    rows = district.place.query_as_reader(
        "select r.value, r.numerator, s.value from bi.indicator_value as r inner join bi.indicator_value as s"
        f" using (area_code, period_code) where r.indicator_code = '{RATIO}' and s.indicator_code = '{SUM}'"
    )
    assert {(side is None) for _, _, side in rows} == {True, False}
    for value, numerator, side in rows:
        assert numerator == (side if value is not None else None)
        assert value is None or side is not None


def test_a_value_per_head_tells_no_number_that_is_hidden(district: District) -> None:
    """The population is public: a value per head is hidden with the number of persons, in each build, basis and hierarchy."""
    shown_count = hidden_count = 0
    for poll in [*district.polls, district.read("bi.indicator_value_then")]:
        for (indicator, area, period, basis), value in poll.items():
            if indicator != PER_HEAD:
                continue
            persons = poll[PERSONS, area, period, basis]
            # A zero concerns nobody; a ratio of zero is shown, too, once it is decided.
            assert value is None or persons is not None, (area, period, basis)
            if value is not None and persons is not None:
                assert float(value) == pytest.approx(float(persons) / len(towns_of()[area]), abs=1e-6)
            shown_count += value is not None
            hidden_count += persons is None
    assert shown_count > 100 and hidden_count > 10
    rows = district.place.query_as_reader(
        "select value, numerator, denominator, suppression, missing_reason from bi.indicator_value"
        f" where indicator_code = '{PER_HEAD}'"
    )
    assert all(value is not None or (above, below) == (None, None) for value, above, below, *_ in rows)
    assert {reason for *_, reason in rows} == {None}, "hidden is not missing"


def test_no_row_of_a_report_of_sensitive_measures_can_be_counted(district: District) -> None:
    # The population is of no report.
    assert district.place.query_as_reader("select from bi.figure_evidence where report <> 'area_figures'") == []
    assert district.place.query_as_reader("select distinct total_count, loaded_count from bi.document_account") == [(None, None)]
    settings = district.place.settings
    assert evidence_operations.evidence(settings, PERSONS, as_reader=True).rows == []
    whole = evidence_operations.evidence(settings, PERSONS)
    assert len(whole.rows) == len(district.visits[-1]) and whole.is_hidden


def test_nothing_is_decided_again_without_a_change(district: District) -> None:
    decided = "select count(*) from ops.disclosure_decision"
    before = district.place.query(decided)
    district.build(district.visits[-1])
    assert district.place.query(decided) == before
    assert district.polls[-1] == district.polls[-2]
