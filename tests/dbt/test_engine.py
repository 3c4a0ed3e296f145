"""The engine that makes values from evidence, against the same values computed by hand, on random evidence.

People come back in other months, towns and years; stocks begin and end on any day; evidence knows its village, only its town,
its zone, its county or no more than the city; some of it lies before the first period. Then one measure changes, a month is
added, and only what must be is made anew.
"""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pandas as pd
import psycopg
import pytest

from loaders.dbt.runner import ROWS_CHANGED, build_models
from loaders.settings import PROJECT_ROOT
from tests.dbt import raw_rows
from tests.dbt.conftest import MakePlace, Place
from tests.dbt.engine_by_hand import Areas, Key, Triple, measures, values

pytestmark = pytest.mark.integration
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
FLOWS = ("CH-MD-01", "CH-MD-02", "CA-PB-01", "CH-ED-02", "CA-TR-01")
STOCKS = ("CA-PR-01", "CA-AG-02", "CA-DM-01", "grading_full_score")
# The sides of ratios above the line are part of what is below it.
PART_OF = {"demands_matched": "CA-DM-01", "grading_programme_score": "grading_full_score"}
CHANGED = "CH-MD-02"
COLUMNS = ["indicator_code", "area_code", "event_date", "end_date", "quantity", "subject_key"]
# The evidence of the reports, replaced by the test's own; all that follows from it is the project's.
RANDOM_EVIDENCE = """
select indicator_code, area_code, event_date, end_date, quantity, subject_key,
    row_number::bigint as submission_id, 'random'::text as sheet, row_number
from {{ source('test', 'random_evidence') }}
"""
VALUES = "indicators.measure_value"
# Without tests: the unit tests, and the tests of data, find that the engine now computes something else.
ENGINE = (
    *("--select", "flow_value", "measure_fingerprint", "flow_increment", "stock_increment", "measure_value"),
    *("--exclude", "resource_type:unit_test", "resource_type:test"),
)
Versions = dict[tuple[str, str], set[str]]
SOURCE = "version: 2\nsources:\n  - {name: test, schema: evidence, tables: [{name: random_evidence}]}\n"


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

    def write(self) -> None:
        with psycopg.connect(self.place.admin_url) as connection:
            connection.execute("truncate evidence.random_evidence")
            with connection.cursor().copy(f"copy evidence.random_evidence ({', '.join(COLUMNS)}, row_number) from stdin") as copy:
                for number, row in enumerate(self.evidence[COLUMNS].itertuples(index=False)):
                    copy.write_row((*row, number))

    def build(self, *arguments: str) -> None:
        build_models(self.place.settings, arguments or ROWS_CHANGED)

    def expected(self) -> dict[Key, Triple]:
        return values(self.evidence, measures(SEEDS), self.areas, self.last_month)

    def found(self) -> dict[Key, Triple]:
        rows = self.place.query("""
            select measure_code, area_code, period_code, value, ytd, to_date from indicators.measure_value
            union all
            select measure_code, area_code, period_code, value, ytd, to_date from indicators.ratio_value
        """)
        return {(row[0], row[1], row[2]): (row[3], row[4], row[5]) for row in rows if row[0] != "statutory_towns"}

    def versions(self) -> Versions:
        """By table and measure, the transactions that wrote its rows."""
        found: Versions = {}
        for table, column in (
            ("evidence.evidence", "indicator_code"),
            ("indicators.flow_increment", "measure_code"),
            (VALUES, "measure_code"),
        ):
            for code, version in self.place.query(f"select distinct {column}, xmin::text from {table}"):
                found.setdefault((table, code), set()).add(version)
        return found


@pytest.fixture(scope="module")
def engine(make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    project = tmp_path_factory.mktemp("project") / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    (project / "engine" / "models" / "evidence" / "evidence_line.sql").write_text(RANDOM_EVIDENCE, encoding="utf-8")
    (project / "engine" / "models" / "evidence" / "random_evidence.yml").write_text(SOURCE, encoding="utf-8")
    made = Engine(make_place("engine", project))
    made.place.execute("""
        create table evidence.random_evidence (
            indicator_code text, area_code text, event_date date, end_date date, quantity numeric,
            subject_key text, row_number integer
        );
        grant select on evidence.random_evidence to huimin_transformer
    """)
    made.write()
    _report_until(made.place, "2022-11")
    made.build("--exclude", "resource_type:unit_test")
    yield made


def _report_until(place: Place, month: str) -> None:
    with psycopg.connect(place.admin_url) as connection:
        raw_rows.load(connection, "home_visit", "441302", month, [])


def assert_same(found: dict[Key, Triple], expected: dict[Key, Triple]) -> None:
    assert sorted(found.keys() ^ expected.keys())[:5] == []
    wrong = {key: (found[key], expected[key]) for key in found if not _is_same(found[key], expected[key])}
    assert dict(list(wrong.items())[:5]) == {}, f"{len(wrong)} of {len(found)} values differ (found, expected)"


def _is_same(found: Triple, expected: Triple) -> bool:
    return all(
        (a is None and b is None) or (a is not None and b is not None and abs(a - b) <= Decimal("0.0000005"))
        for a, b in zip(found, expected, strict=True)
    )


def test_values_are_those_computed_by_hand(engine: Engine) -> None:
    found = engine.found()
    assert len(found) > 20_000
    assert_same(found, engine.expected())


def test_only_the_measure_that_changed_is_made_anew(engine: Engine) -> None:
    before = engine.versions()
    leaving = (engine.evidence["indicator_code"] == CHANGED) & (engine.evidence.index % 7 == 0)
    # As many come as go: the number of rows tells nothing.
    fresh = random_evidence(2, engine.areas, (CHANGED,), size=int(leaving.sum()))
    kept = engine.evidence[~leaving]
    engine.evidence = pd.concat([kept, fresh], ignore_index=True).sort_values(COLUMNS[:3], kind="stable")
    _write_difference(engine, kept.index, fresh)
    engine.build()
    assert_same(engine.found(), engine.expected())
    after = engine.versions()
    assert {code for table, code in before if after[table, code] != before[table, code]} == {CHANGED}
    rewritten = after[VALUES, CHANGED] & before[VALUES, CHANGED]
    assert rewritten == set(), "all values of the changed measure are of one build"
    assert before["evidence.evidence", CHANGED] < after["evidence.evidence", CHANGED], "evidence that stayed was not touched"


def _write_difference(engine: Engine, kept: pd.Index, fresh: pd.DataFrame) -> None:
    with psycopg.connect(engine.place.admin_url) as connection:
        connection.execute("delete from evidence.random_evidence where row_number <> all(%s)", (kept.tolist(),))
        statement = f"insert into evidence.random_evidence ({', '.join(COLUMNS)}, row_number) values (%s, %s, %s, %s, %s, %s, %s)"
        for number, row in enumerate(fresh[COLUMNS].itertuples(index=False), start=1_000_000):
            connection.execute(statement, (*row, number))


def test_a_new_month_adds_rows_and_touches_no_old_ones(engine: Engine) -> None:
    before = engine.versions()
    _report_until(engine.place, "2022-12")
    engine.last_month = dt.date(2022, 12, 1)
    engine.build()
    assert_same(engine.found(), engine.expected())
    after = engine.versions()
    assert all(before[key] <= after[key] for key in before), "rows of earlier periods stay as they were"
    added = engine.place.query("select distinct period_code from indicators.measure_value where xmin::text = any(%s)",
                               sorted({version for key in after for version in after[key] - before[key]}))  # fmt: skip
    assert {row[0] for row in added} == {"2022-12", "2022Q4", "2022H2", "2022"}


def test_a_changed_engine_model_and_a_changed_macro_compute_all_values_again(engine: Engine) -> None:
    """The macro is called by a view between fingerprint and values; the fingerprint finds both in dbt's graph."""
    project = engine.place.settings.dbt_project
    flow_value, macro = project / "engine" / "models" / "indicators" / "flow_value.sql", project / "macros" / "in_unit.sql"
    text = flow_value.read_text(encoding="utf-8")
    doubled = (
        "{% macro in_unit(amount) %}{{ twice(amount) }}{% endmacro %}{% macro twice(amount) %}2 * {{ amount }}{% endmacro %}"
    )
    macro.write_text(doubled, encoding="utf-8")
    flow_value.write_text(text.replace("running.year_to_month /", "{{ in_unit('running.year_to_month') }} /"), encoding="utf-8")
    before = engine.versions()
    engine.build(*ENGINE)
    assert wholly_rewritten(before, engine.versions()) == {*FLOWS, *STOCKS, *PART_OF}
    assert_same(engine.found(), with_doubled_ytd(engine.expected()))
    # Only a macro that the model calls by another one is changed back.
    macro.write_text(doubled.replace("2 * ", ""), encoding="utf-8")
    before = engine.versions()
    engine.build(*ENGINE)
    assert wholly_rewritten(before, engine.versions()) == {*FLOWS, *STOCKS, *PART_OF}
    assert_same(engine.found(), engine.expected())


def test_a_changed_macro_that_the_engine_does_not_call_computes_nothing_again(engine: Engine) -> None:
    macro = engine.place.settings.dbt_project / "engine" / "macros" / "rows" / "agrees_with_published.sql"
    macro.write_text(macro.read_text(encoding="utf-8").replace("0.85", "0.86"), encoding="utf-8")
    before = engine.versions()
    engine.build(*ENGINE)
    assert engine.versions() == before


def wholly_rewritten(before: Versions, after: Versions) -> set[str]:
    """The measures of which every value was written by another transaction than before."""
    return {code for table, code in after if table == VALUES and not after[table, code] & before.get((table, code), set())}


def with_doubled_ytd(values_by_key: dict[Key, Triple]) -> dict[Key, Triple]:
    """The values when the engine doubles the year to date of flows."""
    return {
        key: (value, 2 * ytd if ytd is not None and key[0] in FLOWS else ytd, to_date)
        for key, (value, ytd, to_date) in values_by_key.items()
    }


def test_a_full_refresh_gives_the_same_and_takes_nothing_away_from_readers(engine: Engine) -> None:
    before = engine.found()
    seen: list[tuple[object, ...]] = []
    failures: list[Exception] = []
    is_over = threading.Event()

    def look() -> None:
        with psycopg.connect(engine.place.reader_url, autocommit=True) as connection:
            while not is_over.is_set():
                try:
                    seen.append(connection.execute("select count(*), sum(to_date) from bi.indicator_value").fetchone() or ())
                    connection.execute("select count(*) from bi.figure_evidence where indicator_code = 'CA-DM-02'")
                    connection.execute("select count(*) from bi.published_comparison")
                except psycopg.Error as error:
                    failures.append(error)
                is_over.wait(0.02)

    reader = threading.Thread(target=look)
    reader.start()
    try:
        engine.build("--full-refresh", "--exclude", "resource_type:unit_test")
    finally:
        is_over.set()
        reader.join()
    assert failures == []
    assert len(seen) > 20
    assert set(seen) == {seen[0]}, "a reader saw a state between two builds"
    assert engine.found() == before
