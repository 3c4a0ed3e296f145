"""Documents that their time separates end in the same rows in any order and any split into loads; of equal times, the last
arrival wins. A ledger that is rebuilt from the records of the landing agrees.
"""

from __future__ import annotations

import dataclasses

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
