"""Another seed and other facts make another city, and the figures follow: nothing downstream is made for the printed numbers."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.held_against import ALL_VALUES, differences, expected_values
from tests.servers.site import Bench, running_site

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
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("other-city")
    with running_site(folder, "--seed", SEED, "--months", MONTHS, "--facts", json.dumps(OTHER_FACTS)) as site:
        bench = site.open_warehouse("warehouse", batch_size=100)
        bench.huimin("load")
        yield bench


def test_every_value_of_the_other_city_follows_from_its_own_truth(other: Bench) -> None:
    city = Path(other.site.folder) / "city"
    expected = expected_values(city / "for_tests_only" / "truth", LAST_MONTH)
    assert len(expected) > 20_000
    assert differences(expected, other.query(ALL_VALUES)) == []


def test_no_row_of_the_other_city_is_lost(other: Bench) -> None:
    assert other.accounts()
