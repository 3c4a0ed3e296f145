"""Values under today's hierarchy and under that of their time, against both computed by hand, on random evidence.

A town becomes a street with a new code, another moves to the next county, a village to the next town, two towns become a part of
a third, and a town comes into a functional zone: on days within months, and before and within the periods that have values.
"""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from loaders.operations import queries
from tests.dbt.conftest import MakePlace
from tests.dbt.engine_by_hand import Areas, Key, Triple, measures, spans
from tests.dbt.hierarchy_by_hand import AreasOfTheTime, parts, spell_lines, values_of_the_time
from tests.dbt.random_engine import (
    FLOWS,
    PART_OF,
    SEEDS,
    STOCKS,
    Engine,
    assert_same,
    make_engine,
    random_evidence,
    written,
)

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]
RENAMED = "441302199,芦洲乡,旧芦洲,town,乡,1,441302,,,{},441302112,撤乡设镇"
OPENED = "441302112,,,,,,441302,,{},,,撤乡设镇"
OTHERS = (
    # A town of the next county, and a village of the next town.
    "441303101,,,,,,441302,,,2021-12-31,,",
    "441322102201,,,,,,441322100,,,2022-03-14,,",
    # Two towns that a third one took in, one of them before the first period.
    "441322198,甲镇,甲,town,镇,1,441322,,,2020-12-31,441322104,",
    "441322197,乙镇,乙,town,镇,1,441322,,,2022-06-30,441322104,",
    # Into a functional zone.
    "441302007,,,,,,441302,,,2021-06-30,,",
)
# More people meet again in few places.
PLACES = (
    *("441302199", "441302112", "441303101", "441322102201", "441322102", "441322100"),
    *("441322198", "441322197", "441322104", "441302007", "441302001", "441303001"),
)


def spells(day: str) -> str:
    eve = dt.date.fromisoformat(day) - dt.timedelta(days=1)
    return spell_lines(RENAMED.format(eve), OPENED.format(day), *OTHERS)


def moved_evidence(seed: int, areas: Areas) -> pd.DataFrame:
    """Random evidence in the places that changed; what is above the line of a ratio is a part of what is below."""
    frame = random_evidence(seed, areas, tuple(code for code in FLOWS + STOCKS if code != "CA-TR-01"), size=150)
    frame = frame[~frame["indicator_code"].isin([*PART_OF])]
    frame = frame.assign(area_code=np.random.default_rng(seed).choice(PLACES, size=len(frame)))
    parts_of = [
        frame[frame["indicator_code"] == of].sample(frac=0.5, random_state=seed).assign(indicator_code=part)
        for part, of in PART_OF.items()
    ]
    return pd.concat([frame, *parts_of], ignore_index=True)


@pytest.fixture(scope="module")
def engine(make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    evidence = moved_evidence(5, Areas(SEEDS / "divisions.csv"))
    folder = tmp_path_factory.mktemp("project")
    return make_engine(make_place, folder, "hierarchy", spells=spells("2021-07-16"), evidence=evidence)


def expected(engine: Engine, day: str) -> tuple[dict[Key, Triple], dict[Key, Triple]]:
    """The values of today's hierarchy and of that of their time, by hand."""
    areas = AreasOfTheTime(SEEDS / "divisions.csv", spells(day))
    periods = list(spans(engine.last_month))
    then = values_of_the_time(engine.evidence, measures(SEEDS), areas, periods)
    # Of today: each row counts for what its area counts for today, whatever its day.
    today = engine.evidence.copy()
    today["area_code"] = [_today(areas, code) for code in today["area_code"]]
    plain = AreasOfTheTime(SEEDS / "divisions.csv", "")
    return values_of_the_time(today, measures(SEEDS), plain, periods), then


def _today(areas: AreasOfTheTime, code: str) -> str:
    return max(areas.above_today(code), key=lambda one: areas.ranks[one])


def found(engine: Engine, table: str) -> dict[Key, Triple]:
    rows = engine.place.query(f"select indicator_code, area_code, period_code, value, ytd, to_date from {table}")
    return {(row[0], row[1], row[2]): row[3:] for row in rows}


def as_shown(values: dict[Key, Triple]) -> dict[Key, Triple]:
    """The indicators among them, as BI shows them before it is decided what may be shown of sensitive ones: their zeros alone."""
    rows = csv.DictReader((SEEDS / "indicators.csv").open(encoding="utf-8"))
    is_sensitive = {row["indicator_code"]: bool(row["sensitivity"]) for row in rows}
    return {
        key: (_shown(triple[0]), _shown(triple[1]), _shown(triple[2])) if is_sensitive[key[0]] else triple
        for key, triple in values.items()
        if key[0] in is_sensitive
    }


def _shown(value: Decimal | None) -> Decimal | None:
    return None if value else value


def assert_both(engine: Engine, day: str) -> None:
    today, then = map(as_shown, expected(engine, day))
    assert_same(found(engine, "bi.indicator_value"), today)
    assert_same(found(engine, "bi.indicator_value_then"), then)


def test_both_hierarchies_are_those_computed_by_hand(engine: Engine) -> None:
    today, then = map(as_shown, expected(engine, "2021-07-16"))
    differing = {key[1] for key in today.keys() & then.keys() if today[key] != then[key]}
    assert {"441302112", "441302", "441303", "441322100", "441322104", "HZ-ZK"} <= differing
    assert "4413" not in differing
    assert_both(engine, "2021-07-16")
    changed = engine.place.query("select distinct area_code from bi.indicator_value_then where is_area_changed")
    assert {code for (code,) in changed} >= differing | {"441302199", "441322197", "441322198"}


def test_parts_add_up_to_the_whole_in_every_month(engine: Engine) -> None:
    areas = AreasOfTheTime(SEEDS / "divisions.csv", spells("2021-07-16"))
    then = found(engine, "bi.indicator_value_then")
    sums = {code for code, measure in measures(SEEDS).items() if measure.aggregation in {"sum", "count"}} & {
        key[0] for key in then
    }
    assert sums
    for month in ("2021-03", "2021-07", "2022-03", "2022-06", "2022-11"):
        end = next(span.end for span in spans(engine.last_month) if span.code == month)
        counties = [code for code in parts(areas, "4413", end) if areas.ranks[code] == 2]
        for code in sums:
            whole, of_parts = then[code, "4413", month][0], sum((then[code, one, month][0] or Decimal(0)) for one in counties)
            assert whole == of_parts, (code, month)


def test_figures_of_their_time_are_shown_under_the_names_of_that_time(engine: Engine) -> None:
    settings = engine.place.settings
    names = {
        (row["area_code"], row["period"]): row["area_name"]
        for period in ("2021-05", "2021-08")
        for row in queries.figures_then(settings, period=period, indicator="CH-MD-01")
    }
    assert names["441302199", "2021-05"] == "芦洲乡"
    assert names["441302112", "2021-08"] == "芦洲镇"
    closed = engine.place.query("select valid_until_date, successor_code, has_values from bi.area where area_code = '441302199'")
    assert closed == [(dt.date(2021, 7, 15), "441302112", False)]
    history = engine.place.query(
        "select parent_code, valid_until_date from bi.area_history where area_code = '441303101' order by 2"
    )
    assert history == [("441302", dt.date(2021, 12, 31)), ("441303", None)]


def test_a_changed_list_recomputes_what_it_reaches_and_keeps_what_was_known(engine: Engine) -> None:
    before = engine.stored()
    was_then = found(engine, "bi.indicator_value_then")
    (ended_at,) = engine.place.query("select max(ended_at) from ops.build")[0]
    path = engine.place.settings.dbt_project / "seeds" / "division_spells.csv"
    path.write_text(spells("2022-02-01"), encoding="utf-8")
    engine.build("--exclude", "resource_type:unit_test")
    assert_both(engine, "2022-02-01")
    after = engine.stored()
    places = {str(key[2]).removesuffix("@then") for key in written(before, after) if key[0] == "indicators.indicator_area_period"}
    assert places == {"441302199", "441302112"}
    assert found(engine, f"bi.indicator_value_then_as_of('{ended_at.isoformat()}')") == was_then
    engine.build("--full-refresh", "--exclude", "resource_type:unit_test", "resource_type:test")
    assert written(after, engine.stored()) == set()


def test_new_evidence_reaches_both_hierarchies(engine: Engine) -> None:
    sides = {*PART_OF, *PART_OF.values()}
    fresh = moved_evidence(6, engine.areas).groupby("indicator_code").head(9)
    fresh = fresh[~fresh["indicator_code"].isin(sides)]
    kept = engine.evidence[(engine.evidence.index % 11 != 0) | engine.evidence["indicator_code"].isin(sides)]
    engine.evidence = pd.concat([kept, fresh], ignore_index=True)
    engine.write_difference(kept.index, fresh)
    engine.build()
    assert_both(engine, "2022-02-01")
