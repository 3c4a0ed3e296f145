"""A register that lacks entries of the one before: its owner is asked once, and earlier registers stay valid."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.warehouse.driver import Document, WarehouseDriver, make_report

pytestmark = pytest.mark.integration
COLUMNS = [
    {"name": "month", "header": "统计月份", "type": "month", "key": True},
    {"name": "code", "header": "编号", "required": True, "key": True},
    {"name": "amount", "header": "数量", "type": "integer"},
    {"name": "note", "header": "备注"},
    {"name": "closed_date", "header": "停用日期", "type": "date"},
]
CODES = tuple(f"k{number}" for number in range(1, 8))
FIRST = Document("v", "A", "2023-01", 1, rows=tuple((code, 1) for code in CODES))
SPANS = "select period, valid_from_date::text, valid_until_date::text from ops.register_span where unit_code = 'A' order by 2"


def missing(driver: WarehouseDriver) -> list[tuple[str, str, str]]:
    """(found, Chinese, English) of each issue about entries that are missing."""
    return driver.query(
        "select i.found, i.message_zh, i.message_en from ops.issue as i where rule = 'register_entries_missing' order by issue_id"
    )


@pytest.fixture
def driver(warehouse_url: str) -> WarehouseDriver:
    report = make_report("register", columns=COLUMNS, closing_column="closed_date", shrink_limit_pct=100)
    return WarehouseDriver(warehouse_url, report)


def test_entries_that_are_missing_are_counted_with_three_examples(driver: WarehouseDriver) -> None:
    driver.receive(FIRST)
    driver.query("update raw.visit set closed_date = '2023-01-05' where code = 'k7' returning 1")
    # k6 is listed in a row that is rejected, and k7 had its closing date.
    driver.receive(dataclasses.replace(FIRST, period="2023-02", minute=2, rows=(("k1", 2),), wrong=("k6",)))
    ((found, chinese, english),) = missing(driver)
    assert found == "4"
    for text in (chinese, english):
        assert "4" in text and "k2" in text and "k4" in text and "k5" not in text and "k7" not in text
    told = driver.warehouse.unnotified_issues(driver.report)
    assert [issue.rule for issue in told if issue.rule == "register_entries_missing"] == ["register_entries_missing"]
    driver.check_account()


def test_a_whole_register_and_a_late_one_ask_nothing(driver: WarehouseDriver) -> None:
    march = dataclasses.replace(FIRST, period="2023-03", minute=3)
    driver.receive(FIRST)
    driver.receive(march)
    driver.receive(dataclasses.replace(FIRST, period="2023-02", minute=2, rows=(("k1", 2),)))
    assert missing(driver) == []
    assert driver.query(SPANS) == [
        ("2023-01", "2023-01-01", "2023-02-01"),
        ("2023-02", "2023-02-01", "2023-03-01"),
        ("2023-03", "2023-03-01", None),
    ]


def test_a_correction_takes_the_place_of_its_own_period_and_a_withdrawn_register_of_none(driver: WarehouseDriver) -> None:
    february = dataclasses.replace(FIRST, period="2023-02", minute=2)
    correction = dataclasses.replace(FIRST, name="v_更正1", minute=5, rows=(("k1", 9),))
    for document in (FIRST, february, correction):
        driver.receive(document)
    query = (
        "select s.source_uri from ops.register_span as g join ops.submission as s using (submission_id) order by valid_from_date"
    )
    assert [uri for (uri,) in driver.query(query)] == [correction.uri, february.uri]
    (number,) = driver.query("select submission_id from ops.submission where source_uri = %s", february.uri)[0]
    driver.withdraw(number)
    assert [uri for (uri,) in driver.query(query)] == [correction.uri]
    assert {uri for uri, *_ in driver.current()} == {correction.uri}


def test_a_register_without_a_period_is_valid_from_its_day(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("register"))
    snapshot = Document("v", "A", None, 1, rows=(("k1", 1),))
    # 1 July in the morning, the same day in the evening, and 25 hours later by the clock of the bureau.
    for minute in (1, 60 * 7, 60 * 25):
        driver.receive(dataclasses.replace(snapshot, minute=minute, rows=(("k1", minute),)))
    assert driver.query(SPANS) == [(None, "2023-07-01", "2023-07-02"), (None, "2023-07-02", None)]
