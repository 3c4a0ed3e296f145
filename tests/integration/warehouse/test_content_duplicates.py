"""The same rows in other bytes are a duplicate that changes nothing, as long as its original counts."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from loaders.contract import Report
from tests.support.warehouse.driver import Document, WarehouseDriver, make_report

pytestmark = pytest.mark.integration
FIRST = Document("a", "A", "2023-01", 1, rows=(("k1", 1), ("k2", 2)), wrong=("w1",))
COPY = dataclasses.replace(FIRST, name="copy", minute=2, tag="other bytes")
OTHER = dataclasses.replace(FIRST, name="b", minute=3, rows=(("k1", 9), ("k2", 2)))


def rows_and_versions(driver: WarehouseDriver) -> list[tuple[Any, ...]]:
    return driver.query(f"select xmin::text, xmax::text, code, _submission_id from raw.{driver.report.report} order by 3, 4")


def number_of(driver: WarehouseDriver, document: Document) -> int:
    query = "select max(submission_id) from ops.submission where source_uri = %s and sha256 = %s"
    return int(driver.query(query, document.uri, document.sha256)[0][0])


def state_of(driver: WarehouseDriver, document: Document) -> tuple[str, str | None, str | None]:
    """(state, reason, the place of the original) of the last validation of a document."""
    query = """
        select s.state, s.state_reason, o.source_uri from ops.submission as s
        left join ops.submission as o on o.submission_id = s.duplicate_of where s.submission_id = %s
    """
    return driver.query(query, number_of(driver, document))[0]  # type: ignore[return-value]


@pytest.mark.parametrize("replaces", ["period", "register", "key", "nothing"])
@pytest.mark.parametrize("minute", [0, 2])
def test_the_same_rows_in_other_bytes_change_nothing(warehouse_url: str, replaces: str, minute: int) -> None:
    """Whether its time is later or earlier than that of the original."""
    driver = WarehouseDriver(warehouse_url, make_report(replaces))
    driver.receive(FIRST)
    before = rows_and_versions(driver)
    issues = driver.query("select count(*) from ops.issue")
    copy = dataclasses.replace(COPY, minute=minute)
    (outcome,) = driver.receive(copy)
    assert (outcome.state, outcome.rows_loaded) == ("duplicate", 0)
    assert state_of(driver, copy) == ("duplicate", "same_content", FIRST.uri)
    assert rows_and_versions(driver) == before
    assert driver.query("select count(*) from ops.issue") == issues
    digests = driver.query("select distinct content_sha256 from ops.submission")
    assert len(digests) == 1 and len(digests[0][0]) == 64
    assert driver.query("select source_uri, source_uris, difference from ops.account") == [
        (FIRST.uri, sorted((FIRST.uri, copy.uri)), 0)
    ]
    driver.check_account()


@pytest.mark.parametrize("replaces", ["period", "register", "key", "nothing"])
@pytest.mark.parametrize("name", ["a", "copy"])
def test_a_document_that_streams_is_undone_when_its_rows_turn_out_to_be_the_same(
    warehouse_url: str, replaces: str, name: str
) -> None:
    """Its place may be that of the original: then it superseded the original before it is known as a duplicate."""
    driver = WarehouseDriver(warehouse_url, make_report(replaces))
    driver.receive(FIRST)
    before = driver.query("select xmin::text, code, _superseded_at from raw.visit order by code")
    copy = dataclasses.replace(COPY, name=name)
    driver.deliver(copy)
    token, claimed = driver.warehouse.claim(driver.report, [number_of(driver, copy)])
    items = [dataclasses.replace(item, results=iter(item.results)) for item in driver.items(claimed)]
    (outcome,) = driver.warehouse.load_batch(driver.report, token, items)
    assert outcome.state == "duplicate"
    assert state_of(driver, FIRST)[0] == "accepted_with_rejects"
    assert driver.query("select xmin::text, code, _superseded_at from raw.visit order by code") == before
    driver.check_account()


@pytest.mark.parametrize("replaces", ["period", "register", "key", "nothing"])
def test_a_document_that_is_validated_again_is_no_duplicate_and_keeps_its_own(warehouse_url: str, replaces: str) -> None:
    report = make_report(replaces)
    driver = WarehouseDriver(warehouse_url, report)
    driver.receive(FIRST)
    driver.receive(COPY)
    driver.warehouse.reload(report, periods=(), units=(), uris=(FIRST.uri,))
    driver.load()
    assert state_of(driver, FIRST)[0] == "accepted_with_rejects"
    assert state_of(driver, COPY) == ("duplicate", "same_content", FIRST.uri)
    newest = "select duplicate_of from ops.submission where submission_id = %s"
    assert driver.query(newest, number_of(driver, COPY)) == [(number_of(driver, FIRST),)]
    driver.check_account()


@pytest.mark.parametrize("change", [{"rows": (("k1", 1),)}, {"rows": (("k1", 1), ("k2", 3))}, {"wrong": ()}, {"wrong": ("w2",)}])
def test_any_other_row_is_a_correction(warehouse_url: str, change: dict[str, Any]) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period", shrink_limit_pct=100))
    driver.receive(FIRST)
    (outcome,) = driver.receive(dataclasses.replace(COPY, **change))
    assert outcome.state in {"accepted", "accepted_with_rejects"}
    assert state_of(driver, FIRST)[0] == "superseded"


@pytest.mark.parametrize("replaces", ["period", "register"])
def test_documents_without_rows_are_duplicates_for_their_own_unit_and_period_only(warehouse_url: str, replaces: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report(replaces))
    empty = dataclasses.replace(FIRST, rows=(), wrong=())
    february = dataclasses.replace(empty, period="2023-02", tag="february")
    other = dataclasses.replace(empty, unit="B", tag="other unit")
    again = dataclasses.replace(empty, name="again", minute=3, tag="again")
    driver.receive(empty, february, other, again)
    assert [state_of(driver, document)[0] for document in (empty, february, other, again)] == [
        "superseded" if replaces == "register" else "accepted",
        "accepted",
        "accepted",
        "duplicate",
    ]


def test_a_register_that_did_not_change_from_one_period_to_the_next_is_no_duplicate(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("register"))
    february = dataclasses.replace(COPY, period="2023-02")
    driver.receive(FIRST, february)
    assert state_of(driver, february)[0] == "accepted_with_rejects"
    # A copy of January's register is one, although February's is current.
    january = dataclasses.replace(COPY, name="late", minute=9, tag="late")
    driver.receive(january)
    assert state_of(driver, january) == ("duplicate", "same_content", FIRST.uri)


def test_rows_that_restore_earlier_ones_count(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    copy = dataclasses.replace(COPY, minute=5)
    driver.receive(FIRST)
    driver.receive(OTHER)
    driver.receive(copy)
    assert [state_of(driver, document)[0] for document in (FIRST, OTHER, copy)] == [
        "superseded",
        "superseded",
        "accepted_with_rejects",
    ]


def test_a_duplicate_counts_once_other_rows_come_between(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    copy = dataclasses.replace(COPY, minute=5)
    driver.receive(FIRST)
    driver.receive(copy)
    assert state_of(driver, copy)[0] == "duplicate"
    driver.receive(OTHER)
    assert {row[1:3] for row in driver.current_by_content()} == {("k1", 1), ("k2", 2)}
    assert state_of(driver, copy)[0] == "accepted_with_rejects"
    driver.check_account()


def test_in_an_event_log_a_duplicate_counts_once_its_original_is_replaced(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("nothing", keyed=False))
    driver.receive(FIRST, COPY)
    assert state_of(driver, COPY)[0] == "duplicate"
    driver.receive(dataclasses.replace(FIRST, minute=7, rows=(("k7", 7), ("k8", 8))))
    assert state_of(driver, COPY)[0] == "accepted_with_rejects"
    assert {row[1] for row in driver.current_by_content()} == {"k1", "k2", "k7", "k8"}
    driver.check_account()


def test_where_each_key_is_a_scope_a_duplicate_counts_once_its_original_lost_a_row(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("key"))
    copy = dataclasses.replace(COPY, minute=5)
    driver.receive(FIRST, copy)
    assert state_of(driver, copy)[0] == "duplicate"
    driver.receive(dataclasses.replace(OTHER, rows=(("k1", 9),), wrong=()))
    assert {row[1:3] for row in driver.current_by_content()} == {("k1", 1), ("k2", 2)}
    driver.receive(dataclasses.replace(OTHER, name="c", minute=6, rows=(("k1", 8),), wrong=()))
    again = dataclasses.replace(COPY, name="again", minute=7, tag="again")
    driver.receive(again)
    assert state_of(driver, again)[0] == "accepted_with_rejects"
    assert {row[1:3] for row in driver.current_by_content()} == {("k1", 1), ("k2", 2)}
    driver.check_account()


@pytest.mark.parametrize("replaces", ["period", "register", "key", "nothing"])
def test_a_duplicate_takes_the_place_of_a_withdrawn_original_and_gives_it_back(warehouse_url: str, replaces: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report(replaces))
    driver.receive(FIRST, COPY)
    change = driver.withdraw(number_of(driver, FIRST))
    assert change.waiting == (number_of(driver, COPY),)
    driver.load()
    assert state_of(driver, COPY)[0] == "accepted_with_rejects"
    assert len(driver.current()) == 2
    driver.check_account()
    states = driver.states()
    driver.rebuild()
    assert driver.states() == states

    driver.reinstate(number_of(driver, FIRST))
    driver.load()
    assert state_of(driver, FIRST)[0] == "accepted_with_rejects"
    assert state_of(driver, COPY) == ("duplicate", "same_content", FIRST.uri)
    driver.check_account()
    driver.withdraw(number_of(driver, FIRST))
    driver.load()
    assert state_of(driver, COPY)[0] == "accepted_with_rejects"
    assert len(driver.current()) == 2
    driver.check_account()


def test_a_duplicate_takes_the_place_of_an_original_that_is_refused(warehouse_url: str) -> None:
    report = make_report("period")
    driver = WarehouseDriver(warehouse_url, report)
    driver.receive(FIRST, COPY)
    driver.replace_content(FIRST, dataclasses.replace(FIRST, is_broken=True))
    driver.warehouse.reload(report, periods=(), units=(), uris=(FIRST.uri,))
    driver.load()
    assert state_of(driver, FIRST)[0] == "rejected"
    assert state_of(driver, COPY)[0] == "accepted_with_rejects"
    assert len(driver.current()) == 2


def test_a_duplicate_takes_the_place_of_an_original_that_has_gone(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period", when_gone="close"))
    driver.observe(FIRST, COPY)
    driver.load()
    assert state_of(driver, COPY)[0] == "duplicate"
    for _ in range(3):
        driver.observe(COPY)
        driver.load()
    assert state_of(driver, FIRST)[0] == "withdrawn"
    assert state_of(driver, COPY)[0] == "accepted_with_rejects"
    assert len(driver.current()) == 2


@pytest.mark.parametrize("tag", ["", "other bytes"])
def test_a_duplicate_that_was_loaded_itself_takes_the_place_of_a_gone_original(warehouse_url: str, tag: str) -> None:
    """Its rows, the rejected one too, are written once more under a new submission."""
    driver = WarehouseDriver(warehouse_url, make_report("period", when_gone="close"))
    later, earlier = dataclasses.replace(FIRST, name="b", minute=5), dataclasses.replace(FIRST, minute=1, tag=tag)
    driver.observe(later)
    driver.load()
    driver.observe(later, earlier)
    driver.load()
    assert sorted(driver.states().values()) == ["accepted_with_rejects", "duplicate"]
    (original,) = (document for document in (later, earlier) if driver.states()[document.uri] != "duplicate")
    (left,) = {later, earlier} - {original}
    for _ in range(3):
        driver.observe(left)
        driver.load()
    assert driver.states() == {original.uri: "withdrawn", left.uri: "accepted_with_rejects"}
    assert len(driver.current()) == 2
    driver.check_account()


def test_a_moved_document_is_no_duplicate_of_the_one_that_has_gone(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period", when_gone="close"))
    driver.observe(FIRST)
    driver.load()
    driver.observe(COPY)
    driver.load()
    assert state_of(driver, COPY)[0] == "accepted_with_rejects"
    assert len(driver.current()) == 2


@pytest.mark.parametrize("replaces", ["period", "register", "key", "nothing"])
def test_a_rebuilt_ledger_has_the_same_duplicates_and_digests(warehouse_url: str, replaces: str) -> None:
    """Also when the copy's time is earlier, so that a rebuild loads it first."""
    driver = WarehouseDriver(warehouse_url, make_report(replaces))
    driver.receive(FIRST)
    driver.receive(dataclasses.replace(COPY, minute=0), dataclasses.replace(COPY, name="copy2", tag="2"))
    driver.receive(dataclasses.replace(FIRST, unit="B", rows=(("k7", 7), ("k8", 8))))
    kept = kept_of(driver)
    assert [state for _, state, *_ in kept].count("duplicate") == 2
    current = driver.current()
    driver.rebuild()
    assert kept_of(driver) == kept
    assert driver.current() == current
    driver.check_account()


def kept_of(driver: WarehouseDriver) -> list[tuple[Any, ...]]:
    return driver.query(
        "select distinct on (s.source_uri, s.sha256) s.source_uri, s.state, s.state_reason, s.content_sha256, s.revision_number, "
        "s.stamped_on, o.source_uri from ops.submission as s left join ops.submission as o on o.submission_id = s.duplicate_of "
        "order by s.source_uri, s.sha256, s.submission_id desc"
    )


def test_a_snapshot_of_an_interface_with_the_same_rows_is_a_duplicate(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, snapshot_report())
    pulls = [dataclasses.replace(FIRST, minute=minute, tag=str(minute)) for minute in (1, 2)]
    less = dataclasses.replace(FIRST, minute=3, rows=(("k1", 1),))
    back = dataclasses.replace(FIRST, minute=4, tag="back")
    driver.receive(pulls[0])
    driver.receive(pulls[1])
    assert state_of(driver, pulls[1])[0] == "duplicate"
    driver.receive(less)
    assert {row[1] for row in driver.current_by_content()} == {"k1"}
    driver.receive(back)
    assert {row[1] for row in driver.current_by_content()} == {"k1", "k2"}
    driver.check_account()


def snapshot_report() -> Report:
    source = {"kind": "http_api", "connection": "api", "request": {"path": "/list"}}
    return make_report("key", source=source, format={"kind": "records"}, when_gone="close")
