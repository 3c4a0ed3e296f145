"""Retention takes away what nothing stands on: whatever was corrected and released, all that can be asked is the same."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import random
import shutil
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import ValidationError

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.contract import RetentionRules
from loaders.operations import evidence, queries, withdrawal
from loaders.operations.issue_actions import issues
from loaders.operations.lifecycle.retention import apply_retention
from loaders.operations.verification import verify_all
from loaders.period import local_today
from loaders.settings import Settings
from loaders.warehouse.scratch_tables import SCRATCH_COMMENT
from tests.integration.lifecycle.persons import HEADER
from tests.integration.test_backup import LENIENT, World
from tests.integration.test_second_deployment import QINGXI, loaded_and_built

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]

RULES = "retention: {quarantine_days: 365, outbox_days: 365, scratch_tables_days: 30, log_files_days: 5}\n"
TOWNS = ("990101001", "990101002", "990101003")
MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06")
LATER = dt.datetime.now(dt.UTC) + dt.timedelta(days=400)


def write(world: World, rng: random.Random, month: str, version: int) -> None:
    """A document of a month in which some shifts last too long; a later version has others."""
    path = world.deployment / "documents" / "volunteering_files" / "service_shift" / f"{month}_志愿服务记录.csv"
    hours = [rng.choice(("2", "3.5", "26")) for _ in range(rng.randint(3, 6))]
    lines = [f"{month}-{n},{month}-0{n},{rng.choice(TOWNS)},V{rng.randint(1, 6)},{hour}" for n, hour in enumerate(hours, 1)]
    path.write_bytes("\n".join([HEADER, *lines, ""]).encode("gb18030"))
    os.utime(path, (1_750_000_000 + version, 1_750_000_000 + version))


def load(world: World) -> None:
    for batch in pipeline.extract("service_shift", world.settings):
        pipeline.load_batch("service_shift", batch, world.settings)


@pytest.fixture(scope="module", params=(1, 2))
def world(request: pytest.FixtureRequest, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Six months, each sent up to three times; a release froze what the first versions said."""
    deployment = tmp_path_factory.mktemp("retention") / "qingxi"
    shutil.copytree(QINGXI, deployment)
    with (deployment / "deployment.yml").open("a", encoding="utf-8") as file:
        file.write(RULES)
    (deployment / "release_rules").mkdir()
    (deployment / "release_rules" / "rules.yml").write_text(LENIENT, encoding="utf-8")
    contract = deployment / "expectations" / "volunteering" / "service_shift.yml"
    contract.write_text(contract.read_text(encoding="utf-8").replace("reject_limit_pct: 50", "reject_limit_pct: 100"), "utf-8")
    shutil.rmtree(deployment / "documents" / "volunteering_files" / "service_shift")
    (deployment / "documents" / "volunteering_files" / "service_shift").mkdir()
    made, rng = World(deployment, Settings(home=deployment, warehouse_url="")), random.Random(request.param)
    for month in MONTHS:
        write(made, rng, month, 0)
    made = World(deployment, loaded_and_built(postgres, tmp_path_factory.mktemp("home"), deployment))
    made.done("release", "prepare", "--period", "2025Q1")
    made.done("release", "publish", "1", "--why", "核对无误", "--by", "王科长")
    for version in (1, 2):
        for month in ("2025-02", *rng.sample(MONTHS, 3), "2025-05"):
            write(made, rng, month, version)
        load(made)
    pipeline.build(made.settings)
    return made


def answers(settings: Settings) -> dict[str, Any]:
    """All that can be asked: account, figures with their evidence, issues, what the warehouse and the landing verify."""
    shown = [(row["code"], row["area_code"], row["period"]) for row in queries.figures(settings, period="2025-05")]
    return {
        "account": queries.account(settings),
        "fingerprint": queries.fingerprint(settings),
        "evidence": {
            one: [dataclasses.asdict(found) if dataclasses.is_dataclass(found) else found for found in rows]
            for one in shown
            for rows in [evidence.evidence(settings, one[0], area=one[1], period=one[2]).rows]
        },
        "issues": issues(settings),
        "all_issues": [row for state in ("corrected", "notified") for row in issues(settings, state=state)],
        "verified": verify_all(settings),
        "status": queries.status(settings),
    }


def quarantined(settings: Settings) -> list[tuple[Any, ...]]:
    query = """
        select s.report, s.state, q.state, q.sheet, q.row_number, q.content_removed_at is null, q.record,
            exists (select from release.submission as r where r.sha256 = s.sha256)
        from quarantine.row as q inner join ops.submission as s using (submission_id) order by q.submission_id, q.row_number
    """
    with psycopg.connect(settings.warehouse_url) as connection:
        return connection.execute(query).fetchall()


def test_what_can_be_asked_is_the_same_afterwards(world: World) -> None:
    before, rows = answers(world.settings), quarantined(world.settings)
    assert before["issues"] and before["account"] and before["evidence"]
    planned = apply_retention(world.settings, by="test", is_dry_run=True, now=LATER)
    assert quarantined(world.settings) == rows, "a dry run changes nothing"
    done = {one.rule: one for one in apply_retention(world.settings, by="test", now=LATER)}
    assert {one.rule: one for one in planned} == done
    assert answers(world.settings) == before
    after = quarantined(world.settings)
    gone = [row for row in after if not row[5]]
    assert len(gone) == done["quarantine"].removed_count > 0 and len(after) == len(rows)
    assert all(row[1] == "superseded" and row[2] == "corrected" and not row[7] for row in gone)
    assert all(set(row[6]) == {"shift_code"} for row in gone), "the key stays"
    kept = done["quarantine"].kept
    assert kept["current"] == len([row for row in rows if row[1] != "superseded"]) > 0
    assert sum(kept.values()) + len(gone) == len(rows)
    # Each row of a document of the release is there as it was, corrected or not.
    assert [row for row in after if row[7]] == [row for row in rows if row[7]] != []
    with psycopg.connect(world.settings.warehouse_url) as connection:
        query = "select rule, kept_days, removed_count, decided_by from ops.retention_run where rule = 'quarantine'"
        assert connection.execute(query).fetchall() == [("quarantine", 365, len(gone), "test")]
    assert not {one.rule: one for one in apply_retention(world.settings, by="test", now=LATER)}["quarantine"].removed_count


def test_a_build_of_all_and_a_withdrawal_find_what_they_need(world: World) -> None:
    before = queries.fingerprint(world.settings)
    pipeline.build(world.settings, is_whole=True)
    assert queries.fingerprint(world.settings) == before
    # The document before it counts again, with its rejected rows, although their contents are gone.
    query = """
        select submission_id from ops.submission
        where report = 'service_shift' and period = '2025-05' and state in ('accepted', 'accepted_with_rejects')
    """
    with psycopg.connect(world.settings.warehouse_url) as connection:
        ((newest,),) = connection.execute(query).fetchall()
    withdrawal.withdraw(world.settings, newest, why="误报", by="王科长")
    assert verify_all(world.settings) == {"landing": [], "ledger": [], "releases": [], "audit": []}
    assert {row["difference"] for row in queries.account(world.settings)} == {0}


def test_nothing_goes_before_its_time_or_without_a_rule(world: World, tmp_path: Path) -> None:
    done = {one.rule: one for one in apply_retention(world.settings, by="test", is_dry_run=True)}
    assert done["quarantine"].removed_count == 0
    other = tmp_path / "deployment"
    shutil.copytree(QINGXI, other)
    settings = dataclasses.replace(world.settings, dbt_project=other / "dbt_project")
    none = {one.rule: one for one in apply_retention(settings, by="test", now=LATER)}
    assert [none[rule].days for rule in ("quarantine", "outbox", "scratch_tables")] == [None] * 3


def test_messages_lose_their_text_once_they_were_sent(world: World) -> None:
    insert = """
        insert into ops.outbox_message (
            idempotency_key, topic, channel, server, address, header_id, subject, body_text, body_html, state, sent_at, queued_at
        ) values (%s, 'issues', 'mail', '', 'a@example.org', %s, '更正', 'text', 'html', %s, %s, '2020-01-01')
    """
    with psycopg.connect(world.settings.warehouse_url) as connection:
        for name, state, sent in (("old", "sent", "2020-01-01"), ("new", "sent", "now"), ("dead", "dead", None)):
            connection.execute(insert, [name, f"<{name}@example.org>", state, sent])
    done = {one.rule: one for one in apply_retention(world.settings, by="test")}["outbox"]
    assert (done.removed_count, done.kept) == (1, {"recent": 1, "unsent": 1})
    query = "select idempotency_key, body_text || body_html, subject from ops.outbox_message order by 1"
    with psycopg.connect(world.settings.warehouse_url) as connection:
        found = connection.execute(query).fetchall()
    assert found == [("dead", "texthtml", "更正"), ("new", "texthtml", "更正"), ("old", "", "更正")]


def test_files_and_scratch_tables_go_by_their_age(world: World, tmp_path: Path) -> None:
    logs, unpacking = tmp_path / "logs", world.settings.home / "unpacking" / "left"
    outside = tmp_path / "outside.log"
    for path in (logs / "run" / "old.log", logs / "new.log", unpacking / "member", outside):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    (logs / "link").symlink_to(tmp_path)
    long_ago = time.time() - 20 * 86_400
    for path in (logs / "run" / "old.log", unpacking / "member", outside, logs / "run", unpacking):
        os.utime(path, (long_ago, long_ago))
    with psycopg.connect(world.settings.warehouse_url, autocommit=True) as connection:
        for name, comment in (
            ("old", f"{SCRATCH_COMMENT} 2020-01-01"),
            ("new", f"{SCRATCH_COMMENT} {local_today()}"),
            ("mine", f"{SCRATCH_COMMENT} 2020-01-01, needed for the audit"),
        ):
            connection.execute(f"create table raw.scratch_{name} (a integer)")
            connection.execute(f"comment on table raw.scratch_{name} is '{comment}'")
    said = json.loads(world.done("retention", "--logs", str(logs), "--json"))
    removed = {one["rule"]: one["removed_count"] for one in said}
    assert (removed["log_files"], removed["scratch_files"], removed["scratch_tables"]) == (1, 1, 1)
    left = [logs / "run", unpacking]
    assert (logs / "new.log").exists() and outside.exists() and not any(path for one in left for path in one.iterdir())
    # Empty since now: somebody may be about to write there. They go when nobody was there for a day.
    for path in left:
        os.utime(path, (long_ago, long_ago))
    world.done("retention", "--logs", str(logs))
    assert not any(path.exists() for path in left)
    with psycopg.connect(world.settings.warehouse_url, autocommit=True) as connection:
        kept = connection.execute("select relname from pg_class where relname like 'scratch\\_%' order by 1").fetchall()
        for name in ("new", "mine"):
            connection.execute(f"drop table raw.scratch_{name}")
    assert kept == [("scratch_mine",), ("scratch_new",)]


def test_days_are_whole_and_not_too_few() -> None:
    for wrong in ({"airflow_days": 7}, {"quarantine_days": 0}, {"log_files_days": -1}, {"everything_days": 30}):
        with pytest.raises(ValidationError):
            RetentionRules(**wrong)
