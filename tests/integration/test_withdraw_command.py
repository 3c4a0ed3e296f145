"""`huimin withdraw` and `huimin reinstate`: what they print and keep, what the next pulls do, and that a rebuild has it all."""

import dataclasses

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.arrival import Decision
from loaders.landing import read_records, write_record
from loaders.operations import withdrawal
from loaders.operations.ledger_rebuild import rebuild_ledger
from loaders.settings import Settings
from loaders.stages.landing_repair import verify_landing
from tests.integration.conftest import fresh_database
from tests.support.warehouse.file_drop import check_account, huimin, load, put, query, visits

pytestmark = pytest.mark.integration
NAME = "home_visit/2023-05/441302_记录"
CURRENT = "select s.source_uri, count(*) from raw.home_visit r join ops.submission s on s.submission_id = r._submission_id"
CURRENT += " where r._superseded_at is null group by 1 order by 1"
STATES = "select distinct on (source_uri, sha256) source_uri, state, state_reason from ops.submission "
STATES += "order by source_uri, sha256, submission_id desc"
DECISIONS = "select source_uri, sha256, decision, reason, decided_by, decided_at from ops.decision order by decided_at"


def current(settings: Settings) -> dict[str, int]:
    return {uri.rpartition("_")[2]: int(count) for uri, count in query(settings, CURRENT)}


def two_documents(settings: Settings) -> None:
    """A month of visits, and a correction of it: submissions 1 and 2."""
    put(settings, f"{NAME}.csv", visits(range(30)), hours_ago=60)
    load("home_visit", settings)
    put(settings, f"{NAME}_更正1.csv", visits(range(28), persons=3), hours_ago=50)
    load("home_visit", settings)


def test_a_person_withdraws_and_reinstates_and_the_decisions_are_kept(settings: Settings) -> None:
    two_documents(settings)
    planned = huimin(settings, "withdraw", "2", "--why", "报错了月份", "--dry-run")
    assert planned.exit_code == 0, planned.stderr
    assert "would be withdrawn; 28 rows closed" in planned.stdout
    assert "submission 1" in planned.stdout and "30 rows" in planned.stdout
    assert current(settings) == {"更正1.csv": 28} and query(settings, DECISIONS) == []
    done = huimin(settings, "withdraw", "2", "--why", "报错了月份", "--by", "王科长")
    assert done.exit_code == 0 and done.stdout == planned.stdout.replace("would be withdrawn", "withdrawn")
    assert current(settings) == {"记录.csv": 30}
    for _ in range(2):
        load("home_visit", settings)
        for batch in pipeline.extract("home_visit", settings, again=True):
            pipeline.load_batch("home_visit", batch, settings)
    assert current(settings) == {"记录.csv": 30}
    check_account(settings)
    again = huimin(settings, "reinstate", "2", "--why", "月份无误", "--by", "李科长", "--dry-run")
    assert "would be reinstated; it supersedes 30 rows" in again.stdout and "1 document(s) would be validated" in again.stdout
    assert current(settings) == {"记录.csv": 30}
    again = huimin(settings, "reinstate", "2", "--why", "月份无误", "--by", "李科长")
    assert again.exit_code == 0 and "1 accepted" in again.stdout, again.stdout + again.stderr
    assert current(settings) == {"更正1.csv": 28}
    check_account(settings)
    kept = [record for _, record in read_records(settings.landing) if isinstance(record, Decision)]
    assert [(one.decision, one.why, one.by) for one in kept] == [
        ("withdraw", "报错了月份", "王科长"),
        ("reinstate", "月份无误", "李科长"),
    ]
    assert verify_landing(settings) == []


def test_what_cannot_be_decided_is_printed_in_one_line(settings: Settings) -> None:
    put(settings, f"{NAME}.csv", visits(range(30)), hours_ago=60)
    put(settings, "home_visit/2023-05/441303_记录.csv", b"\x00\x00\x00", hours_ago=40)
    load("home_visit", settings)
    (broken,) = query(settings, "select submission_id from ops.submission where state = 'rejected'")[0]
    (good,) = query(settings, "select submission_id from ops.submission where state = 'accepted'")[0]
    withdrawal.withdraw(settings, good, why="wrong", by="me")
    for words, found in (
        (("withdraw", "99999"), "there is no submission"),
        (("withdraw", str(broken)), "never accepted"),
        (("withdraw", str(good)), "already withdrawn"),
        (("reinstate", str(broken)), "nothing to reinstate"),
        (("accept", str(good)), "withdrawn by a person"),
    ):
        done = huimin(settings, *words, "--why", "x")
        assert done.exit_code == 2 and found in done.stderr, done.stderr
        assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert huimin(settings, "withdraw", str(good), "--why", " ").exit_code == 2


def test_a_withdrawal_that_could_not_be_kept_is_none(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    two_documents(settings)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("loaders.operations.withdrawal.write_record", full)
    with pytest.raises(OSError, match="No space"):
        withdrawal.withdraw(settings, 2, why="wrong", by="me")
    assert current(settings) == {"更正1.csv": 28} and query(settings, DECISIONS) == []
    monkeypatch.setattr("loaders.operations.withdrawal.write_record", write_record)
    withdrawal.withdraw(settings, 2, why="wrong", by="me")
    assert current(settings) == {"记录.csv": 30}


def test_a_rebuilt_ledger_has_the_decisions_and_the_same_state(settings: Settings, postgres: EmbeddedPostgres) -> None:
    two_documents(settings)
    put(settings, f"{NAME}_更正2.csv", visits(range(29), persons=4), hours_ago=40)
    load("home_visit", settings)
    withdrawal.withdraw(settings, 3, why="wrong", by="me")
    withdrawal.withdraw(settings, 1, why="wrong too", by="me")
    withdrawal.reinstate(settings, 1, why="right after all", by="me")
    lost = (query(settings, STATES), current(settings), query(settings, DECISIONS))
    assert lost[1] == {"更正1.csv": 28}
    rebuilt = dataclasses.replace(settings, warehouse_url=postgres.url(fresh_database(postgres)))
    found = rebuild_ledger(rebuilt)
    assert (found.decisions, found.skipped) == (3, [])
    assert (query(rebuilt, STATES), current(rebuilt), query(rebuilt, DECISIONS)) == lost
    check_account(rebuilt)
    assert rebuild_ledger(rebuilt, into_filled=True).decisions == 0


def test_a_ledger_that_lacks_a_decision_follows_it_when_it_is_filled(settings: Settings, postgres: EmbeddedPostgres) -> None:
    two_documents(settings)
    other = dataclasses.replace(settings, warehouse_url=postgres.url(fresh_database(postgres)))
    rebuild_ledger(other)
    assert current(other) == {"更正1.csv": 28}
    withdrawal.withdraw(settings, 2, why="wrong", by="me")
    assert rebuild_ledger(other, into_filled=True).decisions == 1
    assert current(other) == current(settings) == {"记录.csv": 30}
    withdrawal.reinstate(settings, 2, why="right", by="me")
    assert rebuild_ledger(other, into_filled=True).decisions == 1
    assert current(other) == current(settings) == {"更正1.csv": 28}
