"""Documents that people withdraw and reinstate: what counts then, and that a rebuilt ledger agrees."""

from __future__ import annotations

import dataclasses
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.warehouse import DecisionRefused
from loaders.warehouse.currency.decisions import CannotBeAccepted
from tests.integration.warehouse.test_warehouse_order import arrivals
from tests.support.warehouse.driver import Document, WarehouseDriver, make_report

pytestmark = pytest.mark.integration
EXAMPLES = int(os.environ.get("HUIMIN_WITHDRAWAL_EXAMPLES", "25"))
FIRST = Document("v", "A", "2023-01", 1, rows=(("k1", 1), ("k2", 2)))
SECOND = dataclasses.replace(FIRST, name="v_更正1", minute=2, rows=(("k1", 5), ("k3", 3)))


def number_of(driver: WarehouseDriver, document: Document) -> int:
    query = "select max(submission_id) from ops.submission where source_uri = %s and sha256 = %s"
    return int(driver.query(query, document.uri, document.sha256)[0][0])


@pytest.mark.parametrize("replaces", ["period", "register", "key"])
def test_what_a_withdrawn_document_had_superseded_is_current_again(warehouse_url: str, replaces: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report(replaces))
    driver.receive(FIRST)
    driver.receive(SECOND)
    before = driver.current()
    change = driver.withdraw(number_of(driver, SECOND))
    assert driver.current() == {(FIRST.uri, "k1", 1, 2), (FIRST.uri, "k2", 2, 3)}
    restored = 1 if replaces == "key" else 2
    assert (change.rows_closed, [rows.rows_count for rows in change.now_current], change.waiting) == (2, [restored], ())
    driver.check_account()
    change = driver.reinstate(number_of(driver, SECOND))
    driver.load()
    assert driver.current() == before
    driver.check_account()


def test_a_withdrawn_document_is_not_loaded_again_wherever_its_place_shows_it(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    driver.receive(FIRST)
    driver.withdraw(number_of(driver, FIRST))
    # The same bytes, then others and the same again, and a forced reload.
    driver.receive(dataclasses.replace(FIRST, minute=5))
    assert driver.current() == set()
    driver.receive(dataclasses.replace(FIRST, minute=6, rows=(("k9", 9),)))
    assert {code for _, code, _, _ in driver.current()} == {"k9"}
    driver.receive(dataclasses.replace(FIRST, minute=7))
    driver.warehouse.reload(driver.report, periods=(), units=(), uris=())
    driver.load()
    assert {code for _, code, _, _ in driver.current()} == {"k9"}
    driver.check_account()


def test_rows_that_waited_for_a_key_come_back(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    later = Document("v", "A", "2023-02", 2, rows=(("k1", 7),))
    driver.receive(FIRST)
    driver.receive(later)
    assert driver.quarantined() == {(later.uri, 2)}
    driver.withdraw(number_of(driver, FIRST))
    assert driver.current() == {(later.uri, "k1", 7, 2)} and driver.quarantined() == set()
    driver.check_account()


def test_the_same_bytes_count_under_the_unit_that_they_belong_to(warehouse_url: str) -> None:
    """A document was filed under the wrong unit; the right one is a duplicate until the wrong one is withdrawn."""
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    right, copy = dataclasses.replace(FIRST, unit="B", minute=2), dataclasses.replace(FIRST, name="copy", minute=3)
    driver.receive(FIRST)
    driver.receive(right, copy)
    change = driver.withdraw(number_of(driver, FIRST))
    assert change.waiting == (number_of(driver, right),)
    driver.load()
    assert {uri for uri, *_ in driver.current()} == {right.uri}
    driver.receive(dataclasses.replace(FIRST, name="copy2", minute=4))
    assert {uri for uri, *_ in driver.current()} == {right.uri}
    driver.reinstate(number_of(driver, FIRST))
    driver.load()
    assert {uri for uri, *_ in driver.current()} == {FIRST.uri}
    driver.check_account()


def test_a_document_that_was_held_for_a_wrong_one_is_loaded(warehouse_url: str) -> None:
    report = make_report("period", shrink_limit_pct=30.0, shrink_limit_rows=0)
    driver = WarehouseDriver(warehouse_url, report)
    wrong = dataclasses.replace(FIRST, name="wrong", minute=2, rows=tuple((f"w{number}", 1) for number in range(50)))
    right = dataclasses.replace(FIRST, name="right", minute=3, rows=(("k1", 4), ("k2", 4)))
    for document in (FIRST, wrong, right):
        driver.receive(document)
    assert driver.states()[right.uri] == "rejected"
    driver.withdraw(number_of(driver, wrong))
    driver.load()
    assert driver.current() == {(right.uri, "k1", 4, 2), (right.uri, "k2", 4, 3)}
    driver.check_account()


def test_a_withdrawn_snapshot_gives_back_the_keys_that_it_lacked(warehouse_url: str) -> None:
    source = {"kind": "database", "connection": "drop", "relation": "v", "order_by": ["code"]}
    report = make_report("key", when_gone="close", gone_limit_pct=100.0, source=source, format={"kind": "records"})
    driver = WarehouseDriver(warehouse_url, report)
    earlier = Document("v", "A", None, 1, rows=(("k1", 1), ("k2", 2), ("k3", 3)))
    later = dataclasses.replace(earlier, minute=2, rows=(("k1", 9),))
    driver.receive(earlier)
    driver.receive(later)
    assert {code for _, code, _, _ in driver.current()} == {"k1"}
    driver.withdraw(number_of(driver, later))
    assert {(code, amount) for _, code, amount, _ in driver.current()} == {("k1", 1), ("k2", 2), ("k3", 3)}
    driver.check_account()


def test_what_cannot_be_decided_says_why(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    broken = dataclasses.replace(FIRST, unit="B", is_broken=True)
    waiting = dataclasses.replace(FIRST, unit="C", rows=(("k8", 1),))
    driver.receive(FIRST, broken, dataclasses.replace(FIRST, name="copy", minute=2))
    driver.deliver(waiting)
    first = number_of(driver, FIRST)
    for chosen, words in (
        (99_999, "no submission"),
        (number_of(driver, broken), "never accepted"),
        (number_of(driver, waiting), "load it first"),
        (number_of(driver, dataclasses.replace(FIRST, name="copy")), f"submission {first} "),
    ):
        with pytest.raises(DecisionRefused, match=words):
            driver.withdraw(chosen)
    with pytest.raises(DecisionRefused, match="nothing to reinstate"):
        driver.reinstate(first)
    driver.withdraw(first)
    with pytest.raises(DecisionRefused, match="already withdrawn"):
        driver.withdraw(first)
    with (
        pytest.raises(CannotBeAccepted, match="withdrawn by a person"),
        driver.warehouse.accepting(driver.report, first, "gone", "me"),
    ):
        pass


def test_what_has_gone_is_not_reinstated_by_a_person_nor_back_by_its_source(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period", when_gone="close"))
    other = dataclasses.replace(FIRST, unit="B", rows=(("k7", 7),))
    driver.receive(FIRST, other)
    driver.observe(other)
    with pytest.raises(DecisionRefused, match="gone from its source"):
        driver.withdraw(number_of(driver, FIRST))
    with pytest.raises(DecisionRefused, match="not withdrawn by a person"):
        driver.reinstate(number_of(driver, FIRST))
    driver.observe(other, FIRST)
    driver.load()
    driver.withdraw(number_of(driver, FIRST))
    driver.observe(other)
    with pytest.raises(DecisionRefused, match="meanwhile"):
        driver.reinstate(number_of(driver, FIRST))
    driver.observe(other, FIRST)
    driver.load()
    assert {uri for uri, *_ in driver.current()} == {other.uri}
    driver.reinstate(number_of(driver, FIRST))
    driver.load()
    assert {uri for uri, *_ in driver.current()} == {other.uri, FIRST.uri}


def test_a_dry_run_changes_nothing(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    driver.receive(FIRST)
    driver.receive(SECOND)
    before = driver.current(), driver.states()
    with driver.warehouse.withdrawing(driver.report, number_of(driver, SECOND), "x", "me", is_dry_run=True) as (_, change):
        pass
    assert (change.rows_closed, change.now_current[0].source_uri) == (2, FIRST.uri)
    assert (driver.current(), driver.states()) == before
    assert driver.query("select count(*) from ops.decision") == [(0,)]


decisions = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 7)), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("replaces", "keyed"), [("period", True), ("register", True), ("key", True), ("nothing", True), ("nothing", False)]
)
def test_a_rebuilt_ledger_agrees_with_one_in_which_people_decided(warehouse_url: str, replaces: str, keyed: bool) -> None:
    report = make_report(replaces, keyed=keyed, shrink_limit_pct=30.0, shrink_limit_rows=0)
    driver = WarehouseDriver(warehouse_url, report)

    def decide(choice: int) -> None:
        """Withdraws or reinstates one of the documents."""
        found = driver.last_submissions()
        number, state, reason = found[choice % len(found)]
        if state in {"accepted", "accepted_with_rejects", "superseded"}:
            driver.withdraw(number)
        elif reason == "withdrawn_by_decision":
            driver.reinstate(number)

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(arrivals(replaces), decisions)
    def check(case: tuple[list[Document], list[int], str], decided: list[tuple[int, int]]) -> None:
        shown, loads, trusted = case
        driver.delete_decisions()
        driver.delete_all()
        for number, document in enumerate(shown, start=1):
            driver.deliver(document)
            if number in loads:
                driver.load()
                driver.accept(lambda _, sha256: sha256[0] in trusted)
            for choice in [choice for after, choice in decided if after == number]:
                driver.load()
                decide(choice)
                driver.load()
                driver.check_account()
        driver.load()
        before = driver.current_by_content(), driver.quarantined_by_content()
        driver.rebuild()
        assert (driver.current_by_content(), driver.quarantined_by_content()) == before
        driver.check_account()

    check()
