"""A load that is killed where one stage hands over to the next, or between two of several documents that go together."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.settings import Settings
from tests.integration.conftest import fresh_database
from tests.support.warehouse.file_drop import check_account, huimin, put, query, visits
from tests.support.warehouse.killed_load import POINTS, run_and_kill

pytestmark = [pytest.mark.integration, pytest.mark.faults, pytest.mark.timeout(900)]
UNITS = ("441302", "441303", "441322", "441323", "441324")
MONTHS = [f"2022-{month:02d}" for month in range(1, 13)] + [f"2023-{month:02d}" for month in range(1, 6)]
CONTENT = {
    "documents": "select source_uri, sha256, state, rows_loaded, rows_quarantined, content_sha256 from ops.submission",
    "rows": """
        select s.source_uri, r._row, r.visit_code, r.visited_date, r.visit_persons, r._superseded_at is null
        from raw.home_visit as r inner join ops.submission as s on s.submission_id = r._submission_id
    """,
    "quarantine": """
        select s.source_uri, q.row_number, q.record::text, q.state
        from quarantine.row as q inner join ops.submission as s on s.submission_id = q.submission_id
    """,
    "issues": "select issue_key, rule, row_number, resolved_at is null from ops.issue",
    "tables": """
        select s.source_uri, t.table_number, t.letters::text
        from ops.document_table as t inner join ops.submission as s on s.submission_id = t.submission_id
    """,
}
WATERMARK = "select cursor from ops.watermark where report = 'home_visit'"


BATCH_SIZE = 32
LOAD = ("load", "home_visit", "--no-build")


def finish(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Loads until nothing is left, and returns what the warehouse holds then.

    A duplicate of a document that was refused waits for the load after the one that refused it.
    """
    for _ in range(3):
        done = huimin(settings, *LOAD)
        assert done.exit_code == 0, done.output
    assert query(settings, "select count(*) from ops.submission where state = 'landed'") == [(0,)]
    check_account(settings)
    return {name: sorted(query(settings, text), key=str) for name, text in CONTENT.items()}


@pytest.fixture
def site(settings: Settings) -> Settings:
    """85 documents in three batches: some are refused, one repeats the bytes of another, and two hold the same key."""
    for month in MONTHS:
        for unit in UNITS:
            first = int(f"{month[2:4]}{month[5:]}{unit[-3:]}00")
            put(settings, f"home_visit/{month}/{unit}_记录.csv", visits(range(first, first + 4), day=f"{month}-04"))
    put(settings, f"home_visit/{MONTHS[3]}/441303_记录.csv", visits([2204303001, 2204302001], day=f"{MONTHS[3]}-04"))
    put(settings, f"home_visit/{MONTHS[3]}/441302_记录.csv", visits([2204302001, 2204302002], day=f"{MONTHS[3]}-05"))
    put(settings, f"home_visit/{MONTHS[6]}/441322_记录.csv", b"\xff\xfe not a document")
    put(settings, f"home_visit/{MONTHS[7]}/441323_记录.csv", visits(range(7, 11), day="2021-01-01"))
    put(settings, f"home_visit/{MONTHS[8]}/441323_记录.csv", visits(range(7, 11), day="2021-01-01"))
    return replace(settings, batch_size=BATCH_SIZE)


@pytest.fixture
def others(site: Settings, postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Settings]:
    """Two warehouses with landings of their own, over the same documents."""
    return (
        replace(site, home=tmp_path / f"home_{number}", warehouse_url=postgres.url(fresh_database(postgres))) for number in (1, 2)
    )


@pytest.mark.parametrize("point", [point for point in POINTS if "bucket" not in point])
def test_a_load_killed_between_two_stages_comes_to_the_same_end(site: Settings, others: Iterator[Settings], point: str) -> None:
    expected = finish(site)
    assert len(expected["documents"]) == len(MONTHS) * len(UNITS)
    assert {state for _, _, state, *_ in expected["documents"]} >= {"accepted", "rejected"}
    for number, settings in enumerate(others, start=1):
        assert run_and_kill(settings, point, number, LOAD) == -signal.SIGKILL, number
        assert finish(settings) == expected, number
        # It may lag behind, when a pull found nothing new after the kill: the next one looks at some documents again.
        assert query(settings, WATERMARK) <= query(site, WATERMARK), number
