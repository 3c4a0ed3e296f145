"""The engine that makes values from evidence, against the same values computed by hand, on random evidence.

People come back in other months, towns and years; stocks begin and end on any day; evidence knows its village, only its town,
its zone, its county or no more than the city; some of it lies before the first period. Then one measure changes, a month is
added, and only what must be is made anew.
"""

from __future__ import annotations

import datetime as dt
import threading

import pandas as pd
import psycopg
import pytest

from tests.dbt.conftest import MakePlace
from tests.dbt.engine_by_hand import Key, Triple
from tests.dbt.random_engine import (
    CHANGED,
    COLUMNS,
    ENGINE,
    FLOWS,
    Engine,
    assert_same,
    codes,
    make_engine,
    random_evidence,
    report_until,
    written,
)

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def engine(make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return make_engine(make_place, tmp_path_factory.mktemp("project"), "engine")


def test_values_are_those_computed_by_hand(engine: Engine) -> None:
    found = engine.found()
    assert len(found) > 20_000
    assert_same(found, engine.expected())


def test_only_what_changed_evidence_reaches_is_written_and_former_values_are_kept(engine: Engine) -> None:
    before, former = engine.stored(), engine.values_as_of(engine.build_id)
    last = engine.build_id
    leaving = (engine.evidence["indicator_code"] == CHANGED) & (engine.evidence.index % 7 == 0)
    # As many come as go: the number of rows tells nothing.
    fresh = random_evidence(2, engine.areas, (CHANGED,), size=int(leaving.sum()))
    kept = engine.evidence[~leaving]
    engine.evidence = pd.concat([kept, fresh], ignore_index=True).sort_values(COLUMNS[:3], kind="stable")
    engine.write_difference(kept.index, fresh)
    engine.build()
    assert_same(engine.found(), engine.expected())
    assert codes(written(before, engine.stored())) == {CHANGED}
    assert engine.values_as_of(last) == former
    assert engine.values_as_of(engine.build_id) != former
    gone = "select count(*) from evidence.superseded_evidence where until_build = %s"
    assert engine.place.query(gone, engine.build_id) == [(int(leaving.sum()),)]


@pytest.mark.slow
def test_a_new_month_adds_rows_and_touches_no_old_ones(engine: Engine) -> None:
    before = engine.stored()
    report_until(engine.place, "2022-12")
    engine.last_month = dt.date(2022, 12, 1)
    engine.build()
    assert_same(engine.found(), engine.expected())
    after = engine.stored()
    added = written(before, after)
    assert all(key not in before for key in added)
    assert {key[3] for key in added} == {"2022-12", "2022Q4", "2022H2", "2022"}


@pytest.mark.slow
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
    before, former = engine.stored(), engine.values_as_of(engine.build_id)
    last = engine.build_id
    engine.build(*ENGINE)
    assert_same(engine.found(), with_doubled_ytd(engine.expected()))
    assert codes(written(before, engine.stored())) >= set(FLOWS)
    # Only a macro that the model calls by another one is changed back.
    macro.write_text(doubled.replace("2 * ", ""), encoding="utf-8")
    engine.build(*ENGINE)
    assert_same(engine.found(), engine.expected())
    assert engine.values_as_of(last) == former
    assert engine.values_as_of(engine.build_id) == former


@pytest.mark.slow
def test_a_changed_macro_that_the_engine_does_not_call_computes_nothing_again(engine: Engine) -> None:
    macro = engine.place.settings.dbt_project / "engine" / "macros" / "rows" / "agrees_with_published.sql"
    macro.write_text(macro.read_text(encoding="utf-8").replace("0.85", "0.86"), encoding="utf-8")
    fingerprints = "select * from indicators.measure_fingerprint order by measure_code"
    before = engine.place.query(fingerprints)
    engine.build(*ENGINE)
    assert engine.place.query(fingerprints) == before


def with_doubled_ytd(values_by_key: dict[Key, Triple]) -> dict[Key, Triple]:
    """The values when the engine doubles the year to date of flows."""
    return {
        key: (value, 2 * ytd if ytd is not None and key[0] in FLOWS else ytd, to_date)
        for key, (value, ytd, to_date) in values_by_key.items()
    }


@pytest.mark.slow
def test_a_full_refresh_gives_the_same_and_takes_nothing_away_from_readers(engine: Engine) -> None:
    before, stored = engine.found(), engine.stored()
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
    assert written(stored, engine.stored()) == set()
