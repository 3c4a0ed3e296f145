"""A warehouse and half a year of the sample city behind real servers, without a scheduler."""

from collections.abc import Iterator

import pytest

from tests.support.city.city_site import CitySite, running_city

MONTHS = "2021-01:2021-06"


@pytest.fixture(scope="session")
def city_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CitySite]:
    with running_city(tmp_path_factory.mktemp("faults"), "--months", MONTHS) as running:
        yield running


@pytest.fixture(scope="session")
def undisturbed(city_site: CitySite) -> tuple[str, list[dict[str, object]]]:
    """Fingerprint and accounts of a load that nothing disturbed."""
    warehouse = city_site.open_warehouse("undisturbed")
    warehouse.load()
    return warehouse.build_and_fingerprint(), warehouse.accounts()
