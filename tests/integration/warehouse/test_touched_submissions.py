"""What a load touched is written down in its own transaction, whoever changed the rows, and no late commit is missed."""

from __future__ import annotations

import psycopg
import pytest

from loaders.settings import Settings
from loaders.warehouse import Build, BuildSources, Warehouse
from tests.support.warehouse.file_drop import load, put, query, visits

pytestmark = pytest.mark.integration
FILE = "home_visit/2023-05/441302_入户探访记录_2023-05.csv"
NEWS = """
    select distinct t.report, t.submission_id from ops.touched_submission as t, ops.build as b
    where b.build_id = %s and not pg_visible_in_snapshot(t.transaction_id, b.snapshot) order by t.submission_id
"""


def begin(settings: Settings) -> int:
    warehouse = Warehouse(settings.warehouse_url)
    build_id = warehouse.begin_build(Build("", None), BuildSources("", "", "", "", ""), is_whole=False)
    warehouse.end_build(build_id, None)
    return build_id


def test_a_correction_touches_the_submission_that_it_replaces_and_its_own(settings: Settings) -> None:
    put(settings, FILE, visits(range(3)))
    load("home_visit", settings)
    before = begin(settings)
    assert query(settings, NEWS, before) == []
    put(settings, FILE, visits(range(3), persons=9), hours_ago=24)
    load("home_visit", settings)
    ids = [row[0] for row in query(settings, "select submission_id from ops.submission order by submission_id")]
    assert len(ids) == 2
    assert query(settings, NEWS, before) == [("home_visit", number) for number in ids]
    transactions = "select count(distinct transaction_id) from ops.touched_submission where transaction_id::text::bigint > %s"
    first = query(settings, "select min(transaction_id::text::bigint) from ops.touched_submission")[0][0]
    assert query(settings, transactions, first) == [(1,)], "both in the transaction of the load"


def test_a_load_that_began_before_a_build_and_committed_after_it_is_news_for_the_next(settings: Settings) -> None:
    put(settings, FILE, visits(range(3)))
    load("home_visit", settings)
    with psycopg.connect(settings.warehouse_url) as late:
        late.execute("update raw.home_visit set _superseded_at = now()")
        build_id = begin(settings)
        assert query(settings, NEWS, build_id) == []
        later = begin(settings)
        late.commit()
    assert len(query(settings, NEWS, build_id)) == len(query(settings, NEWS, later)) == 1
    assert query(settings, NEWS, begin(settings)) == []


def test_rows_deleted_by_hand_or_purged_are_touched(settings: Settings) -> None:
    put(settings, FILE, visits(range(3)))
    load("home_visit", settings)
    build_id = begin(settings)
    with psycopg.connect(settings.warehouse_url) as connection:
        connection.execute("delete from raw.home_visit where _row = 2")
    assert len(query(settings, NEWS, build_id)) == 1
    build_id = begin(settings)
    Warehouse(settings.warehouse_url).purge("home_visit", why="test", by="test", files_count=0, has_records=False)
    assert len(query(settings, NEWS, build_id)) == 1
    assert query(settings, "select count(*) from raw.home_visit") == [(0,)]
