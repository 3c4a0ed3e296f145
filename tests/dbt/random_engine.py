"""An engine over random evidence: a warehouse, a project whose evidence is the test's own, and what must come of it."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
from psycopg.rows import dict_row

from loaders.dbt.runner import ROWS_CHANGED, build_models
from loaders.settings import PROJECT_ROOT
from loaders.warehouse import Build, BuildSources, Warehouse
from loaders.warehouse.schema.touch_triggers import ensure_touch_triggers
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place
from tests.dbt.engine_by_hand import Areas, Key, Triple, measures, values

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
FLOWS = ("CH-MD-01", "CH-MD-02", "CA-PB-01", "CH-ED-02", "CA-TR-01")
STOCKS = ("CA-PR-01", "CA-AG-02", "CA-DM-01", "grading_full_score")
# The sides of ratios above the line are part of what is below it.
PART_OF = {"demands_matched": "CA-DM-01", "grading_programme_score": "grading_full_score"}
CHANGED = "CH-MD-02"
SOURCES = BuildSources("", "", "", "", "")
COLUMNS = ["indicator_code", "area_code", "event_date", "end_date", "quantity", "subject_key"]
# The evidence of the reports, replaced by the test's own; all that follows from it is the project's.
RANDOM_EVIDENCE = """
select indicator_code, area_code, event_date, end_date, quantity, subject_key,
    _submission_id as submission_id, 'random'::text as sheet, row_number
from {{ source('test', 'random_evidence') }}
"""
ROWS_PER_SUBMISSION = 50
# Without tests: the unit tests, and the tests of data, find that the engine now computes something else.
ENGINE = (
    *("--select", "evidence", "flow_value", "measure_fingerprint+,config.materialized:incremental"),
    *("--exclude", "resource_type:unit_test", "resource_type:test"),
)
# By table, the columns that are its key, and its measure.
KEYS = {
    "evidence.evidence": "indicator_code, submission_id, row_number",
    "indicators.subject_increment": "measure_code, area_code, subject_key, month_date",
    "indicators.flow_increment": "measure_code, area_code, month_date",
    "indicators.stock_increment": "measure_code, area_code, month_date",
    "indicators.measure_value": "measure_code, area_code, period_code",
    "indicators.indicator_area_period": "indicator_code, area_code, period_code",
    "indicators.indicator_month": "indicator_code, area_code, period_code",
}
StoredRow = tuple[str, dict[str, object]]
Stored = dict[tuple[object, ...], StoredRow]
SOURCE = "version: 2\nsources:\n  - {name: test, schema: raw, tables: [{name: random_evidence}]}\n"


def random_evidence(seed: int, areas: Areas, codes: tuple[str, ...], size: int = 260) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frames = []
    for code in codes:
        places = areas.codes("village", "town") if code != "CA-TR-01" else areas.codes("county", "zone", "city")
        # Few towns, few people, so that they meet again.
        chosen = rng.choice(places, size=25)
        begins = dt.date(2020, 6, 1).toordinal() + rng.integers(0, 365 * 2 + 200, size=size)
        lasts = rng.integers(1, 500, size=size)
        frame = pd.DataFrame({
            "indicator_code": code,
            "area_code": rng.choice(chosen, size=size),
            "event_date": [dt.date.fromordinal(int(day)) for day in begins],
            "end_date": [
                dt.date.fromordinal(int(day + last)) if code in STOCKS and last < 400 else None
                for day, last in zip(begins, lasts, strict=True)
            ],
            "quantity": [Decimal(int(cents)) / 100 for cents in rng.integers(0, 10**7, size=size)],
            "subject_key": [f"person {number}" for number in rng.integers(0, 60, size=size)],
        })  # fmt: skip
        frames.append(frame)
        frames += [
            frame.sample(frac=0.5, random_state=seed).assign(indicator_code=part) for part, of in PART_OF.items() if of == code
        ]
    return pd.concat(frames, ignore_index=True)


class Engine:
    """A warehouse whose evidence is the test's, and the values that it should have."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.areas = Areas(SEEDS / "divisions.csv")
        self.evidence = random_evidence(1, self.areas, FLOWS + STOCKS)
        self.last_month = dt.date(2022, 11, 1)
        self.build_id = 0
        self.numbers = list(range(len(self.evidence)))

    def write(self) -> None:
        with psycopg.connect(self.place.admin_url) as connection:
            connection.execute("truncate raw.random_evidence")
            with connection.cursor().copy(
                f"copy raw.random_evidence ({', '.join(COLUMNS)}, row_number, _submission_id) from stdin"
            ) as copy:
                for number, row in enumerate(self.evidence[COLUMNS].itertuples(index=False)):
                    copy.write_row((*row, number, number // ROWS_PER_SUBMISSION))

    def write_difference(self, kept: pd.Index, fresh: pd.DataFrame) -> None:
        """Deletes the rows that are not kept, and adds fresh ones in submissions of their own."""
        columns = f"{', '.join(COLUMNS)}, row_number, _submission_id"
        with psycopg.connect(self.place.admin_url) as connection:
            connection.execute("delete from raw.random_evidence where row_number <> all(%s)", (kept.tolist(),))
            statement = f"insert into raw.random_evidence ({columns}) values (%s, %s, %s, %s, %s, %s, %s, %s)"
            for number, row in enumerate(fresh[COLUMNS].itertuples(index=False), start=1_000_000):
                connection.execute(statement, (*row, number, number // ROWS_PER_SUBMISSION))

    def build(self, *arguments: str) -> None:
        warehouse = Warehouse(self.place.settings.warehouse_url)
        self.build_id = warehouse.begin_build(Build("", None), SOURCES, is_whole="--full-refresh" in arguments)
        build_models(self.place.settings, arguments or ROWS_CHANGED)
        warehouse.end_build(self.build_id, None)

    def expected(self) -> dict[Key, Triple]:
        return values(self.evidence, measures(SEEDS), self.areas, self.last_month)

    def found(self) -> dict[Key, Triple]:
        rows = self.place.query("""
            select measure_code, area_code, period_code, value, ytd, to_date from indicators.measure_value
            union all
            select measure_code, area_code, period_code, value, ytd, to_date from indicators.ratio_value
        """)
        return {(row[0], row[1], row[2]): (row[3], row[4], row[5]) for row in rows if row[0] != "statutory_towns"}

    def stored(self) -> Stored:
        """By table and key, the transaction that wrote a row, and the row without the build that wrote it."""
        found: Stored = {}
        for table, keys in KEYS.items():
            # An empty row says that a subject is no longer in the month; a whole build needs none.
            condition = "num_nonnulls(month_amount, change_amount) > 0" if table.endswith("subject_increment") else "true"
            query = f"select {keys}, stored.xmin::text, to_jsonb(stored) - 'since_build' from {table} as stored where {condition}"
            for *key, version, row in self.place.query(query):
                found[table, *key] = (version, row)
        return found

    def values_as_of(self, build_id: int) -> dict[Key, tuple[object, ...]]:
        query = """
            select indicator_code, area_code, period_code, value, ytd, to_date from indicators.value_version
            where since_build <= %s and (until_build is null or until_build > %s)
        """
        return {(row[0], row[1], row[2]): row[3:] for row in self.place.query(query, build_id, build_id)}


def written(before: Stored, after: Stored) -> set[tuple[object, ...]]:
    """The keys of rows that came, went or differ; asserts that no other row was written."""
    differing = {key for key in before.keys() | after.keys() if _row(before, key) != _row(after, key)}
    rewritten = {key for key in after if key in before and after[key][0] != before[key][0]}
    assert rewritten - differing == set(), "rows that did not change were written"
    return differing


def _row(stored: Stored, key: tuple[object, ...]) -> dict[str, object] | None:
    return stored[key][1] if key in stored else None


def codes(keys: set[tuple[object, ...]]) -> set[object]:
    return {key[1] for key in keys}


def make_engine(
    make_place: MakePlace, folder: Path, name: str, *, spells: str | None = None, evidence: pd.DataFrame | None = None
) -> Engine:
    """Makes a warehouse, and a copy of the project whose evidence is random, or the one given; builds all of it once.

    `spells` is the text of another list of division spells.
    """
    project = folder / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    models = project / "models" / "evidence"
    shutil.rmtree(models)
    (models / "test").mkdir(parents=True)
    (models / "test" / "random_evidence.sql").write_text(RANDOM_EVIDENCE, encoding="utf-8")
    (models / "test" / "random_evidence.yml").write_text(SOURCE, encoding="utf-8")
    # Figures of divisions are evidence, too.
    (project / "seeds" / "area_figures.csv").unlink()
    (project / "seeds" / "area_figures.yml").unlink()
    if spells is not None:
        (project / "seeds" / "division_spells.csv").write_text(spells, encoding="utf-8")
    made = Engine(make_place(name, project))
    if evidence is not None:
        made.evidence = evidence
    made.place.execute("""
        create table raw.random_evidence (
            indicator_code text, area_code text, event_date date, end_date date, quantity numeric,
            subject_key text, row_number integer, _submission_id bigint
        );
        grant select on raw.random_evidence to huimin_transformer
    """)
    with psycopg.connect(made.place.admin_url, row_factory=dict_row) as connection:
        ensure_touch_triggers(connection, "random_evidence")
    made.write()
    report_until(made.place, "2022-11")
    made.build("--exclude", "resource_type:unit_test", "resource_type:test")
    return made


def report_until(place: Place, month: str) -> None:
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.load(connection, "home_visit", "441302", month, [])


def assert_same(found: dict[Key, Triple], expected: dict[Key, Triple]) -> None:
    assert sorted(found.keys() ^ expected.keys())[:5] == []
    wrong = {key: (found[key], expected[key]) for key in found if not is_same(found[key], expected[key])}
    assert dict(list(wrong.items())[:5]) == {}, f"{len(wrong)} of {len(found)} values differ (found, expected)"


def is_same(found: Triple, expected: Triple) -> bool:
    return all(
        (a is None and b is None) or (a is not None and b is not None and abs(a - b) <= Decimal("0.0000005"))
        for a, b in zip(found, expected, strict=True)
    )
