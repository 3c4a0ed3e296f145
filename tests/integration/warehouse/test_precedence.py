"""The order of precedence is the same in Python and in SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.period import Period
from loaders.warehouse import Submission
from loaders.warehouse.connection import Connection, connect, fetch_all
from loaders.warehouse.precedence import highest_first, is_greater, lowest_first
from loaders.warehouse.submission import period_fields

pytestmark = pytest.mark.integration
_BASE = dt.datetime(2023, 7, 1, tzinfo=dt.UTC)
_INSERT = """
    insert into ops.submission (
        report, unit_code, period, period_start, period_end, revision, source_uri, source_modified_at, sha256, byte_size,
        effective_at, arrived_at, revision_number, stamped_on
    ) values (
        'visit', 'A', %(period)s, %(period_start)s, %(period_end)s, 1, 'drop:/a.csv', now(), repeat('0', 64), 1,
        %(effective_at)s, %(arrived_at)s, %(revision_number)s, %(stamped_on)s
    )
"""
# Few values each, so that all ties occur; microseconds apart, because both sides must keep them.
periods = st.sampled_from([None, "2023-05", "2023-06", "2023Q2", "2023H1", "2023"])
moments = st.integers(0, 2).map(lambda number: _BASE + dt.timedelta(microseconds=number)) | st.sampled_from(
    [_BASE - dt.timedelta(hours=9), _BASE + dt.timedelta(hours=20)]
)
# The day of the moments in local time, and the days around it; 2023-07-01 08:00 there.
stamps = st.sampled_from([None, dt.date(2023, 6, 30), dt.date(2023, 7, 1), dt.date(2023, 7, 2)])
Shown = tuple[str | None, dt.datetime, dt.datetime, int, dt.date | None]
documents = st.lists(st.tuples(periods, moments, moments, st.integers(0, 1), stamps), min_size=2, max_size=6)


@pytest.fixture
def connection(warehouse_url: str) -> Iterator[Connection]:
    with connect(warehouse_url) as opened:
        yield opened


def ids(connection: Connection, query: str) -> list[tuple[int, ...]]:
    return [tuple(row.values()) for row in fetch_all(connection, query)]


def insert(connection: Connection, shown: Sequence[Shown]) -> list[Submission]:
    connection.execute("delete from ops.submission")
    for period, effective_at, arrived_at, revision_number, stamped_on in shown:
        fields = period_fields(Period.parse(period) if period else None)
        stated = {"revision_number": revision_number, "stamped_on": stamped_on}
        connection.execute(_INSERT, {**fields, **stated, "effective_at": effective_at, "arrived_at": arrived_at})
    return [Submission.from_row(row) for row in fetch_all(connection, "select * from ops.submission")]


def test_python_and_sql_order_submissions_alike(connection: Connection) -> None:
    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(documents)
    def check(shown: list[Shown]) -> None:
        submissions = insert(connection, shown)
        ordered = [(one.submission_id,) for one in sorted(submissions, key=lambda one: one.precedence)]
        assert ids(connection, f"select submission_id from ops.submission as s order by {lowest_first('s')}") == ordered
        assert ids(connection, f"select submission_id from ops.submission as s order by {highest_first('s')}") == ordered[::-1]
        pairs = "select a.submission_id, b.submission_id as other from ops.submission as a cross join ops.submission as b"
        greater = set(ids(connection, f"{pairs} where {is_greater('a', 'b')}"))
        assert greater == {
            (one.submission_id, other.submission_id)
            for one in submissions
            for other in submissions
            if one.precedence > other.precedence
        }
        # No circles: of three, the order of the outer two follows.
        assert all((one, last) in greater for one, between in greater for other, last in greater if other == between)

    check()
