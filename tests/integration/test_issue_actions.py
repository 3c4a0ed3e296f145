"""People acknowledge and override issues; a corrected code list replays exactly the rows that it concerns."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.arrival import IssueDecision
from loaders.landing import read_records
from loaders.operations.ledger_rebuild import rebuild_ledger
from loaders.operations.replaying import replay
from loaders.settings import Settings
from loaders.stages.landing_repair import verify_landing
from tests.integration.conftest import fresh_database
from tests.support.warehouse.file_drop import check_account, huimin, load, put, query, visits

pytestmark = pytest.mark.integration
PLACE = "home_visit/2023-05/441302_记录"
# One visit with more people than the rule of the contract allows, which may be true.
MANY, MORE = (visits(range(9)).replace(b"TF1,", b"TF1,", 1).replace(b"D1,,2,", persons) for persons in (b"D1,,30,", b"D1,,40,"))
CURRENT = "select visit_code, visit_persons from raw.home_visit where _superseded_at is null and visit_persons > 20"
COUNTS = "select state, rows_loaded, rows_quarantined from ops.submission order by submission_id desc limit 1"
STATES = "select rule, state from ops.issue_state order by 1, 2"
CONFIRM = ("--reason", "confirmed_true", "--why", "集体探访，电话 13812345678 已核实", "--by", "王科长")


def listed(settings: Settings, *words: str) -> list[dict[str, Any]]:
    done = huimin(settings, "issues", "list", *words, "--json")
    assert done.exit_code == 0, done.output
    return list(json.loads(done.stdout))


def the_key(settings: Settings) -> str:
    (issue,) = listed(settings, "home_visit")
    return str(issue["issue_key"])


def again(settings: Settings) -> None:
    for batch in pipeline.extract("home_visit", settings, again=True):
        pipeline.load_batch("home_visit", batch, settings)


@pytest.mark.slow
def test_an_override_loads_the_row_and_holds_for_its_value_only(settings: Settings, postgres: EmbeddedPostgres) -> None:
    put(settings, f"{PLACE}.csv", MANY)
    load("home_visit", settings)
    assert query(settings, CURRENT) == [] and query(settings, COUNTS) == [("accepted_with_rejects", 8, 1)]
    done = huimin(settings, "issues", "override", the_key(settings)[:12], *CONFIRM)
    assert done.exit_code == 0 and "row 3 is loaded" in done.stdout, done.output
    assert query(settings, CURRENT) == [("TF1", 30)] and query(settings, COUNTS) == [("accepted", 9, 0)]
    assert query(settings, "select sheet, row_number from ops.overridden_row") == [("", 3)]
    assert [state for _, state in query(settings, STATES)] == ["overridden"]
    check_account(settings)
    # Validated again, it holds; a correction with another value is validated anew, and the first value counts when it is back.
    again(settings)
    assert query(settings, CURRENT) == [("TF1", 30)] and query(settings, COUNTS) == [("accepted", 9, 0)]
    put(settings, f"{PLACE}.csv", MORE, hours_ago=24)
    load("home_visit", settings)
    assert query(settings, CURRENT) == [] and [state for _, state in query(settings, STATES)] == ["reopened"]
    put(settings, f"{PLACE}.csv", MANY.replace(b"TF8,", b"TF9,"), hours_ago=12)
    load("home_visit", settings)
    assert query(settings, CURRENT) == [("TF1", 30)] and [state for _, state in query(settings, STATES)] == ["overridden"]
    check_account(settings)
    (kept,) = [record for _, record in read_records(settings.landing) if isinstance(record, IssueDecision)]
    assert (kept.by, kept.reason) == ("王科长", "confirmed_true") and "13812345678" not in kept.why
    assert verify_landing(settings) == []
    lost = (query(settings, CURRENT), query(settings, COUNTS), query(settings, STATES))
    rebuilt = dataclasses.replace(settings, warehouse_url=postgres.url(fresh_database(postgres)))
    found = rebuild_ledger(rebuilt)
    assert (found.decisions, found.skipped) == (1, [])
    assert (query(rebuilt, CURRENT), query(rebuilt, COUNTS), query(rebuilt, STATES)) == lost
    check_account(rebuilt)
    assert rebuild_ledger(rebuilt, into_filled=True).decisions == 0


@pytest.mark.slow
def test_a_row_is_loaded_when_each_of_its_errors_is_overridden(settings: Settings) -> None:
    put(settings, f"{PLACE}.csv", MANY.replace(b"TF1,2023-05-04", b"TF1,2023-04-04"))
    load("home_visit", settings)
    first, second = (issue["issue_key"] for issue in listed(settings, "home_visit"))
    done = huimin(settings, "issues", "override", first, *CONFIRM)
    assert f"stays in quarantine because of {second[:12]}" in done.stdout, done.output
    assert query(settings, CURRENT) == [] and sorted(state for _, state in query(settings, STATES)) == ["open", "overridden"]
    again(settings)
    assert query(settings, CURRENT) == [] and sorted(state for _, state in query(settings, STATES)) == ["open", "overridden"]
    assert "row 3 is loaded" in huimin(settings, "issues", "override", second, *CONFIRM).stdout
    assert query(settings, CURRENT) == [("TF1", 30)] and {state for _, state in query(settings, STATES)} == {"overridden"}
    check_account(settings)


def test_an_override_that_has_lapsed_is_validated_again(settings: Settings) -> None:
    put(settings, f"{PLACE}.csv", MANY)
    load("home_visit", settings)
    assert huimin(settings, "issues", "override", the_key(settings), *CONFIRM, "--until", "2999-12-31").exit_code == 0
    with_lapsed = "update ops.issue_event set until_date = '2020-01-01' where event = 'overridden'"
    with psycopg.connect(settings.warehouse_url) as connection:
        connection.execute("set role huimin_owner")
        connection.execute(with_lapsed)
    assert [state for _, state in query(settings, STATES)] == ["overridden"]
    again(settings)
    assert query(settings, CURRENT) == [] and [state for _, state in query(settings, STATES)] == ["reopened"]
    check_account(settings)


def test_what_no_person_may_decide_is_said_in_one_line(settings: Settings) -> None:
    wrong_date = visits(range(9)).replace(b"TF1,2023-05-04", b"TF1,2023-15-04")
    put(settings, f"{PLACE}.csv", wrong_date)
    put(settings, "home_visit/2023-05/441303_记录.csv", b"\x00\x00\x00")
    load("home_visit", settings)
    date, document = (
        next(one["issue_key"] for one in listed(settings) if one["severity"] == severity) for severity in ("error", "document")
    )
    for words, sentence in (
        (("override", "ffff", *CONFIRM), "no issue has a key that begins"),
        (("show", "ffff"), "no issue has a key that begins"),
        (("override", date, *CONFIRM), "does not fit its column"),
        (("override", document, *CONFIRM), "refuses the whole document"),
        (("acknowledge", date, "--why", " "), "say why"),
        (("acknowledge", date, "--why", "x", "--until", "2020-01-01"), "today or a later day"),
        (("override", date, "--reason", "because", "--why", "x"), "because"),
        (("list", "--rule", "nosuch"), "no such rule"),
        (("list", "--unit", "999999"), "no report has a unit 999999"),
        (("list", "--file", "nosuch.csv"), "no document that came has nosuch.csv"),
    ):
        done = huimin(settings, "issues", *words)
        assert done.exit_code == 2 and sentence in " ".join(done.output.replace("│", " ").split()), done.output
        assert "Traceback" not in done.output
    assert query(settings, "select count(*) from ops.issue_event where event <> 'opened'") == [(0,)]


def test_an_issue_is_acknowledged_until_a_day_and_its_history_shown(settings: Settings) -> None:
    put(settings, f"{PLACE}.csv", MANY)
    load("home_visit", settings)
    key = the_key(settings)
    words = ("--why", "已联系站点", "--by", "李科长", "--until", "2999-12-31")
    assert huimin(settings, "issues", "acknowledge", key[:8], *words).exit_code == 0
    (issue,) = listed(settings, "home_visit", "--state", "acknowledged")
    assert (issue["issue_key"], issue["acknowledged_until_date"]) == (key, "2999-12-31")
    assert listed(settings, "--older-than", "3") == [] and listed(settings, "--refused") == []
    history = json.loads(huimin(settings, "issues", "history", key, "--json").stdout)
    assert [(event["event"], event["decided_by"]) for event in history] == [("opened", None), ("acknowledged", "李科长")]
    shown = huimin(settings, "issues", "show", key).stdout
    assert "acknowledged, 0 day(s)" in shown and "huimin explain" in shown
    put(settings, f"{PLACE}.csv", visits(range(9)), hours_ago=24)
    load("home_visit", settings)
    assert huimin(settings, "issues", "acknowledge", key, "--why", "x").exit_code == 2


def test_an_acknowledgement_is_taken_back_as_an_event_that_the_landing_keeps(settings: Settings) -> None:
    put(settings, f"{PLACE}.csv", MANY)
    load("home_visit", settings)
    key = the_key(settings)
    refused = huimin(settings, "issues", "acknowledge", key, "--revoke", "--why", "x")
    assert refused.exit_code == 2 and "no acknowledgement to take back" in " ".join(refused.output.split())
    for words in (("--why", "已联系"), ("--revoke", "--why", "人员变动，身份证 44130219900307451X")):
        assert huimin(settings, "issues", "acknowledge", key, *words, "--by", "李科长").exit_code == 0
    (issue,) = listed(settings, "home_visit")
    assert (issue["state"], issue["acknowledged_until_date"]) == ("open", None)
    assert huimin(settings, "issues", "acknowledge", key, "--revoke", "--why", "x").exit_code == 2, "once"
    until = ("--revoke", "--why", "x", "--until", "2999-12-31")
    assert huimin(settings, "issues", "acknowledge", key, *until).exit_code == 2
    kept = [record for _, record in read_records(settings.landing) if isinstance(record, IssueDecision)]
    assert sorted(one.decision for one in kept) == ["acknowledged", "acknowledgement_revoked"]
    assert not any("199003" in one.why for one in kept)
    assert huimin(settings, "issues", "acknowledge", key, "--why", "again").exit_code == 0
    assert [row["state"] for row in listed(settings, "home_visit")] == ["acknowledged"]


@pytest.fixture
def own_list(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a list of divisions that lacks a town."""
    seeds = tmp_path / "dbt_project" / "seeds"
    seeds.mkdir(parents=True)
    lines = settings.divisions.read_text(encoding="utf-8").splitlines(keepends=True)
    (seeds / "divisions.csv").write_text("".join(line for line in lines if "441302002" not in line), encoding="utf-8")
    return dataclasses.replace(settings, dbt_project=tmp_path / "dbt_project")


def test_a_corrected_code_list_replays_exactly_the_rows_that_it_concerns(settings: Settings, own_list: Settings) -> None:
    town = next(line for line in settings.divisions.read_text(encoding="utf-8").splitlines() if line.startswith("441302002,"))
    old, new = "桥东街道,441302001".encode("gb18030"), f"{town.split(',')[1]},441302002".encode("gb18030")
    lines = visits(range(20)).split(b"\r\n")
    lines[2], lines[3] = lines[2].replace(old, new), lines[3].replace(b",2,", b",30,")
    put(settings, f"{PLACE}.csv", b"\r\n".join(lines))
    put(settings, "home_visit/2023-06/441302_记录.csv", visits(range(30, 39), day="2023-06-04"))
    load("home_visit", own_list)
    assert query(settings, "select row_number from quarantine.row where state = 'open' order by 1") == [(3,), (4,)]
    versions = "select xmin::text, submission_id from ops.submission order by 2"
    rows = "select xmin::text, _submission_id, _row from raw.home_visit order by 2, 3"
    before, rows_before = query(settings, versions), query(settings, rows)
    # Not corrected yet: nothing would change, and nothing does.
    assert replay(own_list, "home_visit").rows_loaded == 0
    assert query(settings, rows) == rows_before
    planned = json.loads(huimin(settings, "replay", "--report", "home_visit", "--dry-run", "--json").stdout)
    assert [(one["to_load"], one["to_reject"]) for one in planned["differences"]] == [([["", 3]], [])]
    assert query(settings, versions) == before
    done = huimin(settings, "replay", "--report", "home_visit")
    assert done.exit_code == 0 and "1 quarantined row(s) loaded" in done.stdout, done.output
    loaded = query(settings, rows)
    assert set(rows_before) < set(loaded) and [row[2] for row in set(loaded) - set(rows_before)] == [3]
    changed = {row[1] for row in set(before) ^ set(query(settings, versions))}
    (number,) = query(settings, "select submission_id from ops.submission where period = '2023-05'")[0]
    assert changed == {number}
    assert query(settings, "select rows_loaded, rows_quarantined from ops.submission where period = '2023-05'") == [(19, 1)]
    assert sorted(state for _, state in query(settings, STATES))[0] == "open" and set(dict(query(settings, STATES)).values()) == {
        "open",
        "replayed",
    }
    check_account(settings)
    # And what a load of everything by the old list would take back is told before.
    done_again = replay(settings, "home_visit", is_dry_run=True)
    assert [one.to_load for one in done_again.differences] == [()]


def test_a_dry_run_says_what_loading_again_would_take_back(settings: Settings, own_list: Settings) -> None:
    town = next(line for line in settings.divisions.read_text(encoding="utf-8").splitlines() if line.startswith("441302002,"))
    old, new = "桥东街道,441302001".encode("gb18030"), f"{town.split(',')[1]},441302002".encode("gb18030")
    lines = visits(range(20)).split(b"\r\n")
    lines[2] = lines[2].replace(old, new)
    put(settings, f"{PLACE}.csv", b"\r\n".join(lines))
    load("home_visit", settings)
    from loaders.contract import load_contracts
    from loaders.operations.replaying import differences_of_reload

    report = load_contracts(settings.expectations).reports["home_visit"]
    (found,) = differences_of_reload(own_list, report, units=(), periods=(), uris=())
    assert (found.to_load, found.to_reject) == ((), (("", 3),))
    printed = huimin(settings, "load", "home_visit", "--again", "--dry-run")
    assert printed.exit_code == 0 and "0 loaded row(s) would be rejected" in printed.stdout, printed.output
    assert query(settings, "select count(*) from ops.submission") == [(1,)]
    assert huimin(settings, "load", "home_visit", "--dry-run").exit_code == 2
