"""What has gone from its source is noticed, told, and closed where the contract says so; what comes back counts again."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.contract import Report
from tests.support.warehouse.driver import Document, WarehouseDriver, make_report, months
from tests.support.warehouse.oracle import expected

pytestmark = pytest.mark.integration
EXAMPLES = int(os.environ.get("HUIMIN_ORDER_EXAMPLES", "40"))

UNITS = ("A", "B")
CODES = ("k1", "k2", "k3", "k4")
ELSEWHERE = "drop:/kept/elsewhere.csv"
VIEW = {
    "source": {"kind": "database", "connection": "drop", "relation": "v", "updated_column": "at", "order_by": ["code"]},
    "format": {"kind": "records"},
}
Look = tuple[dict[str, Document], bool]


def closing(replaces: str, **changes: Any) -> Report:
    return make_report(replaces, **{"when_gone": "close", "gone_limit_pct": 100, "shrink_limit_pct": 100} | changes)


@st.composite
def looks(draw: st.DrawFn, *, of_view: bool) -> list[Look]:
    """What each look finds, by place, and whether a load follows it. Documents come, change, go and come back."""
    pool = draw(st.lists(st.lists(st.sampled_from(CODES), unique=True, max_size=4), min_size=1, max_size=3))
    holds: dict[str, Document] = {}
    found = []
    for minute in range(draw(st.integers(2, 7))):
        for _ in range(draw(st.integers(1, 2))):
            name = draw(st.sampled_from(("v", "w")))
            document = Document(
                name,
                draw(st.sampled_from(UNITS)),
                draw(st.sampled_from(months(2))),
                minute,
                rows=tuple((code, draw(st.integers(1, 2))) for code in draw(st.sampled_from(pool))),
                wrong=("w1",) if draw(st.integers(0, 4)) == 0 else (),
            )
            if of_view:
                document = dataclasses.replace(document, tag=document.uri)
            if draw(st.booleans()) and document.uri in holds:
                del holds[document.uri]
            else:
                holds[document.uri] = document
        found.append((dict(holds), draw(st.booleans())))
    return found


@pytest.mark.parametrize(
    ("replaces", "keyed", "of_view"),
    [
        ("period", True, False),
        ("register", True, False),
        ("key", True, False),
        ("key", True, True),
        ("nothing", True, False),
        ("nothing", False, False),
    ],
    ids=["period", "register", "key", "key-of-a-view", "nothing", "nothing-without-key"],
)
def test_what_is_current_is_a_function_of_what_the_source_holds(
    warehouse_url: str, replaces: str, keyed: bool, of_view: bool
) -> None:
    report = closing(replaces, keyed=keyed, **(VIEW if of_view else {}))
    driver = WarehouseDriver(warehouse_url, report)

    def check_against(shown: list[Document], holds: dict[str, Document]) -> None:
        gone = {document.uri for document in shown} - holds.keys()
        current, quarantined = expected(report, shown, gone=gone)
        assert driver.current_by_content() == current
        assert driver.quarantined_by_content() == quarantined
        driver.check_account()

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(looks(of_view=of_view))
    def check(case: list[Look]) -> None:
        driver.delete_all()
        shown: list[Document] = []
        everything: dict[str, Document] = {}
        for holds, is_loaded in case:
            driver.observe(*holds.values(), also=[ELSEWHERE])
            shown += holds.values()
            everything |= holds
            if is_loaded:
                driver.load()
                driver.check_account()
        driver.load()
        check_against(shown, case[-1][0])
        driver.warehouse.reload(report, periods=(), units=(), uris=())
        driver.load()
        check_against(shown, case[-1][0])
        driver.observe(*everything.values(), also=[ELSEWHERE])
        driver.load()
        check_against([*shown, *everything.values()], everything)

    check()


def test_rows_without_a_key_become_current_again(warehouse_url: str) -> None:
    """A log without keys goes back to what its place showed before, when its last state turns out to be a copy."""
    driver = WarehouseDriver(warehouse_url, make_report("nothing", keyed=False))
    first = Document("v", "A", "2023-01", 1, rows=(("k1", 1),))
    copied = dataclasses.replace(first, minute=5, rows=(("k2", 2),))
    original = dataclasses.replace(copied, name="w", minute=3)
    driver.receive(first)
    driver.receive(copied)
    assert driver.current() == {(first.uri, "k2", 2, 2)}
    driver.receive(original)
    assert driver.current() == {(first.uri, "k1", 1, 2), (original.uri, "k2", 2, 2)}
    driver.check_account()
