"""Where keys are unique: two counties that number from 001 on, and contracts that change the scope of their keys."""

from __future__ import annotations

import pytest

from loaders.warehouse import RawTableMismatch
from tests.support.warehouse.cross_report_driver import MONTHLY, STATION, VISIT, CrossReportDriver
from tests.support.warehouse.cross_report_driver import make_report as make_linked_report
from tests.support.warehouse.driver import Document, WarehouseDriver, make_report

pytestmark = pytest.mark.integration
COUNTY_A = Document("v", "A", "2023-01", 1, rows=(("001", 1), ("002", 2)))
COUNTY_B = Document("v", "B", "2023-01", 2, rows=(("001", 3), ("002", 4)))
COUNTY_A_LATER = Document("v", "A", "2023-02", 3, rows=(("001", 5),))
REFERS = {"name": "known_station", "kind": "references", "columns": ["station_code"], "other_report": "station"}
SUM = {
    "name": "visits_add_up",
    "kind": "reconciles",
    "column": "visit_persons",
    "other_report": "visit",
    "sum": "persons",
    "join_on": {"station_code": "station_code"},
}


@pytest.mark.parametrize(("key_scope", "quarantined"), [("report", 3), ("unit", 1), ("document", 0)])
def test_equal_numbers_conflict_within_the_scope_only(warehouse_url: str, key_scope: str, quarantined: int) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period", key_scope=key_scope))
    driver.receive(COUNTY_A, COUNTY_B, COUNTY_A_LATER)
    assert len(driver.quarantined()) == quarantined
    assert len(driver.current()) == 5 - quarantined
    driver.check_account()


@pytest.mark.parametrize("replaces", ["period", "register", "key", "nothing"])
def test_a_narrower_scope_brings_all_rows_back(warehouse_url: str, replaces: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report(replaces))
    driver.receive(COUNTY_A, COUNTY_B)
    assert len(driver.current()) == 2
    driver.report = make_report(replaces, key_scope="unit")
    driver.warehouse.prepare(driver.report)
    driver.load()
    assert {(code, amount) for _, code, amount, _ in driver.current()} == {("001", 1), ("002", 2), ("001", 3), ("002", 4)}
    assert driver.quarantined() == set()
    driver.check_account()
    driver.warehouse.prepare(driver.report)
    assert driver.warehouse.pending(driver.report) == []


def test_a_wider_scope_is_refused_while_rows_share_a_key(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period", key_scope="unit"))
    driver.receive(COUNTY_A, COUNTY_B)
    with pytest.raises(RawTableMismatch, match="key_scope: expected keys that are unique per report"):
        driver.warehouse.prepare(make_report("period"))
    assert len(driver.current()) == 4


def test_a_wider_scope_is_taken_when_no_rows_share_a_key(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period", key_scope="unit"))
    driver.receive(COUNTY_A)
    driver.report = make_report("period")
    driver.warehouse.prepare(driver.report)
    assert driver.warehouse.pending(driver.report) == []
    driver.receive(COUNTY_B)
    assert len(driver.quarantined()) == 2


def test_a_key_that_becomes_free_in_its_unit_is_taken_by_the_next_document_of_the_unit(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period", key_scope="unit"))
    driver.receive(COUNTY_A, COUNTY_B, COUNTY_A_LATER)
    assert driver.quarantined() == {(COUNTY_A_LATER.uri, 2)}
    driver.receive(Document("v_更正1", "B", "2023-01", 5, rows=(("009", 1), ("010", 1))))
    assert driver.quarantined() == {(COUNTY_A_LATER.uri, 2)}
    driver.receive(Document("v_更正1", "A", "2023-01", 6, rows=(("002", 2), ("003", 2))))
    assert driver.quarantined() == set()
    assert (COUNTY_A_LATER.uri, "001", 5, 2) in driver.current()


def test_a_reference_to_a_number_per_unit_means_the_row_of_the_same_unit(warehouse_url: str) -> None:
    city = CrossReportDriver(
        warehouse_url,
        make_linked_report(STATION, key_scope="unit"),
        make_linked_report(VISIT, REFERS),
        make_linked_report(MONTHLY),
    )
    city.send("station", {"station_code": "S1"}, {"station_code": "S2"}, unit="A")
    city.send("station", {"station_code": "S1"}, unit="B")
    city.send("visit", {"visit_code": "V1", "station_code": "S2"}, unit="A")
    city.send("visit", {"visit_code": "V2", "station_code": "S2"}, unit="B")
    assert city.check() == {"visit": 1}
    assert [(found[1], found[6]) for found in city.found()] == [("B", "S2")]


def test_a_total_of_a_number_per_unit_adds_up_the_rows_of_the_same_unit(warehouse_url: str) -> None:
    monthly = MONTHLY | {"columns": [column for column in MONTHLY["columns"] if column["name"] != "period_month"]}
    city = CrossReportDriver(
        warehouse_url,
        make_linked_report(STATION),
        make_linked_report(VISIT),
        make_linked_report(monthly, SUM, key_scope="unit"),
    )
    for unit, persons in (("A", 3), ("B", 4)):
        city.send("visit", {"visit_code": f"V{unit}", "station_code": "S1", "persons": persons}, unit=unit)
        city.send("station_month", {"station_code": "S1", "visit_persons": persons}, unit=unit)
    assert city.check() == {}
