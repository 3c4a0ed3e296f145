"""A warehouse and half a year of the sample city behind real servers, without a scheduler."""

from collections.abc import Iterator

import pytest

from tests.servers.site import Site, running_site

MONTHS = "2021-01:2021-06"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("faults"), "--months", MONTHS) as running:
        yield running


@pytest.fixture(scope="session")
def undisturbed(site: Site) -> tuple[str, list[dict[str, object]]]:
    """Fingerprint and accounts of a load that nothing disturbed."""
    bench = site.open_warehouse("undisturbed")
    bench.load()
    return bench.build_and_fingerprint(), bench.accounts()
