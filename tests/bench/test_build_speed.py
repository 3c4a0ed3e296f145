"""How long dbt takes over the whole city: from empty, with nothing new, and after one more month."""

import json
import time

import pytest

from tests.support.city.city_site import CitySite, CityWarehouse, running_city

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1200)]
LAST_MONTH = "2023-12"
# Of the time that the load of the same documents takes.
MOST_FROM_EMPTY, MOST_AFTER_A_MONTH = 1.0, 0.25


def seconds_of_build(warehouse: CityWarehouse) -> float:
    """By the clock, the start of the command and of dbt included; nothing is loaded."""
    started = time.monotonic()
    warehouse.huimin("build")
    return time.monotonic() - started


def figures_of_last_month(warehouse: CityWarehouse) -> dict[str, object]:
    rows = json.loads(warehouse.huimin("figures", "--area", "4413", "--period", LAST_MONTH, "--json"))
    return {row["code"]: row["value"] for row in rows}


def test_the_build_is_quick_from_empty_and_after_one_more_month(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("build")
    with (
        running_city(folder / "before", "--months", "2021-01:2023-11") as before,
        running_city(folder / "after", "--months", f"2021-01:{LAST_MONTH}") as after,
    ):
        warehouse = before.open_warehouse("warehouse", batch_size=100)
        started = time.monotonic()
        warehouse.load()
        load = time.monotonic() - started
        from_empty = seconds_of_build(warehouse)
        with_nothing_new = seconds_of_build(warehouse)
        later = CityWarehouse(CitySite(before.folder, before.server, after.connections), "warehouse", warehouse.batch_size)
        later.load()
        former = figures_of_last_month(later)
        after_a_month = seconds_of_build(later)
        assert figures_of_last_month(later) != former
    print(
        f"\nload {load:.1f} s; build: from empty {from_empty:.1f} s, with nothing new {with_nothing_new:.1f} s,"
        f" a month on {after_a_month:.1f} s"
    )
    assert from_empty <= MOST_FROM_EMPTY * load
    assert after_a_month <= MOST_AFTER_A_MONTH * load
