"""Random loads, corrections and withdrawals: after each, a build of what was touched leaves nothing for a whole build to write.

Values are compared with those computed by hand, too. Each kind of aggregation is among the measures, and ratios over them.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import psycopg
import pytest

from tests.dbt.conftest import MakePlace
from tests.dbt.random_engine import (
    COLUMNS,
    ENGINE,
    FLOWS,
    ROWS_PER_SUBMISSION,
    STOCKS,
    Engine,
    assert_same,
    make_engine,
    random_evidence,
    report_until,
    written,
)

pytestmark = [pytest.mark.integration, pytest.mark.slow]
STEPS = 5
FIRST_NUMBER = 10_000_000


def change_at_random(engine: Engine, rng: np.random.Generator, step: int) -> None:
    """Withdraws submissions, corrects others (rows change place, day, amount or subject), and loads new ones."""
    numbers = pd.Series(engine.numbers, index=engine.evidence.index)
    chosen = rng.choice((numbers // ROWS_PER_SUBMISSION).unique(), size=3, replace=False)
    leaving = (numbers // ROWS_PER_SUBMISSION).isin(chosen)
    corrected = engine.evidence[leaving & (numbers // ROWS_PER_SUBMISSION != chosen[0])].copy()
    moved = rng.random(len(corrected)) < 0.3
    corrected.loc[moved, "event_date"] = [
        day - dt.timedelta(days=int(rng.integers(1, 90))) for day in corrected["event_date"][moved]
    ]
    corrected.loc[rng.random(len(corrected)) < 0.2, "area_code"] = corrected["area_code"].iloc[0]
    corrected.loc[rng.random(len(corrected)) < 0.2, "subject_key"] = "person 7"
    corrected.loc[rng.random(len(corrected)) < 0.2, "quantity"] += 1
    code = str(rng.choice([*FLOWS, *STOCKS]))
    fresh = pd.concat(
        [corrected, random_evidence(int(rng.integers(1, 10**6)), engine.areas, (code,), size=20)], ignore_index=True
    )
    first = FIRST_NUMBER * (step + 1)
    with psycopg.connect(engine.place.admin_url) as connection:
        connection.execute("delete from raw.random_evidence where row_number = any(%s)", (numbers[leaving].tolist(),))
        statement = f"copy raw.random_evidence ({', '.join(COLUMNS)}, row_number, _submission_id) from stdin"
        with connection.cursor().copy(statement) as copy:
            for number, row in enumerate(fresh[COLUMNS].itertuples(index=False), start=first):
                copy.write_row((*row, number, number // ROWS_PER_SUBMISSION))
    engine.numbers = [*numbers[~leaving], *range(first, first + len(fresh))]
    engine.evidence = pd.concat([engine.evidence[~leaving], fresh], ignore_index=True)


def test_builds_of_what_was_touched_agree_with_whole_ones(
    make_place: MakePlace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    engine = make_engine(make_place, tmp_path_factory.mktemp("project"), "scoped_builds")
    rng = np.random.default_rng(11)
    for step in range(STEPS):
        change_at_random(engine, rng, step)
        if step == 2:
            report_until(engine.place, "2022-12")
            engine.last_month = dt.date(2022, 12, 1)
            # Without tests of data: at random, a part may be more than its whole.
            engine.build("--select", "dim_period+,config.materialized:incremental", *ENGINE[1:])
        else:
            engine.build(*ENGINE)
        assert_same(engine.found(), engine.expected())
        scoped = engine.stored()
        engine.build("--full-refresh", *ENGINE)
        assert written(scoped, engine.stored()) == set(), f"step {step}"
