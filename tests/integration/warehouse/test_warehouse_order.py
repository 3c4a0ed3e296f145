"""The outcome is a function of the set of documents: any order of arrival, any batches, loaded once or again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.warehouse.driver import FUTURE, Document, WarehouseDriver, make_report, months
from tests.support.warehouse.oracle import expected

pytestmark = pytest.mark.integration
EXAMPLES = int(os.environ.get("HUIMIN_ORDER_EXAMPLES", "40"))

UNITS = ("A", "B", "C")
CODES = ("k1", "k2", "k3", "k4", "k5")


@st.composite
def contents(draw: st.DrawFn) -> dict[str, object]:
    codes = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=5))
    declared = draw(st.one_of(st.none(), st.tuples(st.sampled_from(UNITS[:2]), st.sampled_from(months(2)))))
    return {
        "rows": tuple((code, draw(st.integers(1, 9))) for code in codes),
        "wrong": tuple(draw(st.lists(st.sampled_from(("w1", "w2")), unique=True, max_size=1))),
        "declared": declared,
        "is_broken": draw(st.integers(0, 9)) == 0,
        "mark": draw(st.sampled_from((0, 0, 1))),
        "stamped_on": draw(st.sampled_from((None, None, dt.date(2023, 7, 1), dt.date(2023, 7, 2)))),
    }


@st.composite
def arrivals(draw: st.DrawFn, replaces: str) -> tuple[list[Document], list[int], str]:
    """What places show, in the order of arrival; after how many of them each load runs; which held documents are accepted.

    Times are in any order, some of them in the future, and a place may go back to earlier bytes. In an event log, all contents
    differ: of two places with the same rows, which arrived first has them.
    """
    by = (lambda content: (content["rows"], content["wrong"])) if replaces == "nothing" else None
    pool = draw(st.lists(contents(), min_size=1, max_size=4, unique_by=by))
    minutes = st.one_of(st.integers(0, 9), st.integers(0, 9), st.just(FUTURE))
    shown = [
        Document(
            name=draw(st.sampled_from(("v", "v_更正1", "w"))),
            unit=draw(st.sampled_from(UNITS)),
            period=draw(st.sampled_from(months(3))),
            minute=draw(minutes),
            **draw(st.sampled_from(pool)),  # type: ignore[arg-type]
        )
        for _ in range(draw(st.integers(1, 8)))
    ]
    return (
        shown,
        draw(st.lists(st.integers(1, len(shown)), max_size=3)),
        draw(st.sampled_from(("", "0123456", "0123456789abcdef"))),
    )


@pytest.mark.parametrize(
    ("replaces", "keyed", "key_scope"),
    [
        ("period", True, "report"),
        ("register", True, "report"),
        ("key", True, "report"),
        ("nothing", True, "report"),
        ("nothing", False, "report"),
        pytest.param("period", True, "unit", marks=pytest.mark.slow),
        pytest.param("register", True, "unit", marks=pytest.mark.slow),
        pytest.param("key", True, "unit", marks=pytest.mark.slow),
        pytest.param("nothing", True, "unit", marks=pytest.mark.slow),
        pytest.param("period", True, "document", marks=pytest.mark.slow),
        pytest.param("register", True, "document", marks=pytest.mark.slow),
        pytest.param("nothing", True, "document", marks=pytest.mark.slow),
    ],
)
def test_the_outcome_is_a_function_of_what_was_shown_and_decided(
    warehouse_url: str, replaces: str, keyed: bool, key_scope: str
) -> None:
    report = make_report(replaces, keyed=keyed, key_scope=key_scope, shrink_limit_pct=30.0, shrink_limit_rows=0)

    driver = WarehouseDriver(warehouse_url, report)

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(arrivals(replaces))
    def check(case: tuple[list[Document], list[int], str]) -> None:
        shown, loads, trusted = case
        driver.delete_decisions()
        driver.delete_all()
        accepted = set()
        for number, document in enumerate(shown, start=1):
            driver.deliver(document)
            if number in loads:
                driver.load()
                accepted |= driver.accept(lambda _, sha256: sha256[0] in trusted)
                driver.check_account()
        driver.load()
        accepted |= driver.accept(lambda _, sha256: sha256[0] in trusted)
        driver.load()
        current, quarantined = expected(report, shown, accepted)
        assert driver.current_by_content() == current
        assert driver.quarantined_by_content() == quarantined
        driver.check_account()
        driver.warehouse.reload(report, periods=(), units=(), uris=())
        driver.load()
        assert driver.current_by_content() == current
        assert driver.quarantined_by_content() == quarantined
        driver.check_account()

    check()


def test_a_key_in_two_months_stays_with_the_earlier_month(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    january = Document("v", "A", "2023-01", 5, rows=(("k1", 1), ("k2", 1)))
    february = Document("v", "A", "2023-02", 6, rows=(("k1", 2), ("k3", 2)))
    driver.receive(february)
    assert driver.current() == {(february.uri, "k1", 2, 2), (february.uri, "k3", 2, 3)}
    driver.receive(january)
    assert driver.current() == {(january.uri, "k1", 1, 2), (january.uri, "k2", 1, 3), (february.uri, "k3", 2, 3)}
    assert driver.quarantined() == {(february.uri, 2)}
    told = driver.warehouse.unnotified_issues(driver.report)
    assert [(problem.source_uri, problem.rule, problem.row, problem.found) for problem in told] == [
        (february.uri, "key_held_elsewhere", 2, "k1")
    ]
    driver.receive(dataclasses.replace(january, name="v_更正1", minute=9, rows=(("k2", 1),)))
    assert {row for row in driver.current() if row[0] == february.uri} == {(february.uri, "k1", 2, 2), (february.uri, "k3", 2, 3)}
    assert driver.quarantined() == set()
    assert driver.warehouse.unnotified_issues(driver.report) == []
    driver.check_account()


def test_what_was_known_on_an_earlier_day_stays_known(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    january = Document("v", "A", "2023-01", 5, rows=(("k1", 1),))
    february = Document("v", "A", "2023-02", 6, rows=(("k1", 2),))
    moments = []
    for document in (february, january, dataclasses.replace(january, minute=9, rows=(("k2", 1),))):
        driver.receive(document)
        moments.append(driver.query("select clock_timestamp()")[0][0])
    known = [
        {
            row[0]
            for row in driver.query(
                "select code || amount from raw.visit where _loaded_at <= %s and (_superseded_at is null or _superseded_at > %s)",
                moment,
                moment,
            )
        }
        for moment in moments
    ]
    assert known == [{"k12"}, {"k11"}, {"k21", "k12"}]
