"""Another seed and other facts make another city, and the figures follow: nothing downstream is made for the printed numbers."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.city.city_site import CityWarehouse, running_city
from tests.support.city.expected_values import ALL_VALUES, differences, expected_values

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]
SEED, MONTHS, LAST_MONTH = "29", "2021-01:2021-06", dt.date(2021, 6, 1)
OTHER_FACTS = {
    "community_funds": 61,
    "community_fund_raised_yuan": 9_990_000,
    "home_visit_persons": 90_001,
    "social_work_points": 301,
    "training_sessions": 60,
    "pairing_organizations": 34,
    "medical_aid_persons": 3_001,
    "community_organizations": 2_345,
    "hub_organizations": 44,
}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityWarehouse]:
    folder = tmp_path_factory.mktemp("other-city")
    with running_city(folder, "--seed", SEED, "--months", MONTHS, "--facts", json.dumps(OTHER_FACTS)) as city_site:
        warehouse = city_site.open_warehouse("warehouse", batch_size=100)
        warehouse.huimin("load")
        yield warehouse


def test_every_value_of_the_other_city_follows_from_its_own_truth(other: CityWarehouse) -> None:
    city = Path(other.city_site.folder) / "city"
    expected = expected_values(city / "for_tests_only" / "truth", LAST_MONTH)
    assert len(expected) > 20_000
    assert differences(expected, other.query(ALL_VALUES)) == []


def test_no_row_of_the_other_city_is_lost(other: CityWarehouse) -> None:
    assert other.accounts()
