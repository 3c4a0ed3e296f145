"""Documents that a revision mark, a filing date or their time separates end in the same rows in any order and any split into
loads; where only arrival separates them, the last one wins. A ledger that is rebuilt from the records of the landing agrees.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.warehouse.driver import Document, WarehouseDriver, make_report

pytestmark = pytest.mark.integration
BASE = Document("v", "A", "2023-01", 1)
# Corrections of one month that add, change and drop keys; a month that holds one of them too; a document with a rejected row.
SENT = (
    dataclasses.replace(BASE, minute=1, rows=(("k1", 1), ("k2", 1), ("k3", 1))),
    dataclasses.replace(BASE, name="w", minute=2, rows=(("k1", 2), ("k2", 2)), wrong=("k3",)),
    dataclasses.replace(BASE, name="x", minute=3, rows=(("k2", 3), ("k4", 3))),
    dataclasses.replace(BASE, period="2023-02", minute=4, rows=(("k4", 4), ("k5", 4))),
    dataclasses.replace(BASE, unit="B", minute=5, rows=(("k5", 5), ("k1", 5))),
)
# Corrections that only marks in names and titles, then filing dates, separate: their times are those of their arrival. One place
# shows two of them; two have the same rows; a later mark without a date outranks an earlier one with any date.
MARKED = (
    dataclasses.replace(BASE, rows=(("k1", 1), ("k2", 1), ("k3", 1))),
    dataclasses.replace(BASE, name="w_更正1", rows=(("k1", 2), ("k2", 2)), wrong=("k3",)),
    dataclasses.replace(BASE, mark=2, stamped_on=dt.date(2023, 7, 5), rows=(("k2", 3), ("k4", 3))),
    dataclasses.replace(BASE, name="x", mark=2, stamped_on=dt.date(2023, 7, 6), rows=(("k2", 4), ("k3", 4))),
    dataclasses.replace(BASE, name="y_v4", rows=(("k2", 4), ("k3", 4)), tag="other bytes"),
    dataclasses.replace(BASE, unit="B", name="z(修订)", rows=(("k5", 5),)),
    dataclasses.replace(BASE, unit="B", name="z", rows=(("k6", 6),)),
)
EXAMPLES = int(os.environ.get("HUIMIN_ORDER_EXAMPLES", "6"))


@st.composite
def deliveries(draw: st.DrawFn, count: int = len(SENT)) -> tuple[list[int], set[int]]:
    """An order of arrival, and after how many arrivals a load runs."""
    return list(draw(st.permutations(range(count)))), draw(st.sets(st.integers(1, count)))


def rows_of(driver: WarehouseDriver, shown: list[Document], loads: set[int]) -> tuple[object, object]:
    """Delivers documents in this order into an empty warehouse; the current and the quarantined rows."""
    driver.delete_decisions()
    driver.delete_all()
    for number, document in enumerate(shown, start=1):
        driver.deliver(document)
        if number in loads:
            driver.load()
    driver.load()
    driver.check_account()
    return driver.current_by_content(), driver.quarantined_by_content()


@pytest.mark.parametrize("replaces", ["period", "register", "key", "nothing"])
def test_any_order_and_any_split_end_in_the_same_rows_and_a_rebuild_agrees(warehouse_url: str, replaces: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report(replaces, shrink_limit_pct=100))
    wanted = rows_of(driver, list(SENT), {1, 2, 3, 4})

    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(deliveries())
    def check(case: tuple[list[int], set[int]]) -> None:
        order, loads = case
        assert rows_of(driver, [SENT[number] for number in order], loads) == wanted
        driver.rebuild()
        assert (driver.current_by_content(), driver.quarantined_by_content()) == wanted

    check()


def test_of_equal_times_the_last_arrival_is_current_and_a_rebuild_agrees(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period", shrink_limit_pct=100))
    same = [dataclasses.replace(BASE, name=name, minute=1, rows=((name, 1),)) for name in ("v", "w", "x")]

    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(deliveries(count=3))
    def check(case: tuple[list[int], set[int]]) -> None:
        order, loads = case
        last = same[order[-1]]
        wanted = {(last.identity, last.name, 1, 2)}, set()
        assert rows_of(driver, [same[number] for number in order], loads) == wanted
        driver.rebuild()
        assert (driver.current_by_content(), driver.quarantined_by_content()) == wanted

    check()


def in_any_order(warehouse_url: str, replaces: str, examples: int) -> None:
    driver = WarehouseDriver(warehouse_url, make_report(replaces, shrink_limit_pct=100))
    wanted = rows_of(driver, at_arrival(MARKED), {1, 2, 3, 4, 5, 6})

    @settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(deliveries(count=len(MARKED)))
    def check(case: tuple[list[int], set[int]]) -> None:
        order, loads = case
        assert rows_of(driver, at_arrival([MARKED[number] for number in order]), loads) == wanted
        driver.rebuild()
        assert (driver.current_by_content(), driver.quarantined_by_content()) == wanted

    check()


def at_arrival(documents: Sequence[Document]) -> list[Document]:
    return [dataclasses.replace(document, minute=minute) for minute, document in enumerate(documents, start=1)]


@pytest.mark.parametrize("replaces", ["period", "register", "key"])
def test_marks_and_dates_decide_whatever_the_order_of_arrival(warehouse_url: str, replaces: str) -> None:
    in_any_order(warehouse_url, replaces, EXAMPLES)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("replaces", ["period", "register", "key"])
def test_marks_and_dates_decide_in_many_orders(warehouse_url: str, replaces: str) -> None:
    in_any_order(warehouse_url, replaces, 60)


def test_a_mark_wins_over_a_date_and_a_date_over_arrival(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    marked, dated, late, plain = (MARKED[number] for number in (1, 2, 3, 0))
    driver.receive(dataclasses.replace(late, minute=1))
    # An earlier filing date, then a mark of an earlier revision, then none.
    for minute, document in enumerate((dated, marked, dataclasses.replace(plain, name="p")), start=2):
        driver.receive(dataclasses.replace(document, minute=minute))
        assert {row[0] for row in driver.current()} == {late.uri}, document
    assert sorted(driver.query("select state, count(*) from ops.submission group by 1")) == [("accepted", 1), ("superseded", 3)]
    # The rejected row of the earlier revision is nobody's task any more.
    assert driver.warehouse.unnotified_issues(driver.report) == []
    assert driver.warehouse.open_issues([driver.report]) == []
    driver.check_account()


@pytest.mark.parametrize("stamped_on", [dt.date(2199, 7, 5), dt.date(2022, 12, 31)])
def test_a_date_that_cannot_be_right_decides_nothing(warehouse_url: str, stamped_on: dt.date) -> None:
    """One after the document's arrival, or before its period."""
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    first = dataclasses.replace(BASE, stamped_on=stamped_on, rows=(("k1", 1),))
    second = dataclasses.replace(BASE, name="w", minute=2, rows=(("k1", 2),))
    third = dataclasses.replace(BASE, name="x", minute=3, stamped_on=stamped_on, rows=(("k1", 3),))
    for document in (first, second, third):
        driver.receive(document)
        assert {row[0] for row in driver.current()} == {document.uri}
    assert driver.query("select distinct stamped_on from ops.submission") == [(None,)]


def test_a_corrected_register_of_a_period_stands_in_its_span(warehouse_url: str) -> None:
    """Of two registers of one month, the one with the later mark, although it arrived first."""
    driver = WarehouseDriver(warehouse_url, make_report("register"))
    corrected = dataclasses.replace(BASE, name="a_修订", minute=1, rows=(("k1", 1), ("k2", 1)))
    driver.receive(corrected)
    driver.receive(dataclasses.replace(BASE, name="a", minute=2, rows=(("k1", 1), ("k3", 1))))
    spans = driver.query("select s.source_uri from ops.register_span as r join ops.submission as s using (submission_id)")
    assert spans == [(corrected.uri,)]
