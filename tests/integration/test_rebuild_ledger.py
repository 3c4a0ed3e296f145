"""A warehouse is lost; the ledger is rebuilt from the landing alone and comes to the same."""

import dataclasses
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.contract import load_reports
from loaders.operations.acceptance import accept
from loaders.operations.ledger_rebuild import RebuildRefused, rebuild_ledger
from loaders.settings import PROJECT_ROOT, Settings
from loaders.warehouse import Warehouse
from sample_city.build import build_city
from sample_city.reference.timetable import Span
from sample_city.servers.serve import running_servers
from tests.integration.conftest import fresh_database
from tests.support.servers.background import Background
from tests.support.warehouse.file_drop import huimin, visits

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
# Files that replace a period and a register, a view with keys, a view by period, a signed API.
NAMES = ("station", "home_visit", "fundraising", "community_fund", "social_organization")
LINEAGE = {"_submission_id", "_loaded_at", "_superseded_at", "_superseded_by"}
STATES = """
    select distinct on (report, source_uri, sha256) report, source_uri, sha256, unit_code, period, state, rows_total, rows_loaded,
        rows_quarantined, rows_accepted, is_on_time, effective_at, arrived_at, revision_number, stamped_on, content_sha256
    from ops.submission order by report, source_uri, sha256, submission_id desc
"""


@pytest.fixture(scope="module")
def city(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("city")
    build_city(home, 7, Span.parse("2021-01:2021-01"))
    with Background() as background:
        servers = running_servers(home, postgres.url())
        connections = background.run(servers.__aenter__())
        url = postgres.url(fresh_database(postgres))
        yield Settings(home=home, warehouse_url=url, pii_key=b"k" * 48, connections=connections)
        background.run(servers.__aexit__(None, None, None))


def put(city: Settings, name: str, content: bytes, hours_ago: float) -> None:
    path = city.home / "sftp" / "social_work" / "home_visit" / "2023-05" / f"441302_{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    moment = time.time() - hours_ago * 3600
    os.utime(path, (moment, moment))


def load(settings: Settings, name: str) -> None:
    for batch in pipeline.extract(name, settings):
        pipeline.load_batch(name, batch, settings)


def live(city: Settings) -> None:
    """What happens to a city's reports in some weeks."""
    for name in NAMES:
        load(city, name)
    for name, content, hours_ago in (
        ("记录", visits(range(100)), 90),
        ("记录_更正1", visits(range(100), persons=3), 80),
        ("记录", visits(range(50, 149), persons=4), 2_000),
        ("记录", visits(range(100)), 90),
        ("记录_副本", visits(range(100), persons=3), 70),
        ("记录_坏", b"\x00\x00", 60),
        ("记录_更正2", visits(range(30), persons=5), 50),
        ("记录_更正3_未来", visits(range(95), persons=6), -24 * 500),
    ):
        put(city, name, content, hours_ago)
        load(city, "home_visit")
    (held,) = [row for row in Warehouse(city.warehouse_url).held_documents() if row["rows"] == 30]
    with pytest.raises(Exception, match="superseded meanwhile"):
        accept(city, held["submission_id"], why="gone", by="me")
    put(city, "记录_更正4", visits(range(20), persons=7), 30)
    load(city, "home_visit")


def answer(settings: Settings, text: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(settings.warehouse_url) as connection:
        return connection.execute(text).fetchall()


def marked_as_notified(settings: Settings) -> dict[str, Any]:
    """All that a rebuilt warehouse must have in common with the lost one."""
    found: dict[str, Any] = {
        "states": answer(settings, STATES),
        "account": Warehouse(settings.warehouse_url).account(),
        "decisions": answer(settings, "select source_uri, sha256, decision, reason, decided_by, decided_at from ops.decision"),
        "watermarks": answer(settings, "select report, cursor from ops.watermark order by report"),
        "seen": sorted(
            (name, seen.uri, seen.size, seen.modified_at)
            for name in NAMES
            for seen in Warehouse(settings.warehouse_url).known_versions(load_reports(settings.expectations)[name])
        ),
        "held": answer(
            settings,
            "select s.source_uri, s.sha256, q.sheet, q.row_number from quarantine.row q join ops.submission s "
            "using (submission_id) where q.state in ('open', 'notified') order by 1, 2, 3, 4",
        ),
    }
    for name in NAMES:
        found[name] = answer(settings, _digests(settings, name))[0]
    return found


def _digests(settings: Settings, name: str) -> str:
    """Two digests of a raw table: of the current rows, and of all rows of all documents."""
    columns = answer(settings, f"select attname from pg_attribute where attrelid = 'raw.{name}'::regclass and attnum > 0")
    values = ", ".join(f'r."{column}"' for (column,) in columns if column not in LINEAGE)
    row = f"concat_ws('|', s.source_uri, s.sha256, row({values})::text)"
    return (
        f"select count(distinct {row}), md5(string_agg(distinct {row}, ';' order by {row})), "
        f"count(*) filter (where r._superseded_at is null), "
        f"md5(string_agg(distinct {row}, ';' order by {row}) filter (where r._superseded_at is null)) "
        f"from raw.{name} as r join ops.submission as s on s.submission_id = r._submission_id"
    )


@pytest.mark.slow
def test_a_lost_warehouse_is_rebuilt_from_the_landing_alone(city: Settings, postgres: EmbeddedPostgres) -> None:
    live(city)
    (last,) = [row for row in Warehouse(city.warehouse_url).held_documents() if row["rows"] == 20]
    accept(city, last["submission_id"], why="三个站点已撤销", by="王科长")
    before = marked_as_notified(city)
    assert len(before["states"]) >= 25 and len(before["decisions"]) == 1
    assert {row[5] for row in before["states"]} >= {"accepted", "superseded", "duplicate", "rejected"}

    new = dataclasses.replace(city, warehouse_url=postgres.url(fresh_database(postgres)), connections={})
    rebuilt = rebuild_ledger(new)
    assert rebuilt.skipped == [] and rebuilt.decisions == 1
    after = marked_as_notified(new)
    assert {name: after[name] == before[name] for name in before} == dict.fromkeys(before, True)
    assert [row for row in after["account"] if row["difference"]] == []

    # The problems are known to their owners, and nobody has anything new to show.
    reports = load_reports(PROJECT_ROOT / "expectations")
    again = dataclasses.replace(new, connections=city.connections)
    for name in NAMES:
        assert Warehouse(new.warehouse_url).unnotified_issues(reports[name]) == []
        assert pipeline.extract(name, again) == []
    assert marked_as_notified(new)["states"] == after["states"]
    assert huimin(again, "verify", "landing").exit_code == 0

    with pytest.raises(RebuildRefused, match="not empty"):
        rebuild_ledger(new)
    refused = huimin(new, "rebuild-ledger")
    assert refused.exit_code == 2 and "--into-filled" in refused.stderr
    repeated = rebuild_ledger(new, into_filled=True)
    assert (repeated.arrivals, repeated.decisions) == (0, 0)
    assert marked_as_notified(new) == after


def test_a_damaged_record_is_named_and_costs_its_own_document(city: Settings, postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    new = Settings(home=tmp_path, warehouse_url=postgres.url(fresh_database(postgres)), pii_key=b"k" * 48)
    with pytest.raises(RebuildRefused, match="no record of an arrival"):
        rebuild_ledger(new)
    drop = tmp_path / "drop" / "home_visit" / "2023-05"
    drop.mkdir(parents=True)
    new = dataclasses.replace(new, connections={"social_work_sftp": f"file://{tmp_path / 'drop'}"})
    for number, unit in enumerate(("441302", "441303")):
        path = drop / f"{unit}_记录.csv"
        path.write_bytes(visits(range(number * 10, number * 10 + 5)))
        os.utime(path, (1_700_000_000, 1_700_000_000))
    load(new, "home_visit")
    (record,) = [path for path in new.landing.glob("arrivals/*/*.json") if '"441303"' in path.read_text()]
    record.write_text(record.read_text()[:-40])
    rebuilt_into = dataclasses.replace(new, warehouse_url=postgres.url(fresh_database(postgres)))
    done = huimin(rebuilt_into, "rebuild-ledger")
    assert done.exit_code == 1 and record.name in done.stderr
    assert answer(rebuilt_into, "select unit_code, state from ops.submission") == [("441302", "accepted")]
