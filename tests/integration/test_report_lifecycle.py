"""A report that is renamed, retired or purged, and units that open and close."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import yaml

from loaders import pipeline
from loaders.contract import load_contracts
from loaders.landing import read_records
from loaders.operations import purge as operation
from loaders.operations.ledger_rebuild import rebuild_ledger
from loaders.schedule import ReportingCalendar
from loaders.settings import Settings
from loaders.stages.landing_repair import verify_landing
from loaders.warehouse import RawTableMismatch, Warehouse, migrate
from tests.support.warehouse.file_drop import check_account, huimin, load, put, query, visits

pytestmark = pytest.mark.integration
SPELLS_HEAD = "unit_code,name,short_name,valid_from_date,valid_until_date,note\n"
PLACES = (
    *("ops.pull", "ops.submission", "ops.issue", "ops.watermark", "ops.known_version", "ops.reporting_unit"),
    *("ops.decision", "ops.notification"),
)


@pytest.fixture
def contracts(settings: Settings, tmp_path: Path) -> Path:
    """A folder with the contract of home visits alone."""
    folder = tmp_path / "expectations" / "social_work"
    folder.mkdir(parents=True)
    content = yaml.safe_load((settings.expectations / "social_work" / "home_visit.yml").read_text(encoding="utf-8"))
    content["cross_rules"] = []
    write(folder.parent, content)
    return folder.parent


@pytest.fixture
def own_settings(settings: Settings, contracts: Path, tmp_path: Path) -> Settings:
    """Settings with that folder, and seeds of their own."""
    seeds = tmp_path / "dbt_project" / "seeds"
    seeds.mkdir(parents=True)
    (seeds / "divisions.csv").write_bytes(settings.divisions.read_bytes())
    return replace(settings, expectations=contracts, dbt_project=tmp_path / "dbt_project")


def write(folder: Path, content: dict[str, object]) -> None:
    (folder / "social_work" / f"{content['name']}.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def change(folder: Path, present_name: str, /, **changes: object) -> None:
    """Changes the contract of a report; a new `name` moves its file."""
    path = folder / "social_work" / f"{present_name}.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.unlink()
    write(folder, content | changes)


def two_months(settings: Settings) -> None:
    put(settings, "home_visit/2023-05/441302_入户探访记录_2023-05.csv", visits(range(100, 110)))
    put(settings, "home_visit/2023-06/441302_入户探访记录_2023-06.csv", visits([100, *range(200, 210)], day="2023-06-04"))


def names_in_ledger(settings: Settings) -> set[str]:
    return {name for place in PLACES for (name,) in query(settings, f"select distinct report from {place}") if name is not None}


def test_a_renamed_report_goes_on_under_its_new_name(own_settings: Settings, contracts: Path) -> None:
    two_months(own_settings)
    load("home_visit", own_settings)
    rows = query(own_settings, "select visit_code, _submission_id, _row, _superseded_at from raw.home_visit order by 1, 2")
    issues = query(own_settings, "select issue_key from ops.issue order by 1")
    assert [len(rows), len(issues)] == [21, 1]
    change(contracts, "home_visit", name="house_call", formerly=["home_visit"])
    load("house_call", own_settings)
    assert names_in_ledger(own_settings) == {"house_call"}
    assert (
        query(own_settings, "select visit_code, _submission_id, _row, _superseded_at from raw.house_call order by 1, 2") == rows
    )
    assert query(own_settings, "select to_regclass('raw.home_visit')") == [(None,)]
    put(own_settings, "home_visit/2023-05/441302_入户探访记录_2023-05_更正1.csv", visits(range(100, 111)), hours_ago=40)
    load("house_call", own_settings)
    assert query(own_settings, "select count(*) from raw.house_call where _superseded_at is null") == [(21,)]
    # The row that is in conflict still is one issue, of which nobody is notified again.
    assert {key for (key,) in query(own_settings, "select issue_key from ops.issue")} == {key for (key,) in issues}
    check_account(own_settings)
    assert verify_landing(own_settings) == []


def test_a_rename_that_dies_leaves_the_old_name_and_is_done_by_the_next(own_settings: Settings, contracts: Path) -> None:
    two_months(own_settings)
    load("home_visit", own_settings)
    change(contracts, "home_visit", name="house_call", formerly=["home_visit"])
    report = load_contracts(contracts).reports["house_call"]
    with psycopg.connect(own_settings.warehouse_url, autocommit=True) as connection:
        # The last statement of the rename fails, as if the process had died before it.
        connection.execute("create table raw.blocker (x integer); create unique index house_call_key on raw.blocker (x)")
        with pytest.raises(psycopg.errors.DuplicateTable):
            Warehouse(own_settings.warehouse_url).prepare(report)
        assert names_in_ledger(own_settings) == {"home_visit"}
        assert query(own_settings, "select count(*) from raw.home_visit") == [(21,)]
        connection.execute("drop table raw.blocker")
    for _ in range(2):
        Warehouse(own_settings.warehouse_url).prepare(report)
        assert names_in_ledger(own_settings) == {"house_call"}


def test_documents_under_both_names_are_refused(own_settings: Settings, contracts: Path) -> None:
    two_months(own_settings)
    load("home_visit", own_settings)
    change(contracts, "home_visit", name="house_call")
    load("house_call", own_settings)
    change(contracts, "house_call", formerly=["home_visit"])
    with pytest.raises(RawTableMismatch, match="expected documents under home_visit or under house_call, found both"):
        load("house_call", own_settings)


def test_a_new_name_that_was_prepared_before_is_no_obstacle(own_settings: Settings, contracts: Path) -> None:
    two_months(own_settings)
    load("home_visit", own_settings)
    change(contracts, "home_visit", name="house_call")
    Warehouse(own_settings.warehouse_url).prepare(load_contracts(contracts).reports["house_call"])
    change(contracts, "house_call", formerly=["home_visit"])
    load("house_call", own_settings)
    assert names_in_ledger(own_settings) == {"house_call"}
    assert query(own_settings, "select count(*) from raw.house_call") == [(21,)]
    check_account(own_settings)


def test_a_ledger_is_rebuilt_from_records_of_the_old_name(own_settings: Settings, contracts: Path, tmp_path: Path) -> None:
    two_months(own_settings)
    load("home_visit", own_settings)
    change(contracts, "home_visit", name="house_call", formerly=["home_visit"])
    with psycopg.connect(own_settings.warehouse_url, autocommit=True) as connection:
        connection.execute("drop schema raw, ops, quarantine cascade")
    migrate(own_settings.warehouse_url)
    rebuilt = rebuild_ledger(own_settings)
    assert (rebuilt.arrivals, rebuilt.skipped) == (2, [])
    assert names_in_ledger(own_settings) == {"house_call"}
    assert query(own_settings, "select count(*) from raw.house_call where _superseded_at is null") == [(20,)]


def test_a_retired_report_expects_nothing_and_takes_earlier_periods(own_settings: Settings, contracts: Path) -> None:
    two_months(own_settings)
    load("home_visit", own_settings)
    units = query(own_settings, "select count(distinct unit_code) from ops.obligation where report = 'home_visit'")
    change(contracts, "home_visit", retired={"since": "2023-06", "why": {"zh": "并入新表", "en": "merged into a new report"}})
    put(own_settings, "home_visit/2023-07/441302_入户探访记录_2023-07.csv", visits([300], day="2023-07-04"), hours_ago=30)
    put(own_settings, "home_visit/2023-05/441303_入户探访记录_2023-05.csv", visits([400]), hours_ago=30)
    load("home_visit", own_settings)
    standing = "select period, count(*) from ops.obligation where lifted_at is null group by 1 order by 1"
    assert query(own_settings, standing) == [("2023-05", units[0][0])]
    states = query(own_settings, "select unit_code, period, state from ops.submission order by 2, 1")
    assert states == [
        ("441302", "2023-05", "accepted"),
        ("441303", "2023-05", "accepted"),
        ("441302", "2023-06", "accepted_with_rejects"),
        ("441302", "2023-07", "rejected"),
    ]
    ((zh, en),) = query(own_settings, "select message_zh, message_en from ops.issue where rule = 'report_retired'")
    assert "自 2023-06 起停用（并入新表）" in zh
    assert "retired in the contract" in en
    check_account(own_settings)


def test_a_purge_removes_all_and_leaves_the_decision(own_settings: Settings, contracts: Path) -> None:
    two_months(own_settings)
    load("home_visit", own_settings)
    refused = huimin(own_settings, "purge", "home_visit", "--why", "replaced", "--yes")
    assert refused.exit_code == 2, refused.output
    change(contracts, "home_visit", retired={"since": "2023-07", "why": {"zh": "停用", "en": "no longer sent"}})
    change(contracts, "home_visit", formerly=["old_visit"])
    with pytest.raises(operation.PurgeRefused, match="old_visit is a former name of home_visit"):
        operation.purge(own_settings, "old_visit", why="x", by="y")
    planned = operation.plan(own_settings, "home_visit")
    assert (planned.counts.submissions, planned.counts.rows, planned.counts.quarantined) == (2, 21, 1)
    assert len(planned.files.landed_files) == 2
    assert query(own_settings, "select count(*) from ops.submission") == [(2,)]
    operation.purge(own_settings, "home_visit", why="replaced by another", by="li")
    assert names_in_ledger(own_settings) == set()
    assert query(own_settings, "select count(*) from raw.home_visit") == [(0,)]
    assert query(own_settings, "select count(*) from quarantine.row") == [(0,)]
    assert list(read_records(own_settings.landing)) == []
    assert [path for path in own_settings.landing.glob("??/??/*") if path.is_file()] == []
    assert query(
        own_settings,
        "select report, reason, decided_by, submissions_count, rows_count, quarantined_count, files_count from ops.purge",
    ) == [("home_visit", "replaced by another", "li", 2, 21, 1, 2)]
    report = load_contracts(contracts).reports["home_visit"]
    Warehouse(own_settings.warehouse_url).prepare(report, ReportingCalendar.load(own_settings))
    assert query(own_settings, "select count(*) from ops.obligation") == [(0,)], "what was removed on purpose is not missing"
    with pytest.raises(psycopg.errors.RaiseException):
        query(own_settings, "delete from ops.purge")


def test_a_purge_keeps_files_that_another_report_has_and_completes_what_was_interrupted(
    own_settings: Settings, contracts: Path
) -> None:
    two_months(own_settings)
    load("home_visit", own_settings)
    change(contracts, "home_visit", name="second_visit", code="SW44")
    load("second_visit", own_settings)
    planned = operation.plan(own_settings, "home_visit")
    assert planned.files.landed_files == ()
    # Interrupted between the ledger and the landing.
    Warehouse(own_settings.warehouse_url).purge("home_visit", why="w", by="b", files_count=0, has_records=True)
    assert len(list(read_records(own_settings.landing))) == 4
    operation.purge(own_settings, "home_visit", why="w", by="b")
    assert len(list(read_records(own_settings.landing))) == 2
    assert verify_landing(own_settings) == []
    assert names_in_ledger(own_settings) == {"second_visit"}


def write_spells(settings: Settings, *lines: str) -> None:
    settings.unit_spells.write_text(SPELLS_HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_a_unit_is_expected_while_it_exists_and_refused_before_and_after(own_settings: Settings) -> None:
    write_spells(own_settings, "441302,,,2023-01-01,2023-05-31,closed", "441302,,,2023-08-01,,opened again")
    for month in ("05", "06", "08"):
        number = int(month) * 100
        put(
            own_settings,
            f"home_visit/2023-{month}/441302_入户探访记录_2023-{month}.csv",
            visits([number], day=f"2023-{month}-04"),
        )
    load("home_visit", own_settings)
    standing = "from ops.obligation where lifted_at is null and period < '2023-09'"
    expected = query(own_settings, f"select period {standing} and unit_code = '441302' order by 1")
    assert expected == [("2023-05",), ("2023-08",)]
    assert query(own_settings, "select period, state from ops.submission order by 1") == [
        ("2023-05", "accepted"),
        ("2023-06", "rejected"),
        ("2023-08", "accepted"),
    ]
    ((found, zh),) = query(own_settings, "select found, message_zh from ops.issue where severity = 'document'")
    assert found == "2023-06"
    assert "存续期为 2023-01-01–2023-05-31、2023-08-01–…" in zh
    others = query(own_settings, f"select count(distinct unit_code) {standing} and period = '2023-06'")
    assert others[0][0] == len(load_contracts(own_settings.expectations).reports["home_visit"].units) - 1


def test_a_contract_may_only_warn_of_a_closed_unit(own_settings: Settings, contracts: Path) -> None:
    write_spells(own_settings, "441302,,,2024-01-01,,")
    change(contracts, "home_visit", when_unit_closed="warn")
    put(own_settings, "home_visit/2023-05/441302_入户探访记录_2023-05.csv", visits([500]))
    load("home_visit", own_settings)
    assert query(own_settings, "select state from ops.submission") == [("accepted",)]
    assert query(own_settings, "select rule, severity from ops.issue") == [("unit_closed", "warning")]


def test_spells_that_are_gone_from_the_list_oblige_again(own_settings: Settings) -> None:
    write_spells(own_settings, "441302,,,2024-01-01,,")
    report = load_contracts(own_settings.expectations).reports["home_visit"]
    warehouse = Warehouse(own_settings.warehouse_url)
    warehouse.prepare(report, ReportingCalendar.load(own_settings))
    assert query(own_settings, "select unit_code from ops.reporting_spell") == [("441302",)]
    write_spells(own_settings)
    warehouse.prepare(report, ReportingCalendar.load(own_settings))
    assert query(own_settings, "select unit_code from ops.reporting_spell") == []


def test_extract_names_the_line_of_a_wrong_spell(own_settings: Settings) -> None:
    write_spells(own_settings, "441302,,,2023-13-01,,")
    with pytest.raises(ValueError, match=r'unit_spells.csv line 2: valid_from_date: expected a day .* found "2023-13-01"'):
        pipeline.extract("home_visit", own_settings)
